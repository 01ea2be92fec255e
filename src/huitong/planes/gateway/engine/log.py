"""The gateway's evidence log: read in whole lines from a position on, replaced when it has
grown."""

from __future__ import annotations

import hashlib
import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: bytes read into one batch, and the size at which the file is replaced
BATCH, TURN = 4 * 1024 * 1024, 64 * 1024 * 1024
#: seconds after which Envoy has surely closed a replaced file
LEFT_AFTER_S = 5


@dataclass(frozen=True)
class Batch:
    """Whole lines of one file, also those that are no JSON: evidence is never dropped."""

    file: str
    start: int
    offset: int
    lines: list[dict[str, Any]]


def files(log: Path) -> list[Path]:
    """The replaced logs and the present one, oldest first."""
    return [*sorted(log.parent.glob(f"{log.name}.*")), *([log] if log.exists() else [])]


def identity(path: Path) -> str:
    """The identity of a log under any name: the digest of its first line, which has the moment and
    number of a call; "" while it has none.

    Its inode is no identity: file systems give the number of a removed log to the next one.
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
    name = identity(path)
    return Batch(name, offset, offset + end, list(_lines(raw[:end], name, offset)))


def _lines(raw: bytes, file: str, at: int) -> Iterator[dict[str, Any]]:
    """The lines with their ids: Envoy's number of a call, else the place in the log."""
    for text in raw.splitlines(keepends=True):
        yield _line(text, f"{file}:{at}")
        at += len(text)


def _line(raw: bytes, place: str) -> dict[str, Any]:
    text = raw.decode("utf-8", "replace").rstrip("\n")
    try:
        call = json.loads(text)
        if isinstance(call, dict) and call.get("at"):
            return call | {"id": call.get("id") or place}
    except ValueError:
        pass
    return {
        "id": place,
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "kind": "Unreadable",
        "details": text[:120],
    }


def is_left(path: Path) -> bool:
    """Whether this file was replaced and Envoy no longer writes to it."""
    return path.suffix != ".log" and time.time() - path.stat().st_mtime > LEFT_AFTER_S


def turn(log: Path, admin: Path, size: int = TURN) -> Path | None:
    """Rename the log when it has grown, and let Envoy open a new one; the old is read to its end,
    then removed.

    If Envoy does not open one, the log gets its name back: no file is removed that Envoy may still
    write to.
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
