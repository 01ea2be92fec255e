"""The register of information systems: who names them, from catalog to credentials (A7, A28)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods, require_safe

from huitong.catalog import queries
from huitong.catalog.models import Entry
from huitong.catalog.queries.systems import (
    bodies_with_systems,
    entries_of_system,
    systems_with_counts,
)
from huitong.catalog.views.frame import writer_of
from huitong.catalog.views.lists import sources_frame
from huitong.kernel.actor import Post
from huitong.kernel.addresses import reverse
from huitong.kernel.manifest import Place, panels
from huitong.kernel.requests import Request
from huitong.ui.lists import Column, List, Listing, conditions
from huitong.ui.rules import question
from huitong.work.forms import BodyFilter, VerbForm

CRUMB = ("信息系统", reverse_lazy("catalog:systems"))
#: what is registered of a system, as it is asked
ORDER = ("name", "summary", "network", "builder", "protection_level", "protection_filing")
SYSTEMS = List(
    "catalog.systems",
    "信息系统",
    (
        Column("name", "名称", sort=("name",), fixed=True),
        Column("body", "部门", "body.short_name", sort=("body__short_name",)),
        Column("summary", "用途", chosen=False),
        Column("level", "等级保护", "protection_level", sort=("protection_level",)),
        Column("filing", "备案编号", "protection_filing", sort=("protection_filing",)),
        Column("network", "部署网络", sort=("network",), chosen=False),
        Column("builder", "建设运维单位", sort=("builder",), chosen=False),
        Column("state", "状态", lambda row: "已停用" if row.retired_on else "在用"),
        Column("entries", "目录数", "entry_count", num=True, sort=("entry_count",)),
    ),
    order=("name", "pk"),
    unit="个",
    numbered=True,
    empty=(
        "还没有登记信息系统",
        "产生数据的、使用数据的都登记在这里；目录、数据库、共享申请和凭证都从中选择。",
    ),
)
#: entries named on the page of a system
NAMED = 50


class Filter(BodyFilter):
    """What the register can be narrowed by."""

    field_order = ("q", "body", "state")
    q = forms.CharField(label="名称", required=False, max_length=60)
    state = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[("", "全部"), ("used", "在用"), ("retired", "已停用")],
    )


@require_safe
def systems(request: Request) -> HttpResponseBase:
    """The systems of one's body, each with the number of its entries; for the bureau all."""
    actor = request.actor
    spec = SYSTEMS if actor.bureau else SYSTEMS.without("body")
    rows = systems_with_counts(actor)
    form = Filter(request.GET, bodies_with_systems(actor))
    chosen = conditions(form)
    for word in question(chosen.get("q") or "").split():
        rows = rows.filter(name__icontains=word)
    if chosen.get("body"):
        rows = rows.filter(body=chosen["body"])
    if chosen.get("state"):
        rows = rows.filter(retired_on__isnull=chosen["state"] == "used")
    listing = Listing(request, spec, rows, form=form)
    return listing.answer("catalog/systems.html", sources_frame(actor, "systems"))


@require_safe
def system_page(request: Request, pk: int) -> HttpResponse:
    """One system: what is registered of it, its databases, the entries that name it, and what the
    contexts above know of it."""
    actor = request.actor
    system = queries.system_for(actor, pk)
    own = system.body_id == actor.body
    entries = entries_of_system(actor, system)
    context = {
        "system": system,
        "own": own,
        "mine": own and actor.has(Post.OPERATOR),
        "turn": ("catalog.restore_system", "恢复使用")
        if system.retired_on
        else ("catalog.retire_system", "停用"),
        "databases": queries.databases_visible_to(actor).filter(system=system),
        "entries": [_entry(entry, own) for entry in entries[:NAMED]],
        "entry_count": entries.count(),
        "panels": panels(Place.SYSTEM, actor, system),
        "crumbs": [CRUMB, (system.name, "")],
    }
    return render(request, "catalog/system.html", context)


def _entry(entry: Entry, own: bool) -> dict[str, Any]:
    """An entry as its own body works on it, or as it is published."""
    drafted = own and not entry.draft.is_published
    return {
        "name": entry.draft.name if own else entry.name,
        "state": entry.state if own else None,
        "url": reverse("catalog:compile" if drafted else "catalog:entry", args=[entry.pk]),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def new_system(request: Request) -> HttpResponse:
    writer_of(request)
    form = VerbForm("catalog.register_system", request)
    sub = "产生数据的、使用数据的信息系统都在这里登记，只登记一次。"
    return _registered(request, form, "登记信息系统", sub, reverse("catalog:systems"))


@require_http_methods(["GET", "HEAD", "POST"])
def change_system(request: Request, pk: int) -> HttpResponse:
    """Correct what is registered of a system."""
    system = queries.own_system(writer_of(request), pk)
    values = {name: getattr(system, name) for name in ORDER}
    form = VerbForm("catalog.change_system", request, fixed={"system": pk}, initial=values)
    back = reverse("catalog:system", args=[pk])
    return _registered(request, form, f"修改信息系统：{system.name}", "", back)


def _registered(request: Request, form: VerbForm, title: str, sub: str, back: str) -> HttpResponse:
    form.order_fields(ORDER)
    if request.method == "POST" and (done := form.perform()) is not None:
        messages.success(request, f"“{done.result}”已保存。" if done.result else "已保存。")
        return redirect("catalog:system", done.entry.object_id)
    context = {
        "form": form,
        "title": title,
        "sub": sub,
        "button": "保存" if "system" in form.fixed else "登记",
        "back": back,
        "order": [form[name] for name in ORDER],
        "crumbs": [CRUMB, (title, "")],
    }
    return render(request, "catalog/register.html", context, status=form.status)
