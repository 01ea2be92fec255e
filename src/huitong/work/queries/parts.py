"""What a case consists of in time and in parts: its running clocks and the cases under it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from huitong.kernel import doing
from huitong.kernel.actor import BUREAU, Actor
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.laws import HOME
from huitong.kernel.procedure import LimitRef
from huitong.kernel.statements import Statement, summed
from huitong.kernel.workdays import Calendar, limit_row, today
from huitong.organizations import queries as organizations
from huitong.work.queries.cases import Countdown, countdown, days_left, visible_to
from huitong.work.queries.choices import parties_of

#: so many parts are listed on the page of the whole; the figures count all of them
LISTED = 200


@dataclass(frozen=True)
class RunningClock:
    """A clock as the page of its case shows it."""

    label: str
    article: str
    body: str
    since: date
    due: Countdown
    extended: bool


@dataclass(frozen=True)
class Part:
    """A part of a case as a line of a list."""

    case: Case
    state: str
    tone: str
    bodies: str
    due: Countdown


@dataclass(frozen=True)
class Parts:
    """The parts of a case: how many there are and are over, and the first of them, open ones
    first."""

    whole: int
    closed: int
    rows: list[Part]


def clocks_of(case: Case, names: dict[int, str], calendar: Calendar) -> list[RunningClock]:
    """The clocks that run over a case, the nearest end first; of a case that can have one at most
    none, for its page shows it as its limit."""
    procedure = doing.procedure_of(case)
    at_most = len([rule for rule in procedure.clocks if case.state in rule.states | rule.stands])
    if at_most < 2 and not procedure.is_joint(case.state):
        return []
    running = Clock.objects.filter(case=case, stopped_on=None).order_by("due_on", "pk")
    rules = {rule.name: rule for rule in procedure.clocks}
    return [
        RunningClock(
            rules[row.name].label if row.name in rules else row.name,
            row.article,
            names.get(row.body or 0, ""),
            row.started_on,
            Countdown(
                days_left(calendar, row.due_on),
                row.due_on,
                "等待补正" if row.standing else "",
                provisional=row.provisional,
            ),
            row.extension is not None,
        )
        for row in running
    ]


def has_recalled_limit(case: Case) -> bool:
    """Whether a limit that runs over a case has a number nobody has read in the text yet. Of the
    first law and the city's own all have been read: nothing is asked for them."""
    rules = doing.procedure_of(case).clocks_in(case.state, case.facts) if case.due_on else []
    refs = [rule.limit for rule in rules if isinstance(rule.limit, LimitRef)]
    return any(
        not limit_row(ref, today()).verified for ref in refs if ref.law not in (HOME, "city")
    )


COUNTS = Statement(
    lambda actor, case: summed(
        visible_to(actor).filter(parent=case),
        whole=Count("pk"),
        closed=Count("pk", filter=~Q(closed_at=None)),
    ),
    case=int,
)


def whole_of(actor: Actor, case: Case) -> int | None:
    """The case this one is a part of, if the actor may see that."""
    if case.parent_id is None:
        return None
    return visible_to(actor).filter(pk=case.parent_id).values_list("pk", flat=True).first()


def parts_of(actor: Actor, case: Case, calendar: Calendar) -> Parts | None:
    """The parts of a case as far as the actor may see them; None when it has none."""
    [(whole, closed)] = COUNTS(actor, case=case.pk) or [(0, 0)]
    if not whole:
        return None
    parts = visible_to(actor).filter(parent=case)
    rows = list(parts.order_by("closed_at", "due_on", "pk")[:LISTED])
    names = organizations.body_names({body for row in rows for body in row.bodies})
    return Parts(
        whole,
        closed,
        [
            Part(
                row,
                (state := doing.procedure_of(row).state(row.state)).label,
                str(state.tone),
                "、".join(
                    names.get(body, "") for party, body in parties_of(row) if party != BUREAU.name
                ),
                countdown(row, calendar),
            )
            for row in rows
        ],
    )
