"""What a body's catalog should hold and holds (A10): its own lines, the reasons for what is left
out, the manager's yearly signature; to the bureau all bodies."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huitong.catalog import queries
from huitong.catalog.models import LeftOut
from huitong.catalog.rules.coverage import OPEN, Line, Standing, Subject, reasons
from huitong.catalog.views.frame import clerk_of, tabs_of, writer_of
from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.procedure import AgainstRules, NotYours
from huitong.kernel.requests import Request
from huitong.ui.lists import Column, List, Listing, conditions
from huitong.work.forms import VerbForm

CRUMB = ("覆盖情况", reverse_lazy("catalog:coverage"))
LINES = List(
    "catalog.coverage",
    "覆盖情况",
    (
        Column("subject", "类别", "subject.label", sort=("subject",), fixed=True),
        Column("label", "名称", sort=("label",), fixed=True),
        Column("place", "所在", sort=("place",)),
        Column("standing", "状态", "standing.label", sort=("standing",), fixed=True),
        Column("entry", "目录", "entry_name", sort=("entry_name",)),
        Column("reason", "不编目的原因", "reason_label"),
        Column("words", "说明"),
        Column("ops", "操作", css="ops", page_only=True),
    ),
    order=("subject", "ref"),
    unit="项",
    numbered=True,
    row_key="ref",
    size=50,
    empty=(
        "没有需要对照的数据表、系统、职责和事项",
        "扫描数据库、登记信息系统、登记职责和事项后，在这里逐项对照目录。",
    ),
)
BODIES = List(
    "catalog.coverage_bodies",
    "各部门覆盖情况",
    (
        Column("body", "部门", fixed=True, sort=("body",)),
        Column("expected", "应对照", num=True, sort=("expected",)),
        Column("published", "已发布", num=True, sort=("published",)),
        Column("review", "审核中", num=True, sort=("review",)),
        Column("left_out", "已说明", num=True, sort=("left_out",)),
        Column("open", "未处理", num=True, sort=("open",)),
        Column("share", "覆盖率", "share_words", num=True, sort=("share",)),
        Column("confirmed", "负责人确认", "confirmed_words", sort=("confirmed_at",)),
    ),
    order=("share", "body", "pk"),
    unit="个",
    numbered=True,
    row_key="pk",
    size=100,
    empty=("还没有部门", "部门登记后列在这里。"),
)
LEFT_OUT = List(
    "catalog.left_out",
    "不编目的说明",
    (
        Column("body", "部门", "body.short_name", sort=("body__short_name",)),
        Column("subject", "类别", lambda row: Subject(row.subject).label, sort=("subject",)),
        Column("label", "名称", sort=("label",), fixed=True),
        Column("reason", "原因", lambda row: _reason(row), sort=("reason",)),
        Column("entry", "所在目录", lambda row: row.entry.name if row.entry else ""),
        Column("words", "说明"),
        Column("by", "说明人"),
        Column("at", "时间", sort=("at",)),
    ),
    order=("body__short_name", "subject", "label", "pk"),
    unit="项",
    numbered=True,
    personal=True,
    empty=("没有不编目的说明", "部门说明不编目的原因后列在这里。"),
)


def _reason(row: LeftOut) -> str:
    return reasons()[row.reason].label if row.reason in reasons() else row.reason


class Filter(forms.Form):
    """What the lines can be narrowed by."""

    subject = forms.ChoiceField(
        label="类别", required=False, choices=[("", "全部"), *((s.value, s.label) for s in Subject)]
    )
    standing = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[("", "全部"), ("open", "未处理"), *((s.value, s.label) for s in Standing)],
    )


@require_safe
def coverage(request: Request) -> HttpResponseBase:
    """The lines of the reader's own body."""
    actor = clerk_of(request)
    own = queries.coverage.own_coverage(actor)
    form = Filter(request.GET)
    options = conditions(form)
    lines = [line for line in own.lines if _fits(line, options)]
    listing = Listing(request, LINES, lines, form=form)
    confirmed = queries.coverage.confirmations([actor.body or 0]).get(actor.body or 0)
    return listing.answer(
        "catalog/coverage.html",
        {
            "coverage": own,
            "share": own.share_words,
            "published": own.number(Standing.PUBLISHED),
            "left_out": own.number(Standing.LEFT_OUT),
            "total": own.number(),
            "operator": actor.has(Post.OPERATOR),
            "manager": actor.has(Post.MANAGER),
            "confirmed": confirmed,
            "this_year": queries.coverage.is_confirmed(confirmed),
            **_frame(actor, "own"),
        },
    )


