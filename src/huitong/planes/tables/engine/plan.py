"""Plans and deliveries: frozen, JSON-able, without secrets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from huitong.connectors import TableFound
from huitong.scope import ItemType, Scope, from_json, to_json
from huitong.scope.columns import Column

#: share of last time's rows that may be missing before a person must confirm; ours
LARGEST_FALL = 0.5


@dataclass(frozen=True)
class PlanColumn:
    """A column of the source when the plan was made; if it has changed, the run stops (drift)."""

    item: str
    name: str
    item_type: ItemType
    sql_type: str
    title: str = ""


@dataclass(frozen=True)
class Plan:
    """One run for one grant. ``columns``: every source column the scope names, delivered or only
    filtered by.

    ``key``: items that identify a row. ``largest_fall``: share of the rows delivered last time that
    may be missing before the run refuses and asks a person (1 = any). ``grant`` is the caller's
    reference to the grant, for the target's record of runs.
    """

    run_id: str
    grant: str
    source: tuple[str, str]
    target: tuple[str, str]
    scope: Scope
    columns: tuple[PlanColumn, ...]
    key: tuple[str, ...]
    largest_fall: float = LARGEST_FALL
    title: str = ""
    #: what the table says of itself: under which grant, for what; no part of the work
    notice: str = ""

    def by_item(self) -> dict[str, Column]:
        return {c.item: Column(c.name, c.item_type, c.sql_type) for c in self.columns}

    def to_json(self) -> dict[str, Any]:
        """Plain data; `Plan.from_json` reads it back equal."""
        return {
            "run_id": self.run_id,
            "grant": self.grant,
            "source": list(self.source),
            "target": list(self.target),
            "scope": to_json(self.scope),
            "columns": [asdict(c) | {"item_type": c.item_type.value} for c in self.columns],
            "key": list(self.key),
            "largest_fall": self.largest_fall,
            "title": self.title,
            "notice": self.notice,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Plan:
        """The plan in plain data. Raises KeyError, TypeError, ValueError
        (`huitong.scope.ScopeError` included) for any other data."""
        columns = tuple(
            PlanColumn(**(c | {"item_type": ItemType(c["item_type"])})) for c in data["columns"]
        )
        (source, target), key = (
            ((str(t[0]), str(t[1])) for t in (data["source"], data["target"])),
            tuple(data["key"]),
        )
        fall, title = float(data["largest_fall"]), str(data.get("title", ""))
        notice = str(data.get("notice", ""))
        return cls(
            data["run_id"],
            data["grant"],
            source,
            target,
            from_json(data["scope"], "scope"),
            columns,
            key,
            fall,
            title,
            notice,
        )

    @property
    def fingerprint(self) -> str:
        """The digest of all but the run id and the notice: the same for every run of the same
        work."""
        rest = {k: v for k, v in self.to_json().items() if k not in ("run_id", "notice")}
        return hashlib.sha256(
            json.dumps(rest, ensure_ascii=False, sort_keys=True).encode()
        ).hexdigest()


def plan_for(
    run_id: str,
    grant: str,
    table: TableFound,
    scope: Scope,
    target: tuple[str, str],
    *,
    names: Mapping[str, str] | None = None,
    titles: Mapping[str, str] | None = None,
    largest_fall: float = LARGEST_FALL,
) -> Plan:
    """The plan for a scanned table. ``names``: item → source column, where they differ.

    The key is the table's own when the grant has all of it, else none: `run` then refuses. Items
    the table does not have are left out of ``columns``; `run` names them.
    """
    columns = []
    for item in dict.fromkeys((*scope.items, *scope.filtered_items)):
        if column := table.column((names or {}).get(item, item)):
            title = (titles or {}).get(item) or column.comment
            columns.append(PlanColumn(item, column.name, column.item_type, column.type, title))
    item_of = {c.name: c.item for c in columns}
    key = granted_key([item_of.get(name, "") for name in table.key], scope)
    return Plan(
        run_id,
        grant,
        (table.schema, table.name),
        target,
        scope,
        tuple(columns),
        key,
        largest_fall,
        table.comment,
    )


def granted_key(key: Iterable[str], scope: Scope) -> tuple[str, ...]:
    """The key when the grant has all of it, in the clear or as keyed tokens; else none."""
    key = tuple(key)
    return key if scope.tells_apart(key) else ()


@dataclass(frozen=True)
class Progress:
    """``stage``: checking, copying, applying, reconciling. Rows and bytes copied so far."""

    stage: str
    rows: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class Delivery:
    """The result of a run. ``repeated``: it was delivered before; the figures are of that time.

    Checksums are of the granted projection, order-independent, made on each side from its own rows.
    """

    run_id: str
    rows: int
    inserted: int
    updated: int
    deleted: int
    bytes: int
    source_checksum: str
    target_checksum: str
    started_at: datetime
    finished_at: datetime
    repeated: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {
            "started_at": self.started_at.isoformat(),
            "finished_at": self.finished_at.isoformat(),
        }
