"""Schedules of exchanges, and their runs (A13, A28, A30)."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models

from huitong.kernel.ledger import Record
from huitong.planes.tables.rules import ACTIVE, RunState, Trigger


class Schedule(Record):
    """The schedule of a grant of a table, which begins and ends with it; one per grant."""

    grant = models.OneToOneField("access.Grant", on_delete=models.PROTECT, related_name="+")
    cycle = models.CharField(max_length=2)
    #: None = nothing is due by itself (data that is never updated, or paused until somebody acts)
    next_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    paused_at = models.DateTimeField(null=True)
    #: paused by a person rather than by a problem: then only `resume` goes on
    paused_by = models.BigIntegerField(null=True)
    pause_reasons = models.CharField(max_length=500, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-pk"]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=models.Q(ended_at=None, paused_at=None),
                name="schedule_due",
            )
        ]


class Run(Record):
    """One run. ``key`` names it in the consumer's database too, so a run that was cut off is done
    again under the same name.

    Counts and checksums are of the granted projection; ``rows`` is the count on both sides, which
    agree or nothing is delivered.
    """

    schedule = models.ForeignKey(Schedule, on_delete=models.PROTECT, related_name="runs")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    trigger = models.CharField(max_length=12, choices=Trigger.choices())
    state = models.CharField(max_length=12, choices=RunState.choices(), default=RunState.QUEUED)
    asked_by = models.BigIntegerField(null=True)
    #: the provider has confirmed that far fewer rows than last time are right
    fall_confirmed = models.BooleanField(default=False)
    queued_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    stage = models.CharField(max_length=12, blank=True)
    rows = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    inserted = models.BigIntegerField(null=True)
    updated = models.BigIntegerField(null=True)
    deleted = models.BigIntegerField(null=True)
    source_checksum = models.CharField(max_length=80, blank=True)
    target_checksum = models.CharField(max_length=80, blank=True)
    #: code, side, cause, detail, who, remedy, paused: never a row, never a password
    problem = models.JSONField(default=dict)
    #: [[moment, plain words], …]
    log = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["schedule"], condition=models.Q(state__in=ACTIVE), name="run_one_at_a_time"
            )
        ]

    @property
    def active(self) -> bool:
        return self.state in ACTIVE

    def say(self, at: Any, words: str) -> None:
        self.log = [*self.log, [at.isoformat(timespec="seconds"), words]]
