"""Answers of statements kept as long as nothing changes in the database.

Figures of the home page count what the whole body or city has: everybody of a body asks the same,
and the database changes less often than pages are asked for. PostgreSQL tells by its snapshot
which transactions have been committed: while it is the same, every answer is the same, to the
last act. So nothing old is ever shown, and no right outlives its withdrawal. On the primary: the
snapshot of a standby does not tell.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection

from huitong.kernel.prepared import Row, fetch

#: what gives another answer though nothing has changed
UNSTEADY = re.compile(
    r"\b(?:\w+_timestamp|current_(?:date|time|setting|user|role|schema)|session_user"
    r"|local(?:time|timestamp)|timeofday|now|random|gen_random_uuid|nextval|age)\b",
    re.I,
)
#: so many rows are kept, in all answers
MOST = 20_000

Question = tuple[str, tuple[Any, ...]]


class _Store:
    """The answers of one snapshot, in this process."""

    def __init__(self) -> None:
        self.snapshot, self.lock = "", threading.Lock()
        self.rows: dict[Question, list[Row]] = {}
        self.room = MOST

    def turn_to(self, snapshot: str) -> None:
        with self.lock:
            if self.snapshot != snapshot:
                self.snapshot, self.rows, self.room = snapshot, {}, MOST

    def keep(self, snapshot: str, question: Question, rows: list[Row]) -> None:
        with self.lock:
            if self.snapshot == snapshot and len(rows) < self.room and _fixed(rows):
                self.rows[question] = rows
                self.room -= len(rows) + 1


def _fixed(rows: list[Row]) -> bool:
    """Whether nobody can change a value in them: they are shared."""
    return not any(isinstance(value, list | dict) for row in rows for value in row)


_store = _Store()
_snapshot: ContextVar[str] = ContextVar("snapshot", default="")


@contextmanager
def reused() -> Iterator[None]:
    """Within, what was answered before is not asked again unless something was committed since.

    Only for reading. In a transaction everything is asked: it sees what it has written itself.
    """
    if connection.in_atomic_block:
        yield
        return
    [(snapshot,)] = fetch("SELECT pg_current_snapshot()::text")
    _store.turn_to(snapshot)
    token = _snapshot.set(snapshot)
    try:
        yield
    finally:
        _snapshot.reset(token)


def rows_of(sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
    """The rows of a statement: those kept, else asked for."""
    snapshot = _snapshot.get()
    if not snapshot or UNSTEADY.search(sql):
        return fetch(sql, parameters)
    try:
        question = (sql, tuple(map(_hashable, parameters)))
        if _store.snapshot == snapshot and (rows := _store.rows.get(question)) is not None:
            return rows
    except TypeError:
        return fetch(sql, parameters)
    # asked after the snapshot was taken: the rows are as new as it, or newer
    rows = fetch(sql, parameters)
    _store.keep(snapshot, question, rows)
    return rows


def _hashable(parameter: Any) -> Any:
    return tuple(parameter) if isinstance(parameter, list) else parameter
