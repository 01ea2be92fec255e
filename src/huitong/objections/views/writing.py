"""Raising a doubt, and the values it is about (A29)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from huitong.kernel import doing
from huitong.kernel.procedure import NotYours
from huitong.kernel.requests import Request
from huitong.objections import queries
from huitong.objections.rules import Doubt
from huitong.objections.views.lists import CRUMB
from huitong.ui.rules import is_key
from huitong.ui.selectors import Picker
from huitong.work.forms import VerbForm

#: what the link to the form says a doubt is about
ABOUT = ("entry", "mount", "grant", "again")


@require_safe
def page(request: Request, pk: int) -> HttpResponse:
    """The page of a doubt is that of its case."""
    return redirect(queries.objection_for(request.actor, pk).get_absolute_url())


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Raise a doubt about what the link names; where it names nothing, where to begin."""
    actor = request.actor
    if not queries.may_report(actor):
        raise NotYours("疑义由部门经办人提出。", article="A29", who="经办人")
    sent = request.POST if request.method == "POST" else request.GET
    named = {name: int(sent[name]) for name in ABOUT if is_key(sent.get(name, ""))}
    if not named:
        return render(request, "objections/where.html", {"crumbs": [CRUMB, ("提出疑义", "")]})
    about = queries.about(actor, **named)
    form = VerbForm("objection.report", request, initial=named | _begun(request, about))
    for name in ("held", "believed"):  # typed by who reads it off a screen: kept sealed alone
        form.fields[name].widget = forms.TextInput(attrs={"autocomplete": "off", "data-unkept": ""})
    items = queries.item_names(about.entry)
    form.fields["item"].widget = Picker(choices=[("", "请选择"), *((name, name) for name in items)])
    if about.grant is None:
        offered = [(k.value, k.label) for k in (Doubt.CATALOG, Doubt.RESOURCE)]
        form.fields["kind"].choices = offered
    if request.method == "POST" and (done := form.perform()) is not None:
        provider = about.provider.short_name
        messages.success(request, f"疑义已提出，由{provider}校核；大数据管理局已收到通知。")
        return redirect("work:case", done.entry.case)
    context = {
        "form": form,
        "about": about,
        "content": about.grant is not None,
        "crumbs": [CRUMB, ("提出疑义", "")],
    }
    return render(request, "objections/write.html", context, status=form.status)


@require_http_methods(["GET", "HEAD", "POST"])
def values(request: Request, pk: int) -> HttpResponse:
    """The values a doubt is about: shown once by a press, which is recorded."""
    actor = request.actor
    objection = queries.objection_to_look_at(actor, pk)
    pair = None
    if request.method == "POST":
        pair = doing.perform(actor, "objections.look", {"objection": pk}).result
    context = {
        "objection": objection,
        "pair": pair,
        "back": objection.get_absolute_url(),
        "crumbs": [CRUMB, (objection.number or "", objection.get_absolute_url()), ("所涉的值", "")],
    }
    answer = render(request, "objections/values.html", context)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _begun(request: Request, about: queries.About) -> dict[str, Any]:
    """What the form begins with: what the link says, or the doubt it goes on from."""
    if about.again is not None:
        first = about.again
        names = ("kind", "words", "delivery", "item", "locator")
        return {name: getattr(first, name) for name in names}
    kind = request.GET.get("kind", "")
    usual = Doubt.CONTENT if about.grant is not None else Doubt.CATALOG
    return {
        "kind": kind if kind in [one.value for one in Doubt] else usual.value,
        "delivery": request.GET.get("delivery", "")[:120],
    }
