"""Handing in files and reading notices through the API; everything else about cases is
generated."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.http import FileResponse
from ninja import Field, File, Path, Query, Router, Schema
from ninja.files import UploadedFile
from ninja.pagination import paginate

from huitong.kernel.grounds import DecisionGround
from huitong.kernel.requests import Request
from huitong.work import actions, queries
from huitong.work.forms import handed_out
from huitong.work.models import Attachment, Comment, Notice

router = Router(tags=["work"])


class AttachmentOut(Schema):
    """A file taken in; its key is what steps take as an attachment."""

    id: int
    name: str
    size: int = Field(title="字节数")
    sha256: str
    media_type: str
    pages: int | None = Field(None, title="页数")


class NoticeOut(Schema):
    """Something the caller was told."""

    id: int
    kind: str
    title: str
    text: str
    url: str
    at: datetime
    read: bool

    @staticmethod
    def resolve_read(row: Notice) -> bool:
        return row.read_at is not None


class CommentOut(Schema):
    """A word of one party of a case to the others; withdrawn it is kept, marked so."""

    id: int
    body: int = Field(title="发言部门")
    text: str
    at: datetime
    to: list[int] = Field(title="请谁答复")
    answers: int | None = Field(None, title="所答复的留言", validation_alias="answers_id")
    withdrawn: bool = Field(title="已撤回")

    @staticmethod
    def resolve_withdrawn(row: Comment) -> bool:
        return row.withdrawn_at is not None


class GroundOut(Schema):
    """A ground a decision may rest on."""

    code: str = Field(title="用作 ground 的值")
    label: str
    article: str
    names: str = Field(
        title="cites 须写明什么",
        description="field 所涉栏目或信息项，article 所依据的条款，空为不需要",
    )


@router.get(
    "/grounds/{verb}",
    response=list[GroundOut],
    summary="某项操作可用的理由类别",
    operation_id="grounds",
)
def grounds(
    request: Request,
    verb: str,
    case: int | None = Query(None, title="事项", description="按该事项适用的规则；不填按现行规则"),
) -> list[DecisionGround]:
    about = queries.case_for(request.actor, case) if case is not None else None
    return queries.grounds_of(verb, about)


@router.post(
    "/attachments",
    response=AttachmentOut,
    summary="上传附件（内容检查后保存）",
    operation_id="attachment_upload",
)
def upload(request: Request, file: UploadedFile = File(...)) -> Attachment:
    return actions.attach(request.actor, upload=file)


@router.get("/attachments/{attachment_id}", summary="下载附件", operation_id="attachment_download")
def download(request: Request, attachment_id: int) -> FileResponse:
    return handed_out(queries.attachment_for(request.actor, attachment_id))


@router.get(
    "/cases/{case_id}/comments",
    response=list[CommentOut],
    summary="事项各方的留言和询问",
    operation_id="case_comments",
)
@paginate
def comments(
    request: Request, case_id: int = Path(..., title="事项", description="事项的编号（id）")
) -> QuerySet[Comment]:
    case = queries.case_for(request.actor, case_id)
    return queries.comments_of(request.actor, case)


@router.get("/notices", response=list[NoticeOut], summary="我的消息", operation_id="notices")
@paginate
def notices(request: Request, unread: bool = False) -> QuerySet[Notice]:
    return queries.unread_of(request.actor) if unread else queries.notices_of(request.actor)
