"""The cases a person may see: lists, counts, countdown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import F, Q, QuerySet

from huitong.kernel import doing
from huitong.kernel.actor import Actor, Labelled, Post
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import End, NotVisible
from huitong.kernel.statements import Statement
from huitong.kernel.workdays import Calendar, today
from huitong.organizations import queries as organizations
from huitong.organizations.rules import LENDABLE
from huitong.work.models import Copy, Follow
from huitong.work.queries.notices import lines_of, notices_of, unread_of

#: the head of a page counts no further, and says "999+"
MOST_COUNTED = 999


class Tab(Labelled):
    """The lists of the workbench."""

    WAITING = "todo", "待办"
    ELSEWHERE = "elsewhere", "等待他人"
    DONE = "done", "已办"
    MINE = "mine", "我发起的"
    CC = "cc", "抄送我的"
    FOLLOWED = "followed", "我关注的"


# -- which cases -----------------------------------------------------------------------------------


def visible_to(actor: Actor) -> QuerySet[Case]:
    """The cases an actor may read: as a party or the bureau, or because a copy was sent to them."""
    visible = Case.objects.visible_to(actor)
    return visible if actor.is_system else visible | copied_to(actor)


def copied_to(actor: Actor) -> QuerySet[Case]:
    """The cases sent to an actor for information: to who they are in this body, as long as they
    hold a business post there."""
    if actor.body is None or not actor.has(*LENDABLE):
        return Case.objects.none()
    return Case.objects.filter(
        pk__in=Copy.objects.filter(person=actor.person, body=actor.body).values("case")
    )


def reads_as_party(actor: Actor, case: Case) -> bool:
    """Whether an actor may read a case otherwise than by a copy sent to them: only then may they
    pass it on."""
    return actor.has(*LENDABLE) and (
        actor.body in case.readers or (actor.bureau and case.overseen and case.inside is None)
    )


CASE = Statement(lambda actor, pk: visible_to(actor).filter(pk=pk), pk=int)


def case_for(actor: Actor, pk: int) -> Case:
    """One case. Raises `NotVisible`."""
    if not (cases := CASE(actor, pk=pk)):
        raise NotVisible("该事项")
    case: Case = cases[0]
    return case


def tab_cases(actor: Actor, tab: str, others: list[int] | None = None) -> QuerySet[Case]:
    """The cases of one list. To-do: waiting at a desk of this actor and not taken by somebody
    else. ``others`` are the actor's `colleagues`, where the caller has them."""
    if not actor.person:
        return Case.objects.none()
    if tab == Tab.WAITING:
        return Case.objects.waiting_for(actor).filter(Q(holder=None) | Q(holder=actor.person))
    if tab == Tab.CC:
        return copied_to(actor)
    if tab == Tab.ELSEWHERE:
        return waiting_elsewhere(actor, colleagues(actor) if others is None else others)
    visible = visible_to(actor)
    if tab == Tab.FOLLOWED:
        followed = Follow.objects.filter(person=actor.person, body=actor.body)
        return visible.filter(pk__in=followed.values("case"))
    if tab == Tab.MINE:
        return visible.filter(opened_by=actor.person)
    return visible.filter(
        pk__in=Entry.objects.filter(person=actor.person, case__isnull=False).values("case")
    )


def colleagues(actor: Actor) -> list[int]:
    """The people whose cases a manager follows: those of the body; nobody follows others'."""
    if not actor.has(Post.MANAGER) or actor.body is None:
        return []
    return COLLEAGUES(actor)


COLLEAGUES = Statement(
    lambda actor: (
        organizations.people_of([actor.body] if actor.body else [])
        .order_by()
        .values_list("pk", flat=True)
    )
)


def waiting_elsewhere(actor: Actor, colleagues: list[int]) -> QuerySet[Case]:
    """What somebody else has to go on with: the cases this actor has begun and, to a manager,
    those begun by their colleagues, as soon as they have left the body."""
    begun = Q(opened_by=actor.person)
    if actor.has(Post.MANAGER) and actor.body is not None:
        # as a list, so that the index by who has begun it is walked
        begun = Q(opened_by__any=[actor.person, *colleagues]) & (begun | Q(inside=None))
    return (
        Case.objects.visible_to(actor)
        .filter(begun, closed_at=None)
        .exclude(awaiting=[])
        .exclude(awaiting__overlap=actor.desks)
    )


#: how lists and charts part cases by the end of their limit
DUES = {
    "overdue": "已超期",
    "near": "即将到期",
    "week": "5 个工作日内到期",
    "later": "5 个工作日后到期",
    "none": "未计时",
}


def due_days(calendar: Calendar, on: date | None = None) -> dict[str, date]:
    """The days that part `DUES`: today, the last that is near, the last of the week."""
    day = on or today()
    return {"day": day, "near": calendar.after(day, 1).on, "week": calendar.after(day, 5).on}


def parts_by_due(day: date, near: date, week: date) -> dict[str, Q]:
    """What each of `DUES` asks of an open case: near is one working day or less; a clock that
    stands still counts as none."""
    running = Q(paused=False)
    return {
        "overdue": running & Q(due_on__lt=day),
        "near": running & Q(due_on__gte=day, due_on__lte=near),
        "week": running & Q(due_on__gt=near, due_on__lte=week),
        "later": running & Q(due_on__gt=week),
        "none": Q(paused=True) | Q(due_on=None),
    }


