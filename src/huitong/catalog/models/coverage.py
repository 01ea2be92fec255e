"""What a body leaves out of its catalog and why, and its yearly word that this is all (A10)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from huitong.kernel.ledger import InsertOnly, Record

BODY = "organizations.Body"


class LeftOut(Record):
    """Why a table, system, duty or matter has no entry of its own: a reason of
    `data/left_out.csv`; with `in_entry` the ``entry`` that holds it."""

    body = models.ForeignKey(BODY, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=12)
    key = models.CharField(max_length=300)
    #: what it was called then
    label = models.CharField(max_length=300)
    reason = models.CharField(max_length=40)
    entry = models.ForeignKey(
        "catalog.Entry", null=True, on_delete=models.PROTECT, related_name="+"
    )
    words = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=60)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["body", "subject", "key"], name="left_out_once")
        ]


class CoverageConfirmed(InsertOnly):
    """A manager's signature under the coverage of a body: that nothing is concealed or left out
    (A10). ``lines`` is the digest of what was signed, which the ledger keeps too."""

    body = models.ForeignKey(BODY, on_delete=models.PROTECT, related_name="+")
    counts = models.JSONField()
    lines = models.CharField(max_length=64)
    by = models.CharField(max_length=60)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [models.Index(fields=["body", "-at"], name="coverage_confirmed")]
