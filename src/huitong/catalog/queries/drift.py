"""What changed in the tables of a body's entries: its own, seen by its operators and managers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet

from huitong.catalog.models import Database, Drift, Entry, Scan, SourceShape
from huitong.catalog.queries.entries import entries_of_body
from huitong.catalog.rules import EntryState
from huitong.catalog.rules.drift import Change, DriftKind, DriftState, Shape, met_again
from huitong.kernel.actor import Actor


def drifts_visible_to(actor: Actor) -> QuerySet[Drift]:
    """Every change of the body's own entries, settled ones too."""
    own = entries_of_body(actor).order_by().values("pk")
    return Drift.objects.filter(entry__in=own).select_related(
        "entry__current", "entry__latest__case", "entry__database"
    )


def drift_named(text: str) -> Q:
    """Changes with this in the name of entry, table or column."""
    return (
        Q(entry__latest__name__icontains=text)
        | Q(entry__source_table__icontains=text)
        | Q(column__icontains=text)
    )


def open_drifts(entry: Entry) -> list[Drift]:
    """What is to be settled of one entry, what breaks it first."""
    if not entry.database_id:
        return []
    return list(entry.drifts.filter(state=DriftState.OPEN).order_by("-breaks", "kind", "pk"))


def drift_counts(scan: Scan) -> dict[int, int]:
    """Open changes of the entries of a scan's tables, by entry."""
    entries = [table["entry"] for table in scan.tables if table.get("entry")]
    rows = Drift.objects.filter(entry__in=entries, state=DriftState.OPEN)
    return dict(rows.values_list("entry").annotate(n=Count("pk")).order_by("entry"))


def missing_tables(scan: Scan) -> int:
    """How many entries have lost their table, as far as scans of this database saw."""
    missing = DriftKind.TABLE_MISSING
    rows = Drift.objects.filter(entry__database=scan.database_id, kind=missing)
    return rows.filter(state=DriftState.OPEN).count()


def breaking_drifts(actor: Actor) -> QuerySet[Drift]:
    """What is to be settled of the body's published entries, because it breaks them."""
    return Drift.objects.filter(entry__body=actor.body, breaks=True, state=DriftState.OPEN)


def broken_by(scan: int) -> list[Drift]:
    """What a scan saw first that breaks a published entry, and is open."""
    rows = Drift.objects.filter(scan=scan, breaks=True, state=DriftState.OPEN)
    return list(rows.select_related("entry__current", "entry__database").order_by("pk"))


def look_outcome(scan: int) -> tuple[Scan, list[Drift]] | None:
    """A scan nobody asked for, and what it saw first that is open; None for another."""
    row = Scan.objects.filter(pk=scan, asked_by=None).select_related("database").first()
    if row is None:
        return None
    rows = Drift.objects.filter(scan=scan, state=DriftState.OPEN)
    return row, list(rows.select_related("entry__latest").order_by("pk"))


def agreed_shape(entry: Entry) -> Shape | None:
    """What is agreed of its table; None = never looked at since shapes are kept."""
    stored = SourceShape.objects.filter(entry=entry).first()
    return Shape.read(stored.shape) if stored else None


def is_news(
    entry: Entry, agreed: Shape | None, rows: int | None, changed: Sequence[Change]
) -> bool:
    """Whether a comparison says anything the platform has not noted yet; ``rows`` is None where
    there is no such table."""
    if agreed is None:
        return True
    later = met_again(agreed, rows)
    if later.missing != agreed.missing or (agreed.rows <= 0 and later != agreed):
        return True
    there = entry.drifts.filter(state=DriftState.OPEN).values_list("kind", "column", "after")
    return set(there) != {(str(c.kind.value), c.column, c.after[:200]) for c in changed}


def entries_of_source(database: Database, schema: str) -> Iterable[Entry]:
    """The entries whose tables lie in this schema, discarded drafts apart."""
    return (
        Entry.objects.filter(database=database, source_schema=schema)
        .exclude(source_table="")
        .exclude(latest__case__state=EntryState.DISCARDED, current=None)
        .select_related("current", "latest__case")
        .order_by("pk")
        .iterator(chunk_size=200)
    )


def as_given(change: Change) -> dict[str, Any]:
    """A change as the acts take it."""
    return {
        "kind": change.kind.value,
        "column": change.column[:128],
        "before": change.before[:200],
        "after": change.after[:200],
        "item": change.item,
    }
