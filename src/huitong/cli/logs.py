"""Log files of the parts: their end, and their rotation."""

from __future__ import annotations

import os
from pathlib import Path

#: bytes after which a log is rotated, and how many old ones stay
LOG_LIMIT = 10 * 1024 * 1024
OLD_LOGS = 5


def tail(log: Path, begin: int = 0, size: int = 3000) -> str:
    """The last of a log, from ``begin`` at most."""
    with open(log, "rb") as file:
        file.seek(max(begin, log.stat().st_size - size))
        return file.read().decode(errors="replace")


def rotate(log: Path) -> None:
    """Copy and truncate: writers keep their open file, which is in append mode."""
    if log.stat().st_size < LOG_LIMIT:
        return
    for number in range(OLD_LOGS - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number + 1}"))
    log.with_name(f"{log.name}.1").write_bytes(log.read_bytes())
    os.truncate(log, 0)
