"""The registers an administrator imports: divisions, bodies, duties and matters, calendars,
limits (A3, A6)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet

from huitong.kernel.actor import Actor
from huitong.kernel.clocks import Clock
from huitong.kernel.procedure import NotVisible
from huitong.kernel.workdays import CalendarDay, CalendarYear, Limit, today
from huitong.organizations.models import Body, Division, Duty, Matter
from huitong.organizations.rules import REGISTERS, Report, Sheet, parse
from huitong.ui.rules import question


def divisions(q: str = "", level: str = "", parent: str = "") -> QuerySet[Division]:
    """The register of divisions; public data."""
    rows = Division.objects.all()
    if q := question(q):
        rows = rows.filter(code__startswith=q) if q.isdigit() else rows.filter(name__icontains=q)
    rows = rows.filter(level=level) if level else rows
    return rows.filter(parent_code=parent) if parent else rows


def limits(law: str = "") -> QuerySet[Limit]:
    """Every row of every limit, the youngest of each first."""
    rows = Limit.objects.order_by("law", "article", "name", "-in_force")
    return rows.filter(law=law) if law else rows


def limit_for(pk: int) -> Limit:
    """One row of a limit. Raises `NotVisible`."""
    if (row := Limit.objects.filter(pk=pk).first()) is None:
        raise NotVisible("该时限")
    return row


def calendar_days(year: int) -> QuerySet[CalendarDay]:
    return CalendarDay.objects.filter(day__year=year).order_by("day")


def loaded_years() -> QuerySet[CalendarYear]:
    return CalendarYear.objects.order_by("-year")


def provisional_clocks() -> QuerySet[Clock]:
    """Running clocks whose last day was reached over a year that is not loaded yet."""
    return Clock.objects.filter(stopped_on=None, provisional=True).select_related("case")


def check_import(register: str, sheet: Sheet, actor: Actor) -> Report:
    """The effect of importing this sheet, with every error by row and column; nothing is
    written."""
    report = parse(REGISTERS[register], sheet)
    {"divisions": _divisions, "bodies": _bodies, "duties": _duties, "calendar": _calendar}[
        register
    ](report, actor)
    return report


def _count(report: Report, was: dict[str, Any] | None, now: dict[str, Any]) -> None:
    if was is None:
        report.added += 1
    elif any(was.get(name) != value for name, value in now.items()):
        report.changed += 1
    else:
        report.same += 1


def _divisions(report: Report, actor: Actor) -> None:
    existing = {row["code"]: row for row in Division.objects.values()}
    codes = set(existing) | {row["code"] for _, row in report.rows}
    for number, row in report.rows:
        for name, heading in (("parent_code", "上级代码"), ("successor", "承接代码")):
            if row[name] and row[name] not in codes:
                report.add_error(number, heading, f"没有代码为“{row[name]}”的行政区划")
        _count(report, existing.get(row["code"]), row)


def _bodies(report: Report, actor: Actor) -> None:
    existing = {b["credit_code"]: b for b in Body.objects.filter(valid_to=None).values()}
    names = {b["name"]: b["credit_code"] for b in existing.values()}
    places = set(Division.objects.values_list("code", flat=True))
    coming = {row["name"]: row["credit_code"] for _, row in report.rows}
    heads = {code for code, b in existing.items() if b["is_bureau"]} | {
        row["credit_code"] for _, row in report.rows if row["bureau"]
    }
    for number, row in report.rows:
        if names.get(row["name"], row["credit_code"]) != row["credit_code"]:
            report.add_error(number, "名称", "已有同名机构，信用代码不同；机构更名请使用“机构承继”")
        if row["credit_code"] in existing and existing[row["credit_code"]]["name"] != row["name"]:
            report.add_error(
                number,
                "名称",
                f"该信用代码现属“{existing[row['credit_code']]['name']}”；机构更名请使用“机构承继”",
            )
        if places and row["division_code"] not in places:
            report.add_error(
                number, "行政区划代码", f"没有代码为“{row['division_code']}”的行政区划"
            )
        if row["parent"] and row["parent"] not in names and row["parent"] not in coming:
            report.add_error(number, "上级机构", f"没有名为“{row['parent']}”的机构")
        if row["bureau"] and len(heads) > 1:
            report.add_error(number, "大数据主管部门", "只能有一个大数据主管部门")
        was = existing.get(row["credit_code"])
        if was and was["is_bureau"] and not row["bureau"]:
            report.add_error(
                number, "大数据主管部门", "该机构是大数据主管部门，应填“是”；变更请使用“机构承继”"
            )
        now = {n: row[n] for n in ("short_name", "kind", "division_code", "managing_organ")} | {
            "is_bureau": row["bureau"]
        }
        _count(report, was, now)


def _duties(report: Report, actor: Actor) -> None:
    bodies = dict(Body.objects.filter(valid_to=None).values_list("name", "pk"))
    owned = {m.code: m for m in Matter.objects.select_related("duty")}
    duties = {(d.body_id, d.text): d for d in Duty.objects.all()}
    codes: dict[str, int] = {}
    for number, row in report.rows:
        body = bodies.get(row["body"])
        if body is None:
            report.add_error(number, "机构", f"没有名为“{row['body']}”的机构")
            continue
        if not actor.is_system and not actor.bureau and body != actor.body:
            report.add_error(number, "机构", "只能导入本部门的职责与事项")
        if bool(row["matter_code"]) != bool(row["matter_name"]):
            report.add_error(
                number, "事项名称" if row["matter_code"] else "事项编码", "事项编码与名称须同时填写"
            )
        code = row["matter_code"]
        if code and codes.setdefault(code, number) != number:
            report.add_error(number, "事项编码", f"与第 {codes[code]} 行重复")
        matter = owned.get(code) if code else None
        if matter is not None and matter.duty.body_id != body:
            report.add_error(number, "事项编码", "该事项编码已属其他机构")
        if (duty := duties.get((body, row["duty"]))) is not None and _ended(duty.valid_to):
            report.add_error(number, "职责", "该职责已终止，请换一种表述")
        if matter is not None and _ended(matter.valid_to):
            report.add_error(number, "事项编码", "该事项已终止，编码不再使用")
        now = {
            "name": row["matter_name"],
            "kind": row["matter_kind"],
            "basis": row["basis"],
            "duty": row["duty"],
        }
        if not code:
            was = (
                {"duty": row["duty"], "name": "", "kind": now["kind"], "basis": now["basis"]}
                if (body, row["duty"]) in duties
                else None
            )
        else:
            was = (
                {
                    "name": matter.name,
                    "kind": matter.kind,
                    "basis": matter.basis,
                    "duty": matter.duty.text,
                }
                if matter
                else None
            )
        _count(report, was, now)


def _ended(last: date | None) -> bool:
    return last is not None and last < today()


def _calendar(report: Report, actor: Actor) -> None:
    days = {d["day"]: d for d in CalendarDay.objects.values("day", "worked", "name")}
    years = {row["date"].year for _, row in report.rows}
    if len(years) > 1:
        report.add_error(
            2, "日期", f"一次导入一个年度，文件中有：{'、'.join(map(str, sorted(years)))}"
        )
    for number, row in report.rows:
        if row["kind"] == (row["date"].weekday() < 5):
            usual = "本来就是工作日" if row["kind"] else "本来就是休息日"
            report.add_error(number, "类型", f"{row['date']} {usual}，只需列出与平常不同的日子")
        _count(report, days.get(row["date"]), {"worked": row["kind"], "name": row["name"]})
