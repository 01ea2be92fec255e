"""The working-day calendar and the limits of the law: dated data an administrator keeps (A11,
A21-A26)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from huitong.kernel.actor import BUREAU, SYSTEM, Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock, RunningLimit, show_nearest
from huitong.kernel.doing import note, recorded, was
from huitong.kernel.laws import LAWS, SHORT, citation
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.watches import Watch
from huitong.kernel.workdays import (
    VERIFIED,
    Calendar,
    CalendarDay,
    CalendarYear,
    Limit,
    UnitOfLimit,
    load_calendar,
)
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
            description="列：日期、类型（放假/上班）、名称；只列与平常不同的日子。",
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
    article: Annotated[
        str, Field(title="条款", pattern=SHORT.pattern, description="如 A22；本市设定的填 C。")
    ],
    amount: Annotated[int, Field(title="数值", ge=1, le=366)],
    unit: Annotated[UnitOfLimit, Field(title="单位")],
    in_force: Annotated[date, Field(title="生效日期")],
    basis: Annotated[str, Field(title="依据", min_length=4, max_length=300)],
    name: Annotated[
        str, Field(title="分项", max_length=40, description="同一条款有几个时限时区分。")
    ] = "",
) -> Limit:
    """A limit from a day on. Rows in use are never edited: cases already running keep theirs."""
    if law not in LAWS:
        raise Malformed(
            {"law": f"没有这个规则，现有：{'、'.join(one.title for one in LAWS.values())}。"},
            article="A36",
        )
    try:
        wrong = citation(article).law.code != law
    except ValueError:
        wrong = True
    if wrong:
        raise Malformed({"article": f"“{article}”不是“{LAWS[law].short}”的条款"}, article="A36")
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
    if row.verified:
        raise AgainstRules("该时限已经核实。", article="A36")
    was(confidence=row.confidence)
    row.confidence, row.note = VERIFIED, f"{row.note}；核实：{source}"[:300]
    row.save()
    return row


def aim_running(year: int) -> int:
    """Running clocks and watches that may reach into this year are computed anew, and the cases
    with them. Returns how many moved."""
    calendar, since = load_calendar(), date(year - 1, 12, 1)
    running = Clock.objects.filter(stopped_on=None, due_on__gte=since)
    locked = (
        Case.objects.select_for_update(no_key=True)
        .filter(pk__in=running.values("case"))
        .order_by("pk")
    )
    cases = {case.pk: case for case in locked}  # before their clocks, as every step does
    clocks = [
        clock
        for clock in running.filter(case__in=cases).select_for_update()
        if _aimed_anew(clock, calendar)
    ]
    watches = [
        row
        for row in Watch.objects.filter(stopped_on=None, due_on__gte=since).select_for_update()
        if _aimed_anew(row, calendar)
    ]
    fields = ["due_on", "half_on", "warn_on", "provisional"]
    Clock.objects.bulk_update(clocks, fields)
    Watch.objects.bulk_update(watches, fields)
    moved = [cases[pk] for pk in sorted({clock.case_id for clock in clocks})]
    for case in moved:
        show_nearest(case)
    Case.objects.bulk_update(moved, ["due_on", "provisional", "paused"])
    return len(clocks) + len(watches)


def _aimed_anew(row: RunningLimit, calendar: Calendar) -> bool:
    before = (row.due_on, row.half_on, row.warn_on, row.provisional)
    row.aim(calendar)
    return before != (row.due_on, row.half_on, row.warn_on, row.provisional)
