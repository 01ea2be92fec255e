"""Legal grounds as filed with the bureau, and their kinds, through the API (A8)."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import QuerySet
from ninja import Field, Router, Schema
from ninja.pagination import paginate

from huitong.catalog import queries
from huitong.catalog.models import GroundKind
from huitong.kernel.requests import Request
from huitong.ui.paging import Drawn

router = Router(tags=["目录"])


class FiledGroundOut(Schema):
    """A ground as filed."""

    id: int
    entry: int = Field(title="目录", validation_alias="version.entry_id")
    code: str | None = Field(title="资源代码", validation_alias="version.entry.code")
    name: str = Field(title="资源名称", validation_alias="version.name")
    body: str = Field(title="提供部门", validation_alias="version.entry.body.short_name")
    kind: str = Field(title="依据类别代码")
    kind_label: str = Field(title="依据类别")
    document: str = Field(title="文件名称")
    article: str = Field(title="条款")
    quotation: str = Field(title="原文")
    filed_at: datetime = Field(title="备案时间")
    standing: str = Field(
        title="状态", description="，".join(map(" ".join, queries.STANDING.items()))
    )


class GroundKindOut(Schema):
    """A kind of ground."""

    code: str
    label: str = Field(title="类别")
    in_force: date = Field(title="生效日期")
    until: date | None = Field(title="最后有效日")
    note: str = Field(title="说明")


@router.get(
    "/catalog/grounds",
    response=list[FiledGroundOut],
    summary="已备案的不予共享依据：大数据管理局看全部，其他部门看本部门的（A8）",
)
@paginate
def filed_grounds(request: Request, kind: str = "", body: int | None = None) -> Drawn:
    rows = queries.filed_grounds(request.actor).order_by("-filed_at", "-pk")
    rows = rows.filter(kind=kind) if kind else rows
    rows = rows.filter(version__entry__body=body) if body else rows
    return Drawn(rows, queries.grounds_in_words)


@router.get("/catalog/ground-kinds", response=list[GroundKindOut], summary="依据类别（A8）")
@paginate
def ground_kinds(request: Request) -> QuerySet[GroundKind]:
    return queries.ground_kinds()
