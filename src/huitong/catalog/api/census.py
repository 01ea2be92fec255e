"""The yearly census through the API: censuses, how far each body is, its entries, the report (A11).
Writes are the verbs of ``census`` and ``census_part``."""

from __future__ import annotations

from datetime import date
from typing import Any

from ninja import Field, Router, Schema
from ninja.pagination import paginate

from huitong.catalog import queries
from huitong.catalog.models import Census
from huitong.kernel.case import Case
from huitong.kernel.procedure import NotVisible
from huitong.kernel.requests import Request
from huitong.kernel.workdays import today
from huitong.ui.paging import Drawn

router = Router(tags=["目录"])


class CensusOut(Schema):
    """A year's census, and how many of its parts the caller may see."""

    case: int = Field(title="事项")
    year: int = Field(title="年度")
    begins_on: date = Field(title="开始日期")
    ends_on: date = Field(title="截止日期")
    instructions: str = Field(title="普查要求")
    state: str = Field(title="状态")
    bodies: int = Field(title="部门")
    over: int = Field(title="已完成的部门")


class ProgressOut(Schema):
    """How far a body is."""

    part: int = Field(title="部门的事项")
    body_id: int
    state: str = Field(title="状态")
    due_on: date | None = Field(title="到期日")
    entries: int = Field(title="目录")
    answered: int = Field(title="已核对")
    percent: int | None = Field(title="完成百分比", description="没有目录的部门为空")
    unchanged: int = Field(title="无变化")
    change: int = Field(title="需更新")
    retire: int = Field(title="拟撤销发布")
    missing: int = Field(title="应编未编")
    new: int = Field(title="期间新发布")


class CensusEntryOut(Schema):
    """An entry of a part, and what was said of it."""

    id: int
    code: str = Field(title="资源代码")
    name: str = Field(title="资源名称")
    outcome: str = Field(title="核对结果", description="空：未核对")
    reasons: str = Field(title="理由")
    remark: str = Field(title="大数据管理局的意见")


class CensusReportOut(Schema):
    """The report a census ended with; the digest of its content stands in the ledger too."""

    content: dict[str, Any] = Field(title="内容")
    sha256: str = Field(title="内容摘要")


@router.get("/catalog/census", response=list[CensusOut], summary="目录普查（A11）")
@paginate
def censuses(request: Request) -> Drawn:
    actor = request.actor

    def drawn(page: list[Census]) -> list[dict[str, Any]]:
        counted = queries.counts_of_parts(actor, page)
        return [
            {
                "case": row.case_id,
                "year": row.year,
                "begins_on": row.begins_on,
                "ends_on": row.ends_on,
                "instructions": row.instructions,
                "state": row.case.state,
                "bodies": counted.get(row.case_id, (0, 0))[0],
                "over": counted.get(row.case_id, (0, 0))[1],
            }
            for row in page
        ]

    return Drawn(queries.censuses_visible_to(actor).order_by("-year", "-pk"), drawn)


@router.get(
    "/catalog/census/{int:case}/progress", response=list[ProgressOut], summary="各部门的普查进度"
)
@paginate
def progress(request: Request, case: int, late: bool = False) -> Drawn:
    """部门看到本部门的，大数据管理局看到全部。"""
    about = queries.census_for(request.actor, case)
    rows = queries.parts_of_census(request.actor, about)
    rows = queries.late_parts(rows, today()) if late else rows

    def drawn(page: list[Case]) -> list[dict[str, Any]]:
        by_part = queries.progress_by_part(about, page)
        return [
            {
                "part": part.pk,
                "body_id": part.body_of("provider"),
                "state": part.state,
                "due_on": part.due_on,
                "entries": numbers.entries,
                "answered": numbers.answered,
                "percent": numbers.percent,
                **numbers.outcomes,
                "missing": numbers.missing,
                "new": numbers.new,
            }
            for part in page
            for numbers in [by_part[part.pk]]
        ]

    return Drawn(rows.order_by("pk"), drawn)


@router.get(
    "/catalog/census/parts/{int:case}/entries",
    response=list[CensusEntryOut],
    summary="一个部门须核对的目录及核对结果",
)
@paginate
def entries(request: Request, case: int, unanswered: bool = False) -> Drawn:
    part = queries.census_part_for(request.actor, case)
    rows = queries.entries_of_part(part)
    rows = rows.filter(queries.UNANSWERED) if unanswered else rows

    def drawn(page: list[Any]) -> list[dict[str, Any]]:
        return [
            {
                "id": entry.pk,
                "code": entry.code,
                "name": entry.name,
                "outcome": entry.outcome or "",
                "reasons": entry.why or "",
                "remark": entry.remark_on or "",
            }
            for entry in page
        ]

    return Drawn(rows.order_by("pk"), drawn)


@router.get("/catalog/census/{int:case}/report", response=CensusReportOut, summary="普查报告")
def report(request: Request, case: int) -> Any:
    if (row := queries.census_report(queries.census_for(request.actor, case))) is None:
        raise NotVisible("普查报告")
    return row
