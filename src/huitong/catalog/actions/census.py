"""The yearly census: opened by the bureau, answered entry by entry, signed, accepted, reported
(A11)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from django.db import IntegrityError, transaction
from django.utils import timezone
from pydantic import Field

from huitong.catalog import queries
from huitong.catalog.actions.parts import check_bodies, check_entries, refuse_last, some
from huitong.catalog.models import Census, CensusAnswer, CensusReport, Entry
from huitong.catalog.queries import UNANSWERED
from huitong.catalog.rules.census import CENSUS, CENSUS_PART, CensusOutcome, CensusPartState
from huitong.kernel.actor import Actor, bodies_of
from huitong.kernel.case import Case
from huitong.kernel.doing import note, step, was
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations
from huitong.work.rules import Pick

Reasons = Annotated[str, Field(title="理由", max_length=1000)]
Bodies = Annotated[tuple[int, ...], Pick(queries.bodies_to_census), Field(title="部门")]
#: entries one act may be about: what a person can still look through
Entries = Annotated[
    list[int], Field(title="目录", description="每行一个目录的编号。", min_length=1, max_length=200)
]
NOT_IN_PART = "不在本部门普查之列"


@step(CENSUS)
def launch(
    actor: Actor,
    case: Case,
    *,
    year: Annotated[int, Field(title="年度")],
    begins_on: Annotated[date, Field(title="开始日期", description="不晚于今天。")],
    ends_on: Annotated[date, Field(title="截止日期", description="各部门负责人签核的最后一天。")],
    instructions: Annotated[
        str, Field(title="普查要求", min_length=2, max_length=2000)
    ] = "请逐项核对本部门目录：内容是否变化、是否需要更新、有无应编未编的资源。",
    bodies: Annotated[Bodies, Field(title="部门", description="不选则为全部在册部门。")] = (),
) -> None:
    """Open a year's census: every body looks through its entries."""
    _check_days(year, begins_on, ends_on)
    try:
        with transaction.atomic():
            census = Census.objects.create(
                case=case,
                year=year,
                begins_on=begins_on,
                ends_on=ends_on,
                instructions=instructions,
            )
    except IntegrityError:  # one a year: of two who open it at once, too
        raise Malformed({"year": f"{year} 年度的普查已经发起"}, article="A11") from None
    case.title = str(census)
    case.facts |= {"begins_on": begins_on.isoformat(), "ends_on": ends_on.isoformat()}
    _assign(actor, case, census, bodies or queries.bodies_of_census(actor))


@step(CENSUS)
def ask_also(actor: Actor, case: Case, *, bodies: Bodies) -> None:
    """Ask bodies that were left out when it was opened."""
    if not bodies:
        raise Malformed({"bodies": "请选择部门"}, article="A11")
    running = case.children.exclude(state=CensusPartState.CALLED_OFF)
    if present := {part.body_of("provider") for part in running} & set(bodies):
        names = organizations.body_names(present)
        raise Malformed({"bodies": f"已在普查之列：{'、'.join(names.values())}"}, article="A11")
    _assign(actor, case, queries.census_of(case), bodies)


@step(CENSUS)
def close(actor: Actor, case: Case, *, reasons: Reasons = "") -> None:
    """End a census whose time is over: whoever has not signed stands as unfinished in the
    report."""
    census = queries.census_of(case)
    if today() <= census.ends_on:
        raise AgainstRules(
            f"普查到 {census.ends_on:%Y-%m-%d} 截止，届满之后才能结束。",
            article="A11",
            remedy="各部门都验收后自动结束。",
        )
    parts = case.children.filter(closed_at=None).order_by("pk")
    if waiting := parts.filter(state=CensusPartState.WITH_BUREAU).count():
        raise AgainstRules(
            f"还有 {waiting} 个部门已签核，等待验收。", article="A11", remedy="请先验收或退回。"
        )
    for part in parts:
        leave(actor.platform, part)
    _report(actor, census)


