"""Tables of grants an older platform gave, to read and to have checked (A19); what is done with one
are verbs: ``/api/do/intake.prepare``, ``/api/cases/intake/{id}/confirm`` …"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Field, File, Router, Schema
from ninja import Form as FormField
from ninja.files import UploadedFile
from ninja.pagination import paginate

from huitong.access import queries
from huitong.access.forms.intake import template
from huitong.access.rules.intake import GRANTS
from huitong.kernel import doing
from huitong.kernel.requests import Request
from huitong.organizations.rules import sheet_of
from huitong.ui.lists.files import XLSX

router = Router(tags=["申请授权"])


class IntakeOut(Schema):
    """A table of older grants, brought in or to be."""

    id: int
    case: int = Field(validation_alias="case_id")
    number: str | None = Field(validation_alias="case.number")
    state: str = Field(
        validation_alias="case.state",
        description="prepared 待确认，confirmed 已补录，turned_down 未予确认，dropped 已放弃",
    )
    source: str = Field(title="来源")
    rows: int = Field(title="项数", validation_alias="number_of_rows")
    prepared_by: str = Field(title="整理")
    confirmed_by: str = Field(title="确认")
    confirmed_at: datetime | None = Field(title="确认时间")


class IntakeRowOut(Schema):
    """A row of it."""

    row: int = Field(title="行")
    number: str = Field(title="原编号")
    given: dict[str, str] = Field(title="表中内容", description="按列名")
    grant: int | None = Field(title="授权", validation_alias="grant_id")
    state: str = Field(title="授权的状态", description="确认前为空")

    @staticmethod
    def resolve_state(row: Any) -> str:
        return row.grant.case.state if row.grant is not None else ""


class IntakeFaultOut(Schema):
    """What is wrong in a cell."""

    row: int = Field(title="行")
    column: str = Field(title="列")
    message: str = Field(title="问题和改法")


class IntakeBeforeOut(Schema):
    """A row whose number was brought in before from the same source."""

    row: int = Field(title="行")
    number: str = Field(title="原编号")


class IntakeCheckOut(Schema):
    """What a table comes to; nothing is written."""

    right: int = Field(title="可以补录的行数")
    before: list[IntakeBeforeOut] = Field(title="以前补录过的各行", description="不会再次补录")
    faults: list[IntakeFaultOut] = Field(title="错误")
    notes: list[str] = Field(title="读取时的说明")
    rows: list[dict[str, str]] = Field(
        title="可以补录的各行", description="按模板的列名；可作 intake.prepare 的 sheet"
    )


@router.get("/intakes", response=list[IntakeOut], summary="授权补录；大数据管理局")
@paginate
def intakes(request: Request) -> QuerySet[Any]:
    return queries.intakes_counted(request.actor)


@router.get("/intakes/template", summary="授权补录表的空白模板（xlsx）")
def intake_template(request: Request) -> HttpResponse:
    return HttpResponse(template(), content_type=XLSX)


@router.post(
    "/intakes/check", response=IntakeCheckOut, summary="检查补录表，不写入；大数据管理局经办人"
)
def check_intake(
    request: Request,
    file: UploadedFile = File(...),
    source: str = FormField(..., title="来源", min_length=2, max_length=60),
    papers: list[int] = FormField([], title="纸质授权扫描件", description="附件编号"),
) -> dict[str, Any]:
    queries.check_may_prepare_intake(request.actor)
    sheet = sheet_of(GRANTS, file.read())
    doing.VERBS["intake.prepare"].validate({"source": source, "sheet": sheet, "papers": papers})
    check, cells = queries.check_intake(request.actor, source, sheet, papers), dict(sheet)
    return {
        "right": len(check.grants),
        "before": [{"row": row, "number": number} for row, number in check.before],
        "faults": [vars(error) for error in check.report.errors],
        "notes": check.report.notes,
        # a cell that could not be read is empty here, and an empty one may say "everything"
        "rows": [GRANTS.under_headings(cells[old.row]) for old in check.grants],
    }


@router.get("/intakes/{int:pk}/rows", response=list[IntakeRowOut], summary="补录表的各行")
@paginate
def intake_rows(request: Request, pk: int) -> QuerySet[Any]:
    return queries.intake_rows(queries.intake_for(request.actor, pk))
