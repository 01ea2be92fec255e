"""The working-day calendar and the limits of the law: dated data an administrator keeps (A11,
A21-A26)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from huitong.kernel.actor import BUREAU, SYSTEM, Actor, Post
from huitong.kernel.case import Case, Clock
from huitong.kernel.doing import note, recorded, was
from huitong.kernel.procedure import ARTICLE, AgainstRules, Malformed
from huitong.kernel.workdays import CalendarDay, CalendarYear, Limit, UnitOfLimit, load_calendar
from huitong.organizations import queries
from huitong.organizations.rules import Sheet

PARAMETERS = (BUREAU(Post.SYSTEM_ADMIN), SYSTEM(Post.SYSTEM_ADMIN))


@recorded("A21", *PARAMETERS, label="导入节假日安排")
def import_calendar(
    actor: Actor,
    *,
    year: Annotated[int, Field(title="年度", ge=2004, le=2100)],
    sheet: Annotated[
        Sheet,
        Field(
            title="节假日与调休",
            description="列：日期、类型（放假/上班）、名称；只列与平常不同的日子",
        ),
    ],
    source: Annotated[str, Field(title="依据文件", min_length=4, max_length=200)],
) -> CalendarYear:
    """Load one year, replacing what was known of it, and aim every running clock anew."""
    report = queries.check_import("calendar", sheet, actor)
    for number, row in report.rows:
        if row["date"].year != year:
            report.add_error(number, "日期", f"不在 {year} 年")
    report.check("A21")
    was(days=CalendarDay.objects.filter(day__year=year).count())
    CalendarDay.objects.filter(day__year=year).delete()
    CalendarDay.objects.bulk_create(
        [CalendarDay(day=r["date"], worked=r["kind"], name=r["name"]) for _, r in report.rows]
    )
    calendar_year, _ = CalendarYear.objects.update_or_create(year=year, defaults={"source": source})
    note(days=len(report.rows), moved=aim_running(year))
    return calendar_year


@recorded("A36", *PARAMETERS, label="新增时限")
def add_limit(
    actor: Actor,
    *,
    law: Annotated[str, Field(title="规则", min_length=2, max_length=40)],
    article: Annotated[str, Field(title="条款", pattern=ARTICLE.pattern, description="如 A22")],
    amount: Annotated[int, Field(title="数值", ge=1, le=366)],
    unit: Annotated[UnitOfLimit, Field(title="单位")],
    in_force: Annotated[date, Field(title="生效日期")],
    basis: Annotated[str, Field(title="依据", min_length=4, max_length=300)],
    name: Annotated[
        str, Field(title="分项", max_length=40, description="同一条款有几个时限时区分")
    ] = "",
) -> Limit:
    """A limit from a day on. Rows in use are never edited: cases already running keep theirs."""
    if law not in (laws := queries.laws()):
        raise Malformed({"law": f"没有规则“{law}”，现有：{'、'.join(laws)}。"}, article="A36")
    youngest = (
        Limit.objects.filter(law=law, article=article, name=name).order_by("-in_force").first()
    )
    if youngest is not None and in_force <= youngest.in_force:
        raise AgainstRules(
            f"已有自 {youngest.in_force} 起生效的时限（{youngest.words}）；新时限的生效日期应晚于它。",
            article="A36",
        )
    return Limit.objects.create(
        law=law, article=article, name=name, amount=amount, unit=unit, in_force=in_force, note=basis
    )


@recorded("A36", *PARAMETERS, label="核实时限")
def confirm_limit(
    actor: Actor,
    *,
    limit: Annotated[int, Field(title="时限")],
    source: Annotated[str, Field(title="核实依据", min_length=4, max_length=200)],
) -> Limit:
    """Confirm that a recalled value was checked against its text. The number itself is not
    changed."""
    row = queries.limit_for(limit)
    if row.confidence == "verified":
        raise AgainstRules("该时限已经核实。", article="A36")
    was(confidence=row.confidence)
    row.confidence, row.note = "verified", f"{row.note}；核实：{source}"[:300]
    row.save()
    return row


def aim_running(year: int) -> int:
    """Running clocks that may reach into this year are computed anew, with their cases. Returns
    how many moved."""
    calendar, clocks, moved = load_calendar(), list[Clock](), list[Case]()
    running = Clock.objects.filter(stopped_on=None, due_on__gte=date(year - 1, 12, 1))
    locked = (
        Case.objects.select_for_update(no_key=True)
        .filter(pk__in=running.values("case"))
        .order_by("pk")
    )
    cases = {case.pk: case for case in locked}  # before their clocks, as every step does
    for clock in running.filter(case__in=cases).select_for_update():
        before = (clock.due_on, clock.half_on, clock.warn_on, clock.provisional)
        clock.aim(calendar)
        if before != (clock.due_on, clock.half_on, clock.warn_on, clock.provisional):
            clocks.append(clock)
            case = cases[clock.case_id]
            case.due_on, case.provisional = clock.due_on, clock.provisional
            moved.append(case)
    Clock.objects.bulk_update(clocks, ["due_on", "half_on", "warn_on", "provisional"])
    Case.objects.bulk_update(moved, ["due_on", "provisional"])
    return len(clocks)
