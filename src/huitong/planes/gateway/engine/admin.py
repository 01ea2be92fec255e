"""Asking the running Envoy, through its administration socket, which of our configurations it
goes by."""

from __future__ import annotations

import http.client
import re
import socket
import time
from dataclasses import dataclass
from pathlib import Path

#: seconds Envoy may take to come to a configuration of tens of thousands of grants, and between two
#: questions
PATIENCE_S, AGAIN_S = 10.0, 0.02
LINE = re.compile(r"\.rds\.apis\.(version_text|update_rejected): \"?(\w*)\"?$", re.M)


@dataclass(frozen=True)
class Standing:
    """Which routes Envoy goes by, and how many it has refused since it was started."""

    version: str
    rejected: int


class _Door(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("admin", timeout=5)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def standing(place: Path) -> Standing | None:
    """None while no Envoy is running, or before it has read any routes."""
    door = _Door(place / "admin.sock")
    try:
        door.request("GET", "/stats?filter=rds.apis")
        said = dict(LINE.findall(door.getresponse().read().decode()))
    except (OSError, http.client.HTTPException):
        return None
    finally:
        door.close()
    return Standing(said["version_text"], int(said["update_rejected"])) if len(said) == 2 else None


def goes_by(
    place: Path, version: str, before: Standing | None, patience: float = PATIENCE_S
) -> bool | None:
    """Whether Envoy has come to these routes: True when it has, False when it refused them since
    ``before``, None when that cannot be known: it is not running, or has not come to it in time."""
    until = time.monotonic() + patience
    while (now := standing(place)) is not None and now.version != version:
        if before is not None and now.rejected > before.rejected:
            return False
        if time.monotonic() > until:
            return None
        time.sleep(AGAIN_S)
    return None if now is None else True
