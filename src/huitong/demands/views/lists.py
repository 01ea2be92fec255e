"""Lists of demands: one's own, those others have of one's body, all one may see; drafts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse_lazy
from django.views.decorators.http import require_safe

from huitong.demands import queries
from huitong.demands.forms import DemandFilter
from huitong.demands.models import Demand
from huitong.demands.rules import S
from huitong.kernel.actor import Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.requests import Request
from huitong.kernel.workdays import load_calendar, today
from huitong.ui.lists import Column, List, Listing, tabs
from huitong.work import queries as work
from huitong.work.rules import keeping

CRUMB = ("需求申请", reverse_lazy("demands:demands"))
DRAFTS = reverse_lazy("demands:drafts")
#: the verb that takes a draft
KIND = "demand.draft"

DEMANDS = List(
    "demands.demands",
    "需求申请",
    (
        Column("number", "编号", "demand.case.number", files_only=True),
        Column("title", "需要的数据", "demand.title", sort=("title",), fixed=True),
        Column("items", "信息项", lambda row: "、".join(row["demand"].items), chosen=False),
        Column(
            "consumer", "需求部门", "demand.consumer.short_name", sort=("consumer__short_name",)
        ),
        Column("purpose", "用途", "demand.purpose", css="text", chosen=False),
        Column("body", "答复部门", "demand.provider.short_name", sort=("provider__short_name",)),
        Column("submitted", "提交时间", "demand.submitted_at", sort=("submitted_at",)),
        Column("state", "环节", sort=("case__state",), fixed=True),
        Column("promised", "计划发布", "demand.promised_on", sort=("promised_on",)),
        Column("entry", "答复的目录", "demand.entry.name"),
        Column("until", "到期日", "due.due", files_only=True),
        Column("due", "办理时限", "due.words", sort=("case__due_on",), fixed=True),
    ),
    keep=("tab",),
    unit="件",
    numbered=True,
    row_key="demand.pk",
    name=lambda row: (
        f"{row['demand'].title}（{row['demand'].case.number}）",
        reverse("work:case", args=[row["demand"].case_id]),
    ),
)
EMPTY = {
    "mine": ("还没有需求申请", "目录中没有的数据，点“提出需求”，由掌握数据的部门答复。"),
    "asked": ("还没有收到需求", "其他部门向本部门提出、或由大数据管理局转交的需求列在这里。"),
    "all": ("还没有需求申请", "各部门提交的、您可以查看的需求列在这里。"),
}


@require_safe
def demands(request: Request) -> HttpResponseBase:
    """Demands: one's own, those others have of one's body, all one may see."""
    actor = request.actor
    tab = _tab(request)
    rows = {
        "mine": queries.own_demands,
        "asked": queries.received_demands,
        "all": queries.submitted_demands,
    }[tab](actor)
    form = DemandFilter(actor, tab, request.GET)
    calendar = load_calendar()

    def draw(page: Sequence[Demand]) -> list[dict[str, Any]]:
        return [_row(demand, calendar) for demand in page]

    spec = DEMANDS.without(*["consumer"] if tab == "mine" else [])
    listing = Listing(
        request,
        spec.saying(EMPTY[tab]),
        queries.with_promise(form.narrow(rows.select_related("entry__current", *queries.RELATED))),
        form=form,
        draw=draw,
    )
    return listing.answer("demands/demands.html", frame(actor, tab))


@require_safe
def drafts(request: Request) -> HttpResponse:
    """One's own drafts of demands, to be gone on with, deleted, brought back."""
    actor = request.actor
    context = frame(actor, "drafts") | {
        "drafts": work.drafts_of(actor, KIND),
        "deleted": work.deleted_drafts(actor, KIND),
        "keeping": keeping(today()),
        "back": DRAFTS,
    }
    return render(request, "demands/drafts.html", context)


def _row(demand: Demand, calendar: Any) -> dict[str, Any]:
    state = S(demand.case.state)
    return {
        "demand": demand,
        "state": state.label,
        "tone": state.tone,
        "due": work.countdown(demand.case, calendar),
    }


def frame(actor: Actor, active: str) -> dict[str, Any]:
    """What every page of lists here shows: its tabs, by what the actor may do."""
    labels = {"mine": "本部门的需求", "asked": "收到的需求", "all": "需求清单"}
    labels |= {"responsibilities": "责任清单", "duties": "职责清单"}
    labels |= {"drafts": "我的草稿"} if queries.may_write(actor) else {}
    pages = {name: reverse(f"demands:{name}") for name in ("responsibilities", "duties", "drafts")}
    return {
        "may": queries.may_write(actor),
        "tabs": tabs(reverse("demands:demands"), labels, active, **pages),
        "crumbs": [("需求申请", "")],
    }


def _tab(request: Request) -> str:
    """The tab one is on; the bureau begins with all."""
    chosen = request.GET.get("tab", "")
    return chosen if chosen in EMPTY else "all" if request.actor.bureau else "mine"