def due_filter(
    cases: QuerySet[Case], due: str, calendar: Calendar, on: date | None = None
) -> QuerySet[Case]:
    """Narrow to one of `DUES`."""
    if due not in DUES:
        return cases
    return cases.filter(parts_by_due(**due_days(calendar, on))[due], closed_at=None)


def running_on() -> Q:
    """The cases in which nobody owes anything and whose matter lives on (`End.RUNNING_ON`): a grant
    in force. What waits for the platform itself stands on nobody's desk either, and is none."""
    states = Q(pk__in=[])
    for kind, tables in doing.PROCEDURES.items():
        for law, table in tables.items():
            if running := [s for s in table.final if s.end is End.RUNNING_ON]:
                states |= Q(kind=kind, law=law, state__in=running)
    return states


def counting(lists: Iterable[QuerySet[Any]], most: int | None = None) -> tuple[str, list[Any]]:
    """The SQL that counts each list, none further than ``most``: what a `Statement` can keep."""
    parts: list[str] = []
    params: list[Any] = []
    for rows in lists:
        try:
            sql, more = rows.order_by().values("pk")[:most].query.sql_with_params()
        except EmptyResultSet:  # Django knows that nothing can match
            sql, more = "SELECT 1 WHERE FALSE", ()
        # the ORM's own SQL, its parameters apart
        parts.append(f"(SELECT count(*) FROM ({sql}) AS part)")  # noqa: S608
        params += more
    return "SELECT " + ", ".join(parts), params


TAB_COUNTS = Statement(
    lambda actor, colleagues: counting(
        [
            waiting_elsewhere(actor, colleagues) if tab is Tab.ELSEWHERE else tab_cases(actor, tab)
            for tab in Tab
        ],
        MOST_COUNTED + 1,
    ),
    colleagues=list,
)


def tab_counts(actor: Actor, others: list[int]) -> dict[str, int]:
    """The number of cases on each `Tab`, of the actor and their `colleagues`; none higher than one
    more than `MOST_COUNTED`."""
    if not actor.person:
        return dict.fromkeys((tab.value for tab in Tab), 0)
    [numbers] = TAB_COUNTS(actor, colleagues=others)
    return dict(zip((tab.value for tab in Tab), numbers, strict=True))


SHELL_COUNTS = Statement(
    lambda actor: counting(
        [tab_cases(actor, Tab.WAITING), lines_of(unread_of(actor))], MOST_COUNTED + 1
    )
)


def shell_counts(actor: Actor) -> dict[str, int]:
    """The counts in the head of every page, ``todo`` and the lines of ``notices`` that
    still need their reader, in one query; none higher than one more than `MOST_COUNTED`."""
    [(todo, notices)] = SHELL_COUNTS(actor)
    return {"todo": todo, "notices": notices}


NOTICE_COUNTS = Statement(
    lambda actor: counting([lines_of(unread_of(actor)), lines_of(notices_of(actor))])
)


def notice_counts(actor: Actor) -> dict[str, int]:
    """The lines of notices on each tab of their list, in one query: those that still need their
    reader are ``pending``."""
    [(pending, every)] = NOTICE_COUNTS(actor)
    return {"pending": pending, "all": every}


COPIES = Statement(
    lambda case: Copy.objects.filter(case=case).select_related("person").order_by("pk"), case=int
)


def copies_of(case: Case) -> list[Copy]:
    """The people to whom a case was sent for information, the first first."""
    return COPIES(case=case.pk)


# -- countdown -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Countdown:
    """The facts of ``<c-due>``: working days left (negative: overdue), last day, whether it
    stands or is provisional."""

    left: int | None
    due: date | None
    paused: str = ""
    done: str = ""
    provisional: bool = False

    @property
    def words(self) -> str:
        """The countdown in words, for files and mail."""
        if self.done or self.paused:
            return self.done or self.paused
        if self.left is None:
            return "无时限"
        return f"已超期 {-self.left} 个工作日" if self.left < 0 else f"剩 {self.left} 个工作日"


def countdown(case: Case, calendar: Calendar, on: date | None = None) -> Countdown:
    """The time left for the step a case waits for, in working days of this calendar."""
    if not case.is_open:
        return Countdown(None, None, done=End.COMPLETED.label)
    if (end := doing.procedure_of(case).state(case.state).end) is not None:
        return Countdown(None, None, done=end.label)
    if case.due_on is None:
        return Countdown(None, None)
    return Countdown(
        days_left(calendar, case.due_on, on),
        case.due_on,
        "等待补正" if case.paused else "",
        provisional=case.provisional,
    )


def days_left(calendar: Calendar, due_on: date, on: date | None = None) -> int:
    """The working days left until a last day, negative past it."""
    day = on or today()
    left = calendar.between(day, due_on)
    # overdue over a weekend: no working day has passed, yet the day is gone
    return min(left, -1) if day > due_on else left


def ordered(cases: QuerySet[Case], sort: str) -> QuerySet[Case]:
    """Sorted as asked; by default what is due first comes first, what has no limit last."""
    keys = {
        "due": "due_on",
        "entered": "entered_at",
        "opened": "opened_at",
        "title": "title",
        "number": "number",
    }
    key, down = keys.get(sort.lstrip("-"), ""), sort.startswith("-")
    if not key:
        return cases.order_by(F("due_on").asc(nulls_last=True), "-entered_at", "-pk")
    return cases.order_by((F(key).desc if down else F(key).asc)(nulls_last=True), "-pk")
