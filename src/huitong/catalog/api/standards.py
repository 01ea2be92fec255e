"""Data standards and code lists through the API: reads (A9)."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import QuerySet
from django.http import FileResponse
from ninja import Field, Router, Schema
from ninja.pagination import paginate

from huitong.catalog import queries
from huitong.catalog.models import Code, CodeList, CodeListVersion, Standard
from huitong.kernel.requests import Request
from huitong.work.forms import handed_out

router = Router(tags=["目录"])


class StandardOut(Schema):
    id: int
    number: str = Field(title="标准编号", description="信息项以它引用标准")
    name: str
    kind: str = Field(description="national 国家，industry 行业，local 地方，department 部门")
    issuer: str
    in_force: date
    until: date | None
    body: int | None = Field(
        title="登记部门", description="平台预置的为空", validation_alias="body_id"
    )
    filed_at: datetime = Field(title="备案时间")
    filed_by: str
    has_text: bool = Field(title="是否有标准文本", description="下载：/catalog/standards/{id}/text")

    @staticmethod
    def resolve_has_text(row: Standard) -> bool:
        return row.file_id is not None


class CodeListOut(Schema):
    id: int
    name: str
    standard: str | None = Field(title="依据的标准", validation_alias="standard_number")
    newest: str | None = Field(title="现行版本", description="信息项以它引用数据字典")
    version: int | None = Field(validation_alias="version_number")
    size: int | None = Field(title="代码数")
    in_force: date | None = Field(validation_alias="version_in_force")
    until: date | None
    body: int | None = Field(
        title="登记部门", description="平台预置的为空", validation_alias="body_id"
    )
    filed_at: datetime = Field(title="备案时间")
    filed_by: str


class CodeListVersionOut(Schema):
    id: int
    number: int
    title: str
    in_force: date
    size: int
    filed_at: datetime
    filed_by: str


class CodeOut(Schema):
    code: str
    label: str


@router.get("/catalog/standards", response=list[StandardOut], summary="备案的数据标准（A9）")
@paginate
def standards(request: Request) -> QuerySet[Standard]:
    return queries.standards(request.actor).order_by("number")


@router.get("/catalog/standards/{int:pk}/text", summary="标准文本（原件）")
def standard_text(request: Request, pk: int) -> FileResponse:
    return handed_out(queries.text_of_standard(request.actor, pk))


@router.get("/catalog/code-lists", response=list[CodeListOut], summary="备案的数据字典（A9）")
@paginate
def code_lists(request: Request) -> QuerySet[CodeList]:
    return queries.code_lists(request.actor).order_by("name", "pk")


@router.get(
    "/catalog/code-lists/{int:pk}/versions",
    response=list[CodeListVersionOut],
    summary="数据字典的各版本",
)
@paginate
def code_list_versions(request: Request, pk: int) -> QuerySet[CodeListVersion]:
    return queries.code_list_for(request.actor, pk).versions.order_by("-number")


@router.get(
    "/catalog/code-lists/versions/{int:pk}/codes",
    response=list[CodeOut],
    summary="一个版本的代码和含义",
)
@paginate
def codes(request: Request, pk: int) -> QuerySet[Code]:
    return queries.codes_of_version(queries.code_list_version(request.actor, pk))
