"""Doubts, what was found of them, and what came of it (A29)."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from huitong.kernel.addresses import reverse
from huitong.kernel.ledger import Record
from huitong.objections.rules import Doubt, Finding

BODY = "organizations.Body"


class Objection(Record):
    """A doubt about an entry, a resource, a grant or what was delivered, beside its case.

    ``provider`` is the body it lies with, as in the parties of its case; ``locator`` says which
    record, masked; ``held`` and ``believed`` are sealed (`kernel.vault`) and read by an act alone.
    """

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="+")
    consumer = models.ForeignKey(BODY, on_delete=models.PROTECT, related_name="+")
    provider = models.ForeignKey(BODY, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=Doubt.choices())
    entry = models.ForeignKey("catalog.Entry", on_delete=models.PROTECT, related_name="+")
    mount = models.ForeignKey(
        "publishing.Mount", null=True, on_delete=models.PROTECT, related_name="+"
    )
    grant = models.ForeignKey("access.Grant", null=True, on_delete=models.PROTECT, related_name="+")
    #: which delivery, as its plane names it
    plane = models.CharField(max_length=12, blank=True)
    delivery = models.CharField(max_length=120, blank=True)
    delivered_at = models.DateTimeField(null=True)
    item = models.CharField(max_length=100, blank=True)
    locator = models.CharField(max_length=200, blank=True)
    held = models.TextField(blank=True)
    believed = models.TextField(blank=True)
    words = models.TextField()
    files = ArrayField(models.BigIntegerField(), default=list, blank=True)
    reported_at = models.DateTimeField(auto_now_add=True)
    #: the doubt whose answer did not settle it; of several that name one, all but one are withdrawn
    again_of = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="successors"
    )
    #: bodies that said it is not their duty
    declined = ArrayField(models.BigIntegerField(), default=list, blank=True)
    finding = models.CharField(max_length=8, blank=True, choices=Finding.choices())
    answer = models.TextField(blank=True)
    planned_on = models.DateField(null=True)
    corrected_on = models.DateField(null=True)
    correction = models.TextField(blank=True)
    #: the number of the entry's version by which a doubt about the catalog was settled
    corrected_by = models.PositiveIntegerField(null=True)
    answered_at = models.DateTimeField(null=True)
    satisfied = models.BooleanField(null=True)
    evaluation = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["-pk"]
        indexes = [
            models.Index(fields=["consumer", "-reported_at"], name="objection_of_body"),
            models.Index(fields=["provider", "-reported_at"], name="objection_at_body"),
            models.Index(fields=["entry", "-reported_at"], name="objection_of_entry"),
        ]

    @property
    def number(self) -> str | None:
        return self.case.number

    def get_absolute_url(self) -> str:
        return reverse("work:case", args=[self.case_id])
