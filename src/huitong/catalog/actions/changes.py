"""A change of law or function: registered, sent to the bodies it concerns, settled entry by entry
(A11)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from django.utils import timezone
from pydantic import Field

from huitong.catalog import queries
from huitong.catalog.actions.parts import check_bodies, check_entries, refuse_last, some
from huitong.catalog.models import AffectedEntry, Entry, LawChange
from huitong.catalog.rules.changes import (
    CHANGE,
    CHANGE_PART,
    ChangeKind,
    ChangeState,
    Settlement,
    names_of,
)
from huitong.catalog.rules.changes_under_decree import CHANGE_PART_UNDER_DECREE, CHANGE_UNDER_DECREE
from huitong.kernel.actor import Actor, bodies_of
from huitong.kernel.case import Case
from huitong.kernel.doing import note, step, was
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import today
from huitong.work.queries import bodies_to_choose
from huitong.work.rules import Hidden, Pick

Entries = Annotated[
    list[int],
    Field(title="目录", description="每行一个目录的编号。", min_length=1, max_length=2000),
]
#: of a form that chooses none: they are chosen on a page of their own
Chosen = Annotated[tuple[int, ...], Hidden(), Field(title="目录", max_length=2000)]
Reasons = Annotated[str, Field(title="理由", max_length=1000)]


@step(CHANGE, CHANGE_UNDER_DECREE)
def register(
    actor: Actor,
    case: Case,
    *,
    kind: Annotated[ChangeKind, Field(title="变动类别")],
    document: Annotated[
        str,
        Field(
            title="文件名称",
            description="如“江苏省婚姻登记条例”，不必写书名号；平台按它查找引用该文件的目录。",
            min_length=3,
            max_length=200,
        ),
    ],
    number: Annotated[str, Field(title="文号", max_length=80)] = "",
    published_on: Annotated[
        date, Field(title="向社会公布的日期", description="更新时限自这一天起算，不能晚于今天。")
    ],
    concerns: Annotated[
        str,
        Field(
            title="变动内容",
            description="修订了什么，哪些职能有变化。",
            min_length=2,
            max_length=1000,
        ),
    ],
    entries: Chosen = (),
) -> None:
    """Register a change of law or function that was made public: a body that registers it begins
    with its own entries at once, the bureau first chooses entries and then sends it out."""
    _check_day(published_on)
    name = document.strip().strip("《》").strip()
    if not names_of(name):
        raise Malformed({"document": "请写出文件全称"}, article="A11")
    case.title = f"法规职能变动：《{name}》"[:300]
    case.facts |= {
        "registrant": "bureau" if actor.bureau else "body",
        "published_on": published_on.isoformat(),
    }
    change = LawChange.objects.create(
        case=case,
        kind=kind,
        document=name,
        number=number,
        published_on=published_on,
        concerns=concerns,
    )
    if actor.bureau:
        _count_in(change, _included(actor, case, entries), None)
    else:
        case.between(provider=actor.body)
        assign(actor.platform, parent=case, body=actor.body, entries=entries)


@step(CHANGE, CHANGE_UNDER_DECREE)
def include(actor: Actor, case: Case, *, entries: Entries) -> None:
    """Count entries in; once it is sent out, each goes to its body's part."""
    change, rows = queries.change_of(case), _included(actor, case, entries)
    if case.state == ChangeState.CHOOSING:
        _count_in(change, rows, None)
        return
    _send(actor, case, rows)


@step(CHANGE, CHANGE_UNDER_DECREE)
def exclude(actor: Actor, case: Case, *, entries: Entries) -> None:
    """Take out entries that were counted in by mistake."""
    rows = AffectedEntry.objects.filter(change__case=case, part=None, entry__in=entries)
    check_entries(entries, rows.values_list("entry", flat=True), "不在待分办之列")
    rows.delete()


@step(CHANGE, CHANGE_UNDER_DECREE)
def send(
    actor: Actor,
    case: Case,
    *,
    bodies: Annotated[
        tuple[int, ...],
        Pick(bodies_to_choose),
        Field(title="另请自查的部门", description="没有列入目录、但可能涉及的部门，由其自行核对。"),
    ] = (),
) -> None:
    """Send each body its entries, and ask others to look through theirs."""
    rows = AffectedEntry.objects.filter(change__case=case, part=None).select_related("entry")
    waiting = [row.entry for row in rows]
    check_bodies(bodies)
    if not (waiting or bodies):
        raise AgainstRules(
            "还没有列入目录，也没有选择部门。",
            article="A11",
            remedy="请先列入涉及的目录，或者选择请哪些部门自查。",
        )
    rows.delete()
    _send(actor, case, waiting, bodies)


@step(CHANGE, CHANGE_UNDER_DECREE)
def cancel(actor: Actor, case: Case, *, reasons: Reasons = "") -> None:
    """Cancel what was registered by mistake; parts that still run are called off with it."""
    for part in case.children.filter(closed_at=None).order_by("pk"):
        call_off(actor.platform, part, reasons=reasons)


@step(CHANGE, CHANGE_UNDER_DECREE)
def finish(actor: Actor, case: Case) -> None:
    """End the whole: every body has settled its entries."""


# -- the part of one body --------------------------------------------------------------------------


@step(CHANGE_PART, CHANGE_PART_UNDER_DECREE, inner=True)
def assign(
    actor: Actor, case: Case, *, body: Annotated[int, Field(title="部门")], entries: Chosen = ()
) -> None:
    """Open the part of one body; its limit counts from the day of publicity."""
    change = queries.change_of(case)
    case.between(provider=body)
    case.title = f"更新目录：《{change.document}》"[:300]
    case.facts |= {"published_on": change.published_on.isoformat(), "rest": "open"}
    _count_in(change, _included(actor, case, entries), case)


