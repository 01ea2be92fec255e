"""Queries of the running Envoy, through its administration socket: which routes it uses."""

from __future__ import annotations

import http.client
import re
import socket
import time
from dataclasses import dataclass
from pathlib import Path

#: seconds Envoy may need to load a configuration of tens of thousands of grants, and seconds
#: between two queries
PATIENCE_S, AGAIN_S = 10.0, 0.02
LINE = re.compile(r"\.rds\.apis\.(version_text|update_rejected): \"?(\w*)\"?$", re.M)


@dataclass(frozen=True)
class RouteState:
    """The version of the routes Envoy uses, and how many it has refused since its start."""

    version: str
    rejected: int


class _AdminConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("admin", timeout=5)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def route_state(place: Path) -> RouteState | None:
    """The state of Envoy's routes; None while it is not running or has not read any."""
    door = _AdminConnection(place / "admin.sock")
    try:
        door.request("GET", "/stats?filter=rds.apis")
        values = dict(LINE.findall(door.getresponse().read().decode()))
    except (OSError, http.client.HTTPException):
        return None
    finally:
        door.close()
    return (
        RouteState(values["version_text"], int(values["update_rejected"]))
        if len(values) == 2
        else None
    )


def wait_for_version(
    place: Path, version: str, before: RouteState | None, patience: float = PATIENCE_S
) -> bool | None:
    """Wait until Envoy uses these routes: True when it does, False when it refused them since
    ``before``, None when it is not running or late."""
    until = time.monotonic() + patience
    while (now := route_state(place)) is not None and now.version != version:
        if before is not None and now.rejected > before.rejected:
            return False
        if time.monotonic() > until:
            return None
        time.sleep(AGAIN_S)
    return None if now is None else True
