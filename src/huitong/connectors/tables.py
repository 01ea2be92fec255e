"""What can be learned of a database to catalog it, whatever its kind: whether it answers, its
tables, a few values (A7, A10, A13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from huitong.connectors.problems import ConnectorProblem
from huitong.scope import ItemType

COUNTED = 100_000  # rows of no known number are counted up to here: quick, and right for few
#: seconds one count may take, and all of a scan together: views can be slow, broken or without end
COUNT_S, COUNTING_S = 2, 20.0


@dataclass(frozen=True, slots=True)
class ColumnFound:
    """``type`` is the database's own name for it; ``length`` in characters (or digits of a number),
    0 = none declared.

    ``readable``: the account may select it; privileges can be granted by column.
    """

    name: str
    type: str
    length: int
    nullable: bool
    comment: str
    primary_key: bool
    item_type: ItemType
    readable: bool = True


@dataclass(frozen=True, slots=True)
class TableFound:
    """``key``: primary key, else a unique index without NULLs, else empty. ``rows_estimate`` -1 =
    not readable, unknown.

    ``readable``: the account may select something of it.
    """

    schema: str
    name: str
    kind: str
    comment: str
    rows_estimate: int
    readable: bool
    columns: tuple[ColumnFound, ...]
    key: tuple[str, ...]

    def column(self, name: str) -> ColumnFound | None:
        return next((c for c in self.columns if c.name == name), None)

    @property
    def granted(self) -> TableFound:
        """As the account sees it: without columns it may not read, and without a key it may not
        read whole.

        Of a table it may not read at all every column is shown: a clerk must see what to ask for.
        """
        if not self.readable or all(c.readable for c in self.columns):
            return self
        columns = tuple(c for c in self.columns if c.readable)
        key = self.key if {c.name for c in columns} >= set(self.key) else ()
        return replace(self, columns=columns, key=key)


@dataclass(frozen=True)
class Probe:
    """The result of a test connection. ``problem`` is None when all is well."""

    problem: ConnectorProblem | None
    ms: int
    version: str = ""
    encoding: str = ""
    encrypted: bool = False
    tables: int = 0
    can_create: bool = False

    @property
    def ok(self) -> bool:
        return self.problem is None


class Reader(Protocol):
    """An open, read-only connection to a database that is being cataloged."""

    @property
    def closed(self) -> bool:
        """Whether nothing more can be asked of it."""

    def scan(self, schema: str) -> list[TableFound]:
        """Every table and view of a schema. Raises `ConnectorProblem`."""

    def samples(
        self, schema: str, table: str, columns: Sequence[str], n: int = 20
    ) -> list[dict[str, str | None]]:
        """The first ``n`` rows as text, long values cut. Raises `ConnectorProblem`."""

    def close(self) -> None:
        """End the connection."""
