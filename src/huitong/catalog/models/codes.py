"""How entries are numbered (A7)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from huitong.kernel.ledger import Record


class CodeRule(Record):
    """The coding rule as a dated template (A7); the youngest in force applies."""

    template = models.CharField(max_length=120)
    in_force = models.DateField(unique=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-in_force"]


class CodeSequence(Record):
    """The last number given under a prefix. Its row is locked until the approval commits: no
    gap, no number twice."""

    prefix = models.CharField(max_length=40, unique=True)
    last = models.PositiveIntegerField(default=0)
