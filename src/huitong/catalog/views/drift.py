"""What changed in the tables entries come from: the body's list, and settling it (A7, A11)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from huitong.catalog import queries
from huitong.catalog.rules import choices
from huitong.catalog.rules.drift import DriftKind, DriftState
from huitong.catalog.views.frame import clerk_of
from huitong.catalog.views.lists import sources_frame
from huitong.kernel import doing
from huitong.kernel.addresses import reverse
from huitong.kernel.requests import Request
from huitong.ui.lists import Column, List, Listing, conditions
from huitong.ui.rules import question

DRIFTS = List(
    "catalog.drifts",
    "来源变化",
    (
        Column("entry", "资源名称", "entry.name", sort=("entry__latest__name",), fixed=True),
        Column("table", "来源表", "entry.source_table", sort=("entry__source_table",)),
        Column("database", "数据库", "entry.database.name", sort=("entry__database__name",)),
        Column("kind", "变化", "get_kind_display", sort=("kind",), fixed=True),
        Column("column", "列", "where", sort=("column",), fixed=True),
        Column("before", "原来"),
        Column("after", "现在"),
        Column(
            "breaks", "影响", lambda d: "影响已发布的目录" if d.breaks else "", sort=("breaks",)
        ),
        Column("state", "状态", "get_state_display", sort=("state",)),
        Column("noticed", "发现时间", "noticed_at", sort=("noticed_at",)),
    ),
    order=("-noticed_at", "-pk"),
    unit="处",
    numbered=True,
    empty=("来源表没有变化", "再次扫描数据库后，表和列与上次的不同会列在这里。"),
)


class Filter(forms.Form):
    """What changes can be narrowed by."""

    q = forms.CharField(label="资源、表或列", required=False, max_length=60)
    database = forms.ChoiceField(label="数据库", required=False)
    kind = forms.ChoiceField(
        label="变化", required=False, choices=[("", "全部"), *choices(DriftKind)]
    )
    state = forms.ChoiceField(
        label="状态", required=False, choices=[("", "全部"), *choices(DriftState)]
    )
    breaks = forms.BooleanField(label="只看影响已发布目录的", required=False)

    def __init__(self, data: Any, databases: list[tuple[int, str]]) -> None:
        super().__init__(data)
        self.fields["database"].choices = [("", "全部"), *databases]


@require_safe
def drifts(request: Request) -> HttpResponseBase:
    """Every change of the body's tables, open ones first unless narrowed otherwise."""
    actor = clerk_of(request)
    data = request.GET.copy()
    data.setdefault("state", DriftState.OPEN.value)
    form = Filter(data, queries.database_choices(actor))
    chosen = conditions(form)
    rows = queries.drifts_visible_to(actor)
    if q := question(chosen.get("q") or ""):
        rows = rows.filter(queries.drift_named(q))
    for name in ("kind", "state"):
        rows = rows.filter(**{name: chosen[name]}) if chosen.get(name) else rows
    if chosen.get("database"):
        rows = rows.filter(entry__database=chosen["database"])
    rows = rows.filter(breaks=True) if chosen.get("breaks") else rows
    listing = Listing(request, DRIFTS, rows, form=form)
    return listing.answer("catalog/drifts.html", sources_frame(actor, "drifts"))


@require_POST
def settle(request: Request, pk: int) -> HttpResponse:
    """Take the chosen changes over, or leave the entry as it is."""
    actor = clerk_of(request)
    verb = "adopt_drifts" if request.POST.get("how") == "adopt" else "dismiss_drifts"
    posted = request.POST.getlist("drift")
    chosen = [int(d) for d in posted if d.isascii() and d.isdecimal() and len(d) < 19]
    if not chosen:
        messages.warning(request, "请先勾选要处理的变化。")
        return redirect("catalog:compile", pk)
    doing.perform(actor, f"catalog.{verb}", {"entry": pk, "drifts": chosen})
    messages.success(
        request,
        "已带入草稿，请核对信息项后提交审核。" if verb == "adopt_drifts" else "已标为不带入。",
    )
    return redirect(reverse("catalog:compile", args=[pk]))
