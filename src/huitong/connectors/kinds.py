"""Each kind of database we can catalog, and its own way of being probed, opened and granted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from huitong.connectors import databases, mysql_scanning, scanning
from huitong.connectors.address import CAPABILITIES, DatabaseAddress
from huitong.connectors.guard import Guard
from huitong.connectors.problems import ConnectorProblem
from huitong.connectors.tables import Probe, Reader


class _Probing(Protocol):
    def __call__(
        self, address: DatabaseAddress, *, guard: Guard, schema: str = ..., target: bool = ...
    ) -> Probe: ...


class _Opening(Protocol):
    def __call__(
        self, address: DatabaseAddress, *, guard: Guard, statement_s: int = ..., name: str = ...
    ) -> Reader: ...


class _Granting(Protocol):
    def __call__(self, address: DatabaseAddress, schema: str, tables: list[str]) -> str: ...


@dataclass(frozen=True)
class Kind:
    """What is asked of every kind, in its own words."""

    probe: _Probing
    open: _Opening
    grant_reading_sql: _Granting


KINDS: Mapping[str, Kind] = {
    "postgresql": Kind(databases.probe, scanning.reader, databases.grant_reading_sql),
    "mysql": Kind(mysql_scanning.probe, mysql_scanning.reader, mysql_scanning.grant_reading_sql),
}


def kind_of(address: DatabaseAddress) -> Kind:
    """Raises `ConnectorProblem` for a kind that is declared only."""
    if address.kind not in KINDS:
        raise ConnectorProblem("not_supported", CAPABILITIES[address.kind].label)
    return KINDS[address.kind]


def probe(
    address: DatabaseAddress, *, guard: Guard, schema: str = "public", target: bool = False
) -> Probe:
    """Try an address. ``target``: tables must be creatable in ``schema``; else at least one must
    be readable."""
    try:
        return kind_of(address).probe(address, guard=guard, schema=schema, target=target)
    except ConnectorProblem as problem:
        return Probe(problem, 0)


@contextmanager
def reading(
    address: DatabaseAddress, *, guard: Guard, statement_s: int = 0, name: str = "huitong"
) -> Iterator[Reader]:
    """An open reader of this database, closed at the end. Raises `ConnectorProblem`."""
    reader = kind_of(address).open(address, guard=guard, statement_s=statement_s, name=name)
    try:
        yield reader
    finally:
        reader.close()


def grant_reading_sql(address: DatabaseAddress, schema: str, tables: list[str]) -> str:
    """The least an administrator must run so that we can read these tables; no tables = all.
    Raises `ConnectorProblem`."""
    return kind_of(address).grant_reading_sql(address, schema, tables)
