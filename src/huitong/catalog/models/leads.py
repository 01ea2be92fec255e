"""The register of data and the body that collects each for all (数源部门)."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Value

from huitong.kernel.ledger import Record

BODY = "organizations.Body"


class Datum(Record):
    """A datum that is collected once for all: what it is called, and by whom it was registered."""

    name = models.CharField(max_length=100, unique=True)
    #: other names, as they were typed
    synonyms = models.CharField(max_length=300, blank=True)
    code = models.CharField(max_length=60, blank=True)
    #: `rules.leads.words_of_datum`: what items are compared with
    words = ArrayField(models.CharField(max_length=100), default=list)

    class Meta:
        ordering: ClassVar = ["name"]
        indexes: ClassVar = [GinIndex(fields=["words"], name="datum_words")]

    def __str__(self) -> str:
        return self.name


class Lead(Record):
    """That a body collects a datum from a day until one, and on which basis."""

    datum = models.ForeignKey(Datum, on_delete=models.PROTECT, related_name="leads")
    body = models.ForeignKey(BODY, on_delete=models.PROTECT, related_name="+")
    basis = models.CharField(max_length=300)
    in_force = models.DateField()
    until = models.DateField(null=True)
    #: the last day it had before another body replaced it
    planned = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ["-in_force", "-pk"]
        constraints: ClassVar = [
            # a range of one number is equal where it overlaps: no extension is needed for it
            ExclusionConstraint(
                name="lead_one_at_a_time",
                expressions=[
                    (
                        Func(F("datum"), F("datum"), Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(
                            F("in_force"),
                            F("until"),
                            Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            )
        ]

    def __str__(self) -> str:
        return f"{self.datum.name}：{self.body.short_name}"