@step(CENSUS)
def cancel(actor: Actor, case: Case, *, reasons: Reasons = "") -> None:
    """Cancel a census that was opened by mistake, with all its parts; the year can be opened
    anew."""
    census = queries.census_of(case)
    for part in case.children.filter(closed_at=None).order_by("pk"):
        call_off(actor.platform, part, reasons=reasons)
    census.called_off = True
    census.save()


@step(CENSUS)
def finish(actor: Actor, case: Case) -> None:
    """End the whole with its report: every body has been accepted."""
    _report(actor, queries.census_of(case))


# -- the part of one body --------------------------------------------------------------------------


@step(CENSUS_PART, inner=True)
def assign(actor: Actor, case: Case, *, body: Annotated[int, Field(title="部门")]) -> None:
    """Open the part of one body; what it answered in a part that was called off holds on."""
    census = queries.census_of(case)
    case.between(provider=body)
    case.title = f"普查本部门目录：{census.year} 年度"
    case.facts |= {"begins_on": census.begins_on.isoformat(), "ends_on": census.ends_on.isoformat()}
    queries.answers_called_off(census, body).update(part=case)


@step(CENSUS_PART)
def answer(
    actor: Actor,
    case: Case,
    *,
    entries: Entries,
    outcome: Annotated[CensusOutcome, Field(title="核对结果")],
    reasons: Reasons = "",
) -> None:
    """Say of entries that they are unchanged, to be changed or to be withdrawn. What today's
    checks doubt is called unchanged with a reason alone."""
    if outcome is CensusOutcome.MISSING:
        raise Malformed({"outcome": "应编未编的资源另行登记"}, article="A11")
    rows = list(queries.entries_of_part(case).filter(pk__in=entries))
    check_entries(entries, [row.pk for row in rows], NOT_IN_PART)
    if not reasons:
        _check_without_reasons(rows, outcome)
    was(answers=[row.outcome for row in rows if row.outcome])
    census = queries.census_of(case)
    CensusAnswer.objects.bulk_create(
        [_answered(actor, case, census, outcome, reasons, entry) for entry in rows],
        update_conflicts=True,
        unique_fields=["census", "entry"],
        update_fields=[
            "part",
            "outcome",
            "reasons",
            "version",
            "remark",
            "answered_at",
            "answered_by",
        ],
    )


@step(CENSUS_PART)
def add_missing(
    actor: Actor,
    case: Case,
    *,
    name: Annotated[
        str,
        Field(
            title="资源名称", description="应当编目而没有目录的资源。", min_length=2, max_length=120
        ),
    ],
    reasons: Annotated[str, Field(title="说明", max_length=1000)] = "",
) -> None:
    """Register a resource that should have an entry and has none."""
    if queries.missing_of(case).filter(name=name).exists():
        raise Malformed({"name": "已登记过"}, article="A11")
    row = _answered(actor, case, queries.census_of(case), CensusOutcome.MISSING, reasons)
    row.name = name
    row.save()


@step(CENSUS_PART)
def drop_missing(
    actor: Actor,
    case: Case,
    *,
    missing: Annotated[int, Pick(queries.missing_to_choose), Field(title="应编未编的资源")],
) -> None:
    """Take out a resource that was registered by mistake."""
    rows = queries.missing_of(case).filter(pk=missing)
    if (row := rows.first()) is None:
        raise Malformed({"missing": "没有登记这一项"}, article="A11")
    was(name=row.name)
    row.delete()


@step(CENSUS_PART)
def submit(actor: Actor, case: Case) -> None:
    """Hand a part in, every entry answered, to be signed by the body's manager."""
    if left := queries.entries_of_part(case).filter(UNANSWERED).count():
        raise AgainstRules(f"还有 {left} 项目录没有核对。", article="A11", remedy="请先逐项核对。")


@step(CENSUS_PART)
def sign(actor: Actor, case: Case) -> None:
    """Sign what the body says; the bureau accepts it next."""


@step(CENSUS_PART)
def send_back(actor: Actor, case: Case, *, reasons: Reasons = "") -> None:
    """Give a part back to the body's operator."""


