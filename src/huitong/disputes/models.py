"""Disputes, what each of the three stated, and what the two say to the minutes (A27)."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from huitong.disputes.rules import Outcome, Ruling, Side, Subject
from huitong.kernel.addresses import reverse
from huitong.kernel.ledger import Record

BODY = "organizations.Body"


class Dispute(Record):
    """What two bodies see differently about a case, beside the dispute's own case.

    ``about`` is the case in dispute, ``mount`` the resource it is about, ``followed_by`` the case
    that went on from the outcome.
    """

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="+")
    about = models.ForeignKey("kernel.Case", on_delete=models.PROTECT, related_name="+")
    claimant = models.ForeignKey(BODY, on_delete=models.PROTECT, related_name="+")
    respondent = models.ForeignKey(BODY, on_delete=models.PROTECT, related_name="+")
    #: which of the two the claimant is
    side = models.CharField(max_length=10, choices=Side.choices())
    mount = models.ForeignKey(
        "publishing.Mount", null=True, on_delete=models.PROTECT, related_name="+"
    )
    subject = models.CharField(max_length=12, choices=Subject.choices())
    words = models.TextField()
    wish = models.TextField()
    files = ArrayField(models.BigIntegerField(), default=list, blank=True)
    submitted_at = models.DateTimeField(null=True)
    meets_at = models.DateTimeField(null=True)
    place = models.CharField(max_length=200, blank=True)
    minutes = models.TextField(blank=True)
    #: the minutes as a signed paper, if there is one
    minutes_file = models.ForeignKey(
        "work.Attachment", null=True, on_delete=models.PROTECT, related_name="+"
    )
    #: how often the minutes were written: what is confirmed is one version of them
    version = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=10, blank=True, choices=Outcome.choices())
    outcome_words = models.TextField(blank=True)
    ruling = models.CharField(max_length=10, blank=True, choices=Ruling.choices())
    ruling_words = models.TextField(blank=True)
    #: the government's decision
    decision = models.ForeignKey(
        "work.Attachment", null=True, on_delete=models.PROTECT, related_name="+"
    )
    followed_by = models.ForeignKey(
        "kernel.Case", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["-pk"]
        indexes = [
            models.Index(fields=["claimant", "-submitted_at"], name="dispute_of_body"),
            models.Index(fields=["respondent", "-submitted_at"], name="dispute_against_body"),
        ]

    @property
    def number(self) -> str | None:
        return self.case.number

    @property
    def consumer_id(self) -> int:
        return self.claimant_id if self.side == Side.CONSUMER else self.respondent_id

    def get_absolute_url(self) -> str:
        return reverse("work:case", args=[self.case_id])


class View(Record):
    """What one of the three stated, as it reads now; earlier words stand in the ledger."""

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="views")
    party = models.CharField(max_length=20)
    body = models.ForeignKey(BODY, on_delete=models.PROTECT, related_name="+")
    words = models.TextField()
    files = ArrayField(models.BigIntegerField(), default=list, blank=True)
    by = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["dispute", "party"], name="dispute_view_once")
        ]


class Reply(Record):
    """What one of the two said to the minutes, or to the authority's decision: nothing more, or an
    objection. ``version`` is that of the minutes; 0 of a decision."""

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="replies")
    party = models.CharField(max_length=20)
    body = models.ForeignKey(BODY, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveSmallIntegerField()
    objection = models.TextField(blank=True)
    by = models.CharField(max_length=60)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dispute", "party", "version"], name="dispute_reply_once"
            )
        ]
