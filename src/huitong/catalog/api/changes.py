"""Changes of law and function through the API: the register, and the entries each concerns (A11).
Writes are the verbs of ``catalog_change`` and ``catalog_change_part``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from ninja import Field, Router, Schema
from ninja.pagination import paginate

from huitong.catalog import queries
from huitong.catalog.models import AffectedEntry, Entry, LawChange
from huitong.kernel.requests import Request
from huitong.ui.paging import Drawn

router = Router(tags=["目录"])


class ChangeOut(Schema):
    """A registered change, and how many of its entries the caller may see."""

    case: int = Field(title="事项")
    kind: str = Field(title="变动类别")
    document: str = Field(title="文件名称")
    number: str = Field(title="文号")
    published_on: date = Field(title="向社会公布的日期")
    concerns: str = Field(title="变动内容")
    state: str = Field(title="状态")
    entries: int = Field(title="涉及目录")
    settled: int = Field(title="已处理")


class AffectedOut(Schema):
    """An entry a change concerns, and what became of it."""

    entry: int = Field(validation_alias="entry_id")
    code: str = Field(title="资源代码", validation_alias="entry.code")
    name: str = Field(title="资源名称", validation_alias="entry.name")
    body_id: int = Field(validation_alias="entry.body_id")
    part: int | None = Field(title="部门的事项", validation_alias="part_id")
    outcome: str = Field(title="处理结果", description="空：待处理")
    reasons: str = Field(title="理由")
    version: int | None = Field(title="新版本")
    settled_at: datetime | None = Field(title="处理时间")


class CitingOut(Schema):
    """An entry that cites the document and is not counted in yet."""

    id: int
    code: str = Field(title="资源代码")
    name: str = Field(title="资源名称")
    body_id: int


@router.get("/catalog/changes", response=list[ChangeOut], summary="法规职能变动（A11）")
@paginate
def changes(request: Request, q: str = "") -> Drawn:
    """与调用者部门有关的；大数据管理局为全部。"""
    actor = request.actor

    def drawn(page: list[LawChange]) -> list[dict[str, Any]]:
        own = queries.affected_visible_to(actor).filter(change__in=page)
        numbers = queries.numbers_by("change", own)
        return [
            {
                "case": row.case_id,
                **{n: getattr(row, n) for n in ("kind", "document", "number", "concerns")},
                "published_on": row.published_on,
                "state": row.case.state,
                "entries": (own_numbers := numbers.get(row.pk, queries.Numbers())).entries,
                "settled": own_numbers.settled,
            }
            for row in page
        ]

    return Drawn(queries.changes_named(actor, q).order_by("-published_on", "-pk"), drawn)


@router.get(
    "/catalog/changes/{int:case}/entries",
    response=list[AffectedOut],
    summary="变动涉及的目录及处理结果",
)
@paginate
def affected(request: Request, case: int) -> QuerySet[AffectedEntry]:
    change = queries.change_for(request.actor, case)
    rows = queries.affected_visible_to(request.actor).filter(change=change)
    return rows.order_by("pk")


@router.get(
    "/catalog/changes/{int:case}/citing",
    response=list[CitingOut],
    summary="引用该文件、尚未列入的目录",
)
@paginate
def citing(request: Request, case: int) -> QuerySet[Entry]:
    """事项编号可以是变动的，也可以是本部门的分办事项的。"""
    about = queries.change_case_for(request.actor, case)
    rows = queries.entries_to_include(request.actor, about)
    return queries.citing(rows, queries.change_of(about).document).order_by("pk")
