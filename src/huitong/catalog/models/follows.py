"""Who follows an entry (A20)."""

from __future__ import annotations

from django.db import models

from huitong.kernel.addresses import reverse
from huitong.kernel.ledger import Record


class EntryFollow(Record):
    """A person who wants to hear when an entry changes, as who they are in a body; told only while
    they may see it."""

    person = models.ForeignKey("organizations.Person", on_delete=models.CASCADE, related_name="+")
    body = models.BigIntegerField()
    entry = models.ForeignKey("catalog.Entry", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "body", "entry"], name="entry_follow_once")
        ]

    def get_absolute_url(self) -> str:
        return reverse("catalog:entry", args=[self.entry_id])
