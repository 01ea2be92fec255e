"""What a scan finds changed in the table of an entry: noted by the platform, settled by a clerk,
never by itself (A7, A11)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from django.utils import timezone
from pydantic import Field

from huitong.catalog import queries
from huitong.catalog.actions.connecting import BY_CLERK
from huitong.catalog.actions.entries import edit
from huitong.catalog.actions.sources import BY_PLATFORM
from huitong.catalog.actions.updating import update
from huitong.catalog.models import Drift, Entry, SourceShape
from huitong.catalog.rules import given
from huitong.catalog.rules.drift import DriftKind, DriftState, Shape, met_again, settled, taken_over
from huitong.kernel.actor import Actor
from huitong.kernel.doing import note, recorded
from huitong.kernel.procedure import AgainstRules, NotVisible

EntryRef = Annotated[int, Field(title="目录")]
Chosen = Annotated[
    list[int],
    Field(title="变化", description="变化的编号，不填为全部待处理的。", max_length=2000),
    given.Listed,
]


@recorded("A7", BY_PLATFORM, label="比对来源表")
def compare_table(
    actor: Actor,
    *,
    scan: Annotated[int, Field(title="扫描")],
    entry: EntryRef,
    rows: Annotated[int | None, Field(title="行数")] = None,
    shape: Annotated[dict[str, Any] | None, Field(title="原来的样子")] = None,
    changes: Annotated[list[dict[str, Any]], Field(title="变化")] = [],  # noqa: B006
) -> Entry:
    """What a scan found different in the table of an entry, which has so many rows (-1: unknown),
    None where it is missing. ``shape``: what is agreed of it, the first time it is looked at."""
    own = Entry.objects.select_related("current").get(pk=entry)
    agreed, _ = SourceShape.objects.select_for_update().get_or_create(
        entry=own, defaults={"shape": shape or Shape({}).as_json()}
    )
    agreed.shape = met_again(Shape.read(agreed.shape), rows).as_json()
    agreed.save()
    open_ones = own.drifts.select_for_update().filter(state=DriftState.OPEN).order_by("pk")
    there = {(d.kind, d.column): d for d in open_ones}
    promised = _promised(own)
    for change in changes:
        key = (change["kind"], change["column"])
        if (drift := there.pop(key, None)) is not None:
            drift.before, drift.after, drift.item = _texts(change)
            drift.breaks = _breaks(change, promised)
            drift.save()
            continue
        before, after, item = _texts(change)
        Drift.objects.create(
            entry=own,
            scan_id=scan,
            kind=change["kind"],
            column=change["column"],
            before=before,
            after=after,
            item=item,
            breaks=_breaks(change, promised),
        )
    _end(list(there.values()), DriftState.PASSED)
    note(open=len(changes), passed=len(there))
    return own


@recorded("A11", BY_CLERK, label="带入来源变化")
def adopt_drifts(actor: Actor, *, entry: EntryRef, drifts: Chosen = []) -> Entry:  # noqa: B006
    """Take changes of the source table into the draft; of a published entry into its next version,
    which is begun where there is none yet. Raises `AgainstRules` while it is under review."""
    own, rows = _chosen(actor, entry, drifts)
    rows = [row for row in rows if row.change.adoptable]
    if not rows:
        raise AgainstRules(
            "没有可以带入目录的变化。",
            article="A11",
            remedy="表已不存在、数据已清空的，请与建设运维单位核实后标为“不带入”。",
        )
    if own.is_published and own.latest_id == own.current_id:
        own = update(actor, entry=own.pk, reasons="来源表结构变化")
    items = taken_over(queries.facts_of(own.draft).items, [row.change for row in rows])
    own = edit(actor, own.case, items=[item.model_dump() for item in items])
    _agree(own, rows, DriftState.ADOPTED)
    return own


@recorded("A11", BY_CLERK, label="不带入来源变化")
def dismiss_drifts(actor: Actor, *, entry: EntryRef, drifts: Chosen = []) -> Entry:  # noqa: B006
    """Leave the entry as it is: these changes are not reported again."""
    own, rows = _chosen(actor, entry, drifts)
    _agree(own, rows, DriftState.DISMISSED)
    return own


def _chosen(actor: Actor, entry: int, drifts: Sequence[int]) -> tuple[Entry, list[Drift]]:
    own = queries.own_entry(actor, entry)
    # first what is agreed, then its changes: as the scan takes them
    list(SourceShape.objects.select_for_update().filter(entry=own).values_list("pk"))
    rows = list(own.drifts.select_for_update().filter(state=DriftState.OPEN).order_by("pk"))
    if unknown := set(drifts) - {row.pk for row in rows}:
        raise NotVisible(f"该变化（{'、'.join(map(str, sorted(unknown)))}）")
    chosen = [row for row in rows if not drifts or row.pk in drifts]
    if not chosen:
        raise AgainstRules(
            "来源表没有待处理的变化。", article="A11", remedy="请刷新页面：可能已由他人处理。"
        )
    return own, chosen


def _agree(own: Entry, rows: Sequence[Drift], state: DriftState) -> None:
    agreed = SourceShape.objects.get(entry=own)  # locked by `_chosen`
    shape = Shape.read(agreed.shape)
    for row in rows:
        shape = settled(shape, row.change)
    agreed.shape = shape.as_json()
    agreed.save()
    _end(rows, state)
    note(settled=[{"kind": row.kind, "column": row.column, "after": row.after} for row in rows])


def _end(rows: Sequence[Drift], state: DriftState) -> None:
    for row in rows:
        row.state, row.settled_at = state, timezone.now()
        row.save()


def _texts(change: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    return change["before"][:200], change["after"][:200], change["item"]


def _promised(own: Entry) -> frozenset[str] | None:
    """The columns a published entry has items of; None for one that is not published."""
    if own.current is None:
        return None
    return frozenset(own.current.items.values_list("column", flat=True))


def _breaks(change: dict[str, Any], promised: frozenset[str] | None) -> bool:
    """Whether a published entry promises what is not there any more."""
    if promised is None:
        return False
    if change["kind"] == DriftKind.TABLE_MISSING:
        return True
    return change["kind"] == DriftKind.COLUMN_MISSING and change["column"] in promised
