"""The process of the shaping service."""

from __future__ import annotations

import os
from pathlib import Path

from granian.constants import Interfaces
from granian.server import Server


def serve(facts: Path, socket: Path, threads: int = 64) -> None:
    """Serve until stopped; the socket is for our own account only."""
    os.environ["HUITONG_SHAPING_FACTS"] = str(facts)
    socket.unlink(missing_ok=True)
    Server(
        "huitong.planes.gateway.engine.application:application",
        uds=socket,
        uds_permissions=0o600,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        websockets=False,
        respawn_failed_workers=True,
    ).serve()
