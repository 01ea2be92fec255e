"""Trying a source before mounting it, with every personal column masked (A13)."""

from __future__ import annotations

from typing import Any

from huitong.catalog import queries as catalog
from huitong.catalog.rules import ShareClass
from huitong.connectors import samples
from huitong.kernel.actor import Actor
from huitong.kernel.doing import note, recorded
from huitong.publishing import queries
from huitong.publishing.actions.looking import look
from huitong.publishing.actions.mounting import CLERK, DatabaseRef, EntryRef, Schema, Table
from huitong.scope import masks


@recorded("A13", CLERK, label="测试数据源")
def try_source(
    actor: Actor,
    *,
    entry: EntryRef,
    database: DatabaseRef,
    schema_name: Schema = "",
    table: Table = "",
) -> dict[str, Any]:
    """Look at a source before mounting: which items it has, its key, and five rows with every
    personal column masked."""
    about = queries.mountable_entry(actor, entry)
    held = catalog.database_for(actor, database)
    with look(held, schema_name or about.source_schema, table or about.source_table) as (
        connection,
        source,
    ):
        items = [i for i in about.published.items.all() if i.share_class != ShareClass.NOT_SHARED]
        there = [i for i in items if source.column(i.column) is not None]
        rows = samples(connection, source.schema, source.name, [i.column for i in there], 5)
    hide = {
        i.column: masks.named(i.mask or i.suggestion.get("mask", ""))
        for i in there
        if i.mask or i.suggestion.get("mask")
    }
    sample = [
        {
            i.name: (
                masks.apply(hide[i.column], row[i.column]) if i.column in hide else row[i.column]
            )
            for i in there
        }
        for row in rows
    ]
    note(rows_seen=len(sample), columns=len(there))
    return {
        "schema": source.schema,
        "table": source.name,
        "key": list(source.key),
        "rows_estimate": source.rows_estimate,
        "items": [i.name for i in there],
        "missing": [i.name for i in items if i not in there],
        "rows": sample,
        "columns": [{"name": c.name, "type": c.type, "comment": c.comment} for c in source.columns],
    }
