"""What a reviewer had before them when they returned an entry (A10)."""

from __future__ import annotations

from django.db import models

from huitong.catalog.models.entries import Version
from huitong.kernel.ledger import InsertOnly


class Round(InsertOnly):
    """A version as it was returned in a round, as `rules.EntryFacts` in JSON: what it says in the
    next round is compared with it."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="rounds")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="round_once")]
