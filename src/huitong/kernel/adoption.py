"""Which laws the city's new cases run under: the first always, any other from the day the city
adopts it (A36).

A case keeps the law it was opened under; adopting one changes nothing that runs.
"""

from __future__ import annotations

from datetime import date

from django.db import models

from huitong.kernel.answers import rows_of
from huitong.kernel.laws import HOME
from huitong.kernel.ledger import Record


class AdoptedLaw(Record):
    """That new cases run under a law's tables, from a day until one, and on which basis. A row is
    never edited but for its last day."""

    law = models.CharField(max_length=40)
    in_force = models.DateField()
    until = models.DateField(null=True, blank=True)
    basis = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["law", "in_force"], name="law_adopted_once_a_day")
        ]


def adopted(on: date) -> frozenset[str]:
    """Codes of the laws under which a case may be opened on a day."""
    rows = rows_of(
        f"SELECT law FROM {AdoptedLaw._meta.db_table}"  # noqa: S608 no value in it
        " WHERE in_force <= %s AND (until IS NULL OR until >= %s)",
        (on, on),
    )
    return frozenset({HOME, *(law for (law,) in rows)})
