"""The workbench: what waits for me, what I did, what I began, what was copied to me, what I
follow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpResponseBase
from django.views.decorators.http import require_http_methods

from huitong.kernel import doing
from huitong.kernel.actor import BUREAU, Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.manifest import MANIFESTS
from huitong.kernel.requests import Request
from huitong.kernel.workdays import Calendar, day_of, load_calendar, today
from huitong.organizations import queries as organizations
from huitong.ui.lists import BulkAct, Column, List, Listing, conditions
from huitong.ui.rules import question
from huitong.ui.selectors import Picker
from huitong.work import queries
from huitong.work.forms import bulk_of
from huitong.work.queries import Countdown, Tab
from huitong.work.views.cases import state_tag


class Filter(forms.Form):
    """What a list can be narrowed by."""

    q = forms.CharField(label="编号或标题", required=False, max_length=60)
    kind = forms.ChoiceField(label="事项类型", required=False)
    due = forms.ChoiceField(
        label="时限", required=False, choices=[("", "全部"), *queries.DUES.items()]
    )
    body = forms.ChoiceField(label="相关部门", required=False, widget=Picker)
    state = forms.ChoiceField(
        label="办理情况",
        required=False,
        choices=[("", "全部"), ("open", "办理中"), ("running", "生效中"), ("closed", "已办结")],
    )

    def __init__(self, data: Any, bodies: dict[int, str]) -> None:
        super().__init__(data)
        kinds = {
            kind: next(iter(tables.values())).label for kind, tables in doing.PROCEDURES.items()
        }
        self.fields["kind"].choices = [("", "全部"), *kinds.items()]
        self.fields["body"].choices = [("", "全部"), *bodies.items()]

    def narrow(self, cases: QuerySet[Case], calendar: Calendar) -> QuerySet[Case]:
        filters = conditions(self)
        if q := question(filters.get("q") or ""):
            cases = cases.filter(Q(number__icontains=q) | Q(title__icontains=q))
        if kind := filters.get("kind"):
            cases = cases.filter(kind=kind)
        if body := filters.get("body"):
            cases = cases.filter(bodies__contains=[int(body)])
        if state := filters.get("state"):
            running = Q(closed_at=None) & queries.running_on()
            cases = cases.filter(
                {"open": Q(closed_at=None) & ~running, "running": running}.get(
                    state, ~Q(closed_at=None)
                )
            )
        return queries.due_filter(cases, filters.get("due") or "", calendar)


@dataclass(frozen=True)
class Row:
    """A case as a line of a list."""

    case: Case
    kind: str
    state: str
    tag: str
    due: Countdown
    bodies: str
    card: str
    held: bool
    #: why somebody else of the desk has to do it, if so
    barred: str
    #: whether several are asked, each for itself: nothing to take from one another
    joint: bool


def _case_name(row: Row) -> tuple[str, str]:
    return f"{row.case.title or row.kind}（{row.case.number}）", reverse(
        "work:case", args=[row.case.pk]
    )


CASES = List(
    "work.todo",
    "事项",
    (
        Column("number", "编号", "case.number", files_only=True),
        Column("title", "标题", "case.title", sort=("title",), fixed=True),
        Column("kind", "事项类型", sort=("kind",)),
        Column("state", "状态", fixed=True),
        Column("bodies", "相关部门"),
        Column("entered", "到达时间", "case.entered_at", sort=("entered_at",)),
        Column("opened", "发起时间", "case.opened_at", sort=("opened_at",), chosen=False),
        Column("until", "到期日", "case.due_on", files_only=True),
        Column("due", "办理时限", "due.words", sort=("due_on",), fixed=True),
    ),
    order=("due_on", "-entered_at", "-pk"),
    unit="件",
    keep=("tab",),
    row_key="case.pk",
    name=_case_name,
)
#: what an empty list says, and what to do next
EMPTY = {
    Tab.WAITING: ("现在没有等您办理的事项", "有事项到达时，这里和页面上方会显示件数。"),
    Tab.ELSEWHERE: ("没有等待他人办理的事项", "您发起的事项在别人手里时列在这里，可以催办。"),
    Tab.DONE: ("还没有您办理过的事项", "您每办一步，该事项就列在这里。"),
    Tab.MINE: ("还没有您发起的事项", "可以从“发起事项”开始。"),
    Tab.FOLLOWED: ("还没有您关注的事项", "在事项页面点“关注”，每办一步都会告知您。"),
    Tab.CC: ("还没有抄送给您的事项", "别人抄送给您的事项列在这里，只供阅读。"),
}


@require_http_methods(["GET", "HEAD", "POST"])
def todo(request: Request) -> HttpResponseBase:
    """One of the lists; several cases of the first can be taken at once."""
    actor = request.actor
    tab = Tab(name) if (name := request.GET.get("tab", "")) in set(Tab) else Tab.WAITING
    names, calendar = organizations.all_body_names(), load_calendar()
    form = Filter(request.GET, names)
    others = queries.colleagues(actor)
    cases = form.narrow(queries.tab_cases(actor, tab, others), calendar)
    counts = queries.tab_counts(actor, others)
    listing = Listing(
        request,
        replace(CASES, label=tab.label, empty=EMPTY[tab]),
        cases,
        form=form,
        draw=lambda page: [_row(case, names, calendar, actor) for case in page],
        bulk=[CLAIM, *_of_contexts(actor)] if tab == Tab.WAITING else [],
    )
    if not listing.narrowed and counts[tab.value] <= queries.MOST_COUNTED:
        listing.total = counts[tab.value]
    tabs = [
        {
            "label": t.label,
            "url": reverse("work:todo", query={"tab": t.value}),
            "count": queries.capped(counts[t.value], queries.MOST_COUNTED + 1),
            "active": t == tab,
        }
        for t in Tab
    ]
    return listing.answer(
        "work/todo.html", {"tabs": tabs, "tab": tab, "crumbs": [("待办事项", "")]}
    )


def _of_contexts(actor: Actor) -> list[BulkAct]:
    """What the contexts let this actor do with several cases at once."""
    return [act for m in MANIFESTS.values() if m.bulk is not None for act in m.bulk(actor)]


def _unclaimable(row: Row) -> str:
    if row.held:
        return "您已领办"
    if row.joint:
        return "各部门分别办理"
    return f"{row.barred}，须由同岗位他人办理" if row.barred else ""


CLAIM = bulk_of(
    "work.claim",
    "批量领办",
    barred=_unclaimable,
    hint="领办后由您办理，同岗位的其他人不再看到这些事项；需要时可以退回。",
)


def _row(case: Case, names: dict[int, str], calendar: Calendar, actor: Actor) -> Row:
    table = doing.procedure_of(case)
    due = queries.countdown(case, calendar)
    card = (
        ""
        if due.left is None or due.paused
        else (
            "red"
            if due.left < 0
            else "yellow"
            if due.left <= 1 and day_of(case.entered_at) < today()
            else ""
        )
    )
    bodies = "、".join(
        names.get(body, "")
        for party, body in queries.parties_of(case)
        if party != BUREAU.name or len(case.parties) == 1
    )
    seat = table.awaits(case.state)
    barred = doing.other_hand(actor, case, seat) if seat else ""
    return Row(
        case,
        table.label,
        table.state(case.state).label,
        state_tag(case),
        due,
        bodies,
        card,
        case.holder == actor.person,
        barred,
        table.is_joint(case.state),
    )
