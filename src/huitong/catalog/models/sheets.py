"""Entries changed in one go: a workbook as it was handed in, and what becomes of each entry (A7,
A12)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from huitong.catalog.models.sources import BODY
from huitong.catalog.rules import choices
from huitong.catalog.rules.sheets import RUNNING, WAITING, SetState, What
from huitong.kernel.ledger import Record


class ChangeSet(Record):
    """A workbook of a body's entries and what it changes: a draft of drafts until it is applied.

    ``file`` and ``annotated`` are encrypted by the vault under `purpose`; the file is kept only
    until it has been checked, the copy with its faults until a better one comes.
    """

    body = models.ForeignKey(BODY, on_delete=models.PROTECT, related_name="+")
    asked_by = models.BigIntegerField()
    asked_name = models.CharField(max_length=60)
    #: the bureau's name, where it hands in for the body (代录), with why: `rules.Entering`
    entered_by = models.CharField(max_length=120, blank=True)
    entering = models.JSONField(default=dict, blank=True)
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=choices(SetState), default=SetState.QUEUED)
    file = models.TextField(blank=True)
    annotated = models.TextField(blank=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    #: entries of the file that say what the platform has already
    same = models.PositiveIntegerField(default=0)
    #: faults that keep it from being applied; all faults, and what was put right, as far as listed
    grave = models.PositiveIntegerField(default=0)
    faults = models.JSONField(default=list)
    mended = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    asked_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [models.Index(fields=["body", "-id"], name="change_set_of_body")]

    def __str__(self) -> str:
        return self.name

    @property
    def purpose(self) -> str:
        return f"catalog.change_set:{self.body_id}:{self.pk}"

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING

    @property
    def is_waiting(self) -> bool:
        return self.state in WAITING


class Document(models.JSONField):
    """JSON that is inserted value by value. Rows of plain columns go in as arrays, and there each
    quotation mark of a document is escaped by itself: four times as slow for these."""

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        """The mark by which Django knows a column not to be put into an array."""
        return "%s"

    def deconstruct(self) -> Any:
        name, _, args, more = super().deconstruct()
        return name, "django.db.models.JSONField", args, more


class EntryChange(Record):
    """What a set does to one entry: see `rules.sheets.Planned`; applied, ``entry`` and ``case`` are
    there in any case."""

    changes = models.ForeignKey(ChangeSet, on_delete=models.CASCADE, related_name="rows")
    row = models.PositiveIntegerField()
    what = models.CharField(max_length=8, choices=choices(What))
    name = models.CharField(max_length=120)
    entry = models.ForeignKey(
        "Entry", null=True, on_delete=models.PROTECT, related_name="changed_by"
    )
    case = models.ForeignKey("kernel.Case", null=True, on_delete=models.PROTECT, related_name="+")
    mark = models.BigIntegerField(default=0)
    given = Document(default=dict)
    grounds = Document(null=True)
    before = Document(default=dict)
    lines = Document(default=list)
    #: the code an old catalog gave it; the bureau alone lets it keep it
    code = models.CharField(max_length=40, blank=True)
    open = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["row", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["changes", "row"], name="change_once_a_row")
        ]
