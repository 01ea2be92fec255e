"""The bureau enters for departments (代录): what it is entering, the beginning of another draft,
and a department that goes on with it by itself (A7, A12)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huitong.catalog import queries
from huitong.catalog.models import Entry
from huitong.catalog.queries import entering
from huitong.catalog.views.frame import clerk_of, writer_of
from huitong.kernel import doing
from huitong.kernel.addresses import reverse
from huitong.kernel.requests import Request
from huitong.organizations import queries as organizations
from huitong.ui.lists import Column, List, Listing, conditions
from huitong.ui.selectors import Picker
from huitong.work.forms import VerbForm

CRUMB = ("代录目录", reverse_lazy("catalog:entering"))
ENTERED = List(
    "catalog.entered",
    "代录目录",
    (
        Column("body", "部门", "body.short_name", sort=("body__short_name",)),
        Column("name", "资源名称", "draft.name", sort=("latest__name",), fixed=True),
        Column("state", "状态", "state.label", sort=("latest__case__state",), fixed=True),
        Column("by", "代录人", lambda row: _about(row, "by")),
        Column("reasons", "代录原因", lambda row: _about(row, "reasons")),
        Column("request", "部门的请求", lambda row: _about(row, "request")),
        Column("changed", "最近修改", "draft.updated_at", sort=("latest__updated_at",)),
        Column("ops", "操作", css="ops", page_only=True),
    ),
    order=("-latest__updated_at", "-pk"),
    unit="项",
    numbered=True,
    personal=True,
    empty=("没有代录的目录", "大数据管理局为部门代录的目录列在这里。"),
)
#: what the forms ask for; the rest is filled in section by section
FIELDS = ("body", "entry", "reasons", "request", "name", "classified", "summary")


class Filter(forms.Form):
    """What the list can be narrowed by."""

    body = forms.TypedChoiceField(
        label="部门", required=False, coerce=int, empty_value=None, widget=Picker
    )

    def __init__(self, data: Any, bodies: dict[int, str]) -> None:
        super().__init__(data)
        self.fields["body"].choices = [("", "全部"), *bodies.items()]


@require_safe
def entered(request: Request) -> HttpResponseBase:
    """What was entered for others: to the bureau all, to a department its own."""
    actor = clerk_of(request)
    rows = entering.entered(actor)
    bodies = rows.order_by().values_list("body", flat=True).distinct()
    form = Filter(request.GET, organizations.body_names(bodies))
    if body := conditions(form).get("body"):
        rows = rows.filter(body=body)
    listing = Listing(request, ENTERED, rows, form=form)
    frame = {"enters": entering.enters(actor), "crumbs": [("代录目录", "")]}
    return listing.answer("catalog/entered.html", frame)


def _about(entry: Entry, name: str) -> str:
    return str(entry.case.facts.get("entering", {}).get(name, ""))


@require_http_methods(["GET", "HEAD", "POST"])
def enter_for(request: Request) -> HttpResponse:
    """Begin an entry in a department's place."""
    sub = "先写明为哪个部门、为什么代录，存为草稿后逐节填写。部门随即收到通知，可以随时接手。"
    return _begin(request, "entry.enter_for", "新建代录目录", sub, "存为草稿")


@require_http_methods(["GET", "HEAD", "POST"])
def update_for(request: Request) -> HttpResponse:
    """Begin the next version of a department's published entry in its place."""
    sub = "从现行版本开始修改；部门确认、审核并发布之前，各部门看到的不变。"
    return _begin(request, "entry.update_for", "代录更新", sub, "开始更新")


def _begin(request: Request, verb: str, title: str, sub: str, button: str) -> HttpResponse:
    writer_of(request)
    entering.check_enters(request.actor)
    fields = [name for name in FIELDS if name in doing.VERBS[verb].given.model_fields]
    form = VerbForm(verb, request, only=fields, initial=request.GET.dict())
    form.order_fields(fields)
    if request.method == "POST" and (done := form.perform()) is not None and done.case is not None:
        entry = queries.entry_of(done.case)
        whose = entry.body.short_name
        messages.success(request, f"已为{whose}代录“{entry.draft.name}”，请逐节填写。")
        return redirect("catalog:compile", entry.pk)
    context = {
        "form": form,
        "title": title,
        "sub": sub,
        "button": button,
        "back": reverse("catalog:entering"),
        "crumbs": [CRUMB, (title, "")],
    }
    return render(request, "catalog/register.html", context, status=form.status)


@require_POST
def take_over(request: Request, pk: int) -> HttpResponse:
    """The department goes on with the draft by itself."""
    actor = clerk_of(request)
    entry = queries.own_entry(actor, pk)
    doing.perform(actor, "entry.take_over", {}, case=entry.case_id)
    messages.success(request, f"“{entry.draft.name}”已由本部门接手，请核对后提交审核。")
    return redirect("catalog:compile", entry.pk)
