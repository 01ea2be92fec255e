"""Read-only connections to the providers' databases: kept open, few for each, and never all of our threads for one of them.

A provider's administrator gives our account a handful of connections, and a slow source must not make the others wait.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from huitong.connectors import ConnectorProblem, DatabaseAddress, Guard, check_characters, connect
from huitong.connectors.databases import named_errors
from huitong.scope.sql import Query

#: connections to one source at once; calls that may wait for one of them, and for how many seconds
OPEN, WAITING, PATIENCE_S = 4, 28, 5
#: longest statement, in seconds: within the gateway's own limit for an answer
LONGEST_S = 25


class Busy(Exception):
    """The source has as many of our questions as it can take."""


@dataclass
class Source:
    """One database: who may be inside, who may use a connection, which connections lie idle."""

    inside: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(OPEN + WAITING))
    turns: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(OPEN))
    idle: list[psycopg.Connection] = field(default_factory=list)


class Sources:
    """Every source's connections, shared by the threads of the service."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[DatabaseAddress, Source] = {}

    def rows(self, address: DatabaseAddress, guard: Guard, query: Query) -> list[tuple[Any, ...]]:
        """Every row of the answer. Raises `Busy`, `ConnectorProblem`."""
        with self._lock:
            source = self._known.setdefault(address, Source())
        if not source.inside.acquire(blocking=False):
            raise Busy
        try:
            if not source.turns.acquire(timeout=PATIENCE_S):
                raise Busy
            try:
                return _ask(source, address, guard, query)
            finally:
                source.turns.release()
        finally:
            source.inside.release()

    def keep(self, addresses: Collection[DatabaseAddress]) -> None:
        """Close what lies idle at sources nobody has a grant on any more, or whose password has changed."""
        with self._lock:
            gone = [self._known.pop(address) for address in set(self._known) - set(addresses)]
        for source in gone:
            while source.idle:
                source.idle.pop().close()


def _ask(source: Source, address: DatabaseAddress, guard: Guard, query: Query) -> list[tuple[Any, ...]]:
    """On an idle connection if there is one. It may have died in its sleep (a restart, a firewall): then once more on a new one."""
    while source.idle:
        try:
            return _on(source, source.idle.pop(), query)
        except ConnectorProblem as problem:
            if problem.code != "lost":
                raise
        except IndexError:  # another thread was faster
            break
    return _on(source, connect(address, guard=guard, statement_s=LONGEST_S, name="huitong-api"), query)


def _on(source: Source, connection: psycopg.Connection, query: Query) -> list[tuple[Any, ...]]:
    try:
        check_characters(connection, query)
        with named_errors(), connection.transaction():
            found: Sequence[tuple[Any, ...]] = connection.execute(query.statement, query.parameters).fetchall()
    except BaseException:
        connection.close()
        raise
    source.idle.append(connection)
    return list(found)
