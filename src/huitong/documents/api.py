"""Standing documents through the API: reads. Writes are the verbs: ``/api/do/city_document.draft``,
``/api/cases/body_document/{case}/publish`` …"""

# annotations are evaluated: Ninja reads those of a paginated read among names of its own
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.http import FileResponse
from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from huitong.documents import queries
from huitong.documents.models import DocumentVersion
from huitong.documents.rules import KINDS, Standing, article
from huitong.kernel.laws import full_words
from huitong.kernel.procedure import NotVisible
from huitong.kernel.requests import Request
from huitong.kernel.workdays import today
from huitong.ui.paging import Drawn
from huitong.work.forms import handed_out

router = Router(tags=["制度文件"])


class DocumentRow(Schema):
    """A document in a list, as the version says that stands for its reader."""

    id: int
    title: str = Field(title="标题")
    document_number: str = Field(title="文号")
    kind: str = Field(title="类别", description="取值见 /documents/kinds")
    body: str = Field(title="发布单位")
    body_id: int
    articles: list[str] = Field(title="有关条款", description="如 A12：实施细则第十二条")
    audience: str = Field(title="发布范围")
    in_force: date = Field(title="施行日期")
    until: date | None = Field(title="失效日期")
    standing: str = Field(
        title="状态",
        description="pending 尚未施行，in_force 现行有效，expired 已过有效期，replaced 已被替代，"
        "repealed 已废止",
    )
    version: int
    published_at: datetime


class DocumentVersionOut(Schema):
    id: int
    number: int
    title: str
    document_number: str
    in_force: date
    until: date | None
    published_at: datetime
    published_by: str
    sha256: str
    wording: str = Field(title="正文")
    file: str = Field(title="文件名", description="没有文件时为空")

    @staticmethod
    def resolve_file(version: DocumentVersion) -> str:
        return version.file.name if version.file is not None else ""


class DocumentWhole(DocumentRow):
    """A document with what it says, its end if it has one, and its versions."""

    wording: str = Field(title="正文")
    file: str = Field(title="文件名", description="没有文件时为空")
    case: int = Field(title="事项", description="写操作使用 /api/cases/{kind}/{case}/…")
    ended_from: date | None = Field(title="自该日起不再有效")
    ended_why: str
    successor: int | None = Field(title="替代它的文件")


class KindOut(Schema):
    code: str
    label: str
    article: str
    issuer: str


class DepartmentOut(Schema):
    """A department, and its management rules in force."""

    body: int
    name: str
    rules: int | None = Field(title="现行管理办法", description="没有时为空（A12）")


class ArticleOut(Schema):
    short: str
    words: str
    chapter: str
    paragraphs: list[str] = Field(title="条文", description="平台没有收录条文的为空")
    documents: list[DocumentRow] = Field(title="引用该条的现行文件")


def _row(version: DocumentVersion, standing: Standing) -> dict[str, Any]:
    document = version.document
    return {
        "id": document.pk,
        "title": version.title,
        "document_number": version.document_number,
        "kind": document.kind,
        "body": document.body.short_name,
        "body_id": document.body_id,
        "articles": version.articles,
        "audience": version.audience,
        "in_force": version.in_force,
        "until": version.until,
        "standing": standing,
        "version": version.number,
        "published_at": version.published_at,
    }


def _rows(versions: Sequence[DocumentVersion], on: date | None = None) -> list[dict[str, Any]]:
    standings = queries.standings(versions, on)
    return [_row(version, standings[version.pk]) for version in versions]


@router.get("/documents", response=list[DocumentRow], summary="检索制度文件（A4、A12、A35）")
@paginate
def documents(
    request: Request,
    q: str = "",
    kind: str = Query("", pattern=f"^({'|'.join(KINDS)})?$"),
    body: int | None = None,
    article: str = "",
    on: date | None = None,
) -> Drawn:
    """``on`` 只列该日有效的文件；不填列出全部已发布的文件。"""
    rows = queries.search(request.actor, q, kind, body, article, on)
    return Drawn(rows, lambda page: _rows(page, on))


@router.get("/documents/kinds", response=list[KindOut], summary="制度文件的类别")
@paginate
def kinds(request: Request) -> list[Any]:
    return list(KINDS.values())


@router.get(
    "/documents/departments",
    response=list[DepartmentOut],
    summary="各部门是否有现行管理办法（A12）；其他部门只列本部门",
)
@paginate
def departments(request: Request) -> Drawn:
    rows = queries.departments_with_rules(request.actor)
    return Drawn(
        rows, lambda page: [{"body": b.pk, "name": b.name, "rules": b.rules} for b in page]
    )


@router.get("/documents/{int:pk}", response=DocumentWhole, summary="制度文件全文")
def document(request: Request, pk: int) -> dict[str, Any]:
    row = queries.document_for(request.actor, pk)
    version = queries.version_held_of(queries.versions_of(request.actor, row), today())
    return _rows([version])[0] | {
        "wording": version.wording,
        "file": version.file.name if version.file is not None else "",
        "case": version.case_id,
        "ended_from": row.ended_from,
        "ended_why": row.ended_why,
        "successor": row.successor_id,
    }


@router.get(
    "/documents/{int:pk}/versions", response=list[DocumentVersionOut], summary="已发布的版本"
)
@paginate
def versions(request: Request, pk: int) -> list[DocumentVersion]:
    return queries.versions_of(request.actor, queries.document_for(request.actor, pk))


@router.get(
    "/documents/{int:pk}/versions/{int:version}/file",
    summary="下载文件",
    operation_id="document_file",
)
def file(request: Request, pk: int, version: int) -> FileResponse:
    attachment = queries.version_for(request.actor, pk, version).file
    if attachment is None:
        raise NotVisible("该文件的附件")
    return handed_out(attachment)


@router.get("/articles/{short}", response=ArticleOut, summary="条文及引用它的现行文件（A35）")
def article_whole(request: Request, short: str) -> dict[str, Any]:
    try:
        row = article(short)
    except ValueError:
        raise NotVisible("该条款") from None
    return {
        "short": row.short,
        "words": full_words(row.short),
        "chapter": row.chapter,
        "paragraphs": row.paragraphs,
        "documents": _rows(list(queries.on_article(request.actor, row.short))),
    }
