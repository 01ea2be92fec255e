"""The list of grants nobody uses, with the evidence and what can be done (A26)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponseBase
from django.views.decorators.http import require_safe

from huitong.access import queries
from huitong.access.views.grants import CRUMB, row_of
from huitong.access.views.lists import grant_tabs
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.procedure import NotYours
from huitong.kernel.requests import Request
from huitong.ui.lists import Column, Keyed, List, Listing, conditions

UNUSED = List(
    "access.unused",
    "长期未使用的授权",
    (
        Column("number", "编号", "grant.case.number", files_only=True),
        Column(
            "name",
            "资源",
            "grant.mount.entry.name",
            sort=("mount__entry__current__name",),
            fixed=True,
        ),
        Column("mode", "方式", sort=("mount__mode",), chosen=False),
        Column("consumer", "使用部门", "grant.consumer.short_name", sort=("consumer__short_name",)),
        Column(
            "provider",
            "提供部门",
            "grant.mount.entry.body.short_name",
            sort=("mount__entry__body__short_name",),
        ),
        Column("used", "最近一次交付"),
        Column("plane", "交付通道", chosen=False),
        Column("days", "未使用天数", num=True),
        Column("due", "期限届满", chosen=False),
        Column("special", "特殊情况", "grant.special"),
        Column("evidence", "告知的证据", files_only=True),
        Column("reply", "使用部门的答复", css="text"),
        Column("state", "环节", sort=("case__state",), fixed=True),
        Column("act", "办理", page_only=True, fixed=True, css="ops"),
    ),
    unit="项",
    numbered=True,
    row_key="grant.pk",
    empty=("没有长期未使用的授权", "超过规定的期限没有任何交付的授权列在这里；特殊情况除外。"),
)


class UnusedFilter(forms.Form):
    """What the list can be narrowed by."""

    show = forms.ChoiceField(
        label="情形", required=False, choices=[("", "全部"), *queries.UNUSED_SHOW.items()]
    )

    def keys(self, actor: Actor) -> list[int]:
        return queries.unused_keys(actor, conditions(self).get("show") or "")


@require_safe
def unused(request: Request) -> HttpResponseBase:
    """Grants nobody uses: those a body gave, to the bureau all."""
    actor = request.actor
    if not actor.has(Post.OPERATOR, Post.MANAGER):
        raise NotYours(
            "长期未使用的授权由提供部门和大数据管理局查看。",
            article="A26",
            who="提供部门经办人、负责人",
        )
    form = UnusedFilter(request.GET)
    spec = UNUSED if actor.bureau else UNUSED.without("provider")

    def drawn(page: list[Any]) -> list[dict[str, Any]]:
        closing = queries.closings(page)
        return [
            row_of(grant, closing)
            | queries.unused_row(grant)
            | {"act": reverse("work:case", args=[grant.case_id])}
            for grant in page
        ]

    keys = form.keys(actor)
    rows = Keyed(queries.with_use(keys), queries.unused_listed)
    listing = Listing(request, spec, rows, form=form, draw=drawn, total=len(keys))
    context = {"tabs": grant_tabs(actor, "unused"), "crumbs": [CRUMB, ("长期未使用", "")]}
    return listing.answer("access/unused.html", context)
