"""Read-only connections to the providers' databases: reused, few for each, and never all threads
for one of them.

A provider's administrator gives our account a handful of connections, and a slow source must not
make the others wait.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Loader

from huitong.connectors import ConnectorProblem, DatabaseAddress, Guard, check_characters, connect
from huitong.connectors.databases import named_errors
from huitong.scope.pages import Statement

T = TypeVar("T")
#: a function that makes an answer of rows, and reads as many as it needs
Take = Callable[[Iterator[tuple[Any, ...]]], T]

#: connections to one source at once; calls that may wait for one of them, and for how many seconds
OPEN, WAITING, PATIENCE_S = 4, 28, 5
#: longest statement, in seconds: within the gateway's own limit for an answer
LONGEST_S = 25


class Busy(Exception):
    """The source has as many of our queries as it can take."""


@dataclass
class Source:
    """One database: bounds on the calls that may wait and that may use a connection; idle ones."""

    inside: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(OPEN + WAITING)
    )
    turns: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(OPEN)
    )
    idle: list[psycopg.Connection] = field(default_factory=list)


class Sources:
    """Every source's connections, shared by the threads of the service."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_address: dict[DatabaseAddress, Source] = {}

    def ask(self, address: DatabaseAddress, guard: Guard, question: Statement, take: Take[T]) -> T:
        """The answer ``take`` makes of the rows, which come one by one, texts as bytes. Raises
        `Busy`, `ConnectorProblem`."""
        with self._lock:
            source = self._by_address.setdefault(address, Source())
        if not source.inside.acquire(blocking=False):
            raise Busy
        try:
            if not source.turns.acquire(timeout=PATIENCE_S):
                raise Busy
            try:
                return _ask(source, address, guard, question, take)
            finally:
                source.turns.release()
        finally:
            source.inside.release()

    def keep(self, addresses: Collection[DatabaseAddress]) -> None:
        """Close the idle connections of all other sources: without a grant, or with another
        password."""
        with self._lock:
            unused = [
                self._by_address.pop(address) for address in set(self._by_address) - set(addresses)
            ]
        for source in unused:
            while source.idle:
                source.idle.pop().close()


class Raw(Loader):
    """Loads a text as the bytes the database sent, without decoding it."""

    def load(self, data: Buffer) -> bytes:
        return bytes(data)


def _ask(
    source: Source, address: DatabaseAddress, guard: Guard, question: Statement, take: Take[T]
) -> T:
    """Query on an idle connection, if there is one; on a new one if that was lost meanwhile (by a
    restart, a firewall)."""
    while source.idle:
        try:
            return _on(source, source.idle.pop(), question, take)
        except ConnectorProblem as problem:
            if problem.code != "lost":
                raise
        except IndexError:  # another thread was faster
            break
    connection = connect(address, guard=guard, statement_s=LONGEST_S, name="huitong-api")
    connection.adapters.register_loader("text", Raw)
    return _on(source, connection, question, take)


def _on(source: Source, connection: psycopg.Connection, question: Statement, take: Take[T]) -> T:
    """Query row by row, so that memory holds the answer alone; after enough rows the database is
    stopped."""
    try:
        check_characters(connection, question)
        with named_errors():
            rows = cast(
                Generator[tuple[Any, ...]],
                connection.cursor().stream(question.text, question.parameters),
            )
            with closing(rows):
                result = take(rows)
            connection.rollback()
    except BaseException:
        connection.close()
        raise
    source.idle.append(connection)
    return result
