"""Which body collects which datum for all (数源清单): kept by the bureau, read by everybody who
catalogs (一数一源)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from huitong.catalog import queries
from huitong.catalog.forms.leads import DataForm
from huitong.catalog.models import Lead
from huitong.catalog.rules.finding import folded
from huitong.catalog.rules.leads import period_words
from huitong.catalog.views.standards import CRUMB, frame, reader_of
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.procedure import NotYours
from huitong.kernel.requests import Request
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations
from huitong.ui.lists import Column, List, Listing, conditions
from huitong.ui.rules import question
from huitong.work.forms import BodyFilter

LEADS = List(
    "catalog.leads",
    "数源清单",
    (
        Column("name", "数据名称", "datum.name", sort=("datum__name",), fixed=True),
        Column("synonyms", "其他叫法", "datum.synonyms"),
        Column("code", "标准代码", "datum.code", sort=("datum__code",)),
        Column("body", "数源部门", "body.short_name", sort=("body__short_name",), fixed=True),
        Column("basis", "依据"),
        Column("in_force", "起始日期", sort=("in_force",)),
        Column("until", "最后一天", sort=("until",)),
        Column("state", "状态", "state", fixed=True),
        Column("ops", "操作", css="ops", page_only=True),
    ),
    order=("datum__name", "-in_force", "pk"),
    unit="条",
    numbered=True,
    empty=("还没有登记数源部门", "市大数据管理局确定每项数据由哪个部门采集，其他部门共享使用。"),
)
LEADS_PAGE = ("数源清单", "catalog:leads")


class Filter(BodyFilter):
    """What the register can be narrowed by."""

    q = forms.CharField(label="数据名称", required=False, max_length=60)
    state = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[("", "全部"), ("now", "现行"), ("other", "已结束或尚未开始")],
    )
    field_order = ("q", "body", "state")


@require_safe
def leads(request: Request) -> HttpResponseBase:
    """The register: what each body collects for all, now and before."""
    actor = reader_of(request)
    rows = queries.leads.leads_visible_to(actor)
    own = rows.order_by().values_list("body", flat=True).distinct()
    form = Filter(request.GET, organizations.body_names(own))
    chosen = conditions(form)
    if q := question(chosen.get("q") or ""):
        rows = rows.filter(Q(datum__name__icontains=q) | Q(datum__words__contains=[folded(q)]))
    if body := chosen.get("body"):
        rows = rows.filter(body=body)
    if state := chosen.get("state"):
        now = queries.leads.standing(rows, today())
        rows = now if state == "now" else rows.exclude(pk__in=now.values("pk"))
    listing = Listing(request, LEADS, rows, form=form, draw=_drawn)
    may = actor.bureau and actor.has(Post.OPERATOR)
    return listing.answer("catalog/leads.html", frame(actor, "leads") | {"may": may})


def _drawn(page: list[Lead]) -> list[Any]:
    """The rows with where each stands; the last lead of a datum is replaced or ended there."""
    last = queries.leads.last_of(lead.datum_id for lead in page)
    for row in page:
        row.state = period_words(row.in_force, row.until, today())
        row.is_last = last.get(row.datum_id) == row.pk
    return page


@require_http_methods(["GET", "HEAD", "POST"])
def register_data(request: Request) -> HttpResponse:
    _keeper(request)
    form = DataForm(request, initial={"in_force": today()})
    if request.method == "POST" and not form.reshaped and form.perform() is not None:
        messages.success(request, "已登记，各数源部门会收到通知。")
        return redirect("catalog:leads")
    context = {
        "form": form,
        "title": "登记数源部门",
        "sub": "一项数据只有一个数源部门：由它采集、维护，其他部门共享使用，不重复采集。",
        "file_help": "Excel（.xlsx、.xls）或 CSV，须有“数据名称”“数源部门”“依据”三列；读入后先核对，再登记。",
        "back": reverse("catalog:leads"),
        "crumbs": [CRUMB, (LEADS_PAGE[0], reverse(LEADS_PAGE[1])), ("登记数源部门", "")],
    }
    return render(request, "catalog/rows_form.html", context, status=form.status)


def _keeper(request: Request) -> Actor:
    """Who keeps the register: the bureau's operators. Raises `NotYours`."""
    actor = request.actor
    if not (actor.bureau and actor.has(Post.OPERATOR)):
        raise NotYours("数源清单由大数据管理局维护。", article="D", who="大数据管理局经办人")
    return actor
