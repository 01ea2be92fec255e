"""Doubts to read; what can be done with them is generated at POST /api/do/objection.report and
/api/cases/objection/{case}/…"""

# annotations are evaluated: Ninja reads those of a paginated read among names of its own
from collections.abc import Container, Sequence
from datetime import date, datetime
from typing import Any

from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from huitong.kernel.actor import Actor
from huitong.kernel.requests import Request
from huitong.objections import queries
from huitong.objections.models import Objection
from huitong.objections.rules import S, Satisfaction
from huitong.ui.paging import Drawn

router = Router(tags=["疑义校核"])


class ObjectionOut(Schema):
    """A doubt; the sealed values are read by POST /api/do/objections.look."""

    id: int
    case: int = Field(title="事项", description="写操作使用 /api/cases/objection/{case}/…")
    number: str | None
    kind: str = Field(
        title="类别",
        description="catalog 目录内容，resource 资源挂接，authorization 授权，use 数据使用，"
        "content 数据内容",
    )
    entry: int = Field(title="目录")
    code: str | None = Field(title="资源代码")
    name: str
    mount: int | None
    grant: int | None
    delivery: str = Field(title="哪一次交付")
    delivered_at: datetime | None
    item: str
    locator: str = Field(title="哪一条记录（脱敏）")
    words: str
    files: list[int]
    consumer: int = Field(title="提出部门")
    provider: int | None = Field(title="校核部门")
    state: str = Field(title="环节")
    law: str = Field(title="适用的规则")
    due_on: date | None
    reported_at: datetime
    again_of: int | None = Field(title="再次提出的疑义")
    finding: str = Field(title="校核结果", description="right 核对无误，wrong 确有错误")
    answer: str
    planned_on: date | None
    corrected_on: date | None
    correction: str
    corrected_by: int | None = Field(title="更正所发布的目录版本")
    satisfied: str = Field(title="评价", description="yes 满意，no 不满意；尚未评价的为空")
    evaluation: str


SAME = [
    "kind",
    "delivery",
    "delivered_at",
    "item",
    "locator",
    "words",
    "files",
    "reported_at",
    "finding",
    "answer",
    "planned_on",
    "evaluation",
    "number",
]


def _rows(actor: Actor, page: Sequence[Objection]) -> list[dict[str, Any]]:
    others = queries.related_to(actor, page)
    return [_row(actor, objection, others) for objection in page]


def _row(actor: Actor, objection: Objection, others: Container[int]) -> dict[str, Any]:
    before = objection.again_of_id
    corrected = queries.correction_of(actor, objection)
    return {name: getattr(objection, name) for name in SAME} | {
        "id": objection.pk,
        "case": objection.case_id,
        "entry": objection.entry_id,
        "code": objection.entry.code,
        "name": objection.entry.name,
        "mount": objection.mount_id,
        "grant": objection.grant_id,
        "consumer": objection.consumer_id,
        "provider": objection.provider_id,
        "state": objection.case.state,
        "law": objection.case.law,
        "due_on": objection.case.due_on,
        "again_of": before if before in others else None,
        "corrected_on": corrected.on,
        "correction": corrected.how,
        "corrected_by": corrected.by,
        "satisfied": Satisfaction.of(objection.satisfied) or "",
    }


@router.get("/objections", response=list[ObjectionOut], summary="疑义列表（A29）")
@paginate
def objections(
    request: Request, state: str = Query("", pattern=S.pattern()), entry: int | None = None
) -> Drawn:
    """``entry`` 只列对该目录的疑义。"""
    actor = request.actor
    rows = queries.visible_to(actor).order_by("-pk")
    rows = rows.filter(case__state=state) if state else rows
    rows = rows.filter(entry=entry) if entry is not None else rows
    return Drawn(rows, lambda page: _rows(actor, page))


@router.get("/objections/{int:pk}", response=ObjectionOut, summary="一件疑义")
def objection(request: Request, pk: int) -> dict[str, Any]:
    return _rows(request.actor, [queries.objection_for(request.actor, pk)])[0]
