"""Reads of the API: bodies, people, duties and matters, divisions; and imports by file. Writes
are generated from the verbs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from ninja import Field, File, Form, Query, Router, Schema
from ninja.files import UploadedFile
from ninja.pagination import paginate

from huitong.kernel import doing
from huitong.kernel.procedure import NotVisible
from huitong.kernel.requests import Request
from huitong.organizations import queries
from huitong.organizations.models import Body, Matter, Person
from huitong.organizations.rules import REGISTERS, BodyKind, RowError, masked_mobile, read_sheet
from huitong.ui.paging import Drawn

router = Router(tags=["机构与人员"])


class BodyOut(Schema):
    id: int
    name: str = Field(title="名称")
    short_name: str = Field(title="简称")
    kind: str = Field(title="类型")
    credit_code: str = Field(title="统一社会信用代码")
    number: int = Field(
        title="部门序号", description="登记时给定，不变，不再用于他处；资源代码用它"
    )
    division_code: str = Field(title="行政区划代码")
    parent: int | None = Field(title="上级机构", validation_alias="parent_id")
    is_bureau: bool
    managing_organ: bool
    valid_from: date
    valid_to: date | None
    has_task_force: bool = Field(title="已登记工作专班")
    successor: int = Field(title="今日接续该机构的机构")

    @staticmethod
    def resolve_has_task_force(row: Body) -> bool:
        return hasattr(row, "task_force")

    @staticmethod
    def resolve_successor(row: Body) -> int:
        return queries.successor_of(row.pk) if row.valid_to else row.pk


class MatterOut(Schema):
    id: int
    code: str = Field(title="事项编码")
    name: str = Field(title="事项名称")
    kind: str
    basis: str
    duty: int = Field(validation_alias="duty_id")
    duty_text: str = Field(title="职责", validation_alias="duty.text")
    duty_source: str = Field(title="职责的依据", validation_alias="duty.source")
    duty_confirmed: bool = Field(
        title="职责已由大数据主管部门确认",
        description="未确认的，不能据以申请有条件共享的数据",
        validation_alias="duty.is_confirmed",
    )
    body: int = Field(validation_alias="duty.body_id")


class PersonOut(Schema):
    id: int
    username: str
    name: str
    mobile: str = Field(title="手机号码（脱敏）")
    active: bool
    posts: list[str] = Field(title="岗位")


class ReportOut(Schema):
    table: str = Field(title="登记表")
    added: int
    changed: int
    same: int
    imported: bool
    errors: list[RowError] = Field(title="错误：行、列、问题")
    notes: list[str] = Field(default_factory=list, title="读取时未导入或须核对的内容")


@router.get("/bodies", response=list[BodyOut], summary="机构名录")
@paginate
def bodies(
    request: Request,
    q: str = "",
    kind: str = Query("", pattern=BodyKind.pattern()),
    division: str = "",
) -> QuerySet[Body]:
    """Living bodies, by name or credit code, kind and division."""
    rows = queries.search(request.actor, q, kind, division)
    return rows.select_related("task_force").order_by("pk")


@router.get("/bodies/{body_id}", response=BodyOut, summary="一个机构")
def body(request: Request, body_id: int) -> Body:
    """One body, ended ones too: ``successor`` says who stands in its place."""
    return queries.body_for(request.actor, body_id)


@router.get("/matters", response=list[MatterOut], summary="职责与事项")
@paginate
def matters(request: Request, body: int | None = None, code: str = "") -> QuerySet[Matter]:
    """Matters handled today, each with the duty it falls under (A3)."""
    rows = queries.matters_visible_to(request.actor).order_by("code")
    rows = rows.filter(duty__body=body) if body is not None else rows
    return rows.filter(code=code) if code else rows


def _with_posts(people: Sequence[Person]) -> list[PersonOut]:
    posts = queries.posts_by_person([person.pk for person in people])
    return [
        PersonOut(
            id=person.pk,
            username=person.username,
            name=person.name,
            mobile=masked_mobile(person.mobile),
            active=person.is_active,
            posts=posts.get(person.pk, []),
        )
        for person in people
    ]


@router.get("/people", response=list[PersonOut], summary="人员（按可见范围）")
@paginate
def people(request: Request) -> Drawn:
    """The people this actor may see, telephone numbers masked."""
    return Drawn(queries.people_visible_to(request.actor).order_by("pk"), _with_posts)


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
        errors=report.errors,
    )
