"""The rules of the checks one by one, and since when each stops a submission (A5, A9, A10)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods, require_safe

from huitong.catalog import queries
from huitong.catalog.views import checks
from huitong.catalog.views.frame import clerk_of
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.laws import article_words
from huitong.kernel.procedure import NotYours
from huitong.kernel.requests import Request
from huitong.ui.lists import Column, List, Listing
from huitong.work.forms import VerbForm

RULES = List(
    "catalog.rules_of_checks",
    "目录检查规则",
    (
        Column("severity", "程度", "severity.label", sort=("severity",), fixed=True),
        Column("title", "问题", "rule.title", fixed=True),
        Column("remedy", "改法", "rule.remedy", files_only=True),
        Column("article", "依据条款", lambda row: article_words(row.rule.article)),
        Column("since", "必须改正自", "row.in_force"),
        Column("document", "要求来自", "row.document"),
        Column("until", "至", "row.until", chosen=False),
        Column("ops", "操作", page_only=True, fixed=True),
    ),
    order=("severity", "name"),
    unit="条",
    numbered=True,
    row_key="name",
    size=100,
    empty=("没有规则", ""),
)


@require_safe
def rules(request: Request) -> HttpResponseBase:
    """What is checked, and what must be put right before an entry is submitted."""
    actor = clerk_of(request)
    listing = Listing(request, RULES, queries.requirements.rules_of_checks())
    frame = checks.frame(actor, queries.report.last_report(actor), "rules")
    return listing.answer("catalog/check_rules.html", frame | {"may": _keeps(actor)})


@require_http_methods(["GET", "HEAD", "POST"])
def require(request: Request, rule: str) -> HttpResponse:
    form = VerbForm("catalog.require", _keeper(request), fixed={"rule": rule})
    return _written(request, form, rule, "设为必须改正")


@require_http_methods(["GET", "HEAD", "POST"])
def end_requirement(request: Request, rule: str) -> HttpResponse:
    form = VerbForm("catalog.end_requirement", _keeper(request), fixed={"rule": rule})
    return _written(request, form, rule, "改回建议核对")


def _keeps(actor: Actor) -> bool:
    return actor.bureau and actor.has(Post.OPERATOR)


def _keeper(request: Request) -> Request:
    """Who sets what must be put right: the bureau's operators. Raises `NotYours`."""
    if not _keeps(request.actor):
        raise NotYours("检查规则由大数据管理局设定。", article="A10", who="大数据管理局经办人")
    return request


def _written(request: Request, form: VerbForm, rule: str, verb: str) -> HttpResponse:
    if request.method == "POST" and form.perform() is not None:
        messages.success(request, "已保存。")
        return redirect("catalog:check_rules")
    named = queries.report.BY_NAME.get(rule)
    title = f"{verb}：{named.title}" if named is not None else verb
    context = {
        "form": form,
        "title": title,
        "button": verb,
        "back": reverse("catalog:check_rules"),
        "crumbs": [
            ("目录检查", reverse_lazy("catalog:checks")),
            ("检查规则", reverse("catalog:check_rules")),
            (title, ""),
        ],
    }
    return render(request, "catalog/register.html", context, status=form.status)
