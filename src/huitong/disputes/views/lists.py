"""Lists of disputes: those one's body opened, those it faces, for the bureau all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse_lazy
from django.views.decorators.http import require_safe

from huitong.disputes import queries
from huitong.disputes.forms import DisputeFilter
from huitong.disputes.models import Dispute
from huitong.disputes.rules import S, Subject
from huitong.kernel.addresses import reverse
from huitong.kernel.requests import Request
from huitong.kernel.workdays import load_calendar
from huitong.ui.lists import Column, List, Listing, tabs
from huitong.work import queries as work

CRUMB = ("争议协商", reverse_lazy("disputes:disputes"))

DISPUTES = List(
    "disputes.disputes",
    "争议协商",
    (
        Column("number", "编号", "dispute.case.number", files_only=True),
        Column("title", "争议事项", "dispute.about.title", sort=("about__title",), fixed=True),
        Column("subject", "分歧", "subject"),
        Column(
            "claimant", "提出部门", "dispute.claimant.short_name", sort=("claimant__short_name",)
        ),
        Column(
            "respondent",
            "对方部门",
            "dispute.respondent.short_name",
            sort=("respondent__short_name",),
        ),
        Column("meets", "协商时间", "dispute.meets_at", sort=("meets_at",), chosen=False),
        Column("submitted", "提交时间", "dispute.submitted_at", sort=("submitted_at",)),
        Column("state", "环节", sort=("case__state",), fixed=True),
        Column("until", "到期日", "due.due", files_only=True),
        Column("due", "办理时限", "due.words", sort=("case__due_on",), fixed=True),
    ),
    keep=("tab",),
    unit="件",
    numbered=True,
    row_key="dispute.pk",
    name=lambda row: (
        f"{row['dispute'].about.title}（{row['dispute'].case.number}）",
        reverse("work:case", args=[row["dispute"].case_id]),
    ),
)
LABELS = {"mine": "本部门提出的", "faced": "涉及本部门的"}
EMPTY = {
    "mine": (
        "还没有争议",
        "对共享条件、申请理由、授权结果等有不同意见的，在申请、授权或需求的页面提出。",
    ),
    "faced": ("没有涉及本部门的争议", "其他部门对本部门的决定提出的争议列在这里。"),
    "all": ("还没有争议", "各部门提交的争议列在这里，由大数据管理局召集协商。"),
}


@require_safe
def disputes(request: Request) -> HttpResponseBase:
    """Disputes: those one's body opened, those it faces, for the bureau all."""
    actor = request.actor
    labels = LABELS | ({"all": "全部争议"} if actor.bureau else {})
    chosen = request.GET.get("tab", "")
    tab = chosen if chosen in labels else "all" if actor.bureau else "mine"
    rows = {
        "mine": queries.opened_disputes,
        "faced": queries.faced_disputes,
        "all": queries.submitted_disputes,
    }[tab](actor)
    form, calendar = DisputeFilter(tab, request.GET), load_calendar()

    def draw(page: Sequence[Dispute]) -> list[dict[str, Any]]:
        return [_row(dispute, calendar) for dispute in page]

    spec = DISPUTES.without(*["claimant"] if tab == "mine" else [])
    listing = Listing(request, spec.saying(EMPTY[tab]), form.narrow(rows), form=form, draw=draw)
    context = {
        "tabs": tabs(reverse("disputes:disputes"), labels, tab),
        "crumbs": [("争议协商", "")],
    }
    return listing.answer("disputes/disputes.html", context)


def _row(dispute: Dispute, calendar: Any) -> dict[str, Any]:
    state = S(dispute.case.state)
    return {
        "dispute": dispute,
        "subject": Subject(dispute.subject).label,
        "state": state.label,
        "tone": state.tone,
        "due": work.countdown(dispute.case, calendar),
    }
