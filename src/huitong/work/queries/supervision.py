"""Clocks that warn, bodies that are urged, and how punctual each body is (A15, A31)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock, RunningLimit
from huitong.kernel.statements import Statement
from huitong.kernel.watches import Watch
from huitong.kernel.workdays import today
from huitong.work.models import Reacted, Urging, Warned
from huitong.work.rules import Card, Level, levels_reached


@dataclass(frozen=True)
class Rate:
    """A body's punctuality under one article: clocks stopped in time, too late, running past their
    day."""

    body: int | None
    article: str
    in_time: int
    late: int
    overdue: int

    @property
    def share(self) -> float | None:
        """The share in time of the clocks that stopped or run past their day; None without any."""
        judged = self.in_time + self.late + self.overdue
        return self.in_time / judged if judged else None


def on_time(
    since: date, until: date, body: int | None = None, on: date | None = None
) -> list[Rate]:
    """Punctuality by body and article, of the clocks that stopped in a span or run past their
    day."""
    stopped = Q(stopped_on__gte=since, stopped_on__lte=until)
    running = Q(stopped_on=None, standing=False, due_on__lt=on or today())
    clocks = Clock.objects.filter(stopped | running)
    if body is not None:
        clocks = clocks.filter(body=body)
    rows = (
        clocks.values("body", "article")
        .annotate(
            in_time=Count("pk", filter=Q(stopped_on__lte=F("due_on"))),
            late=Count("pk", filter=Q(stopped_on__gt=F("due_on"))),
            overdue=Count("pk", filter=Q(stopped_on=None)),
        )
        .order_by("body", "article")
    )
    return [Rate(**row) for row in rows]


def reached(on: date) -> list[tuple[Clock, list[Level]]]:
    """Running clocks with the levels they have reached by a day and not been warned about, the
    gravest last. A clock that stands still is warned about when it runs again."""
    clocks = list(Clock.objects.filter(_near(on)).select_related("case").order_by("pk"))
    return _unwarned(clocks, Warned.objects.filter(clock__in=clocks), "clock", on)


def watches_reached(on: date) -> list[tuple[Watch, list[Level]]]:
    """The same of running watches."""
    watches = list(Watch.objects.filter(_near(on)).order_by("pk"))
    return _unwarned(watches, Warned.objects.filter(watch__in=watches), "watch", on)


def lapsed(on: date) -> list[tuple[str, int]]:
    """Steps the platform takes because a limit was over before this day: verb and case."""
    steps = []
    for kind, tables in doing.PROCEDURES.items():
        for table in tables.values():
            for rule in (rule for rule in table.clocks if rule.lapses):
                over = Clock.objects.filter(
                    name=rule.name,
                    stopped_on=None,
                    due_on__lt=on,
                    case__kind=kind,
                    case__law=table.law,
                    standing=False,
                )
                cases = over.order_by("case").values_list("case", flat=True).distinct()
                steps += [(f"{kind}.{rule.lapses}", case) for case in cases]
    return steps


def ready_to_end(parent: int | None = None) -> list[tuple[str, int]]:
    """Cases whose parts are all over and which their parts end: the step that ends them, and the
    case. One query for each such table; of one case alone where ``parent`` names it."""
    steps = []
    for kind, tables in doing.PROCEDURES.items():
        for table in tables.values():
            for row in (row for row in table.steps if row.after_children):
                parts = Case.objects.filter(parent=OuterRef("pk"))
                cases = Case.objects.filter(
                    Exists(parts),
                    ~Exists(parts.filter(closed_at=None)),
                    kind=kind,
                    law=table.law,
                    state__in=list(row.origin),
                )
                cases = cases if parent is None else cases.filter(pk=parent)
                steps += [(f"{kind}.{row.verb}", pk) for pk in cases.values_list("pk", flat=True)]
    return steps


def _near(on: date) -> Q:
    return Q(stopped_on=None, standing=False) & (Q(half_on__lte=on) | Q(warn_on__lte=on))


Limit = TypeVar("Limit", bound=RunningLimit)


def _unwarned(
    limits: list[Limit], warnings: QuerySet[Warned], kind: str, on: date
) -> list[tuple[Limit, list[Level]]]:
    warned: dict[int, dict[str, date]] = {}
    for pk, level, warned_on in warnings.order_by("on").values_list(kind, "level", "on"):
        warned.setdefault(pk, {})[level] = warned_on
    levels = [(row, levels_to_tell(row, on, warned.get(row.pk, {}))) for row in limits]
    return [(row, new) for row, new in levels if new]


def levels_to_tell(row: RunningLimit, on: date, warned: Mapping[str, date]) -> list[Level]:
    """The levels reached by a day that were not warned of on or after their day: after an
    extension or a pause their days are others, and they are told again. ``warned``: level → last
    day it was told."""
    days = {Level.HALF: row.half_on, Level.EVE: row.warn_on, Level.OVERDUE: row.due_on}
    return [
        level for level in levels_of(row, on) if level not in warned or warned[level] < days[level]
    ]


def levels_of(row: RunningLimit, on: date) -> list[Level]:
    """The levels a running limit has reached on a day, the gravest last."""
    return levels_reached(row.half_on, row.warn_on, row.due_on, on)


def accountable(case: Case) -> list[int]:
    """The bodies whose duty the next step is (A17): one, or in a joint step those who have not
    spoken yet."""
    bodies = {desk.partition(":")[0] for desk in case.awaiting}
    return sorted(int(body) for body in bodies if body.isdecimal())


def may_urge(actor: Actor, case: Case) -> bool:
    """The bureau may urge whoever is due (A15, A19); a party that waits may urge the one it
    waits for."""
    due = accountable(case)
    waits = actor.body in case.bodies and actor.body not in due
    others_due = bool(set(due) - {actor.body})
    return others_due and actor.has(Post.OPERATOR, Post.MANAGER) and (waits or actor.bureau)


URGINGS = Statement(
    lambda case: (
        Urging.objects.filter(case=case).select_related("by", "answered_by").order_by("pk")
    ),
    case=int,
)


def urgings_of(case: Case) -> list[Urging]:
    """Who was urged in a case, the first first."""
    return URGINGS(case=case.pk)


def urged_bodies(since: date, until: date) -> dict[int, dict[str, int]]:
    """The number of urgings of each body in a span, by card."""
    rows = (
        Urging.objects.filter(at__date__gte=since, at__date__lte=until)
        .values_list("urged", "card")
        .annotate(n=Count("pk"))
    )
    counts: dict[int, dict[str, int]] = {}
    for body, card, n in rows:
        counts.setdefault(body, dict.fromkeys(Card, 0))[Card(card)] = n
    return counts


def cards_of(since: date, until: date) -> dict[int, dict[str, int]]:
    """The number of yellow and red cards of each body in a span."""
    rows = Warned.objects.filter(on__gte=since, on__lte=until, body__isnull=False).exclude(
        card=Card.NONE
    )
    counts: dict[int, dict[str, int]] = {}
    for body, card, n in rows.values_list("body", "card").annotate(n=Count("pk")):
        counts.setdefault(body, {Card.YELLOW: 0, Card.RED: 0})[Card(card)] = n
    return counts


def has_reacted(entry: int, reaction: str) -> bool:
    """Whether a reaction to a ledger entry was done already."""
    return Reacted.objects.filter(entry=entry, reaction=reaction).exists()
