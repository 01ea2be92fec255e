"""Mounts: where a published entry's data really is, and how it is kept updated (A13, A14, A18)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from huitong.kernel.ledger import Record
from huitong.publishing.rules import Authorization, Mode, MountState


class Mount(Record):
    """A published entry mounted in one of the three ways.

    Table and API mounts read ``schema.table`` of ``database``; a file mount keeps an attachment.
    ``key`` are the columns that identify a row. ``columns`` maps each mounted column to its
    PostgreSQL type as found when mounting: the fingerprint drift is measured against.
    ``looked_at`` is the number of the entry's version its source was read for, or its file made
    ready for.
    """

    entry = models.ForeignKey("catalog.Entry", on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=8, choices=Mode.choices())
    authorization = models.CharField(
        max_length=12, choices=Authorization.choices(), default=Authorization.DIRECT
    )
    state = models.CharField(max_length=12, choices=MountState.choices(), default=MountState.ACTIVE)
    database = models.ForeignKey(
        "catalog.Database", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    schema = models.CharField(max_length=120, blank=True)
    table = models.CharField(max_length=200, blank=True)
    key = ArrayField(models.CharField(max_length=128), default=list, blank=True)
    columns = models.JSONField(default=dict, blank=True)
    looked_at = models.PositiveIntegerField()
    file = models.ForeignKey(
        "work.Attachment", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    #: what waits for the manager: values by the names of `queries.PROPOSABLE`, who proposed them,
    #: when
    proposed = models.JSONField(default=dict, blank=True)
    #: of a file: who declared and who confirmed its secrecy review, and when (A3)
    secrecy = models.JSONField(default=dict, blank=True)
    #: A14: the named, trained person responsible, and how the resource is updated
    responsible = models.CharField(max_length=60, blank=True)
    trained_on = models.DateField(null=True, blank=True)
    update_method = models.CharField(max_length=200, blank=True)
    mounted_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    @property
    def published(self) -> Any:
        """The version of its entry that is published (`catalog.models.Version`): drafts are
        nobody's who uses it."""
        return self.entry.published

    @property
    def delivers(self) -> bool:
        """May data leave through it now?"""
        return self.state == MountState.ACTIVE

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "mode"],
                condition=~models.Q(state="withdrawn"),
                name="mount_once_per_mode",
            )
        ]
