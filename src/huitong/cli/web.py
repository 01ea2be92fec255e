"""The WSGI application and the server that runs it."""

from __future__ import annotations

import math
import os
import time
from contextlib import suppress
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any

#: bytes of a request that are read at once, and kept in memory; read of nobody in particular
SPOOL, ANONYMOUS = 1 << 16, 1 << 20
#: the time a container is given, and the number of web processes beyond which a site says itself
#: what it wants: each takes a hundred megabytes
QUOTA, MOST_WORKERS = Path("/sys/fs/cgroup/cpu.max"), 8


def __getattr__(name: str) -> Any:
    """``huitong.cli.web.application``, made at first use: the server's main process never loads
    Django."""
    if name != "application":
        raise AttributeError(name)
    from huitong.cli.django_ready import loading, ready

    with loading():  # all of it now rather than in the first request
        ready()
        from django.conf import settings
        from django.core.wsgi import get_wsgi_application

        import huitong.api.urls  # noqa: F401
        from huitong.kernel import references

        application: Any = get_wsgi_application()
        references.verify()
    if flag := os.environ.get("HUITONG_AFTER"):
        # loaded while the migrations still ran; callers wait in the listening socket
        while not Path(flag).exists():
            time.sleep(0.02)
    if settings.PROXIES:
        from granian.utils.proxies import wrap_wsgi_with_proxy_headers

        application = wrap_wsgi_with_proxy_headers(application, trusted_hosts=settings.PROXIES)
    application = in_turns(application, settings.REQUEST_MAX_BYTES)
    globals()["application"] = application
    return application


def in_turns(application: Any, most: int) -> Any:
    """The application, each request in its turn (`kernel.turns`): with its body read before, so
    that nobody waits for a slow sender, and its length.

    WSGI (PEP 3333) knows requests by their length alone, so that one sent in chunks (RFC 9112, 7.1)
    would be read as empty. ``most`` bytes are read, and not into memory; of who shows neither a
    session nor a token no more than `ANONYMOUS`. What is longer is refused by the application, by
    its length, or read by it. A body that ends early is refused here (RFC 9112, 8): nothing is done
    with half of what was written.
    """
    from huitong.kernel import turns

    def turn(environment: dict[str, Any], start: Any) -> Any:
        with turns.web.turn():
            return application(environment, start)

    def whole(environment: dict[str, Any], start: Any) -> Any:
        length = environment.get("CONTENT_LENGTH") or ""
        chunked = not length and "chunked" in environment.get("HTTP_TRANSFER_ENCODING", "").lower()
        named = environment.get("HTTP_COOKIE") or environment.get("HTTP_AUTHORIZATION")
        limit = most if named or chunked else ANONYMOUS
        if not chunked and not (length.isdecimal() and 0 < int(length) <= limit):
            return turn(environment, start)
        with SpooledTemporaryFile(max_size=SPOOL) as spool:
            source, size, end = environment["wsgi.input"], 0, most + 1 if chunked else int(length)
            while size < end and (piece := source.read(min(SPOOL, end - size))):
                size += spool.write(piece)
            if not chunked and size < end:
                start("400 Bad Request", [("Content-Length", "0")])
                return [b""]
            spool.seek(0)
            return turn(environment | {"CONTENT_LENGTH": str(size), "wsgi.input": spool}, start)

    return whole


def cores() -> int:
    """The processors this process may use, as many as web processes do any good: those it is bound
    to, less where its control group is given the time of fewer (cgroup v2, ``cpu.max``)."""
    bound = len(os.sched_getaffinity(0))
    with suppress(OSError, ValueError):  # no such group, or no limit ("max")
        quota, period = map(int, QUOTA.read_text().split())
        bound = min(bound, math.ceil(quota / period))
    return max(1, min(bound, MOST_WORKERS))


def serve(listen: str | None = None, workers: int | None = None) -> int:
    """Serve until asked to stop. ``listen`` is host:port; raises `CannotRun` when it is taken."""
    from granian.constants import Interfaces
    from granian.server import Server

    from huitong.cli.django_ready import settings_hold
    from huitong.cli.place import WEB_ADDRESS, free_address
    from huitong.connectors import values

    settings_hold()
    address = listen or os.environ.get("HUITONG_LISTEN") or WEB_ADDRESS
    host, port = free_address(address, address, "--listen" if listen else "HUITONG_LISTEN")
    Server(
        "huitong.cli.web:application",
        address=host.strip("[]"),
        port=port,
        interface=Interfaces.WSGI,
        workers=workers or values.whole("HUITONG_WEB_WORKERS", cores()),
        blocking_threads=values.whole("HUITONG_WEB_THREADS", 8),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=15,
    ).serve()
    return 0
