"""Changes of law and function, and the entries each concerns (A11)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from huitong.catalog.models.entries import Entry
from huitong.catalog.rules import choices
from huitong.catalog.rules.changes import ChangeKind, Settlement
from huitong.kernel.ledger import Record

CASE = "kernel.Case"


class LawChange(Record):
    """A change of law or function that was made public on a day, as it was registered; its parts
    are the cases under its own, one a body."""

    case = models.OneToOneField(CASE, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=choices(ChangeKind))
    document = models.CharField(max_length=200)
    number = models.CharField(max_length=80, blank=True)
    published_on = models.DateField()
    #: what was changed, in the words of who registered it
    concerns = models.CharField(max_length=1000)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-published_on"], name="change_published")]

    def __str__(self) -> str:
        return f"《{self.document}》"


class AffectedEntry(Record):
    """An entry a change concerns, and what became of it.

    ``part`` is the case of the body that settles it, empty until the change is sent out;
    ``version`` the number of the version by which it was changed.
    """

    change = models.ForeignKey(LawChange, on_delete=models.PROTECT, related_name="affected")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")
    part = models.ForeignKey(CASE, null=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=12, choices=choices(Settlement), blank=True)
    reasons = models.CharField(max_length=1000, blank=True)
    version = models.PositiveIntegerField(null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["change", "entry"], name="affected_once")
        ]
