"""The catalog as a workbook, and sets of changes, through the API (A7, A12). What is done with a
set are verbs: ``/api/do/catalog.apply_changes``, ``/api/do/catalog.submit_changes`` …"""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Field, File, Form, Query, Router, Schema
from ninja.files import UploadedFile
from ninja.pagination import paginate

from huitong.catalog import actions, queries
from huitong.catalog.forms import sheets
from huitong.catalog.models import ChangeSet, EntryChange
from huitong.catalog.queries import entering
from huitong.catalog.rules.sheets import SheetFile
from huitong.kernel.requests import Request
from huitong.ui.lists.files import XLSX

router = Router(tags=["目录"])


class FaultOut(Schema):
    """What is wrong, or was put right, at a cell of the file."""

    sheet: str = Field(title="工作表")
    cell: str = Field(title="单元格")
    heading: str = Field(title="列")
    message: str = Field(title="问题和改法")
    grave: bool = Field(title="是否须改正才能写入")


class ChangeSetRow(Schema):
    """A set of changes in a list."""

    id: int
    name: str = Field(title="文件")
    body: str = Field(title="部门", validation_alias="body.short_name")
    entered_by: str = Field(title="代录部门", description="空为部门自己导入")
    state: str = Field(
        title="状态",
        description="queued 排队，reading 检查中，faulty 有错误，ready 待确认，applied 已写入，"
        "undone 已撤销，given_up 已放弃，refused 涉密已拒绝，unreadable 无法读取",
    )
    new: int = Field(title="新增")
    changed: int = Field(title="修改")
    conflicts: int = Field(title="冲突")
    same: int = Field(title="未变")
    grave: int = Field(title="错误数")
    total: int = Field(title="目录数")
    done: int = Field(title="已检查")
    error: str = Field(title="文件为何用不了")
    asked_at: datetime = Field(title="上传时间")


class ChangeSetOut(ChangeSetRow):
    """A set of changes with what is to be said of its file."""

    faults: list[FaultOut] = Field(title="问题")
    mended: list[FaultOut] = Field(title="已自动更正")
    notes: list[str] = Field(title="说明")


class EntryChangeOut(Schema):
    """What a set does to an entry."""

    row: int = Field(title="行")
    name: str = Field(title="资源名称")
    what: str = Field(title="处理", description="new 新增，changed 修改，conflict 冲突")
    entry: int | None = Field(title="目录", validation_alias="entry_id")
    case: int | None = Field(title="事项", validation_alias="case_id")
    lines: list[list[str]] = Field(title="修改内容", description="[要素, 原来, 改为]")
    open: int = Field(title="提交前须补充")
    code: str = Field(title="旧目录代码")


Department = Query(None, title="部门", description="大数据管理局为其他部门代录时填；不填即本部门")


@router.get("/catalog/workbook/template", summary="目录表格的空白模板（xlsx）")
def template(request: Request, body: int | None = Department) -> HttpResponse:
    own = entering.provider_for(request.actor, body)
    lookup = sheets.Lookup(*queries.names_for_workbook(request.actor, own))
    return HttpResponse(sheets.template(lookup), content_type=XLSX)


@router.get("/catalog/workbook", summary="导出本部门目录，修改后可再导入（xlsx）")
def export(request: Request, body: int | None = Department) -> HttpResponse:
    own = entering.provider_for(request.actor, body)
    lookup = sheets.Lookup(*queries.names_for_workbook(request.actor, own))
    content = sheets.export(queries.stored_entries(request.actor, body=own), lookup)
    return HttpResponse(content, content_type=XLSX)


@router.post(
    "/catalog/change-sets", response=ChangeSetOut, summary="上传目录表格，后台检查，不写入"
)
def hand_in(
    request: Request,
    file: UploadedFile = File(...),
    body: int | None = Form(None, title="部门", description="大数据管理局为其他部门代录时填"),
    reasons: str = Form("", title="代录原因"),
    by_request: str = Form("", alias="request", title="部门的请求"),
) -> ChangeSet:
    own = actions.hand_in_workbook(
        request.actor,
        name=(file.name or "")[-200:],
        file=SheetFile(file.read()),
        body=body,
        reasons=reasons,
        request=by_request,
    )
    return queries.change_sets(request.actor).get(pk=own.pk)


@router.get("/catalog/change-sets", response=list[ChangeSetRow], summary="变更集")
@paginate
def change_sets(request: Request) -> QuerySet[ChangeSet]:
    return queries.change_sets(request.actor).select_related("body").order_by("-pk")


@router.get("/catalog/change-sets/{int:pk}", response=ChangeSetOut, summary="一个变更集：检查结果")
def change_set(request: Request, pk: int) -> ChangeSet:
    queries.change_set_for(request.actor, pk)
    own = queries.change_sets(request.actor).select_related("body").get(pk=pk)
    if not queries.sheets.handles(request.actor, own):  # its file is the affair of those who do
        own.faults, own.mended, own.notes = [], [], []
    return own


@router.get(
    "/catalog/change-sets/{int:pk}/changes",
    response=list[EntryChangeOut],
    summary="变更集中各条目录的修改前后对照",
)
@paginate
def changes(request: Request, pk: int) -> QuerySet[EntryChange]:
    own = queries.change_set_for(request.actor, pk)
    return queries.changes_of(request.actor, own).order_by("row", "pk")


@router.get("/catalog/change-sets/{int:pk}/faults", summary="标出问题的文件（xlsx）")
def faults(request: Request, pk: int) -> HttpResponse:
    _, content = queries.annotated_copy(request.actor, pk)
    return HttpResponse(content, content_type=XLSX)
