"""What today's rules find in the whole catalog: by rule, by body, one by one (A10)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from huitong.catalog import queries
from huitong.catalog.models import CheckFinding, CheckReport
from huitong.catalog.rules import RULES, Severity
from huitong.catalog.rules.elements import label_of
from huitong.catalog.views.frame import clerk_of, tabs_of
from huitong.catalog.views.sources import STOP_POLLING
from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.laws import article_words
from huitong.kernel.procedure import AgainstRules
from huitong.kernel.requests import Request
from huitong.organizations import queries as organizations
from huitong.ui.lists import Column, List, Listing, conditions
from huitong.work.forms import BodyFilter

BY_RULE = List(
    "catalog.check_rules",
    "目录检查：按规则",
    (
        Column(
            "severity",
            "程度",
            lambda row: Severity(row["severity"]).label,
            sort=("severity",),
            fixed=True,
        ),
        Column("title", "问题", "of.title", fixed=True),
        Column("article", "依据", lambda row: article_words(row["of"].article)),
        Column("findings", "处数", num=True, sort=("findings",)),
        Column("entries", "涉及目录", num=True, sort=("entries",)),
        Column("bodies", "涉及部门", num=True, sort=("bodies",)),
    ),
    order=("-findings", "rule"),
    unit="条",
    numbered=True,
    row_key="rule",
    size=50,
    empty=("没有发现问题", "点“重新检查”，按现行规则检查全部目录。"),
)
BY_BODY = List(
    "catalog.check_bodies",
    "目录检查：按部门",
    (
        Column("short_name", "部门", sort=("short_name",), fixed=True),
        Column("errors", "必须改正", num=True, sort=("errors",)),
        Column("warnings", "建议核对", num=True, sort=("warnings",)),
        Column("entries", "涉及目录", num=True, sort=("entries",)),
    ),
    order=("-errors", "-warnings", "body"),
    unit="个",
    numbered=True,
    row_key="body",
    size=50,
    empty=("没有发现问题", "点“重新检查”，按现行规则检查全部目录。"),
)
FINDINGS = List(
    "catalog.check_findings",
    "目录检查：清单",
    (
        Column("body", "部门", "body.short_name", sort=("body__short_name",)),
        Column("code", "资源代码", "entry.code", sort=("entry__code",)),
        Column("name", "资源名称", sort=("name",), fixed=True),
        Column("state", "版本", lambda row: "已发布" if row.published else "编制中"),
        Column("severity", "程度", lambda row: Severity(row.severity).label, sort=("severity",)),
        Column("field", "位置", lambda row: label_of(row.field), sort=("field",)),
        Column("sentence", "问题和改法", fixed=True),
    ),
    order=("severity", "body__short_name", "entry", "pk"),
    unit="处",
    numbered=True,
    empty=("没有发现问题", "点“重新检查”，按现行规则检查全部目录。"),
)


class Filter(BodyFilter):
    """What the findings can be narrowed by."""

    field_order = ("rule", "severity")
    rule = forms.ChoiceField(
        label="规则",
        required=False,
        choices=[("", "全部"), *((rule.name, rule.title) for rule in RULES)],
    )
    severity = forms.ChoiceField(
        label="程度",
        required=False,
        choices=[("", "全部"), *((s.value, s.label) for s in Severity)],
    )


@require_safe
def by_rule(request: Request) -> HttpResponseBase:
    """How often each rule found something; each leads to its list."""
    actor, report = _reader(request)
    rows = queries.report.counts_by_rule(queries.report.check_findings(actor, report))
    return Listing(request, BY_RULE, rows).answer(
        "catalog/checks.html", frame(actor, report, "rule")
    )


@require_safe
def by_body(request: Request) -> HttpResponseBase:
    """How many findings each body has; each leads to its list."""
    actor, report = _reader(request)
    rows = queries.report.counts_by_body(queries.report.check_findings(actor, report))
    return Listing(request, BY_BODY, rows).answer(
        "catalog/checks.html", frame(actor, report, "body")
    )


@require_safe
def findings(request: Request) -> HttpResponseBase:
    """The findings one by one, each with the place to mend it."""
    actor, report = _reader(request)
    rows = queries.report.check_findings(actor, report)
    own = rows.order_by().values_list("body", flat=True).distinct()
    form = Filter(request.GET, organizations.body_names(own))
    options = conditions(form)
    for name in ("rule", "severity", "body"):
        if options.get(name):
            rows = rows.filter(**{name: options[name]})
    listing = Listing(
        request,
        FINDINGS,
        rows.select_related("body", "entry"),
        form=form,
        draw=lambda page: _drawn(page, actor),
    )
    return listing.answer("catalog/checks.html", frame(actor, report, "list"))


@require_safe
def progress(request: Request) -> HttpResponse:
    """How far the report being made is, for htmx alone; when it is done the page is loaded anew."""
    running = queries.report.running_report(clerk_of(request))
    if running is None:
        return HttpResponse(headers={"HX-Refresh": "true"}, status=STOP_POLLING)
    return render(request, "catalog/_check_progress.html", _progress(running))


@require_POST
def check_catalog(request: Request) -> HttpResponse:
    """Have everything checked again, in the background."""
    try:
        doing.perform(request.actor, "catalog.check_catalog", {})
    except AgainstRules as refused:
        messages.error(request, f"{refused.detail}{refused.remedy}")
    else:
        messages.success(request, "已开始检查。")
    return redirect("catalog:checks")


def _reader(request: Request) -> tuple[Actor, CheckReport | None]:
    """Who reads, and the youngest report that says all they may read."""
    actor = clerk_of(request)
    return actor, queries.report.last_report(actor)


def _drawn(page: list[CheckFinding], actor: Actor) -> list[CheckFinding]:
    """The findings of a page, each with where it is mended: by its own body on the page of the
    draft, else where it is read."""
    for row in page:
        own = row.body_id == actor.body
        view = "catalog:compile" if own and not row.published else "catalog:entry"
        row.place = reverse(view, args=[row.entry_id])
    return page


def _progress(running: CheckReport) -> dict[str, Any]:
    return {
        "set": running,
        "total": running.total or 1,
        "poll": reverse("catalog:check_progress"),
        "words": f"{running.done} / {running.total} 个版本" if running.total else "正在准备……",
    }


def frame(actor: Actor, report: CheckReport | None, tab: str) -> dict[str, Any]:
    """What all pages of the room say around their list."""
    pages = {"rule": ("按规则", "checks")}
    pages |= {"body": ("按部门", "check_bodies")} if actor.bureau else {}
    pages |= {"list": ("清单", "check_findings"), "rules": ("检查规则", "check_rules")}
    running = queries.report.running_report(actor)
    return (_progress(running) if running is not None else {}) | {
        "tab": tab,
        "report": report,
        "running": running,
        "tabs": tabs_of(pages, tab),
        "crumbs": [("目录检查", "")],
    }
