"""Turns: so few requests compute at once as a process can, and the others wait before they begin.

A process has more threads than turns. Threads are cheap and may wait: for a slow sender, a slow
reader, a system outside. Requests that compute at the same time only slow each other down, for
Python computes one thing at a time: with two turns instead of four a page takes half as long, and a
quarter more of them are answered (`benchmarks/pages.py`). A turn ends with the head of an answer: a
file that is written while it is sent, row by row, has none.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """``number`` of them at once; whoever asks for one more waits."""

    def __init__(self, number: int) -> None:
        self._free, self._own = threading.Semaphore(number), threading.local()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and hold it until the end, or until it is given up.

        One a thread: a second within would wait for ever.
        """
        self._free.acquire()
        self._own.held = True
        try:
            yield
        finally:
            self.give_up()

    def give_up(self) -> None:
        """Let another go on, because this thread is about to wait for something outside.

        It does not wait for a turn again when it has its answer: it may hold what others, who have
        theirs, wait for.
        """
        if getattr(self._own, "held", False):
            self._own.held = False
            self._free.release()


#: those of a web process: one computes while the other waits for the database
web = Turns(2)
