"""Clocks that warn, bodies that are urged, and how punctual each body is (A15, A31)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q, QuerySet

from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case, Clock
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
    running = Q(stopped_on=None, due_on__lt=on or today()) & ~Q(case__paused=True)
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
    """Running clocks with the levels they reached by a day without a warning, the gravest last."""
    near = Q(half_on__lte=on) | Q(warn_on__lte=on)
    clocks = list(
        Clock.objects.filter(near, stopped_on=None, case__paused=False)
        .select_related("case")
        .order_by("pk")
    )
    warned: dict[int, set[str]] = {}
    for clock, level in Warned.objects.filter(clock__in=clocks).values_list("clock", "level"):
        warned.setdefault(clock, set()).add(level)
    reached_levels = [
        (
            c,
            [
                x
                for x in levels_reached(c.half_on, c.warn_on, c.due_on, on)
                if x not in warned.get(c.pk, ())
            ],
        )
        for c in clocks
    ]
    return [(clock, levels) for clock, levels in reached_levels if levels]


def accountable(case: Case) -> int | None:
    """The one body whose duty the next step is (A17)."""
    seat = doing.procedure_of(case).awaits(case.state) if case.is_open else None
    return case.parties.get(seat.party) if seat else None


def may_urge(actor: Actor, case: Case) -> bool:
    """The bureau may urge whoever is due (A15, A19); a party that waits may urge the one it
    waits for."""
    body = accountable(case)
    waits = actor.body in case.bodies and actor.body != body
    return (
        body is not None
        and actor.has(Post.OPERATOR, Post.MANAGER)
        and (waits or (actor.bureau and actor.body != body))
    )


def urgings_of(case: Case) -> QuerySet[Urging]:
    return Urging.objects.filter(case=case).select_related("by", "answered_by").order_by("pk")


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
