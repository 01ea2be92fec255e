"""The register of changes of law and function: what was registered, whom it concerns, how far each
body is (A11)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from huitong.catalog import queries
from huitong.catalog.models import LawChange
from huitong.catalog.rules.changes import ChangeKind, ChangeState, Settlement
from huitong.catalog.views.affected import (
    AFFECTED,
    CRUMB,
    affected_rows,
    bulk_over,
    frame_of_change,
)
from huitong.catalog.views.frame import clerk_of
from huitong.kernel import doing
from huitong.kernel.actor import Post
from huitong.kernel.case import Case
from huitong.kernel.procedure import NotYours
from huitong.kernel.requests import Request
from huitong.kernel.workdays import load_calendar, today
from huitong.organizations import queries as organizations
from huitong.ui.lists import Column, List, Listing, conditions
from huitong.ui.rules import question
from huitong.work import queries as work
from huitong.work.forms import VerbForm

CHANGES = List(
    "catalog.changes",
    "法规职能变动",
    (
        Column("document", "文件", "change.document", sort=("document",), fixed=True),
        Column("number", "文号", "change.number", sort=("number",), chosen=False),
        Column("kind", "类别", "change.get_kind_display", sort=("kind",)),
        Column("published_on", "公布日期", "change.published_on", sort=("published_on",)),
        Column("by", "登记部门"),
        Column("entries", "涉及目录", "numbers.entries", num=True),
        Column("left", "未处理", "numbers.left", num=True),
        Column("due", "最早到期", "due.words"),
        Column("state", "状态", "state.label", sort=("case__state",), fixed=True),
    ),
    order=("-published_on", "-pk"),
    unit="件",
    numbered=True,
    row_key="change.case_id",
    empty=(
        "还没有登记法规职能变动",
        "法律法规修订或职能变化向社会公布后在这里登记，在规定时限内更新涉及的目录。",
    ),
)
PARTS = List(
    "catalog.change_parts",
    "涉及的部门",
    (
        Column("body", "部门", fixed=True),
        Column("entries", "涉及目录", "numbers.entries", num=True),
        Column("settled", "已处理", "numbers.settled", num=True),
        *(Column(o.value, o.label, f"numbers.outcomes.{o.value}", num=True) for o in Settlement),
        Column("due", "时限", "due.words"),
        Column("state", "状态", "state.label", sort=("state",), fixed=True),
    ),
    order=("closed_at", "due_on", "pk"),
    unit="个",
    numbered=True,
    row_key="part.pk",
    empty=("还没有分办", "列入涉及的目录后分办各部门。"),
)


#: what is filled in when a change is registered; its entries are chosen on the next page
ASKED_FOR = ("kind", "document", "number", "published_on", "concerns")


class ChangeFilter(forms.Form):
    """What the register can be narrowed by."""

    q = forms.CharField(label="文件名称或文号", required=False, max_length=60)
    kind = forms.ChoiceField(
        label="类别", required=False, choices=[("", "全部"), *ChangeKind.choices()]
    )
    state = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[("", "全部"), *((s.value, s.label) for s in ChangeState)],
    )
    late = forms.BooleanField(label="有部门超期", required=False)


@require_safe
def changes(request: Request) -> HttpResponseBase:
    """What was registered, as far as the reader's body is concerned."""
    actor = clerk_of(request)
    form = ChangeFilter(request.GET)
    chosen = conditions(form)
    rows = queries.changes_named(actor, question(chosen.get("q") or ""))
    rows = rows.filter(kind=chosen["kind"]) if chosen.get("kind") else rows
    rows = rows.filter(case__state=chosen["state"]) if chosen.get("state") else rows
    if chosen.get("late"):
        rows = rows.filter(pk__in=queries.late_changes(actor, today()).values("pk"))
    calendar = load_calendar()

    def drawn(page: list[LawChange]) -> list[dict[str, Any]]:
        own = queries.affected_visible_to(actor).filter(change__in=page)
        numbers = queries.numbers_by("change", own)
        nearest = queries.nearest_parts(actor, page)
        names = organizations.body_names(c.case.body_of("provider") for c in page)
        return [
            {
                "change": change,
                "state": ChangeState(change.case.state),
                "numbers": numbers.get(change.pk, queries.Numbers()),
                "by": names.get(change.case.body_of("provider") or 0, "大数据管理局"),
                "due": work.countdown(nearest.get(change.case_id, change.case), calendar),
            }
            for change in page
        ]

    listing = Listing(request, CHANGES, rows, form=form, draw=drawn)
    context = {"may": actor.has(Post.OPERATOR), "crumbs": [(CRUMB[0], "")]}
    return listing.answer("catalog/changes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def register_change(request: Request) -> HttpResponse:
    """Register a change; then to the entries that cite it."""
    if not clerk_of(request).has(Post.OPERATOR):
        raise NotYours("法规职能变动由经办人登记。", article="A11", who="经办人")
    form = VerbForm("catalog_change.register", request, only=ASKED_FOR)
    if request.method == "POST":
        if (confirmation := form.ask()) is not None:
            return confirmation
        if (done := form.perform()) is not None and done.case is not None:
            messages.success(request, f"已登记，编号 {done.case.number}。请列入涉及的目录。")
            part = queries.own_part(request.actor, done.case)
            return redirect("catalog:choose_affected", (part or done.case).pk)
    context = {"form": form, "crumbs": [CRUMB, ("登记", "")]}
    return render(request, "catalog/change_new.html", context, status=form.status)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: Request, case: int) -> HttpResponseBase:
    """A change: before it is sent out the entries counted in, then how far each body is."""
    actor = clerk_of(request)
    about = queries.change_for(actor, case)
    if about.case.state == ChangeState.CHOOSING:
        rows = queries.affected_visible_to(actor).filter(change=about, part=None)
        listing = Listing(
            request,
            AFFECTED.without("draft", "outcome", "reasons", "by", "at", "ops"),
            rows,
            draw=lambda page: affected_rows(page, about),
            bulk=bulk_over(request, about.case, "exclude", "不再列入"),
        )
        return listing.answer("catalog/change.html", frame_of_change(request, about, about.case))
    calendar = load_calendar()

    def drawn(page: list[Case]) -> list[dict[str, Any]]:
        own = queries.affected_visible_to(actor).filter(part__in=page)
        numbers, names = queries.numbers_by("part", own), _names(page)
        return [
            {
                "part": part,
                "body": names.get(part.body_of("provider") or 0, ""),
                "numbers": numbers.get(part.pk, queries.Numbers()),
                "due": work.countdown(part, calendar),
                "state": doing.procedure_of(part).state(part.state),
            }
            for part in page
        ]

    listing = Listing(request, PARTS, queries.parts_of_change(actor, about), draw=drawn)
    return listing.answer("catalog/change.html", frame_of_change(request, about, about.case))


def _names(parts: list[Case]) -> dict[int, str]:
    return organizations.body_names(part.body_of("provider") for part in parts)