@step(CHANGE_PART, CHANGE_PART_UNDER_DECREE)
def take_in(actor: Actor, case: Case, *, entries: Entries) -> None:
    """Count in further entries of the body."""
    _count_in(queries.change_of(case), _included(actor, case, entries), case)


@step(CHANGE_PART, CHANGE_PART_UNDER_DECREE)
def settle(
    actor: Actor,
    case: Case,
    *,
    outcome: Annotated[
        Settlement,
        Field(title="处理结果", description="“已发布新版本”由平台核对：公布之后须有新版本发布。"),
    ],
    entries: Annotated[
        tuple[int, ...],
        Pick(queries.entries_to_settle),
        Field(title="目录", description="一次可处理多项；没有列入目录的，不选。"),
    ] = (),
    reasons: Reasons = "",
) -> None:
    """Say what became of entries: unchanged with the reason, changed by a version published
    since, proposed for withdrawal. The last one settled ends the part."""
    if outcome.wants_reasons and not reasons:
        raise Malformed({"reasons": "请写明理由"}, article="A11")
    listed = AffectedEntry.objects.filter(part=case)
    if not entries:
        _settle_without_entries(listed.exists(), outcome)
        case.facts["rest"] = "none"
        return
    rows = list(listed.filter(entry__in=entries).select_related("entry__current"))
    check_entries(entries, [row.entry_id for row in rows], "不在本事项中")
    versions = _versions(case, rows) if outcome is Settlement.CHANGED else {}
    was(settlements=[row.outcome for row in rows if row.outcome])
    for row in rows:
        row.outcome, row.reasons, row.version = outcome, reasons, versions.get(row.entry_id)
        row.settled_at, row.settled_by = timezone.now(), actor.name
    AffectedEntry.objects.bulk_update(
        rows, ["outcome", "reasons", "version", "settled_at", "settled_by"]
    )
    note(versions=[versions[row.entry_id] for row in rows if row.entry_id in versions])
    case.facts["rest"] = "open" if queries.unsettled(case).exists() else "none"


@step(CHANGE_PART, CHANGE_PART_UNDER_DECREE)
def call_off(actor: Actor, case: Case, *, reasons: Reasons = "") -> None:
    """Call off a part that was sent to the wrong body; what it has not settled is taken out."""
    refuse_last(actor, case, "不涉及该部门的，请其写明理由办结；登记有误的，请撤销登记。")
    rows = queries.unsettled(case)
    note(entries=list(rows.values_list("entry", flat=True)))
    rows.delete()


# -- inside ----------------------------------------------------------------------------------------


def _check_day(published_on: date) -> None:
    if published_on > today():
        raise Malformed({"published_on": "公布日期不能晚于今天"}, article="A11")
    if published_on < CHANGE.in_force:
        raise Malformed(
            {"published_on": f"实施细则自 {CHANGE.in_force:%Y-%m-%d} 起施行，此前的变动不计时限"},
            article="A11",
        )


def _included(actor: Actor, case: Case, entries: Iterable[int]) -> list[Entry]:
    """The entries, if this actor may count them in now. Raises `Malformed`."""
    keys = set(entries)
    rows = list(queries.entries_to_include(actor, case).filter(pk__in=keys).order_by("pk"))
    check_entries(keys, [row.pk for row in rows], "已在其中、尚未发布，或者不归本部门")
    return rows


def _count_in(change: LawChange, entries: Iterable[Entry], part: Case | None) -> None:
    AffectedEntry.objects.bulk_create(
        AffectedEntry(change=change, entry=entry, part=part) for entry in entries
    )


def _send(actor: Actor, case: Case, entries: Iterable[Entry], bodies: Iterable[int] = ()) -> None:
    """Give each body its entries: with the part it has running, else with one of its own."""
    by_body: dict[int, list[int]] = {body: [] for body in bodies}
    for entry in entries:
        by_body.setdefault(entry.body_id, []).append(entry.pk)
    running = case.children.filter(closed_at=None).select_for_update(no_key=True).order_by("-pk")
    parts = {part.body_of("provider"): part for part in running}
    for body, keys in sorted(by_body.items()):
        if (part := parts.get(body)) is None:
            assign(actor.platform, parent=case, body=body, entries=keys)
        elif keys:
            take_in(actor, part, entries=keys)
    case.between(members=[*bodies_of(case.parties.get("members")), *by_body])


def _settle_without_entries(lists_some: bool, outcome: Settlement) -> None:
    if lists_some:
        raise Malformed({"entries": "请选择目录"}, article="A11")
    if outcome is not Settlement.UNCHANGED:
        raise Malformed(
            {"outcome": "没有列入目录时，只能说明“无需变更”的理由；涉及的目录请先补充进来"},
            article="A11",
        )


def _versions(case: Case, rows: Iterable[AffectedEntry]) -> dict[int, int]:
    """By which version each of these was changed. Raises `Malformed` naming those that have
    none."""
    by_key = {row.entry_id: row.entry for row in rows}
    versions = queries.versions_since(queries.change_of(case), list(by_key))
    if missing := [entry.name for key, entry in by_key.items() if key not in versions]:
        raise Malformed(
            {
                "entries": f"{some(missing)}：公布之后还没有发布新版本，请先编制并发布；"
                "只更正联系方式或备注的不算"
            },
            article="A11",
        )
    return versions
