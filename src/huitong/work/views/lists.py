"""The workbench: what waits for me, what I did, what I began, what was copied to me."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.http import require_POST, require_safe

from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.doing.given import is_key
from huitong.kernel.procedure import Problem
from huitong.kernel.requests import Request
from huitong.kernel.workdays import Calendar, day_of, load_calendar, today
from huitong.organizations import queries as organizations
from huitong.ui.rules import cell, question
from huitong.work import queries
from huitong.work.queries import Countdown, Tab
from huitong.work.views.cases import state_tag

PAGE = 20
CSV_ROWS = 10_000


class Filter(forms.Form):
    """What a list can be narrowed by."""

    q = forms.CharField(label="编号或标题", required=False, max_length=60)
    kind = forms.ChoiceField(label="事项类型", required=False)
    due = forms.ChoiceField(
        label="时限",
        required=False,
        choices=[("", "全部"), ("overdue", "已超期"), ("near", "即将到期")],
    )
    body = forms.ChoiceField(label="相关部门", required=False)
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
        filters = self.cleaned_data if self.is_valid() else {}
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
        return queries.due_filter(cases, filters.get("due", ""), calendar)


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


@require_safe
def todo(request: Request) -> HttpResponse:
    """One of the four lists, filtered, sorted, paged; or as CSV."""
    actor = request.actor
    tab = Tab(name) if (name := request.GET.get("tab", "")) in set(Tab) else Tab.WAITING
    names, calendar = organizations.all_body_names(), load_calendar()
    form = Filter(request.GET, names)
    lists = {t.value: queries.tab_cases(actor, t) for t in Tab}
    cases = queries.ordered(form.narrow(lists[tab], calendar), request.GET.get("sort", ""))
    if request.GET.get("format") == "csv":
        whole = (_row(case, names, calendar, actor) for case in cases[:CSV_ROWS])
        return csv_file(f"{tab.label}.csv", HEAD, map(_cells, whole))
    # the frame's figures too: one query
    counts = queries.counted(**lists, found=cases, notices=queries.unread_of(actor))
    pages = Paginator(cases, PAGE)
    pages.count = counts["found"]
    page = pages.get_page(request.GET.get("page"))
    rows = [_row(case, names, calendar, actor) for case in page]
    tabs = [
        {
            "label": t.label,
            "url": reverse("work:todo", query={"tab": t.value}),
            "count": counts[t.value],
            "active": t == tab,
        }
        for t in Tab
    ]
    return render(
        request,
        "work/todo.html",
        {
            "tabs": tabs,
            "tab": tab,
            "form": form,
            "page": page,
            "rows": rows,
            "todo_count": counts[Tab.WAITING.value],
            "notice_count": counts["notices"],
            "crumbs": [("工作台", "")],
        },
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
        if party != "bureau" or len(case.parties) == 1
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


HEAD = ["编号", "标题", "事项类型", "状态", "相关部门", "到达时间", "到期日", "剩余时限"]


def _cells(row: Row) -> list[Any]:
    case = row.case
    entered = f"{localtime(case.entered_at):%Y-%m-%d %H:%M}"
    columns = [case.number, case.title, row.kind, row.state, row.bodies, entered]
    return [*columns, case.due_on, row.due.words]


def csv_file(name: str, head: list[str], rows: Iterable[list[Any]]) -> StreamingHttpResponse:
    """A list as a file a spreadsheet opens: with the byte order mark, and no cell that would run
    as a formula."""

    class Echo:
        def write(self, text: str) -> str:
            return text

    writer = csv.writer(Echo())

    def lines() -> Iterator[str]:
        yield "\ufeff" + writer.writerow(head)
        for row in rows:
            yield writer.writerow(map(cell, row))

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=list.csv; filename*=UTF-8''{quote(name)}"
    )
    return response


@require_POST
def claim(request: Request) -> HttpResponse:
    """Take several cases at once; those that cannot be taken are named with the reason."""
    claimed, left = 0, []
    for pk in dict.fromkeys(p for p in request.POST.getlist("case") if is_key(p)):
        try:
            doing.perform(request.actor, "work.claim", {"case": int(pk)})
            claimed += 1
        except Problem as problem:
            left.append(problem.detail)
    if claimed:
        messages.success(request, f"已领办 {claimed} 件。")
    for detail in dict.fromkeys(left):
        messages.warning(request, f"{left.count(detail)} 件未领办：{detail}")
    if not claimed and not left:
        messages.warning(request, "请先勾选要领办的事项。")
    return redirect(reverse("work:todo", query={"tab": "todo"}))
