"""The page of calls: who called what under which grant, denied ones too."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from huitong.kernel.requests import Request
from huitong.kernel.workdays import SHANGHAI
from huitong.planes.gateway import queries
from huitong.planes.gateway.rules import Verdict
from huitong.ui.rules import cell

PAGE = 50
KINDS = {
    Verdict.ALLOWED: "success",
    Verdict.NO_TOKEN: "danger",
    Verdict.NOT_GRANTED: "danger",
    Verdict.TOO_FAST: "warning",
}
COLUMNS = (
    "时间",
    "调用方",
    "接口",
    "授权编号",
    "结果",
    "状态码",
    "字节",
    "毫秒",
    "来源地址",
    "请求编号",
    "管控参数",
)


@require_http_methods(["GET", "HEAD", "POST"])
def calls(request: Request) -> HttpResponse | StreamingHttpResponse:
    """Calls one may see, newest first; by verdict on tabs, by path, request id and value of a
    control parameter in the filter; as CSV.

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
        return redirect(
            f"{request.path}?{urlencode({name: text for name, text in filters.items() if text})}"
        )
    filters = {
        name: request.GET.get(name, "").strip()[:120]
        for name in ("verdict", "q", "digest", "since")
    }
    rows = queries.matching(
        request.actor,
        verdict=filters["verdict"],
        q=filters["q"],
        digest=filters["digest"],
        since=_day(filters["since"]),
    )
    if request.GET.get("format") == "csv":
        answer = StreamingHttpResponse(
            _lines(rows[:100_000]), content_type="text/csv; charset=utf-8"
        )
        answer["Content-Disposition"] = 'attachment; filename="calls.csv"'
        return answer
    others = {name: text for name, text in filters.items() if text and name != "verdict"}
    tabs = [
        {
            "label": label,
            "url": f"?{urlencode(others | ({'verdict': value} if value else {}))}",
            "active": filters["verdict"] == value,
        }
        for value, label in (("", "全部"), *Verdict.choices())
    ]
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    lines = [
        {
            "call": call,
            "parameters": parameter_words(call.parameters),
            "word": Verdict(call.verdict).label if call.verdict else "—",
            "kind": KINDS.get(call.verdict, "neutral"),
        }
        for call in page
    ]
    return render(
        request,
        "gateway/calls.html",
        {
            "page": page,
            "rows": lines,
            "tabs": tabs,
            "filters": filters,
            "crumbs": [("接口调用", "")],
        },
    )


def _day(text: str) -> date | None:
    """A day of an address; None for any other text."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


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


def _lines(rows: Any) -> Iterator[str]:
    class Echo:
        def write(self, text: str) -> str:
            return text

    writer = csv.writer(Echo())
    yield "\ufeff" + writer.writerow(COLUMNS)
    for c in rows.iterator(chunk_size=2000):
        at = c.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        number = c.grant.case.number if c.grant else ""
        verdict = Verdict(c.verdict).label if c.verdict else ""
        yield writer.writerow(
            map(
                cell,
                (
                    at,
                    c.client,
                    c.path,
                    number,
                    verdict,
                    c.status,
                    c.bytes,
                    c.ms,
                    c.ip,
                    c.request_id,
                    parameter_words(c.parameters),
                ),
            )
        )
