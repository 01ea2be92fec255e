"""The list of every limit that runs: for a body its own, for the bureau all."""

from __future__ import annotations

from django import forms
from django.http import HttpResponseBase
from django.views.decorators.http import require_safe

from huitong.kernel.laws import article_words
from huitong.kernel.procedure import NotYours
from huitong.kernel.requests import Request
from huitong.kernel.workdays import load_calendar
from huitong.organizations import queries as organizations
from huitong.organizations.rules import LENDABLE
from huitong.ui.lists import Column, List, Listing, United, conditions
from huitong.work import queries
from huitong.work.forms import BodyFilter


class LimitFilter(BodyFilter):
    """What the list can be narrowed by."""

    of_body, field_order = "责任部门", ("due",)
    due = forms.ChoiceField(
        label="时限",
        required=False,
        choices=[("", "全部"), ("overdue", "已超期"), ("near", "即将到期")],
    )


LIMITS = List(
    "work.limits",
    "时限",
    (
        Column("label", "时限", fixed=True),
        Column("title", "事项", fixed=True),
        Column("article", "依据", lambda line: article_words(line.article), sort=("article",)),
        Column("body", "责任部门"),
        Column("started", "起算", "started_on", sort=("started_on",)),
        Column("until", "到期", "due.due", files_only=True),
        Column("due", "剩余", "due.words", sort=("due_on",), fixed=True),
    ),
    order=("due_on", "of", "limit"),
    empty=("没有正在计时的时限", "事项到达需要办理的环节时，时限从这里开始计时。"),
)


@require_safe
def limits(request: Request) -> HttpResponseBase:
    """Clocks of cases and watches over anything else, the nearest end first."""
    actor = request.actor
    if not actor.has(*LENDABLE):
        raise NotYours("时限由业务岗位查看。", article="A15", who="各部门经办人、负责人")
    names, calendar = organizations.all_body_names(), load_calendar()
    form = LimitFilter(request.GET, names if actor.bureau else {})
    chosen = conditions(form)
    parts = queries.limit_parts(actor, chosen.get("due") or "", chosen.get("body"))
    listing = Listing(
        request,
        LIMITS,
        United(queries.LIMIT_COLUMNS, *parts),
        form=form,
        draw=lambda rows: queries.limit_lines(rows, calendar, names),
    )
    return listing.answer("work/limits.html", {})
