"""Lists of applications and grants (A20, A26, A30)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.views.decorators.http import require_safe

from huitong.access import queries
from huitong.access.rules import S
from huitong.access.views.applying import CRUMB
from huitong.access.views.drafts import tabs_of
from huitong.access.views.grants import CRUMB as GRANTS_CRUMB
from huitong.access.views.grants import row_of as grant_row
from huitong.access.views.papers import row_of as application_row
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.requests import Request
from huitong.kernel.workdays import load_calendar
from huitong.ui.lists import Column, Keyed, List, Listing, conditions, tabs

#: the latest first: what an index of cases gives
ORDER = ("-case_id",)

APPLICATIONS = List(
    "access.applications",
    "共享申请",
    (
        Column("number", "编号", "application.case.number", files_only=True),
        Column(
            "name",
            "资源",
            "application.mount.entry.name",
            sort=("mount__entry__current__name",),
            fixed=True,
        ),
        Column("mode", "方式", sort=("mount__mode",)),
        Column(
            "consumer",
            "使用部门",
            "application.form.consumer.short_name",
            sort=("form__consumer__short_name",),
        ),
        Column(
            "provider",
            "提供部门",
            "application.mount.entry.body.short_name",
            sort=("mount__entry__body__short_name",),
        ),
        Column("form", "申请表", "application.form.number", sort=("form__number",)),
        Column("state", "环节", sort=("case__state",), fixed=True),
        Column("source", "补录来源", "application.grant.intake_row.source", chosen=False),
        Column("former", "原编号", "application.grant.intake_row.number", chosen=False),
        Column(
            "entered",
            "到达时间",
            "application.case.entered_at",
            sort=("case__entered_at",),
            chosen=False,
        ),
        Column("until", "到期日", "due.due", files_only=True),
        Column("due", "办理时限", "due.words", sort=("case__due_on",), fixed=True),
    ),
    order=ORDER,
    keep=("tab",),
    unit="件",
    numbered=True,
    row_key="application.pk",
    name=lambda row: (
        f"{row['application'].mount.entry.name}（{row['application'].case.number}）",
        reverse("work:case", args=[row["application"].case_id]),
    ),
)
EMPTY = {
    "mine": ("还没有申请", "在“目录检索”中找到需要的资源，点“申请使用”。"),
    "asked": ("还没有申请", "其他部门申请本部门的资源后，列在这里。"),
    "all": ("还没有申请", "各部门提交的申请列在这里。"),
}

GRANTS = List(
    "access.grants",
    "授权",
    (
        Column("number", "编号", "grant.case.number", files_only=True),
        Column(
            "name",
            "资源",
            "grant.mount.entry.name",
            sort=("mount__entry__current__name",),
            fixed=True,
        ),
        Column("mode", "方式", sort=("mount__mode",)),
        Column("consumer", "使用部门", "grant.consumer.short_name", sort=("consumer__short_name",)),
        Column(
            "provider",
            "提供部门",
            "grant.mount.entry.body.short_name",
            sort=("mount__entry__body__short_name",),
        ),
        Column("system", "使用数据的信息系统", "grant.system.name", sort=("system__name",)),
        Column("since", "有效期自", "grant.valid_from", sort=("valid_from",), files_only=True),
        Column("until", "有效期至", "grant.valid_to", sort=("valid_to",)),
        Column("purpose", "用途", "grant.purpose", css="text", chosen=False),
        Column("source", "补录来源", "grant.intake_row.source", chosen=False),
        Column("former", "原编号", "grant.intake_row.number", chosen=False),
        Column("state", "状态", sort=("case__state",), fixed=True),
    ),
    order=ORDER,
    keep=("tab",),
    unit="项",
    numbered=True,
    row_key="grant.pk",
)
NO_GRANTS = {
    "held": ("没有授权", "在“目录检索”中找到需要的资源，点“申请使用”；获得授权后列在这里。"),
    "given": ("没有授权", "本部门同意其他部门使用的资源列在这里。"),
    "all": ("没有授权", "各部门之间的授权列在这里。"),
}


class ApplicationFilter(forms.Form):
    """What applications can be narrowed by."""

    state = forms.ChoiceField(
        label="环节", required=False, choices=[("", "全部"), *((s.value, s.label) for s in S)]
    )
    source = forms.ChoiceField(
        label="来源", required=False, choices=[("", "全部"), *queries.BY_SOURCE.items()]
    )

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        state, source = (conditions(self).get(name) for name in ("state", "source"))
        rows = rows.filter(case__state=state) if state else rows
        return queries.by_source(rows, source) if source else rows


class GrantFilter(forms.Form):
    """What grants can be narrowed by."""

    show = forms.ChoiceField(
        label="情形", required=False, choices=[("", "全部"), *queries.SHOW.items()]
    )

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        show = conditions(self).get("show")
        return queries.narrowed(rows, show) if show else rows


@require_safe
def applications(request: Request) -> HttpResponseBase:
    """Applications: one's own, those asked of one's body, for the bureau all."""
    actor = request.actor
    every = queries.applications_visible_to(actor)
    lists = {
        "mine": every.filter(form__consumer=actor.body),
        "asked": queries.asked_of(actor),
        "all": every,
    }
    tab = _tab(request, list(lists))
    calendar, form = load_calendar(), ApplicationFilter(request.GET)
    spec = APPLICATIONS.without(*{"mine": ["consumer"], "asked": ["provider"]}.get(tab, []))
    listing = Listing(
        request,
        spec.saying(EMPTY[tab]),
        Keyed(form.narrow(lists[tab]), queries.applications_listed),
        form=form,
        draw=lambda page: [application_row(row, calendar) for row in page],
    )
    return listing.answer(
        "access/applications.html",
        {"may": actor.has(Post.OPERATOR), "tabs": tabs_of(actor, tab), "crumbs": [CRUMB]},
    )


@require_safe
def grants(request: Request) -> HttpResponseBase:
    """Grants one's body holds, and those it has given."""
    actor = request.actor
    every = queries.grants_visible_to(actor)
    lists = {
        "held": every.filter(consumer=actor.body),
        "given": queries.grants_given(actor),
        "all": every,
    }
    tab = _tab(request, list(lists))
    form = GrantFilter(request.GET)
    spec = GRANTS.without(*{"held": ["consumer"], "given": ["provider"]}.get(tab, []))

    def drawn(page: list[Any]) -> list[dict[str, Any]]:
        closing = queries.closings(page)
        return [grant_row(grant, closing) for grant in page]

    rows = Keyed(form.narrow(lists[tab]), queries.grants_listed)
    listing = Listing(request, spec.saying(NO_GRANTS[tab]), rows, form=form, draw=drawn)
    context = {
        "tabs": grant_tabs(actor, tab),
        "brings_in": queries.brings_in_grants(actor),
        "crumbs": [GRANTS_CRUMB],
    }
    return listing.answer("access/grants.html", context)


def grant_tabs(actor: Actor, active: str) -> list[dict[str, Any]]:
    """The lists of grants this actor has, and those of them nobody uses."""
    labels = {"held": "本部门获得的", "given": "本部门授出的"}
    labels |= {"all": "全部授权"} if actor.bureau else {}
    labels |= {"unused": "长期未使用"} if actor.has(Post.OPERATOR, Post.MANAGER) else {}
    return tabs(reverse("access:grants"), labels, active, unused=reverse("access:unused"))


def _tab(request: Request, names: list[str]) -> str:
    """The tab one is on; the last one is the bureau's, which begins there."""
    own = names if request.actor.bureau else names[:-1]
    chosen = request.GET.get("tab", "")
    return chosen if chosen in own else own[-1] if request.actor.bureau else own[0]
