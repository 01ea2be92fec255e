"""Contents of an uploaded paper, from `look_at_paper`, a process with limits of its own
(docs/decisions/0020, 0044)."""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

SCRIPT = Path(__file__).with_name("look_at_paper.py")
#: what can be looked at
KINDS = {"application/pdf": "pdf", "image/png": "picture", "image/jpeg": "picture"}
#: seconds by the clock a paper may take, the start of the process included
PATIENCE = 40
#: seconds a helper may take to end by itself
GOODBYE = 2
#: helpers that wait for the next paper; while more papers come at once there are more
WAITING = 2


class Unshowable(ValueError):
    """The paper cannot be shown: damaged, of another kind, or made to cost too much."""


@dataclass(frozen=True)
class Paper:
    """``pictures``: every page looked at is a picture, as a scanner or a camera makes it.
    ``text`` stands on its pages as text. ``codes``: what its QR codes say. ``red``: red ink is
    on it."""

    pages: int
    pictures: bool
    text: str
    codes: tuple[str, ...]
    red: bool


@lru_cache(maxsize=256)
def look_at(path: Path, media_type: str) -> Paper:
    """The paper whose bytes lie at ``path``, a file that never changes. Raises `Unshowable`."""
    if media_type not in KINDS:
        raise Unshowable(media_type)
    try:
        facts = json.loads(_answer(KINDS[media_type], path))
    except ValueError as wrong:
        raise Unshowable(media_type) from wrong
    if facts is None:
        raise Unshowable(media_type)
    return Paper(
        facts["pages"], facts["pictures"], facts["text"], tuple(facts["codes"]), facts["red"]
    )


class _Helper:
    """A started `look_at_paper`: it starts in a tenth of a second and forks in a hundredth. One
    paper at a time: nobody waits behind the paper of somebody else."""

    def __init__(self) -> None:
        self.line, its = socket.socketpair()
        with its:
            self.process = subprocess.Popen(
                [sys.executable, "-I", str(SCRIPT)],
                stdin=its.fileno(),
                stdout=its.fileno(),
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                start_new_session=True,  # killed together with its child
            )
        _helpers.add(self)

    def look(self, kind: str, path: Path) -> bytes | None:
        """The answer. None: the helper had ended before it began, the paper was not touched.
        Empty: the helper died or took too long."""
        until, answer = time.monotonic() + PATIENCE, b""
        try:
            self.line.sendall(json.dumps([kind, str(path)]).encode() + b"\n")
            while not answer.endswith(b"\n"):
                self.line.settimeout(max(until - time.monotonic(), 0.001))
                part = self.line.recv(1 << 16)
                if not part:
                    return b"" if answer else None
                answer += part
        except TimeoutError:
            return b""
        except ConnectionError:
            return b"" if answer else None
        return answer[1:]

    def end(self) -> None:
        """End it and the child it may have: asked first, so that it clears away after that child,
        then killed."""
        with suppress(OSError):  # it is gone already
            self.line.shutdown(socket.SHUT_WR)
            self.line.settimeout(GOODBYE)
            while self.line.recv(1 << 16):
                pass
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.drop()

    def drop(self) -> None:
        """Hold nothing of it any more: it ends when nobody does."""
        self.line.close()
        _helpers.discard(self)


_helpers: set[_Helper] = set()
_idle: list[_Helper] = []


def _answer(kind: str, path: Path) -> bytes:
    """The answer of a helper that waits, or of a new one; empty when it died over the paper."""
    while True:
        try:
            helper, new = _idle.pop(), False
        except IndexError:
            helper, new = _Helper(), True
        answer = None
        try:
            answer = helper.look(kind, path)
        finally:
            if answer and len(_idle) < WAITING:
                _idle.append(helper)
            else:
                helper.end()
        if answer is not None or new:
            return answer or b""


@atexit.register
def _end_all() -> None:
    for helper in list(_helpers):
        helper.end()
    _idle.clear()


def _drop_all() -> None:
    """In a fork of this process: the helpers are its parent's, and end with that."""
    for helper in list(_helpers):
        helper.drop()
        helper.process.returncode = 0  # not its child: nothing to wait for
    _idle.clear()


os.register_at_fork(after_in_child=_drop_all)
