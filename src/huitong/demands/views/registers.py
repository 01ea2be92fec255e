"""The list of what each body owes, and the list of what each duty needs and has (A24, A25)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponseBase
from django.views.decorators.http import require_safe

from huitong.demands import queries
from huitong.demands.forms import DutyFilter, ResponsibilityFilter
from huitong.demands.queries import Responsibility
from huitong.demands.views.lists import CRUMB, frame
from huitong.kernel.addresses import reverse
from huitong.kernel.requests import Request
from huitong.kernel.workdays import load_calendar
from huitong.organizations import queries as organizations
from huitong.ui.lists import Column, List, Listing

RESPONSIBILITIES = List(
    "demands.responsibilities",
    "责任清单",
    (
        Column("number", "编号", "case.number", files_only=True),
        Column("body", "责任部门"),
        Column("what", "数据", fixed=True),
        Column("kind", "责任", fixed=True),
        Column("asked_by", "需求部门"),
        Column("planned", "计划日", "planned_on"),
        Column("behind", "计划已过（工作日）", files_only=True),
        Column("started", "起算", "case.entered_at", sort=("entered_at",), chosen=False),
        Column("until", "到期日", "due.due", files_only=True),
        Column("late", "超期（工作日）", files_only=True),
        Column("due", "办理时限", "due.words", sort=("due_on",), fixed=True),
    ),
    order=("due_on", "pk"),
    unit="件",
    numbered=True,
    row_key="case.pk",
    name=lambda row: (row.what, reverse("work:case", args=[row.case.pk])),
    empty=("没有未履行的责任", "待答复的需求、承诺发布的数据、待发布的目录列在这里。"),
)

DUTIES = List(
    "demands.duties",
    "职责清单",
    (
        Column("body", "部门", "duty.body.short_name", sort=("body__short_name",)),
        Column("text", "职责", "duty.text", sort=("text",), fixed=True),
        Column(
            "matters",
            "事项",
            lambda row: "；".join(f"{m.name} {m.code}" for m in row.duty.matters.all()),
        ),
        Column("entries", "本部门目录", lambda row: "；".join(e.name for e in row.entries)),
        Column("granted", "获准使用的数据", lambda row: "；".join(row.granted)),
        Column("grants", "有效授权", files_only=True),
        Column("applications", "办理中的申请"),
        Column(
            "demands", "需求", lambda row: "；".join(f"{k} {n}" for k, n in row.demands.items())
        ),
    ),
    order=("body__division_code", "body_id", "pk"),
    size=50,
    unit="项",
    row_key="duty.pk",
    name=lambda row: (row.duty.text, ""),
    empty=("还没有登记职责", "职责和事项在“职责与事项”中登记。"),
)


@require_safe
def responsibilities(request: Request) -> HttpResponseBase:
    """What bodies owe others of their data: one's own, what is owed to one, to the bureau all."""
    actor = request.actor
    names, calendar = organizations.all_body_names(), load_calendar()
    form = ResponsibilityFilter(request.GET, names)

    def draw(page: Sequence[Any]) -> list[Responsibility]:
        return queries.responsibility_lines(actor, page, calendar, names)

    rows = form.narrow(queries.responsibilities(actor))
    listing = Listing(request, RESPONSIBILITIES, rows, form=form, draw=draw)
    context = frame(actor, "responsibilities") | {"crumbs": [CRUMB, ("责任清单", "")]}
    return listing.answer("demands/responsibilities.html", context)


@require_safe
def duties(request: Request) -> HttpResponseBase:
    """What each duty needs and has; grants and demands as far as the reader may see them."""
    actor = request.actor
    form = DutyFilter(request.GET, organizations.all_body_names())
    listing = Listing(
        request,
        DUTIES,
        form.narrow(queries.duties_listed(actor), actor),
        form=form,
        draw=lambda page: queries.duty_lines(actor, page),
    )
    context = frame(actor, "duties") | {"crumbs": [CRUMB, ("职责清单", "")]}
    return listing.answer("demands/duties.html", context)
