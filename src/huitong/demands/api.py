"""Demands to read; what can be done with them is generated at POST /api/do/demand.draft and
/api/cases/demand/{case}/…"""

# annotations are evaluated: Ninja reads those of a paginated read among names of its own
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from huitong.demands import queries
from huitong.demands.models import Answer, Demand
from huitong.demands.rules import S
from huitong.kernel.requests import Request
from huitong.kernel.workdays import load_calendar, today
from huitong.organizations import queries as organizations
from huitong.ui.paging import Drawn

router = Router(tags=["需求申请"])


class DemandRow(Schema):
    """A demand in a list."""

    id: int
    case: int = Field(title="事项", description="写操作使用 /api/cases/demand/{case}/…")
    number: str | None
    title: str = Field(title="需要的数据")
    consumer: int = Field(title="需求部门")
    consumer_name: str
    body: int | None = Field(title="答复部门", description="在大数据管理局或尚未提交时为空")
    body_name: str
    state: str = Field(title="环节")
    promised_on: date | None = Field(title="计划发布日期")
    due_on: date | None
    submitted_at: datetime | None
    entry: int | None = Field(title="答复的目录")


class ResponsibilityOut(Schema):
    """What a body owes others of its data."""

    case: int = Field(title="事项")
    number: str | None
    kind: str = Field(description="demand 需求申请，entry 目录编制")
    state: str = Field(title="环节")
    owes: str = Field(title="责任")
    body: str = Field(title="责任部门")
    what: str = Field(title="数据")
    asked_by: str = Field(title="需求部门")
    planned_on: date | None = Field(title="计划日")
    due_on: date | None
    late: int = Field(title="超期的工作日")
    behind: int = Field(title="计划日已过的工作日")


class MatterNamed(Schema):
    code: str
    name: str


class EntryNamed(Schema):
    id: int
    code: str | None
    name: str


class DutyOut(Schema):
    """What a duty needs and has."""

    duty: int
    body: int
    body_name: str
    text: str = Field(title="职责")
    matters: list[MatterNamed]
    entries: list[EntryNamed] = Field(title="本部门目录")
    granted: list[str] = Field(title="获准使用的数据")
    grants: int = Field(title="有效授权")
    applications: int = Field(title="办理中的申请")
    demands: dict[str, int] = Field(title="需求")


class AnswerOut(Schema):
    """What was said to a demand."""

    kind: str = Field(
        title="答复",
        description="promised 将发布，deferred 暂时无法发布，not_ours 不属本部门职责，"
        "answered 以目录答复，assigned 转交，unmet 无部门掌握",
    )
    body: int = Field(validation_alias="body_id")
    words: str
    on: date | None = Field(title="计划发布日期，或预计到何时")
    named: int | None = Field(title="指明或转交的部门", validation_alias="named_id")
    entry: int | None = Field(validation_alias="entry_id")
    at: datetime
    by: str


class DemandWhole(DemandRow):
    """A demand with all it says and what was said to it."""

    items: list[str] = Field(title="需要的信息项")
    duty: str
    matter: str = Field(title="事项编码")
    purpose: str
    scenario: str
    mode: str
    frequency: str
    addressed: list[int] = Field(title="提出时写给的部门")
    whole: int | None = Field(title="所属需求", description="同时向几个部门提出的，各部门一件")
    parts: list[int] = Field(title="各部门的一件")
    again: int | None = Field(title="再次提出的是哪一件")
    contact: str
    phone: str
    version: int
    printed_hash: str
    scanned_hash: str
    archive_number: str
    answers: list[AnswerOut]


class MountNamed(Schema):
    id: int
    mode: str


class ApplicationBegun(Schema):
    """What an application for the answer begins with."""

    mounts: list[MountNamed] = Field(title="可以申请的挂接资源")
    answers: dict[str, int | str] = Field(title="已可带入的内容，按 access.apply 的参数名")


class RunningOut(Schema):
    """A running demand for the same."""

    title: str
    consumer: str
    body: str
    state: str
    case: int | None = Field(title="事项", description="无权查看的为空")


class MatchOut(Schema):
    id: int
    code: str | None
    name: str
    body: str


class MatchesOut(Schema):
    """What may answer a need already."""

    entries: list[MatchOut]
    demands: list[RunningOut]


def _rows(page: Sequence[Demand]) -> list[dict[str, Any]]:
    return [queries.demand_data(demand) for demand in page]


