"""Legal grounds for not sharing as they are filed with the bureau, and the kinds they are of
(A8)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods, require_safe

from huitong.catalog import queries
from huitong.catalog.views.frame import clerk_of, tabs_of
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.procedure import NotVisible, NotYours
from huitong.kernel.requests import Request
from huitong.organizations import queries as organizations
from huitong.ui.lists import Column, List, Listing, conditions
from huitong.ui.rules import question
from huitong.work.forms import BodyFilter, VerbForm

CRUMB = ("不予共享依据", reverse_lazy("catalog:filed_grounds"))
GROUNDS = List(
    "catalog.grounds",
    "不予共享依据",
    (
        Column(
            "body",
            "部门",
            "version.entry.body.short_name",
            sort=("version__entry__body__short_name",),
        ),
        Column("code", "资源代码", "version.entry.code", sort=("version__entry__code",)),
        Column("name", "资源名称", "version.name", sort=("version__name",), fixed=True),
        Column("kind", "类别", "kind_label", sort=("kind",)),
        Column("document", "文件", sort=("document",), fixed=True),
        Column("article", "条款"),
        Column("quotation", "原文"),
        Column("filed", "备案日期", "filed_at", sort=("filed_at",)),
        Column("standing", "状态", "standing_label", sort=("standing",)),
    ),
    order=("-filed_at", "-pk"),
    unit="条",
    numbered=True,
    empty=("还没有备案的依据", "不予共享的目录经部门审核通过后，其依据在这里备案。"),
)
KINDS = List(
    "catalog.ground_kinds",
    "依据类别",
    (
        Column("label", "类别", sort=("label",), fixed=True),
        Column("note", "说明"),
        Column("since", "生效日期", "in_force", sort=("in_force",)),
        Column("until", "最后有效日", lambda row: row.until or "", sort=("until",)),
        Column("ops", "操作", css="ops", page_only=True),
    ),
    order=("in_force", "pk"),
    unit="类",
    numbered=True,
    empty=("还没有依据类别", "点“新增类别”。"),
)


class Filter(BodyFilter):
    """What the filed grounds can be narrowed by."""

    field_order = ("q",)
    q = forms.CharField(label="文件、条款或资源", required=False, max_length=40)
    kind = forms.ChoiceField(label="类别", required=False)
    standing = forms.ChoiceField(
        label="状态", required=False, choices=[("", "全部"), *queries.STANDING.items()]
    )

    def __init__(self, data: Any, bodies: dict[int, str]) -> None:
        super().__init__(data, bodies)
        self.fields["kind"].choices = [("", "全部"), *queries.ground_kind_labels().items()]


@require_safe
def filed_grounds(request: Request) -> HttpResponseBase:
    """Every ground filed: to the bureau all, to a body its own."""
    actor = clerk_of(request)
    rows = queries.filed_grounds(actor)
    own = rows.order_by().values_list("version__entry__body", flat=True).distinct()
    form = Filter(request.GET, organizations.body_names(own))
    options = conditions(form)
    if q := question(options.get("q") or ""):
        named = ("document", "article", "version__name", "version__entry__code")
        rows = rows.filter(Q(*((f"{name}__icontains", q) for name in named), _connector=Q.OR))
    if options.get("body"):
        rows = rows.filter(version__entry__body=options["body"])
    if options.get("kind"):
        rows = rows.filter(kind=options["kind"])
    if options.get("standing"):
        rows = rows.filter(standing=options["standing"])
    listing = Listing(request, GROUNDS, rows, form=form, draw=queries.grounds_in_words)
    return listing.answer("catalog/filed_grounds.html", _frame(actor, "grounds"))


@require_safe
def ground_kinds(request: Request) -> HttpResponseBase:
    """The kinds there are; the bureau adds to them."""
    actor = clerk_of(request)
    listing = Listing(request, KINDS, queries.ground_kinds())
    return listing.answer("catalog/filed_grounds.html", _frame(actor, "kinds"))


def _frame(actor: Actor, tab: str) -> dict[str, Any]:
    pages = {"grounds": ("已备案的依据", "filed_grounds"), "kinds": ("依据类别", "ground_kinds")}
    return {
        "tab": tab,
        "tabs": tabs_of(pages, tab),
        "may": actor.bureau and actor.has(Post.OPERATOR),
        "crumbs": [("不予共享依据", "")],
    }


@require_http_methods(["GET", "HEAD", "POST"])
def add_ground_kind(request: Request) -> HttpResponse:
    form = VerbForm("catalog.add_ground_kind", _keeper(request))
    return _written(request, form, "新增依据类别", "新增")


@require_http_methods(["GET", "HEAD", "POST"])
def end_ground_kind(request: Request, code: str) -> HttpResponse:
    keeper = _keeper(request)
    if (label := queries.ground_kind_labels().get(code)) is None:
        raise NotVisible("该依据类别")
    form = VerbForm("catalog.end_ground_kind", keeper, fixed={"kind": code})
    return _written(request, form, f"停用依据类别：{label}", "停用")


def _keeper(request: Request) -> Request:
    """Who keeps the kinds: the bureau's operators. Raises `NotYours`."""
    if not (request.actor.bureau and request.actor.has(Post.OPERATOR)):
        raise NotYours("依据类别由大数据管理局维护。", article="A8", who="大数据管理局经办人")
    return request


def _written(request: Request, form: VerbForm, title: str, button: str) -> HttpResponse:
    if request.method == "POST" and (done := form.perform()) is not None:
        messages.success(request, f"已保存：{done.result}。")
        return redirect("catalog:ground_kinds")
    context = {
        "form": form,
        "title": title,
        "button": button,
        "back": reverse("catalog:ground_kinds"),
        "crumbs": [CRUMB, ("依据类别", reverse("catalog:ground_kinds")), (title, "")],
    }
    return render(request, "catalog/register.html", context, status=form.status)
