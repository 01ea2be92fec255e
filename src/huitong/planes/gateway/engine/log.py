"""Reading the gateway's evidence log: whole lines from a position on, and turning the file over when it has grown."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: bytes read into one batch, and the size at which the file is turned over
BATCH, TURN = 4 * 1024 * 1024, 64 * 1024 * 1024


@dataclass(frozen=True)
class Batch:
    """Whole lines of one file. A line that is no JSON is kept as such: evidence is never dropped."""

    inode: int
    start: int
    offset: int
    lines: list[dict[str, Any]]


def files(log: Path) -> list[Path]:
    """The log and what it was turned over to, oldest first."""
    return [*sorted(log.parent.glob(f"{log.name}.*")), *([log] if log.exists() else [])]


def read(path: Path, offset: int) -> Batch | None:
    """The next whole lines after ``offset``; None when there are none."""
    with path.open("rb") as file:
        inode = path.stat().st_ino
        file.seek(offset)
        raw = file.read(BATCH)
    end = raw.rfind(b"\n") + 1
    if not end:
        return None
    return Batch(inode, offset, offset + end, [_line(text) for text in raw[:end].splitlines()])


def _line(raw: bytes) -> dict[str, Any]:
    text = raw.decode("utf-8", "replace")
    try:
        told = json.loads(text)
        if isinstance(told, dict) and told.get("at") and told.get("id"):
            return told
    except ValueError:
        pass
    return {"id": f"unreadable:{hash(text) & 0xFFFFFFFF:08x}", "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "kind": "Unreadable",
            "details": text[:120]}


def turn(log: Path, admin: Path, size: int = TURN) -> Path | None:
    """Give the log another name when it has grown, and have Envoy open a new one; the old is read to its end, then removed."""
    if not log.exists() or log.stat().st_size < size:
        return None
    old = log.with_name(f"{log.name}.{time.time_ns()}")
    log.rename(old)
    with socket.socket(socket.AF_UNIX) as envoy:
        envoy.settimeout(5)
        envoy.connect(str(admin))
        envoy.sendall(b"POST /reopen_logs HTTP/1.1\r\nHost: admin\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        envoy.recv(4096)
    return old
