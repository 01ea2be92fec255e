"""What the table of an entry looked like, and what a scan found changed in it (A7, A11)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from huitong.catalog.models.entries import Entry
from huitong.catalog.models.sources import Scan
from huitong.catalog.rules import choices
from huitong.catalog.rules.drift import Change, DriftKind, DriftState
from huitong.kernel.ledger import Record


class SourceShape(Record):
    """The table of an entry as its body last agreed to it; ``shape`` is `rules.drift.Shape`:
    names, types and comments, never a value."""

    entry = models.OneToOneField(Entry, on_delete=models.CASCADE, related_name="source_shape")
    shape = models.JSONField()


class Drift(Record):
    """One thing that changed in the table of an entry, until somebody has settled it or it passed
    by itself."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="drifts")
    #: the scan that saw it first
    scan = models.ForeignKey(Scan, on_delete=models.PROTECT, related_name="drifts")
    kind = models.CharField(max_length=20, choices=choices(DriftKind))
    column = models.CharField(max_length=128, blank=True)
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200, blank=True)
    #: what an item of the column would be now
    item = models.JSONField(default=dict, blank=True)
    #: whether the published entry promises what is not there any more
    breaks = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=choices(DriftState), default=DriftState.OPEN)
    noticed_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-noticed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "kind", "column"],
                name="drift_open_once",
                condition=models.Q(state=DriftState.OPEN),
            )
        ]

    @property
    def change(self) -> Change:
        return Change(DriftKind(self.kind), self.column, self.before, self.after, self.item)

    @property
    def adoptable(self) -> bool:
        return self.change.adoptable

    @property
    def kind_label(self) -> str:
        return DriftKind(self.kind).label

    @property
    def where(self) -> str:
        """What of the table it is."""
        return self.column or "整张表"
