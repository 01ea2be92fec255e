"""Compile a live grant into the engine's plan: the same plan for the same facts.

The departments' databases have columns, the grant has information items. Here every item gets the
name of its column, and its own name becomes the comment of the consumer's column.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from huitong.access.rules import LiveGrant, Target, notice_of
from huitong.planes.tables.engine import LARGEST_FALL, Plan, PlanColumn, granted_key
from huitong.publishing.rules import Source
from huitong.scope import ItemType, Scope, from_json

Place = tuple[int, str, str]


def compile(
    run: str, grant: LiveGrant, source: Source, target: Target, *, fall_confirmed: bool = False
) -> Plan:
    """The plan of one run. Raises `ScopeError` when the grant's scope cannot be read."""
    columns = {i.name: i.column for i in grant.items}
    scope = in_columns(grant.scope, columns)
    return Plan(
        run_id=run,
        grant=grant.number or str(grant.grant),
        source=(source.schema, source.table),
        target=place(grant, target)[1:],
        scope=scope,
        key=granted_key(grant.key, scope),
        title=grant.entry_name,
        notice=notice_of(grant),
        largest_fall=1.0 if fall_confirmed else LARGEST_FALL,
        columns=tuple(
            PlanColumn(i.column, i.column, ItemType(i.type), i.sql_type, i.name)
            for i in grant.items
        ),
    )


def place(grant: LiveGrant, target: Target) -> Place:
    """Database, schema and table a grant delivers to."""
    return target.database, target.schema or "public", grant.target_table or grant.table


def holder(grant: LiveGrant, live: Iterable[LiveGrant], targets: Mapping[int, Target]) -> LiveGrant:
    """The first of all live grants that deliver to the same table; the others may not."""
    if grant.target is None or grant.target not in targets:
        return grant
    target_place = place(grant, targets[grant.target])
    same = [
        g
        for g in live
        if g.target is not None
        and g.target in targets
        and place(g, targets[g.target]) == target_place
    ]
    return min(same, key=lambda g: g.grant, default=grant)


def in_columns(scope: Mapping[str, Any], columns: Mapping[str, str]) -> Scope:
    """The scope with its items under the names of their columns. An item without one keeps its
    name, for the engine's problem to name."""

    def renamed(item: str) -> str:
        return columns.get(item, item)

    masks = {renamed(item): mask for item, mask in (scope.get("masks") or {}).items()}
    return from_json(
        {
            **scope,
            "items": [renamed(i) for i in scope["items"]],
            "masks": masks,
            "row_filter": _renamed(scope.get("row_filter"), columns),
        }
    )


def _renamed(tree: Any, columns: Mapping[str, str]) -> Any:
    if isinstance(tree, list):
        return [_renamed(part, columns) for part in tree]
    if not isinstance(tree, dict):
        return tree
    item = {"item": columns.get(tree["item"], tree["item"])} if "item" in tree else {}
    below = {"of": _renamed(tree["of"], columns)} if "of" in tree else {}
    return tree | item | below