def _fits(line: Line, options: Any) -> bool:
    subject, standing = options.get("subject"), options.get("standing")
    return subject in (None, "", str(line.subject)) and (
        line.standing in OPEN if standing == "open" else standing in (None, "", str(line.standing))
    )


def _frame(actor: Actor, tab: str) -> dict[str, Any]:
    pages = {"own": ("本部门", "coverage"), "left_out": ("不编目的说明", "left_out")}
    if actor.bureau:
        pages |= {"bodies": ("各部门", "coverage_bodies")}
    return {
        "tab": tab,
        "tabs": tabs_of(pages, tab),
        "crumbs": [("目录编制", reverse("catalog:mine")), ("覆盖情况", "")],
    }


@require_safe
def coverage_bodies(request: Request) -> HttpResponseBase:
    """Every body with its numbers, to the bureau."""
    actor = clerk_of(request)
    if not queries.coverage.oversees(actor):
        raise NotYours("各部门的覆盖情况由大数据管理局查看。", article="A10", who="大数据管理局")
    listing = Listing(request, BODIES, queries.coverage.coverage_numbers())
    return listing.answer("catalog/coverage_bodies.html", _frame(actor, "bodies"))


@require_safe
def left_out(request: Request) -> HttpResponseBase:
    """What was left out and why: to the bureau of all bodies, to a body its own."""
    actor = clerk_of(request)
    listing = Listing(request, LEFT_OUT, queries.coverage.left_out_visible_to(actor))
    return listing.answer("catalog/coverage_bodies.html", _frame(actor, "left_out"))


@require_http_methods(["GET", "HEAD", "POST"])
def leave_out(request: Request) -> HttpResponse:
    """Say why lines have no entry; ``?line=`` names the one the link stood beside."""
    writer_of(request)
    initial = {"lines": request.GET.getlist("line")}
    form = VerbForm("catalog.leave_out", request, initial=initial)
    if request.method == "POST" and (done := form.perform()) is not None:
        messages.success(request, f"已说明 {len(done.result)} 项不编目的原因。")
        return redirect("catalog:coverage")
    context = {
        "form": form,
        "title": "说明不编目的原因",
        "sub": "每张数据表、每个系统、每项职责和事项，要么有目录，要么写明为什么没有（实施细则第十条）。",
        "button": "保存",
        "back": reverse("catalog:coverage"),
        "crumbs": [("目录编制", reverse("catalog:mine")), CRUMB, ("说明不编目的原因", "")],
    }
    return render(request, "catalog/register.html", context, status=form.status)


@require_POST
def count_in(request: Request) -> HttpResponse:
    doing.perform(request.actor, "catalog.count_in", {"line": request.POST.get("line", "")})
    messages.success(request, "已撤回说明。")
    return redirect("catalog:coverage")


@require_POST
def confirm_coverage(request: Request) -> HttpResponse:
    """The manager's signature; what stands against it is said on the page of what is open."""
    try:
        doing.perform(request.actor, "catalog.confirm_coverage", {})
    except AgainstRules as refused:
        messages.error(request, f"{refused.detail}{refused.remedy}")
        return redirect(reverse("catalog:coverage", query={"standing": "open"}))
    messages.success(request, "已确认：应编目录没有遗漏。确认已记入台账。")
    return redirect("catalog:coverage")
