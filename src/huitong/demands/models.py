"""Demands, and what bodies answered them (A24, A25)."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from huitong.demands.rules import Kind
from huitong.kernel.addresses import reverse
from huitong.kernel.ledger import Record
from huitong.publishing.rules import Mode

BODY = "organizations.Body"


class Demand(Record):
    """What the catalog does not have and a body needs: beside its case, with its stamped form.

    ``addressed`` are the bodies it was written to, none where the bureau shall find one;
    ``provider`` the one it lies with, as in the parties of its case. ``entry`` is what answered it.
    Of several bodies each has a part: a demand of its own with the same paper, whose ``whole`` it
    is. ``again`` is the demand before it that nobody met.
    """

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="+")
    consumer = models.ForeignKey(BODY, on_delete=models.PROTECT, related_name="+")
    #: what is needed, in a few words
    title = models.CharField(max_length=120)
    items = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    duty = models.ForeignKey("organizations.Duty", on_delete=models.PROTECT, related_name="+")
    matter = models.ForeignKey(
        "organizations.Matter", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    purpose = models.CharField(max_length=500)
    scenario = models.CharField(max_length=500, blank=True)
    mode = models.CharField(max_length=8, blank=True, choices=Mode.choices())
    frequency = models.CharField(max_length=100, blank=True)
    addressed = ArrayField(models.BigIntegerField(), default=list, blank=True)
    whole = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="parts"
    )
    again = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="successors"
    )
    contact = models.CharField(max_length=60)
    phone = models.CharField(max_length=40)
    # the paper: see `work.rules.stamped.StampedForm`
    version = models.PositiveIntegerField(default=1)
    printed_hash = models.CharField(max_length=64, blank=True)
    printed_at = models.DateTimeField(null=True)
    printed_content = models.JSONField(default=dict, blank=True)
    printed = models.ForeignKey(
        "work.Attachment", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    scan = models.ForeignKey(
        "work.Attachment", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    scanned_hash = models.CharField(max_length=64, blank=True)
    scan_doubts = models.JSONField(default=list, blank=True)
    archive_number = models.CharField(max_length=60, blank=True)
    #: from then on others than its own body see it
    submitted_at = models.DateTimeField(null=True)
    provider = models.ForeignKey(
        BODY, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    entry = models.ForeignKey(
        "catalog.Entry", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["-pk"]
        indexes = [
            models.Index(fields=["consumer", "-submitted_at"], name="demand_of_body"),
            models.Index(fields=["provider", "-submitted_at"], name="demand_at_body"),
        ]

    @property
    def number(self) -> str | None:
        return self.case.number

    def get_absolute_url(self) -> str:
        return reverse("work:case", args=[self.case_id])


class Answer(Record):
    """What a body said to a demand, or what the bureau did with it: kept in their order.

    ``on`` is the day planned, or the day until which an obstacle lasts; ``named`` the body that
    was named instead, or that it was assigned to.
    """

    demand = models.ForeignKey(Demand, on_delete=models.PROTECT, related_name="answers")
    body = models.ForeignKey(BODY, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices())
    ground = models.CharField(max_length=40, blank=True)
    words = models.TextField(blank=True)
    on = models.DateField(null=True)
    named = models.ForeignKey(
        BODY, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    entry = models.ForeignKey(
        "catalog.Entry", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)
    by = models.CharField(max_length=60)

    class Meta:
        ordering: ClassVar = ["pk"]
        indexes = [models.Index(fields=["kind", "demand"], name="demand_answer_kind")]
