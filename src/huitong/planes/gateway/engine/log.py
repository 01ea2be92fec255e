"""Reading the gateway's evidence log: whole lines from a position on, and turning the file over
when it has grown."""

from __future__ import annotations

import hashlib
import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: bytes read into one batch, and the size at which the file is turned over
BATCH, TURN = 4 * 1024 * 1024, 64 * 1024 * 1024
#: seconds after which Envoy has surely let go of a file it was told to leave
LEFT_AFTER_S = 5


@dataclass(frozen=True)
class Batch:
    """Whole lines of one file. A line that is no JSON is kept as such: evidence is never
    dropped."""

    file: str
    start: int
    offset: int
    lines: list[dict[str, Any]]


def files(log: Path) -> list[Path]:
    """The log and what it was turned over to, oldest first."""
    return [*sorted(log.parent.glob(f"{log.name}.*")), *([log] if log.exists() else [])]


def identity(path: Path) -> str:
    """What a log is known by under whatever name: the digest of its first line, which says when and
    which call; "" while it has none.

    The number of its inode will not do: file systems give the number of a removed log to the next
    one.
    """
    with path.open("rb") as file:
        first = file.readline(BATCH)
    return hashlib.sha256(first).hexdigest()[:24] if first.endswith(b"\n") else ""


def read(path: Path, offset: int) -> Batch | None:
    """The next whole lines after ``offset``; None when there are none."""
    with path.open("rb") as file:
        file.seek(offset)
        raw = file.read(BATCH)
    end = raw.rfind(b"\n") + 1
    if not end:
        return None
    known = identity(path)
    return Batch(known, offset, offset + end, list(_lines(raw[:end], known, offset)))


def _lines(raw: bytes, file: str, at: int) -> Iterator[dict[str, Any]]:
    """Envoy numbers the calls it understood; what has no number is known by its place in the
    log."""
    for text in raw.splitlines(keepends=True):
        yield _line(text, f"{file}:{at}")
        at += len(text)


def _line(raw: bytes, place: str) -> dict[str, Any]:
    text = raw.decode("utf-8", "replace").rstrip("\n")
    try:
        told = json.loads(text)
        if isinstance(told, dict) and told.get("at"):
            return told | {"id": told.get("id") or place}
    except ValueError:
        pass
    return {
        "id": place,
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "kind": "Unreadable",
        "details": text[:120],
    }


def left(path: Path) -> bool:
    """Was this file turned over, and does Envoy write to it no more?"""
    return path.suffix != ".log" and time.time() - path.stat().st_mtime > LEFT_AFTER_S


def turn(log: Path, admin: Path, size: int = TURN) -> Path | None:
    """Give the log another name when it has grown, and have Envoy open a new one; the old is read
    to its end, then removed.

    Whatever keeps Envoy from doing so, the log gets its name back: nothing is removed that Envoy
    may still write to.
    """
    if not log.exists() or log.stat().st_size < size:
        return None
    old = log.with_name(f"{log.name}.{time.time_ns()}")
    log.rename(old)
    try:
        with socket.socket(socket.AF_UNIX) as envoy:
            envoy.settimeout(5)
            envoy.connect(str(admin))
            envoy.sendall(
                b"POST /reopen_logs HTTP/1.1\r\nHost: admin\r\nConnection: close\r\nContent-Length:"
                b" 0\r\n\r\n"
            )
            reopened = envoy.recv(4096).startswith(b"HTTP/1.1 200")
    except OSError:
        reopened = False
    if reopened:
        return old
    if not log.exists():
        old.rename(log)
    return None
