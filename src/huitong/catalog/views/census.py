"""The yearly census: its campaigns, how far each body is, the report (A11)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods, require_safe

from huitong.catalog import queries
from huitong.catalog.models import Census
from huitong.catalog.rules.census import OF_ENTRIES, CensusPartState, CensusState
from huitong.catalog.views.frame import clerk_of
from huitong.kernel import doing
from huitong.kernel.actor import Post
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.procedure import NotVisible, NotYours
from huitong.kernel.requests import Request
from huitong.kernel.workdays import load_calendar, today
from huitong.organizations import queries as organizations
from huitong.ui.lists import Column, List, Listing, conditions
from huitong.work import queries as work
from huitong.work.forms import VerbForm

CRUMB = ("目录普查", reverse_lazy("catalog:censuses"))
CENSUSES = List(
    "catalog.censuses",
    "目录普查",
    (
        Column("year", "年度", "census.year", sort=("year",), fixed=True),
        Column("begins_on", "开始", "census.begins_on", sort=("begins_on",)),
        Column("ends_on", "截止", "census.ends_on", sort=("ends_on",)),
        Column("bodies", "部门", "whole", num=True),
        Column("over", "已完成", "over", num=True),
        Column("state", "状态", "state.label", sort=("case__state",), fixed=True),
        Column("report", "普查报告", "report"),
    ),
    order=("-year", "-pk"),
    unit="次",
    numbered=True,
    row_key="census.case_id",
    empty=("还没有普查", "每年一次全面普查，由大数据管理局发起，各部门逐项核对本部门目录。"),
)
PROGRESS = List(
    "catalog.census_progress",
    "普查进度",
    (
        Column("body", "部门", fixed=True),
        Column("entries", "目录", "progress.entries", num=True),
        Column("answered", "已核对", "progress.answered", num=True),
        Column("percent", "完成 %", "progress.percent", num=True),
        *(Column(o.value, o.label, f"progress.outcomes.{o.value}", num=True) for o in OF_ENTRIES),
        Column("missing", "应编未编", "progress.missing", num=True),
        Column("new", "期间新发布", "progress.new", num=True, chosen=False),
        Column("due", "时限", "due.words"),
        Column("state", "状态", "state.label", sort=("state",), fixed=True),
    ),
    order=("closed_at", "due_on", "pk"),
    unit="个",
    numbered=True,
    row_key="part.pk",
    empty=("没有部门", "可以补充部门。"),
)
REPORT = List(
    "catalog.census_report",
    "普查报告",
    (
        Column("name", "部门", sort=("name",), fixed=True),
        Column("entries", "目录", num=True, sort=("entries",)),
        *(Column(o.value, o.label, num=True, sort=(o.value,)) for o in OF_ENTRIES),
        Column("updated", "已更新", num=True, files_only=True),
        Column("missing", "应编未编", num=True, sort=("missing",)),
        Column("unanswered", "未核对", num=True, sort=("unanswered",)),
        Column("new", "期间新发布", num=True, files_only=True),
        Column("state", "结果", sort=("state",)),
        Column("signed_on", "签核", files_only=True),
        Column("accepted_on", "验收", sort=("accepted_on",)),
        Column("late", "超期", lambda row: "是" if row["late"] else "否", sort=("late",)),
    ),
    order=("name", "body"),
    unit="个",
    size=100,
    numbered=True,
    row_key="body",
    empty=("没有部门", ""),
)
TO_WITHDRAW = List(
    "catalog.to_withdraw",
    "拟撤销发布的目录",
    (
        Column("name", "目录", "entry.name", sort=("current__name",), fixed=True),
        Column("code", "资源代码", "entry.code", sort=("code",)),
        Column("body", "提供部门", "entry.body.short_name", sort=("body__short_name",)),
        Column("where", "提出于"),
        Column("reasons", "理由"),
    ),
    order=("body__short_name", "current__name", "pk"),
    unit="项",
    numbered=True,
    row_key="entry.pk",
    empty=("没有拟撤销发布的目录", "普查或法规职能变动中提出的，列在这里，等待办理撤销发布。"),
)


class ProgressFilter(forms.Form):
    """What the bodies of a census can be narrowed by."""

    state = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[("", "全部"), *((s.value, s.label) for s in CensusPartState)],
    )
    late = forms.BooleanField(label="已超期", required=False)


@require_safe
def censuses(request: Request) -> HttpResponseBase:
    """The censuses of all years the reader's body takes part in."""
    actor = clerk_of(request)

    def drawn(page: list[Census]) -> list[dict[str, Any]]:
        counted = queries.counts_of_parts(actor, page)
        return [
            {
                "census": census,
                "state": CensusState(census.case.state),
                "whole": counted.get(census.case_id, (0, 0))[0],
                "over": counted.get(census.case_id, (0, 0))[1],
                "report": "查看" if hasattr(census, "report") else "",
            }
            for census in page
        ]

    listing = Listing(request, CENSUSES, queries.censuses_visible_to(actor), draw=drawn)
    may = actor.bureau and actor.has(Post.OPERATOR)
    return listing.answer("catalog/censuses.html", {"may": may, "crumbs": [(CRUMB[0], "")]})


