"""One row per running matter, of whatever kind (A17, A19): so lists, clocks and rates are one query
for all kinds.

Each context hangs its own facts on the case; only `doing` moves it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from huitong.kernel.actor import Actor, Post, Seat
from huitong.kernel.ledger import GuardedQuerySet, Record
from huitong.kernel.procedure import LimitRef, Procedure
from huitong.kernel.workdays import Calendar, day_of, limit_row, load_calendar


class CaseQuerySet(GuardedQuerySet["Case"]):
    def visible_to(self, actor: Actor) -> CaseQuerySet:
        """The parties of a case see it; the bureau, which receives and tracks all of them, sees
        every case (A19).

        Both only once it has left the body in which it is begun: a draft is that body's own
        business (A12, A20).
        """
        if actor.is_system:
            return self
        if actor.body is None or not actor.has(Post.OPERATOR, Post.MANAGER):
            return self.none()
        seen = self.filter(models.Q(inside=None) | models.Q(inside=actor.body))
        return seen if actor.bureau else seen.filter(bodies__contains=[actor.body])

    def waiting_for(self, actor: Actor) -> CaseQuerySet:
        """Cases whose next move is the duty of a desk this actor sits at."""
        return self.filter(awaiting__overlap=actor.desks) if actor.desks else self.none()


class Case(Record):
    """A running matter. ``parties`` maps party → body; ``facts`` are named facts that route and
    satisfy demands; ``hands`` maps person → the seat that person took, by themselves or through
    a deputy, for nobody decides on their own work (A12)."""

    kind = models.CharField(max_length=60)
    law = models.CharField(max_length=40)
    number = models.CharField(max_length=40, unique=True, null=True)  # noqa: DJ001 - null until the first step gives one
    title = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=40, blank=True)
    parties = models.JSONField(default=dict)
    bodies = ArrayField(models.BigIntegerField(), default=list)
    #: the body in which the case was begun, until it first comes to another party: nobody else sees
    #: it so long
    inside = models.BigIntegerField(null=True)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)
    hands = models.JSONField(default=dict)
    #: desks "body:post" whose duty the next move is; empty when closed
    awaiting = ArrayField(models.CharField(max_length=60), default=list)
    #: the person who took the case from the desk, if any
    holder = models.BigIntegerField(null=True)
    opened_by = models.BigIntegerField(null=True)
    opened_at = models.DateTimeField(auto_now_add=True)
    entered_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)
    due_on = models.DateField(null=True)
    provisional = models.BooleanField(default=False)
    paused = models.BooleanField(default=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(fields=["awaiting"]),
            GinIndex(fields=["bodies"]),
            models.Index(fields=["kind", "state"]),
            models.Index(fields=["subject_type", "subject_id"]),
            models.Index(
                fields=["due_on"], condition=models.Q(closed_at=None), name="case_open_due"
            ),
            models.Index(fields=["opened_by", "-opened_at"]),
        ]

    def between(self, **parties: int | None) -> None:
        """Set the parties of the case: ``case.between(consumer=3, provider=7)``; `doing` adds
        the bureau."""
        self.parties |= {name: body for name, body in parties.items() if body is not None}
        self.bodies = sorted({body for body in self.parties.values() if body is not None})

    def about(self, subject: models.Model, title: str) -> None:
        """Say what the case is about, and the line a clerk reads in every list."""
        self.subject_type, self.subject_id, self.title = (
            subject._meta.label_lower,
            subject.pk,
            title[:300],
        )

    def desks_of(self, seat: Seat | None) -> list[str]:
        """The desk that sits in that seat here: one string, or none when the party is not (yet)
        known."""
        body = self.parties.get(seat.party) if seat else None
        return [f"{body}:{seat.post}"] if seat and body is not None else []

    @property
    def readers(self) -> frozenset[int]:
        """The parties' bodies that may read the case now; the bureau reads it too once it has
        left the body it was begun in."""
        return frozenset(self.bodies if self.inside is None else {self.inside})

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def snapshot(self) -> dict[str, Any]:
        """What a step may change, for the ledger's before and after."""
        return {
            "state": self.state,
            "parties": dict(self.parties),
            "facts": dict(self.facts),
            "due_on": self.due_on,
        }


