"""The page of calls: who called what under which grant, denied ones too."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from huitong.kernel.actor import Actor
from huitong.kernel.manifest import Place, panels
from huitong.kernel.requests import Request
from huitong.planes.gateway import queries
from huitong.planes.gateway.models import Call
from huitong.planes.gateway.rules import Verdict
from huitong.ui.lists import Column, List, Listing, conditions
from huitong.ui.moments import absolute

KINDS = {
    Verdict.ALLOWED: "success",
    Verdict.NO_TOKEN: "danger",
    Verdict.NOT_GRANTED: "danger",
    Verdict.TOO_FAST: "warning",
}
CALLS = List(
    "gateway.calls",
    "接口调用记录",
    (
        Column("at", "时间", lambda row: absolute(row["call"].at, seconds=True), fixed=True),
        Column("client", "调用方", "call.client"),
        Column("path", "接口", "call.path", css="words", fixed=True),
        Column("grant", "授权编号", "call.grant.case.number"),
        Column("word", "结果", fixed=True),
        Column("status", "状态码", "call.status", num=True),
        Column("bytes", "字节", "call.bytes", num=True),
        Column("ms", "毫秒", "call.ms", num=True),
        Column("ip", "来源地址", "call.ip", files_only=True),
        Column("request", "请求编号", "call.request_id", files_only=True),
        Column("parameters", "管控参数", files_only=True),
    ),
    order=("-at", "-pk"),
    unit="次",
    size=50,
    keep=("verdict",),
    row_key="call.pk",
    personal=True,
    empty=("没有调用记录", "接口方式的授权生效后，每次调用几秒内出现在这里"),
)


class Filter(forms.Form):
    """What the list can be narrowed by; the tab goes along, and what only links can say."""

    verdict = forms.ChoiceField(
        label="调用结果", required=False, choices=Verdict.choices(), widget=forms.HiddenInput
    )
    digest = forms.CharField(
        label="管控参数的值", required=False, max_length=120, widget=forms.HiddenInput
    )
    since = forms.DateField(label="自", required=False, widget=forms.HiddenInput)
    q = forms.CharField(label="接口地址、凭证或请求编号", required=False, max_length=120)


@require_http_methods(["GET", "HEAD", "POST"])
def calls(request: Request) -> HttpResponseBase:
    """Calls one may see, newest first; by verdict on tabs, by path, request id and value of a
    control parameter in the filter.

    A value is posted and turned into its digest before it stands in an address: addresses end up in
    logs.
    """
    if request.method == "POST":
        value = request.POST.get("value", "").strip()
        filters = {
            "verdict": request.POST.get("verdict", ""),
            "q": request.POST.get("q", ""),
            "digest": queries.digest_of(value) if value else "",
        }
        chosen = {name: text for name, text in filters.items() if text}
        return redirect(f"{request.path}?{urlencode(chosen or {'view': ''})}")
    form = Filter(request.GET)
    given = conditions(form)
    rows = queries.matching(request.actor, **given)
    filters = {name: str(value) for name, value in given.items() if value}
    more = [
        (label, words, name, filters[name])
        for label, words, name in (
            ("管控参数的值", f"摘要 {filters.get('digest', '')[:8]}…", "digest"),
            ("自", filters.get("since", ""), "since"),
        )
        if name in filters
    ]
    listing = Listing(
        request,
        CALLS,
        rows,
        form=form,
        draw=lambda page: [_line(request.actor, call) for call in page],
        more=more,
    )
    others = {name: text for name, text in filters.items() if name != "verdict"}
    tabs = [
        {
            "label": label,
            "url": listing.only(**others, verdict=value),
            "active": filters.get("verdict", "") == value,
        }
        for value, label in (("", "全部"), *Verdict.choices())
    ]
    without = listing.url(digest=None)
    context = {"tabs": tabs, "filters": filters, "without": without, "crumbs": [("接口调用", "")]}
    return listing.answer("gateway/calls.html", context)


def _line(actor: Actor, call: Call) -> dict[str, Any]:
    received = call.grant is not None and call.verdict == Verdict.ALLOWED
    return {
        "call": call,
        "panels": panels(Place.DELIVERY, actor, queries.deliverance(call)) if received else [],
        "parameters": parameter_words(call.parameters),
        "word": Verdict(call.verdict).label if call.verdict else "—",
        "kind": KINDS.get(call.verdict, "neutral"),
    }


def parameter_words(parameters: list[dict[str, str]]) -> str:
    """The control parameters of a call, in words: their values, or the beginnings of their
    digests."""
    return "；".join(
        (
            f"{one['name']}={one['value']}"
            if "value" in one
            else f"{one['name']}（摘要 {one['digest'][:8]}…）"
        )
        for one in parameters
    )
