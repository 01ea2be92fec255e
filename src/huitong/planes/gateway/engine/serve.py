"""The process of the shaping service."""

from __future__ import annotations

import os
from pathlib import Path

from granian.constants import Interfaces
from granian.server import Server

from huitong.planes.gateway.engine import former
from huitong.planes.gateway.engine.store import Store


def serve(place: Path, socket: Path, threads: int = 64) -> None:
    """Serve until stopped; the socket is for our own account only."""
    os.environ["HUITONG_SHAPING_PLACE"] = str(place)
    former.take_over(Store(place), place)
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
