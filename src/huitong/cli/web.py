"""The WSGI application and the server that runs it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any


def __getattr__(name: str) -> Any:
    """``huitong.cli.web.application``, made at first use: the server's main process never loads Django."""
    if name != "application":
        raise AttributeError(name)
    from huitong.cli.django_ready import ready

    ready()
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.urls import resolve

    application: Any = get_wsgi_application()
    resolve("/")  # imports all views now rather than in the first request
    if flag := os.environ.get("HUITONG_AFTER"):
        while not Path(flag).exists():  # loaded while the migrations still ran; callers wait in the listening socket
            time.sleep(0.02)
    if settings.PROXIES:
        from granian.utils.proxies import wrap_wsgi_with_proxy_headers

        application = wrap_wsgi_with_proxy_headers(application, trusted_hosts=settings.PROXIES)
    globals()["application"] = application
    return application


def serve(listen: str | None = None, workers: int | None = None) -> int:
    """Serve until told to stop. ``listen`` is host:port; raises `CannotRun` when it is taken."""
    from granian.constants import Interfaces
    from granian.server import Server

    from huitong.cli.place import WEB_ADDRESS, free_address

    asked = listen or os.environ.get("HUITONG_LISTEN") or WEB_ADDRESS
    host, port = free_address(asked, asked, "HUITONG_LISTEN")
    Server(
        "huitong.cli.web:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers or int(os.environ.get("HUITONG_WEB_WORKERS") or 1),
        blocking_threads=int(os.environ.get("HUITONG_WEB_THREADS") or 4),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=15,
    ).serve()
    return 0