class Clock(Record):
    """One run of a statutory limit over a case: kept for ever, so that on-time rates are one query
    over one table.

    ``gross`` counts the working days from start to stop, ``net`` leaves out those during which the
    clock stood.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="clocks")
    state = models.CharField(max_length=40)
    article = models.CharField(max_length=8)
    party = models.CharField(max_length=20)
    post = models.CharField(max_length=30)
    body = models.BigIntegerField(null=True)
    amount = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=8)
    started_on = models.DateField()
    half_on = models.DateField()
    warn_on = models.DateField()
    due_on = models.DateField()
    provisional = models.BooleanField(default=False)
    #: spans [[from, to or null], …] of days during which the clock stood still
    pauses = models.JSONField(default=list)
    stopped_on = models.DateField(null=True)
    gross = models.IntegerField(null=True)
    net = models.IntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_on"], condition=models.Q(stopped_on=None), name="clock_running_due"
            ),
            models.Index(fields=["body", "article", "stopped_on"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(stopped_on=None), name="clock_one_running"
            )
        ]

    @property
    def is_paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1][1] is None

    def days_paused(self, calendar: Calendar) -> int:
        """Working days the clock stood still in closed spans: a day of return counts as running
        again."""
        return sum(
            calendar.between(date.fromisoformat(a), date.fromisoformat(b))
            for a, b in self.pauses
            if b
        )

    def aim(self, calendar: Calendar) -> None:
        """Compute the last day and the days of warning: half time, and one working day before."""
        last = calendar.deadline(self.started_on, self.amount, self.unit)
        if stood := self.days_paused(calendar):
            moved = calendar.after(last.on, stood)
            last = type(last)(moved.on, last.provisional or moved.provisional)
        self.due_on, self.provisional = last.on, last.provisional
        whole = calendar.between(self.started_on, last.on)
        self.half_on = calendar.after(self.started_on, max(whole // 2, 1)).on
        before = last.on - timedelta(1)
        while not calendar.is_working(before):
            before -= timedelta(1)
        self.warn_on = max(before, self.started_on)

    def stop(self, on: date, calendar: Calendar) -> None:
        if self.is_paused:
            self.pauses[-1][1] = on.isoformat()
        self.stopped_on = on
        self.gross = calendar.between(self.started_on, on)
        self.net = self.gross - self.days_paused(calendar)

    @property
    def on_time(self) -> bool | None:
        return None if self.stopped_on is None else self.stopped_on <= self.due_on


def retime(case: Case, procedure: Procedure, now: datetime) -> None:
    """Set the clocks of a case that has just entered its state. Called by `doing` inside the
    act."""
    on, state = day_of(now), procedure.state(case.state)
    running = Clock.objects.filter(case=case, stopped_on=None).first()
    held = procedure.holds.get(state)
    ref = procedure.clocks.get(state)
    if running is None and ref is None:
        case.due_on, case.provisional, case.paused = None, False, False
        return
    calendar = load_calendar()
    if running and held is not None and running.state == held.value:
        if procedure.pauses and not running.is_paused:
            running.pauses.append([on.isoformat(), None])
            running.save()
    elif running and ref is not None and running.state == state.value and procedure.holds:
        if running.is_paused:
            running.pauses[-1][1] = on.isoformat()
            running.aim(calendar)
            running.save()
    else:
        if running:
            running.stop(on, calendar)
            running.save()
        running = start_clock(case, procedure, ref, on, calendar) if ref else None
    case.due_on = running.due_on if running else None
    case.provisional = bool(running and running.provisional)
    case.paused = bool(running and running.is_paused)


def start_clock(
    case: Case, procedure: Procedure, ref: LimitRef, on: date, calendar: Calendar
) -> Clock:
    row = limit_row(procedure.law, ref, on)
    seat = procedure.awaits(case.state)
    clock = Clock(
        case=case,
        state=case.state,
        article=ref.article,
        party=seat.party if seat else "",
        post=seat.post if seat else "",
        body=case.parties.get(seat.party) if seat else None,
        amount=row.amount,
        unit=row.unit,
        started_on=on,
    )
    clock.aim(calendar)
    clock.save()
    return clock