@router.get("/demands", response=list[DemandRow], summary="需求申请列表（A24、A25）")
@paginate
def demands(
    request: Request,
    state: str = Query("", pattern=S.pattern()),
    body: int | None = None,
    filed: bool = False,
) -> Drawn:
    """``body`` 现由其答复的部门；``filed`` 只列曾报“暂时无法发布”备案的。"""
    rows = queries.visible_to(request.actor).order_by("-pk")
    rows = rows.filter(case__state=state) if state else rows
    rows = rows.filter(provider=body) if body is not None else rows
    return Drawn(queries.with_promise(queries.filed(rows) if filed else rows), _rows)


@router.get(
    "/demands/responsibilities",
    response=list[ResponsibilityOut],
    summary="责任清单：各部门待答复的需求、承诺发布的数据、待发布的目录（A25、A10）",
)
@paginate
def responsibilities(request: Request, body: int | None = None, late: bool = False) -> Drawn:
    """``body`` 责任部门；``late`` 只列已超期的。"""
    actor, calendar = request.actor, load_calendar()
    rows = queries.responsibilities(actor).order_by("due_on", "pk")
    rows = rows.filter(owner=body) if body is not None else rows
    rows = rows.filter(due_on__lt=today()) if late else rows
    names = organizations.all_body_names()

    def draw(page: list[Any]) -> list[dict[str, Any]]:
        lines = queries.responsibility_lines(actor, page, calendar, names)
        return [line.data() for line in lines]

    return Drawn(rows, draw)


@router.get(
    "/demands/duties",
    response=list[DutyOut],
    summary="职责清单：每项职责有什么、在用什么、还需要什么数据（A3、A24）",
)
@paginate
def duties(request: Request, body: int | None = None, lacking: bool = False) -> Drawn:
    """``lacking`` 只列尚有未满足的需求的。"""
    actor = request.actor
    rows = queries.duties_listed(actor).order_by("body__division_code", "body_id", "pk")
    rows = rows.filter(body=body) if body is not None else rows
    rows = queries.lacking(rows, actor) if lacking else rows
    return Drawn(rows, lambda page: [line.data() for line in queries.duty_lines(actor, page)])


@router.get(
    "/demands/matches",
    response=MatchesOut,
    summary="提出需求之前：目录中可能已有的，他人正在办理的",
)
def matches(request: Request, q: str) -> dict[str, Any]:
    actor = request.actor
    return {
        "entries": [
            {"id": e.pk, "code": e.code, "name": e.name, "body": e.body.short_name}
            for e in queries.matches(actor, q)
        ],
        "demands": queries.running_alike(actor, q),
    }


@router.get("/demands/{int:pk}", response=DemandWhole, summary="一件需求申请及各部门的答复")
def demand(request: Request, pk: int) -> dict[str, Any]:
    row = queries.demand_for(request.actor, pk)
    line = queries.with_promise(queries.visible_to(request.actor)).get(pk=row.pk)
    answers: list[Answer] = queries.answers_of(row)
    return queries.demand_data(line) | {
        "items": row.items,
        "duty": row.duty.text,
        "matter": row.matter.code if row.matter else "",
        "purpose": row.purpose,
        "scenario": row.scenario,
        "mode": row.mode,
        "frequency": row.frequency,
        "addressed": row.addressed,
        "whole": row.whole_id,
        "parts": [part.pk for part in queries.parts_of(request.actor, row)],
        "again": row.again_id,
        "contact": row.contact,
        "phone": row.phone,
        "version": row.version,
        "printed_hash": row.printed_hash,
        "scanned_hash": row.scanned_hash,
        "archive_number": row.archive_number,
        "answers": answers,
    }


@router.get(
    "/demands/{int:pk}/application",
    response=ApplicationBegun,
    summary="以目录答复之后：可以申请的挂接资源，申请中已可带入的内容",
)
def application(request: Request, pk: int) -> dict[str, Any]:
    actor = request.actor
    row = queries.own_demand(actor, pk)
    mounts = [{"id": key, "mode": mode} for key, mode in queries.ways_to_apply(actor, row)]
    return {"mounts": mounts, "answers": queries.filled_in(row)}


@router.get(
    "/demands/{int:pk}/form.pdf", summary="需求申请表打印件（PDF）", operation_id="demand_pdf"
)
def demand_pdf(request: Request, pk: int) -> HttpResponse:
    row = queries.demand_for(request.actor, pk)
    return HttpResponse(queries.printed_matter(row), content_type="application/pdf")
