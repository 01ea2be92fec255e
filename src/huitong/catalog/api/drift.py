"""What changed in the tables of entries, through the API; it is settled by
``/api/do/catalog.adopt_drifts`` and ``/api/do/catalog.dismiss_drifts`` (A7, A11)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from huitong.catalog import queries
from huitong.catalog.models import Drift
from huitong.catalog.rules.drift import DriftState
from huitong.kernel.requests import Request

router = Router(tags=["目录"])


class DriftOut(Schema):
    """One thing that changed in the table an entry comes from."""

    id: int
    entry: int = Field(title="目录", validation_alias="entry_id")
    name: str = Field(title="资源名称", validation_alias="entry.name")
    table: str = Field(title="来源表", validation_alias="entry.source_table")
    kind: str = Field(title="变化代码")
    label: str = Field(title="变化", validation_alias="kind_label")
    column: str = Field(title="列", description="空为整张表")
    before: str = Field(title="原来")
    after: str = Field(title="现在")
    breaks: bool = Field(title="影响已发布的目录")
    state: str = Field(title="状态", description="open、adopted、dismissed、passed")
    noticed_at: datetime = Field(title="发现时间")
    settled_at: datetime | None = Field(title="处理时间")


@router.get(
    "/catalog/drifts", response=list[DriftOut], summary="来源表的变化，限本部门的目录（A11）"
)
@paginate
def drifts(
    request: Request,
    state: str = Query(
        "", pattern=DriftState.pattern(), description="open、adopted、dismissed、passed"
    ),
    entry: int | None = None,
) -> QuerySet[Drift, Any]:
    rows = queries.drifts_visible_to(request.actor)
    rows = rows.filter(state=state) if state else rows
    return rows.filter(entry=entry) if entry else rows
