"""Searching the catalog, and one's own entries, through the API (A20)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Query, Router
from ninja.pagination import paginate
from pydantic import BaseModel, Field

from huitong.catalog import queries
from huitong.catalog.models import Version
from huitong.catalog.queries import Filters
from huitong.catalog.queries.facets import Facet
from huitong.catalog.rules import EntryState
from huitong.kernel.requests import Request
from huitong.ui.paging import Drawn

router = Router(tags=["目录"])


class EntryRow(BaseModel):
    """An entry in a list, as one of its versions says."""

    id: int
    code: str | None = Field(title="资源代码")
    name: str = Field(title="资源名称")
    body: str = Field(title="提供部门")
    body_id: int
    provider_code: str = Field(title="提供方代码")
    summary: str
    category: str
    themes: list[str]
    industry: str
    share_class: str = Field(title="共享类型", description="1 无条件，2 有条件，3 不予")
    share_modes: list[str] = Field(title="共享方式")
    data_cycle: str
    state: str = Field(title="状态")
    case: int = Field(title="事项", description="写操作使用 /api/cases/entry/{case}/…")
    version: int
    published_at: datetime | None


#: what of a row is a field of the version alike
ALIKE = (
    "name",
    "summary",
    "category",
    "themes",
    "industry",
    "share_class",
    "share_modes",
    "data_cycle",
    "published_at",
)


def _row(version: Version) -> dict[str, Any]:
    """Plain values: a page has twenty rows of sixteen, and a schema of ninja's asks for each."""
    entry = version.entry
    return {name: getattr(version, name) for name in ALIKE} | {
        "id": entry.pk,
        "code": entry.code,
        "body": entry.body.short_name,
        "body_id": entry.body_id,
        "provider_code": entry.body.credit_code,
        "state": version.case.state,
        "case": version.case_id,
        "version": version.number or 0,
    }


class FacetValueOut(BaseModel):
    value: str
    label: str
    count: int


class FacetOut(BaseModel):
    name: str
    label: str
    values: list[FacetValueOut]


def _facet(facet: Facet) -> dict[str, Any]:
    """Plain values here, too: a page has a hundred of them."""
    return {
        "name": facet.name,
        "label": facet.label,
        "values": [
            {"value": each.value, "label": each.label, "count": each.count} for each in facet.values
        ],
    }


class FoundRow(EntryRow):
    """An entry that was found."""

    grants: int = Field(title="有效授权数")


class EntryPage(BaseModel):
    items: list[FoundRow]
    count: int
    facets: list[FacetOut] = Field(
        default_factory=list, title="分面", description="只统计调用者有权查看的目录"
    )
    next: str = Field("", title="下一页", description="作为 after 送回；为空即到末页")


@router.get(
    "/catalog/entries",
    response=EntryPage,
    summary="检索已发布的目录（A20）",
    operation_id="huitong_catalog_api_entries",
)
def entries(
    request: Request,
    q: str = "",
    body: list[str] = Query([]),
    theme: list[str] = Query([]),
    industry: list[str] = Query([]),
    share_class: list[str] = Query([]),
    share_mode: list[str] = Query([]),
    format: list[str] = Query([]),
    origin: list[str] = Query([]),
    open_class: list[str] = Query([]),
    category: list[str] = Query([]),
    cycle: list[str] = Query([]),
    usage: list[str] = Query([]),
    shape: list[str] = Query([]),
    sort: str = Query(
        "",
        description="-published 最新发布、-used 使用最多、name 名称、body 提供部门；空为相关程度",
    ),
    limit: int = Query(20, ge=1, le=200),
    offset: int = Query(0, ge=0, le=10_000),
    after: str = Query("", description="上一页的 next：翻到再远也一样快"),
) -> dict[str, Any]:
    filters = Filters(
        body=tuple(body),
        theme=tuple(theme),
        industry=tuple(industry),
        share_class=tuple(share_class),
        share_mode=tuple(share_mode),
        format=tuple(format),
        origin=tuple(origin),
        open_class=tuple(open_class),
        category=tuple(category),
        cycle=tuple(cycle),
        usage=tuple(usage),
        shape=tuple(shape),
        sort=sort,
    )
    result = queries.search(request.actor, q, filters)
    rows, following = result.page(limit, offset, after)
    return {
        "count": result.count,
        "items": [_row(entry.text) | {"grants": entry.uses} for entry in rows],
        "next": following,
        "facets": [_facet(facet) for facet in result.facets],
    }


@router.get(
    "/catalog/mine",
    response=list[EntryRow],
    summary="本部门的目录，各种状态",
    operation_id="huitong_catalog_api_mine",
)
@paginate
def own_entries(request: Request, state: str = Query("", pattern=EntryState.pattern())) -> Drawn:
    rows = queries.entries_of_body(request.actor)
    rows = rows.filter(latest__case__state=state) if state else rows
    return Drawn(rows, lambda entries: [_row(entry.draft) for entry in entries])
