"""What the checks ask of every entry from a day on, where the rules name no day (A5, A9)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from huitong.kernel.ledger import Record


class Requirement(Record):
    """A rule of the checks that stops submissions as a dated row: those a law asks for are shipped
    in `data/requirements.csv`, others the city sets."""

    #: the name of a rule of `rules.RULES` that else only warns
    rule = models.CharField(max_length=40)
    in_force = models.DateField()
    until = models.DateField(null=True)
    #: what it rests on
    document = models.CharField(max_length=200)
    #: set by the city, which may end it; what a law asks for it may not
    own = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["in_force", "pk"]

    def __str__(self) -> str:
        return self.rule
