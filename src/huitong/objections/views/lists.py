"""Lists of doubts: those one's body raised, those about its data, for the bureau all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse_lazy
from django.views.decorators.http import require_safe

from huitong.kernel.actor import Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.requests import Request
from huitong.kernel.workdays import load_calendar
from huitong.objections import queries
from huitong.objections.forms import ObjectionFilter
from huitong.objections.models import Objection
from huitong.objections.rules import Doubt, Finding, S, Satisfaction
from huitong.ui.lists import Column, List, Listing, tabs
from huitong.work import queries as work

CRUMB = ("疑义校核", reverse_lazy("objections:objections"))

OBJECTIONS = List(
    "objections.objections",
    "疑义校核",
    (
        Column("number", "编号", "objection.case.number", files_only=True),
        Column("entry", "资源", "objection.entry.name", fixed=True),
        Column("kind", "类别", sort=("kind",)),
        Column("item", "信息项", "objection.item", chosen=False),
        Column("locator", "记录（脱敏）", "objection.locator", chosen=False),
        Column(
            "consumer", "提出部门", "objection.consumer.short_name", sort=("consumer__short_name",)
        ),
        Column(
            "provider", "校核部门", "objection.provider.short_name", sort=("provider__short_name",)
        ),
        Column("reported", "提出时间", "objection.reported_at", sort=("reported_at",)),
        Column("finding", "校核结果"),
        Column("corrected", "更正日期", "corrected.on", chosen=False),
        Column("satisfied", "评价", chosen=False),
        Column("state", "环节", sort=("case__state",), fixed=True),
        Column("until", "到期日", "due.due", files_only=True),
        Column("due", "办理时限", "due.words", sort=("case__due_on",), fixed=True),
    ),
    keep=("tab",),
    unit="件",
    numbered=True,
    row_key="objection.pk",
    name=lambda row: (
        f"{row['objection'].entry.name}（{row['objection'].case.number}）",
        reverse("work:case", args=[row["objection"].case_id]),
    ),
)
LABELS = {"mine": "本部门提出的", "asked": "涉及本部门数据的"}
EMPTY = {
    "mine": ("还没有提出疑义", "目录或数据可能有误的，在目录、授权或收到数据的页面点“提出疑义”。"),
    "asked": ("没有涉及本部门数据的疑义", "其他部门对本部门目录和数据提出的疑义列在这里。"),
    "all": ("还没有疑义", "各部门提出的疑义列在这里。"),
}


@require_safe
def objections(request: Request) -> HttpResponseBase:
    """Doubts: those one's body raised, those about its data, for the bureau all."""
    actor = request.actor
    labels = LABELS | ({"all": "全部疑义"} if actor.bureau else {})
    chosen = request.GET.get("tab", "")
    tab = chosen if chosen in labels else "all" if actor.bureau else "mine"
    rows = {"mine": queries.raised, "asked": queries.received, "all": queries.every}[tab](actor)
    form, calendar = ObjectionFilter(actor, tab, request.GET), load_calendar()

    def draw(page: Sequence[Objection]) -> list[dict[str, Any]]:
        return [_row(actor, objection, calendar) for objection in page]

    spec = OBJECTIONS.without(*["consumer"] if tab == "mine" else [])
    listing = Listing(request, spec.saying(EMPTY[tab]), form.narrow(rows), form=form, draw=draw)
    context = {
        "tabs": tabs(reverse("objections:objections"), labels, tab),
        "crumbs": [("疑义校核", "")],
    }
    return listing.answer("objections/objections.html", context)


def _row(actor: Actor, objection: Objection, calendar: Any) -> dict[str, Any]:
    state = S(objection.case.state)
    finding = Finding(objection.finding) if objection.finding else None
    verdict = Satisfaction.of(objection.satisfied)
    return {
        "objection": objection,
        "kind": Doubt(objection.kind).label,
        "finding": finding.label if finding else "",
        "finding_tone": finding.tone if finding else "",
        "corrected": queries.correction_of(actor, objection),
        "satisfied": verdict.label if verdict else "",
        "state": state.label,
        "tone": state.tone,
        "due": work.countdown(objection.case, calendar),
    }
