"""Kinds of what a refusal to share may rest on (A8)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from huitong.kernel.ledger import Record


class GroundKind(Record):
    """A kind of legal ground as a dated row: the first ones shipped in `data/ground_kinds.csv`, the
    bureau adds others and ends those that are over. Grounds keep its ``code``."""

    code = models.CharField(max_length=20, unique=True)
    label = models.CharField(max_length=40, unique=True)
    in_force = models.DateField()
    until = models.DateField(null=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["in_force", "pk"]

    def __str__(self) -> str:
        return self.label
