"""The entries a change of law or function concerns: chosen among those that cite it, settled by the
body whose they are (A11)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods

from huitong.catalog import queries
from huitong.catalog.forms import EntryFilter, ReasonsForm
from huitong.catalog.models import AffectedEntry, LawChange
from huitong.catalog.rules.changes import CHANGE, Settlement
from huitong.catalog.views.frame import clerk_of
from huitong.kernel import doing
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.procedure import NotYours
from huitong.kernel.requests import Request
from huitong.kernel.workdays import load_calendar
from huitong.organizations import queries as organizations
from huitong.ui.lists import BulkAct, Column, List, Listing, conditions
from huitong.ui.rules import question
from huitong.work import queries as work
from huitong.work.forms import bulk_in

CRUMB = ("法规职能变动", reverse_lazy("catalog:changes"))
AFFECTED = List(
    "catalog.affected",
    "涉及的目录",
    (
        Column("name", "目录", "entry.name", sort=("entry__current__name",), fixed=True),
        Column("code", "资源代码", "entry.code", sort=("entry__code",)),
        Column("body", "提供部门", "entry.body.short_name", sort=("entry__body__short_name",)),
        Column("cited", "引用之处"),
        Column("draft", "新版本"),
        Column(
            "outcome", "处理结果", "affected.get_outcome_display", sort=("outcome",), fixed=True
        ),
        Column("reasons", "理由", "affected.reasons"),
        Column("by", "处理人", "affected.settled_by", chosen=False),
        Column("at", "处理时间", "affected.settled_at", sort=("settled_at",), chosen=False),
        Column("ops", "操作", css="ops", page_only=True),
    ),
    order=("outcome", "pk"),
    unit="项",
    numbered=True,
    row_key="entry.pk",
    key_field="entry",
    personal=True,
    name=lambda row: (row["entry"].name, reverse("catalog:entry", args=[row["entry"].pk])),
    empty=("没有列入目录", "可以补充涉及的目录；本部门目录确实不涉及的，写明理由。"),
)
CANDIDATES = List(
    "catalog.to_include",
    "可列入的目录",
    (
        Column("name", "目录", "entry.name", sort=("current__name",), fixed=True),
        Column("code", "资源代码", "entry.code", sort=("code",)),
        Column("body", "提供部门", "entry.body.short_name", sort=("body__short_name",)),
        Column("cited", "引用之处", fixed=True),
    ),
    order=("body__short_name", "current__name", "pk"),
    unit="项",
    numbered=True,
    keep=("by",),
    row_key="entry.pk",
    name=lambda row: (row["entry"].name, reverse("catalog:entry", args=[row["entry"].pk])),
    empty=("没有可列入的目录", ""),
)
#: how candidates are proposed: label, and what to do where there are none
WAYS = {
    "": ("引用该文件", "没有目录引用该文件；可在“全部目录”中查找。"),
    "duty": ("职责、事项以其为依据", "没有部门的职责或事项以该文件为依据。"),
    "all": ("全部目录", "没有尚未列入的已发布目录。"),
}


@require_http_methods(["GET", "HEAD", "POST"])
def change_part(request: Request, case: int) -> HttpResponseBase:
    """The entries one body has to settle: choose, settle, with the reason once for all chosen."""
    actor = clerk_of(request)
    part = queries.change_part_for(actor, case)
    about = queries.change_of(part)
    rows = queries.affected_visible_to(actor).filter(part=part)
    bulk: list[BulkAct] = []
    if may_take(request, part, "settle"):
        bulk = [
            bulk_in(
                part,
                "catalog_change_part.settle",
                outcome.label,
                name=outcome.value,
                parameter="entries",
                fixed={"outcome": outcome},
                form=ReasonsForm.of if outcome.wants_reasons else None,
                hint=HINTS[outcome],
            )
            for outcome in Settlement
        ]
    listing = Listing(
        request,
        AFFECTED.without("body"),
        rows,
        draw=lambda page: affected_rows(page, about),
        bulk=bulk,
    )
    return listing.answer("catalog/change.html", frame_of_change(request, about, part))


HINTS = {
    Settlement.UNCHANGED: "写明为什么公布的变动不影响这些目录。",
    Settlement.CHANGED: "平台逐项核对：公布之后须有新版本发布；只更正联系方式或备注的不算。",
    Settlement.WITHDRAW: "撤销发布须提前告知使用部门并经大数据管理局审核同意，这里先记下意见和理由。",
}


@require_http_methods(["GET", "HEAD", "POST"])
def choose_affected(request: Request, case: int) -> HttpResponseBase:
    """Entries to count in: proposed because they cite the document, because their body's duties
    rest on it, or any."""
    actor = clerk_of(request)
    about_case = queries.change_case_for(actor, case)
    about = queries.change_of(about_case)
    verb = "include" if about_case.kind == CHANGE.kind else "take_in"
    bulk = bulk_over(request, about_case, verb, "列入")
    if not bulk:
        raise NotYours("涉及的目录由经办人列入。", article="A11", who="经办人")
    way = request.GET.get("by", "")
    way = way if way in WAYS else ""
    all_bodies = about_case.kind == CHANGE.kind
    form = EntryFilter(request.GET, organizations.all_body_names() if all_bodies else {})
    chosen = conditions(form)
    rows = queries.entries_to_include(actor, about_case)
    if not way:
        rows = queries.citing(rows, about.document)
    elif way == "duty":
        rows = queries.of_duties(rows, actor, about.document)
    rows = queries.entries_called(rows, question(chosen.get("q") or ""))
    rows = rows.filter(body=chosen["body"]) if chosen.get("body") else rows

    def drawn(page: list[Any]) -> list[dict[str, Any]]:
        cited = queries.where_cited(page, about.document)
        return [{"entry": entry, "cited": cited[entry.pk]} for entry in page]

    empty = ("没有可列入的目录", WAYS[way][1])
    listing = Listing(request, CANDIDATES.saying(empty), rows, form=form, draw=drawn, bulk=bulk)
    tabs = [
        {"label": label, "url": f"?by={key}" if key else "?", "active": key == way}
        for key, (label, _) in WAYS.items()
    ]
    back = _page_of(about_case)
    context = {
        "change": about,
        "tabs": tabs,
        "back": back,
        "crumbs": [CRUMB, (str(about), back), ("列入目录", "")],
    }
    return listing.answer("catalog/change_choose.html", context)


# -- what the pages have in common ---------------------------------------------------------------


def _page_of(case: Case) -> str:
    page = "catalog:change" if case.kind == CHANGE.kind else "catalog:change_part"
    return reverse(page, args=[case.pk])


def may_take(request: Request, case: Case, verb: str) -> bool:
    return any(row.verb == verb for row, _ in doing.open_to(request.actor, case))


def bulk_over(request: Request, case: Case, verb: str, label: str) -> list[BulkAct]:
    """The act over chosen entries, for whoever may take that step now."""
    if not may_take(request, case, verb):
        return []
    return [bulk_in(case, f"{case.kind}.{verb}", label, parameter="entries")]


def affected_rows(page: list[AffectedEntry], about: LawChange) -> list[dict[str, Any]]:
    entries = [row.entry for row in page]
    cited = queries.where_cited(entries, about.document)
    versions = queries.versions_since(about, [entry.pk for entry in entries])
    return [
        {
            "affected": row,
            "entry": row.entry,
            "cited": cited[row.entry_id],
            "draft": _draft(row, versions.get(row.entry_id)),
            "updating": row.entry.latest_id != row.entry.current_id,
        }
        for row in page
    ]


def _draft(row: AffectedEntry, number: int | None) -> str:
    """How far another version of the entry is."""
    if number is not None:
        return f"第 {number} 版已发布"
    entry = row.entry
    return "" if entry.latest_id == entry.current_id else f"编制中（{entry.state.label}）"


def frame_of_change(request: Request, about: LawChange, case: Case) -> dict[str, Any]:
    whole = case.pk == about.case_id
    procedure = doing.procedure_of(case)
    labels = {
        row.verb: row.label for row, verb in doing.open_to(request.actor, case) if verb.offered
    }
    choose = next((verb for verb in ("include", "take_in") if verb in labels), "")
    return {
        "change": about,
        "case": case,
        "whole": whole,
        "state": procedure.state(case.state),
        "due": work.countdown(case, load_calendar()),
        "choose": reverse("catalog:choose_affected", args=[case.pk]) if choose else "",
        # offered where no entry is listed: the body says that none of its own is concerned
        "settles": "settle" in labels,
        "nothing": reverse("work:step", args=[case.pk, "settle"]) if "settle" in labels else "",
        "steps": [
            (labels[verb], reverse("work:step", args=[case.pk, verb]), verb)
            for verb in ("send", "cancel", "call_off")
            if verb in labels
        ],
        "crumbs": [CRUMB, (str(about), "")],
    }
