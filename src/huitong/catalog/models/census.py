"""The yearly census: campaigns, what bodies say of their entries, the closing report (A11)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from huitong.catalog.models.entries import Entry
from huitong.catalog.rules import choices
from huitong.catalog.rules.census import CensusOutcome
from huitong.kernel.ledger import InsertOnly, Record

CASE = "kernel.Case"


class Census(Record):
    """A year's census; its parts are the cases under its own, one a body."""

    case = models.OneToOneField(CASE, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    begins_on = models.DateField()
    ends_on = models.DateField()
    instructions = models.CharField(max_length=2000)
    called_off = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["year"], condition=models.Q(called_off=False), name="census_once_a_year"
            )
        ]

    def __str__(self) -> str:
        return f"{self.year} 年度目录普查"


class CensusAnswer(Record):
    """What a body says of one of its entries, or of a resource that has none.

    There is a row only once something was said: an entry nobody has looked at has none. ``version``
    is the number of the version that was looked at, ``remark`` what the bureau has against the
    answer: it counts for nothing until it is given anew.
    """

    census = models.ForeignKey(Census, on_delete=models.PROTECT, related_name="answers")
    part = models.ForeignKey(CASE, on_delete=models.PROTECT, related_name="+")
    entry = models.ForeignKey(Entry, null=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=12, choices=choices(CensusOutcome))
    #: of a resource that has no entry
    name = models.CharField(max_length=120, blank=True)
    reasons = models.CharField(max_length=1000, blank=True)
    version = models.PositiveIntegerField(null=True)
    remark = models.CharField(max_length=1000, blank=True)
    answered_at = models.DateTimeField()
    answered_by = models.CharField(max_length=60)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["census", "entry"], name="census_answer_once")
        ]
        indexes: ClassVar = [models.Index(fields=["part", "outcome"], name="census_answer_part")]


class CensusReport(InsertOnly):
    """The report a census ended with; ``sha256`` is the digest of its content, which the ledger
    keeps too."""

    census = models.OneToOneField(Census, on_delete=models.PROTECT, related_name="report")
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