@step(CENSUS_PART)
def question(
    actor: Actor,
    case: Case,
    *,
    entries: Entries,
    remark: Annotated[
        str, Field(title="意见", description="不填则撤回已提的意见。", max_length=1000)
    ] = "",
) -> None:
    """Say what is against the answers of some entries, before the part is given back; an empty
    remark takes it back."""
    listed = queries.entries_of_part(case).filter(pk__in=entries)
    check_entries(entries, listed.values_list("pk", flat=True), NOT_IN_PART)
    CensusAnswer.objects.filter(part=case, entry__in=entries).update(remark=remark)


@step(CENSUS_PART)
def accept(actor: Actor, case: Case) -> None:
    """Accept what a body says: nothing is left, nothing questioned."""
    if left := queries.entries_of_part(case).filter(UNANSWERED).count():
        raise AgainstRules(
            f"有 {left} 项目录提了意见或没有核对，不能验收。",
            article="A11",
            remedy="请退回重核，或撤回意见。",
        )


@step(CENSUS_PART)
def return_part(actor: Actor, case: Case, *, reasons: Reasons = "") -> None:
    """Give a part back to its body, with the remarks beside the entries."""


@step(CENSUS_PART)
def leave(actor: Actor, case: Case) -> None:
    """Leave a part unfinished: the census has ended."""


@step(CENSUS_PART)
def call_off(actor: Actor, case: Case, *, reasons: Reasons = "") -> None:
    """Call off a part that was sent to the wrong body."""
    refuse_last(
        actor, case, "请该部门核对签核；截止日期过后由负责人结束普查；发起有误的，请撤销普查。"
    )


# -- inside ----------------------------------------------------------------------------------------


def _check_days(year: int, begins_on: date, ends_on: date) -> None:
    if not CENSUS.in_force.year <= year <= today().year + 1:
        raise Malformed({"year": f"{year} 年不能普查"}, article="A11")
    if begins_on > today():
        raise Malformed({"begins_on": "开始日期不能晚于今天：到开始那天再发起"}, article="A11")
    if begins_on < CENSUS.in_force:
        raise Malformed({"begins_on": "实施细则施行之前没有普查"}, article="A11")
    if ends_on <= max(begins_on, today()):
        raise Malformed({"ends_on": "截止日期应晚于开始日期和今天"}, article="A11")


def _assign(actor: Actor, case: Case, census: Census, bodies: Iterable[int]) -> None:
    """A part for each of these bodies. Raises `Malformed` for one that is not in force."""
    keys = sorted(set(bodies))
    check_bodies(keys)
    for body in keys:
        assign(actor.platform, parent=case, body=body)
    case.between(members=[*bodies_of(case.parties.get("members")), *keys])


def _check_without_reasons(rows: list[Entry], outcome: CensusOutcome) -> None:
    """Refuse what is to be explained and is not."""
    if outcome is not CensusOutcome.UNCHANGED:
        raise Malformed({"reasons": "请写明理由"}, article="A11")
    if doubtful := [row.name for row in rows if queries.findings_of(row.published)]:
        raise Malformed(
            {"reasons": f"{some(doubtful)}：今天的检查有提示，仍无变化的，请写明理由"},
            article="A11",
        )


def _answered(
    actor: Actor,
    case: Case,
    census: Census,
    outcome: CensusOutcome,
    reasons: str,
    entry: Entry | None = None,
) -> CensusAnswer:
    return CensusAnswer(
        census=census,
        part=case,
        entry=entry,
        outcome=outcome,
        reasons=reasons,
        version=entry.published.number if entry is not None else None,
        answered_at=timezone.now(),
        answered_by=actor.name,
    )


def _report(actor: Actor, census: Census) -> None:
    content = queries.report_of(actor, census)
    digest = queries.digest_of(content)
    CensusReport.objects.create(census=census, content=content, sha256=digest, at=timezone.now())
    note(sha256=digest)
