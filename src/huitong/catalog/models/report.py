"""Reports of what today's rules find in the whole catalog, or in that of one body (A10, A31)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from huitong.catalog.rules import ScanState, choices
from huitong.kernel.ledger import Record

BODY = "organizations.Body"


class CheckReport(Record):
    """One run of the checks over every entry: ``body`` is None for the whole city, ``asked_by`` for
    the clock. Its ``counts`` ({rule: {body: findings}}) are kept for ever, its findings until the
    next one of its kind is done."""

    body = models.ForeignKey(BODY, null=True, on_delete=models.PROTECT, related_name="+")
    asked_by = models.BigIntegerField(null=True)
    state = models.CharField(max_length=12, choices=choices(ScanState), default=ScanState.QUEUED)
    asked_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    #: versions to look at, looked at, and the last of them: where it goes on after a crash
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    place = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["body"],
                condition=Q(state__in=[ScanState.QUEUED, ScanState.RUNNING]),
                nulls_distinct=False,
                name="check_report_one_running",
            )
        ]

    @property
    def is_running(self) -> bool:
        return self.state in (ScanState.QUEUED, ScanState.RUNNING)


class CheckFinding(Record):
    """One finding of a report. ``inside``: of a draft the bureau has not received yet, which is its
    body's own affair (A12)."""

    report = models.ForeignKey(CheckReport, on_delete=models.CASCADE, related_name="findings")
    entry = models.ForeignKey("catalog.Entry", on_delete=models.PROTECT, related_name="+")
    body = models.ForeignKey(BODY, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    published = models.BooleanField()
    inside = models.BooleanField()
    rule = models.CharField(max_length=40)
    severity = models.CharField(max_length=12)
    field = models.CharField(max_length=120)
    sentence = models.CharField(max_length=600)
    #: the entry it was compared with
    other = models.BigIntegerField(null=True)

    #: where a page mends it, and how grave it is in words
    place: str

    class Meta:
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [
            models.Index(fields=["report", "rule"], name="check_finding_rule"),
            models.Index(fields=["report", "body"], name="check_finding_body"),
        ]
