"""Bringing in older grants: the template, a table checked and shown before anything is written,
handed to its manager; the tables so far and their rows (A19)."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huitong.access import queries
from huitong.access.forms.intake import TableForm, template
from huitong.access.rules import G
from huitong.access.rules.intake import B, Footing
from huitong.access.views.grants import CRUMB
from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.procedure import Malformed, NotYours
from huitong.kernel.requests import Request
from huitong.organizations.rules import Sheet
from huitong.publishing.rules import Authority
from huitong.ui.lists import Column, List, Listing
from huitong.ui.lists.files import XLSX
from huitong.work.forms import VerbForm

VERB = "intake.prepare"
#: a checked table waits so many seconds to be handed in
WAITING_SECONDS = 30 * 60
#: rows and faults a page shows
MOST = 200

INTAKES = List(
    "access.intakes",
    "授权补录",
    (
        Column("number", "编号", "intake.case.number", fixed=True),
        Column("source", "来源", "intake.source", sort=("source",)),
        Column("rows", "项数", "intake.number_of_rows", num=True),
        Column("prepared", "整理", "intake.prepared_by"),
        Column("opened", "提交时间", "intake.case.opened_at", sort=("case__opened_at",)),
        Column("confirmed", "确认", "intake.confirmed_by"),
        Column("state", "环节", "state", sort=("case__state",), fixed=True),
    ),
    unit="次",
    row_key="intake.pk",
    empty=("还没有补录", "下载模板填好旧平台或纸质办理的授权，上传检查后列在这里。"),
)
ROWS = List(
    "access.intake_rows",
    "补录的授权",
    (
        Column("row", "行", "row.row", sort=("row",), num=True, fixed=True),
        Column("number", "原编号", "row.number", sort=("number",), fixed=True),
        Column("consumer", "使用部门", "given.使用部门"),
        Column("system", "使用数据的信息系统", "given.使用数据的信息系统"),
        Column("code", "资源代码", "given.资源代码"),
        Column("mode", "方式", "given.方式"),
        Column("items", "信息项", "given.信息项", css="text", chosen=False),
        Column("filter", "数据行条件", "given.数据行条件", css="text", chosen=False),
        Column("purpose", "使用目的", "given.使用目的", css="text", chosen=False),
        Column("since", "有效期自", "given.有效期自"),
        Column("until", "有效期至", "given.有效期至"),
        Column("decided", "决定日期", "row.decided_on", sort=("decided_on",)),
        Column("decider", "决定单位", "decider"),
        Column("paper", "扫描件", "row.paper.name"),
        Column("note", "备注", "row.note", css="text", chosen=False),
        Column("state", "结果", "state", fixed=True),
    ),
    unit="项",
    row_key="row.pk",
)


@require_http_methods(["GET", "HEAD", "POST"])
def intakes(request: Request) -> HttpResponseBase:
    """The tables brought in so far; to the bureau's operators the upload, which is checked and
    shown, and writes nothing."""
    actor = _participant(request)
    if request.method == "POST":
        queries.check_may_prepare_intake(actor)
    context: dict[str, Any] = {"crumbs": [CRUMB, ("补录旧授权", "")], "sources": []}
    if queries.may_prepare_intake(actor):
        context |= _upload(request)
        context["sources"] = queries.sources_of_intakes(actor)
    if request.method == "POST":
        status = context.get("status", 422)
        return render(request, "access/intake_check.html", context, status=status)
    listing = Listing(
        request,
        INTAKES,
        queries.intakes_counted(actor),
        draw=lambda page: [{"intake": row, "state": B(row.case.state).label} for row in page],
    )
    return listing.answer("access/intakes.html", context)


@require_safe
def empty_table(request: Request) -> HttpResponse:
    """The template, as Excel opens it."""
    _participant(request)
    name = quote("授权补录表.xlsx")
    return HttpResponse(
        template(),
        content_type=XLSX,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


@require_POST
def hand_in(request: Request) -> HttpResponse:
    """Hand a checked table to the manager."""
    key = request.POST.get("key", "")
    checked = cache.get(_cache_key(request, key))
    if checked is None:
        messages.warning(request, "检查结果已过期，请重新上传。")
        return redirect("access:intakes")
    done = doing.perform(request.actor, VERB, checked, request_key=f"intake:{key}")
    messages.success(request, "已提交，请另一人（局负责人）确认；确认前可以放弃。")
    return redirect("work:case", done.entry.case)


@require_safe
def rows(request: Request, pk: int) -> HttpResponseBase:
    """Every row of a table, and what has become of it."""
    intake = queries.intake_for(request.actor, pk)

    def drawn(page: list[Any]) -> list[dict[str, Any]]:
        return [
            {
                "row": row,
                "given": row.given,
                "decider": Authority(row.decided_by).label,
                "state": _state(row, intake),
            }
            for row in page
        ]

    listing = Listing(request, ROWS, queries.intake_rows(intake), draw=drawn)
    case = (intake.case.number or "", reverse("work:case", args=[intake.case_id]))
    crumbs = [CRUMB, ("补录旧授权", reverse("access:intakes")), case, ("各行", "")]
    return listing.answer("access/intake_rows.html", {"intake": intake, "crumbs": crumbs})


# -- inside ----------------------------------------------------------------------------------------


def _participant(request: Request) -> Actor:
    actor = request.actor
    if not queries.brings_in_grants(actor):
        raise NotYours("补录由大数据管理局办理。", article="A19", who="大数据管理局经办人、负责人")
    return actor


def _upload(request: Request) -> dict[str, Any]:
    """The form of a table; with what its check came to once one was sent."""
    posted = request.method == "POST"
    form = VerbForm(
        VERB, request, only=["source", "papers"], fixed={"sheet": Sheet([]), "leave_out": False}
    )
    table = TableForm(request.POST or None, request.FILES or None) if posted else TableForm()
    context: dict[str, Any] = {"form": form, "table": table}
    if not posted:
        return context
    sheet = table.sheet()
    form.fixed["sheet"] = sheet or Sheet([])
    if (given := form.given()) is None or sheet is None:
        return context
    try:
        check = queries.check_intake(request.actor, given["source"], sheet, given.get("papers", []))
    except Malformed as problem:
        table.refuse(problem)
        return context
    key = ""
    if check.grants:
        key = secrets.token_urlsafe(16)
        checked = given | {"leave_out": bool(check.report.errors)}
        cache.set(_cache_key(request, key), checked, WAITING_SECONDS)
    return context | {
        "check": check,
        "key": key,
        "papers": given.get("papers", []),
        "before": check.before[:MOST],
        "errors": check.report.errors[:MOST],
        "grants": [(old, Footing(old.footing).label) for old in check.grants[:MOST]],
        "footings": [(way.label, check.count(way)) for way in Footing if check.count(way)],
        "status": 422 if check.report.errors or not check.grants else 200,
    }


def _state(row: Any, intake: Any) -> str:
    if row.grant is not None:
        return G(row.grant.case.state).label
    return B(intake.case.state).label


def _cache_key(request: Request, key: str) -> str:
    """Under the person's own name: nobody hands in what another has checked."""
    return f"intake:{request.actor.person}:{request.actor.body}:{key}"