@require_http_methods(["GET", "HEAD", "POST"])
def launch_census(request: Request) -> HttpResponse:
    """Open a year's census."""
    actor = clerk_of(request)
    if not (actor.bureau and actor.has(Post.OPERATOR)):
        raise NotYours("目录普查由大数据管理局发起。", article="A11", who="大数据管理局经办人")
    initial = {"year": today().year, "begins_on": today()}
    form = VerbForm("census.launch", request, initial=initial)
    if request.method == "POST":
        if (confirmation := form.ask()) is not None:
            return confirmation
        if (done := form.perform()) is not None and done.case is not None:
            messages.success(request, "已发起，各部门已收到任务。")
            return redirect("catalog:census", done.case.pk)
    context = {"form": form, "crumbs": [CRUMB, ("发起", "")]}
    return render(request, "catalog/census_new.html", context, status=form.status)


@require_safe
def census(request: Request, case: int) -> HttpResponseBase:
    """How far each body is with a census."""
    actor = clerk_of(request)
    about = queries.census_for(actor, case)
    form = ProgressFilter(request.GET)
    chosen = conditions(form)
    parts = queries.parts_of_census(actor, about)
    rows = parts.filter(state=chosen["state"]) if chosen.get("state") else parts
    rows = queries.late_parts(rows, today()) if chosen.get("late") else rows
    calendar = load_calendar()

    def drawn(page: list[Case]) -> list[dict[str, Any]]:
        names = organizations.body_names(part.body_of("provider") for part in page)
        numbers = queries.progress_by_part(about, page)
        return [
            {
                "part": part,
                "body": names.get(part.body_of("provider") or 0, ""),
                "progress": numbers[part.pk],
                "due": work.countdown(part, calendar),
                "state": doing.procedure_of(part).state(part.state),
            }
            for part in page
        ]

    listing = Listing(request, PROGRESS, rows, form=form, draw=drawn)
    own = queries.own_census_part(actor, about)
    there, ended = queries.counts_of_parts(actor, [about]).get(about.case_id, (0, 0))
    context = frame_of_census(request, about, about.case) | {
        "whole": queries.whole_of_census(actor, about),
        "own": own,
        "omitted": (queries.omitted(actor, about) if actor.bureau and about.case.is_open else {}),
        "parts": there,
        "over": ended,
    }
    return listing.answer("catalog/census.html", context)


@require_safe
def census_report(request: Request, case: int) -> HttpResponseBase:
    """The report a census ended with, by body."""
    about = queries.census_for(clerk_of(request), case)
    if (report := queries.census_report(about)) is None:
        raise NotVisible("普查报告")
    content = report.content
    listing = Listing(request, REPORT, content["bodies"])
    context = frame_of_census(request, about, about.case) | {
        "report": report,
        "content": content,
        "unaltered": queries.digest_of(content) == report.sha256,
        "crumbs": [CRUMB, (str(about), reverse("catalog:census", args=[case])), ("普查报告", "")],
    }
    return listing.answer("catalog/census_report.html", context)


@require_safe
def to_withdraw(request: Request) -> HttpResponseBase:
    """What bodies proposed to withdraw and nobody has decided yet."""
    actor = clerk_of(request)

    def drawn(page: list[Any]) -> list[dict[str, Any]]:
        wishes = queries.wishes_of(page)
        return [
            {
                "entry": entry,
                "where": "；".join(where for where, _ in wishes.get(entry.pk, ())),
                "reasons": "；".join(why for _, why in wishes.get(entry.pk, ())),
            }
            for entry in page
        ]

    rows = queries.to_withdraw(actor).select_related("body", "current")
    listing = Listing(request, TO_WITHDRAW, rows, draw=drawn)
    return listing.answer("catalog/to_withdraw.html", {"crumbs": [("拟撤销发布的目录", "")]})


def frame_of_census(request: Request, about: Census, case: Case) -> dict[str, Any]:
    """What the pages of a census and its parts have in common."""
    labels = {
        row.verb: row.label for row, verb in doing.open_to(request.actor, case) if verb.offered
    }
    return {
        "census": about,
        "case": case,
        "state": doing.procedure_of(case).state(case.state),
        "due": work.countdown(case, load_calendar()),
        "steps": [
            (label, reverse("work:step", args=[case.pk, verb]), STYLES.get(verb, "secondary"))
            for verb, label in labels.items()
            if verb not in ON_THE_LIST
        ],
        "may": labels,
        "report": queries.census_report(about),
        "crumbs": [CRUMB, (str(about), "")],
    }


#: steps that are taken for rows of the list
ON_THE_LIST = ("answer", "question", "drop_missing")
STYLES = {
    **dict.fromkeys(("submit", "sign", "accept"), "primary"),
    **dict.fromkeys(("cancel", "close", "call_off", "return_part", "send_back"), "danger"),
}
