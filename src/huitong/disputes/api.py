"""Disputes to read; what can be done with them is generated at POST /api/do/dispute.draft and
/api/cases/dispute/{case}/…"""

# annotations are evaluated: Ninja reads those of a paginated read among names of its own
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from huitong.disputes import queries
from huitong.disputes.models import Dispute, Reply, View
from huitong.disputes.rules import S
from huitong.kernel.requests import Request
from huitong.ui.paging import Drawn

router = Router(tags=["争议协商"])


class DisputeRow(Schema):
    """A dispute in a list."""

    id: int
    case: int = Field(title="事项", description="写操作使用 /api/cases/dispute/{case}/…")
    number: str | None
    about: int = Field(title="被争议的事项")
    title: str
    subject: str = Field(
        title="分歧",
        description="conditions 共享条件，reasons 申请理由，result 授权结果，demand 需求的答复，other 其他",
    )
    claimant: int = Field(title="提出部门")
    respondent: int = Field(title="对方部门")
    state: str = Field(title="环节")
    law: str = Field(title="适用的规则")
    due_on: date | None
    submitted_at: datetime | None
    outcome: str = Field(title="结果", description="agreed 一致，partly 部分一致，failed 未成")
    ruling: str = Field(title="决定", description="upheld 支持，partly 部分支持，rejected 不支持")
    followed_by: int | None = Field(title="按结果提出的申请（事项）")


class ViewOut(Schema):
    """What one of the three stated."""

    party: str
    body: int = Field(validation_alias="body_id")
    words: str
    files: list[int]
    by: str
    at: datetime


class ReplyOut(Schema):
    """What one of the two said to the minutes, or to a decision."""

    party: str
    body: int = Field(validation_alias="body_id")
    version: int = Field(description="纪要的版本；0 为对主管部门决定的表态")
    objection: str
    by: str
    at: datetime


class DisputeWhole(DisputeRow):
    """A dispute with all that was said in it."""

    words: str
    wish: str
    files: list[int]
    meets_at: datetime | None
    place: str
    minutes: str
    minutes_file: int | None
    version: int
    outcome_words: str
    ruling_words: str
    decision: int | None
    views: list[ViewOut]
    replies: list[ReplyOut]


def _row(dispute: Dispute) -> dict[str, Any]:
    return {
        "id": dispute.pk,
        "case": dispute.case_id,
        "number": dispute.case.number,
        "about": dispute.about_id,
        "title": dispute.about.title,
        "subject": dispute.subject,
        "claimant": dispute.claimant_id,
        "respondent": dispute.respondent_id,
        "state": dispute.case.state,
        "law": dispute.case.law,
        "due_on": dispute.case.due_on,
        "submitted_at": dispute.submitted_at,
        "outcome": dispute.outcome,
        "ruling": dispute.ruling,
        "followed_by": dispute.followed_by_id,
    }


def _rows(page: Sequence[Dispute]) -> list[dict[str, Any]]:
    return [_row(dispute) for dispute in page]


@router.get("/disputes", response=list[DisputeRow], summary="争议列表（A27）")
@paginate
def disputes(
    request: Request, state: str = Query("", pattern=S.pattern()), about: int | None = None
) -> Drawn:
    """``about`` 只列对该事项的争议。"""
    rows = queries.visible_to(request.actor).order_by("-pk")
    rows = rows.filter(case__state=state) if state else rows
    return Drawn(rows.filter(about=about) if about is not None else rows, _rows)


@router.get("/disputes/{int:pk}", response=DisputeWhole, summary="一件争议及各方的意见")
def dispute(request: Request, pk: int) -> dict[str, Any]:
    row = queries.dispute_for(request.actor, pk)
    views: list[View] = queries.views_of(row)
    replies: list[Reply] = queries.replies_of(row)
    names = ("words", "wish", "files", "meets_at", "place", "minutes", "version")
    return _row(row) | {name: getattr(row, name) for name in names} | {
        "minutes_file": row.minutes_file_id,
        "outcome_words": row.outcome_words,
        "ruling_words": row.ruling_words,
        "decision": row.decision_id,
        "views": views,
        "replies": replies,
    }  # fmt: skip
