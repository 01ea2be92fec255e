"""Reads of the API: bodies, people, duties and matters, divisions; and imports by file. Writes
are generated from the verbs."""

from __future__ import annotations

from typing import Any

from ninja import File, Form, Query, Router
from ninja.files import UploadedFile
from pydantic import BaseModel, Field

from huitong.kernel import doing
from huitong.kernel.procedure import NotVisible
from huitong.kernel.requests import Request
from huitong.organizations import queries
from huitong.organizations.models import Body, Matter
from huitong.organizations.rules import REGISTERS, masked_mobile, read_sheet

router = Router(tags=["机构与人员"])
Limit, Offset = Query(50, ge=1, le=200), Query(0, ge=0, le=1_000_000)


class BodyOut(BaseModel):
    id: int
    name: str = Field(title="名称")
    short_name: str = Field(title="简称")
    kind: str = Field(title="类型")
    credit_code: str = Field(title="统一社会信用代码")
    number: int = Field(
        title="部门序号", description="登记时给定，不变，不再用于他处；资源代码用它"
    )
    division_code: str = Field(title="行政区划代码")
    parent: int | None = Field(None, title="上级机构")
    is_bureau: bool
    managing_organ: bool
    valid_from: str
    valid_to: str | None
    has_task_force: bool = Field(title="已登记工作专班")
    successor: int = Field(title="今日接续该机构的机构")


class MatterOut(BaseModel):
    id: int
    code: str = Field(title="事项编码")
    name: str = Field(title="事项名称")
    kind: str
    basis: str
    duty: int
    duty_text: str = Field(title="职责")
    duty_source: str = Field(title="职责的依据")
    duty_confirmed: bool = Field(
        title="职责已由大数据主管部门确认", description="未确认的，不能据以申请有条件共享的数据"
    )
    body: int


class PersonOut(BaseModel):
    id: int
    username: str
    name: str
    mobile: str = Field(title="手机号码（脱敏）")
    active: bool
    posts: list[str] = Field(title="岗位")


class ReportOut(BaseModel):
    table: str = Field(title="登记表")
    added: int
    changed: int
    same: int
    imported: bool
    errors: list[dict[str, Any]] = Field(title="错误：行、列、问题")
    notes: list[str] = Field(default_factory=list, title="读取时未导入或须核对的内容")


class BodyPage(BaseModel):
    items: list[BodyOut]
    count: int


class MatterPage(BaseModel):
    items: list[MatterOut]
    count: int


class PersonPage(BaseModel):
    items: list[PersonOut]
    count: int


def _shown(row: Body) -> BodyOut:
    return BodyOut(
        id=row.pk,
        name=row.name,
        short_name=row.short_name,
        kind=row.kind,
        credit_code=row.credit_code,
        number=row.number,
        division_code=row.division_code,
        parent=row.parent_id,
        is_bureau=row.is_bureau,
        managing_organ=row.managing_organ,
        valid_from=row.valid_from.isoformat(),
        valid_to=row.valid_to.isoformat() if row.valid_to else None,
        has_task_force=hasattr(row, "task_force"),
        successor=queries.successor_of(row.pk) if row.valid_to else row.pk,
    )


@router.get("/bodies", response=BodyPage, summary="机构名录")
def bodies(
    request: Request,
    q: str = "",
    kind: str = "",
    division: str = "",
    limit: int = Limit,
    offset: int = Offset,
) -> BodyPage:
    """Living bodies, by name or credit code, kind and division."""
    rows = (
        queries.search(request.actor, q, kind, division).select_related("task_force").order_by("pk")
    )
    return BodyPage(
        count=rows.count(), items=[_shown(row) for row in rows[offset : offset + limit]]
    )


@router.get("/bodies/{body_id}", response=BodyOut, summary="一个机构")
def body(request: Request, body_id: int) -> BodyOut:
    """One body, ended ones too: ``successor`` says who stands in its place."""
    return _shown(queries.body_for(request.actor, body_id))


@router.get("/matters", response=MatterPage, summary="职责与事项")
def matters(
    request: Request,
    body: int | None = None,
    code: str = "",
    limit: int = Limit,
    offset: int = Offset,
) -> MatterPage:
    """Matters handled today, each with the duty it falls under (A3)."""
    rows = queries.matters_visible_to(request.actor).order_by("code")
    rows = rows.filter(duty__body=body) if body is not None else rows
    rows = rows.filter(code=code) if code else rows
    return MatterPage(
        count=rows.count(), items=[_matter(row) for row in rows[offset : offset + limit]]
    )


def _matter(row: Matter) -> MatterOut:
    return MatterOut(
        id=row.pk,
        code=row.code,
        name=row.name,
        kind=row.kind,
        basis=row.basis,
        duty=row.duty_id,
        duty_text=row.duty.text,
        duty_source=row.duty.source,
        duty_confirmed=row.duty.is_confirmed,
        body=row.duty.body_id,
    )


@router.get("/people", response=PersonPage, summary="人员（按可见范围）")
def people(request: Request, limit: int = Limit, offset: int = Offset) -> PersonPage:
    """The people this actor may see, telephone numbers masked."""
    rows = queries.people_visible_to(request.actor).order_by("pk")
    shown = list(rows[offset : offset + limit])
    posts = queries.posts_by_person([p.pk for p in shown])
    return PersonPage(
        count=rows.count(),
        items=[
            PersonOut(
                id=p.pk,
                username=p.username,
                name=p.name,
                mobile=masked_mobile(p.mobile),
                active=p.is_active,
                posts=posts.get(p.pk, []),
            )
            for p in shown
        ],
    )


@router.post("/imports/{table}", response=ReportOut, summary="导入登记表文件（可只检查）")
def import_file(
    request: Request,
    table: str,
    file: UploadedFile = File(...),
    dry_run: bool = Form(False),
    year: int | None = Form(None),
    source: str = Form(""),
) -> ReportOut:
    """CSV or Excel. With errors nothing is written, and each is told by row and column;
    ``dry_run`` writes nothing either."""
    if table not in REGISTERS:
        raise NotVisible("该登记表")
    actor = request.actor
    # before the file is looked at: checking it says what is registered
    doing.VERBS[f"organizations.import_{table}"].seats_of(actor)
    sheet = read_sheet(table, file.read())
    report = queries.check_import(table, sheet, actor)
    imported = not report.errors and not dry_run
    if imported:
        more: dict[str, Any] = {"source": source} if table in ("calendar", "duties") else {}
        more |= {"year": year} if table == "calendar" else {}
        doing.perform(actor, f"organizations.import_{table}", {"sheet": sheet, **more})
    return ReportOut(
        table=table,
        added=report.added,
        changed=report.changed,
        same=report.same,
        imported=imported,
        notes=report.notes,
        errors=[{"row": e.row, "column": e.column, "message": e.message} for e in report.errors],
    )
