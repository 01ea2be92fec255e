"""The dated rows that come with a release, and what of them is not in the database yet (A36)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from huitong.kernel import doing
from huitong.kernel.clocks import missing_clocks
from huitong.kernel.grounds import DecisionGround
from huitong.kernel.procedure import Procedure
from huitong.kernel.workdays import CalendarYear, Limit
from huitong.organizations.rules.shipping import Plan, plan


@dataclass(frozen=True)
class Shipped:
    """A table of dated rows and the file, in the kernel's data, that a release brings for it.

    The file's columns are fields of the model; the model's unique constraint is the natural key.
    """

    model: type[models.Model]
    file: str

    @property
    def key(self) -> tuple[str, ...]:
        """Law, article and the like, and the day a row comes into force."""
        [unique] = [
            each
            for each in self.model._meta.constraints
            if isinstance(each, models.UniqueConstraint)
        ]
        return tuple(unique.fields)

    @property
    def words(self) -> str:
        """How the table is called in messages."""
        return self.file.removesuffix(".csv")

    def rows(self) -> list[dict[str, Any]]:
        """The file's rows, typed as the model's fields."""
        return [
            {name: self._typed(name, value) for name, value in row.items()}
            for row in read(self.file)
        ]

    def plan(self) -> Plan:
        """The file beside the table as it is now."""
        rows = self.rows()
        columns = set(rows[0]) | {*self.key}
        return plan(rows, list(self.model._default_manager.values(*columns)), self.key)

    def _typed(self, name: str, value: str) -> Any:
        kind = self.model._meta.get_field(name)
        if isinstance(kind, ArrayField):
            return value.split()
        return None if kind.null and not value else kind.to_python(value)


#: every table of dated rows whose shipped changes reach a city that runs
SHIPPED = (Shipped(Limit, "limits.csv"), Shipped(DecisionGround, "grounds.csv"))


def read(file: str) -> list[dict[str, str]]:
    """A shipped table of the kernel."""
    text = (resources.files("huitong.kernel") / "data" / file).read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return list(csv.DictReader(lines))


def shipped_plans() -> dict[str, Plan]:
    """By table, what a release would add or end, and what it leaves to the city."""
    return {table.words: table.plan() for table in SHIPPED}


def gaining_procedures() -> list[Procedure]:
    """The procedures of this release with a clock that cases lack which stand where it runs."""
    doing.load()
    tables = [table for laws in doing.PROCEDURES.values() for table in laws.values()]
    return [t for t in tables if any(cases.exists() for _, cases in missing_clocks(t))]


def shipped_years() -> dict[int, list[Mapping[str, str]]]:
    """The holiday arrangements a release brings for years that are not loaded here: a year the
    city has loaded is the city's."""
    loaded = set(CalendarYear.objects.values_list("year", flat=True))
    years: dict[int, list[Mapping[str, str]]] = {}
    for row in read("calendar.csv"):
        if (year := int(row["date"][:4])) not in loaded:
            years.setdefault(year, []).append(row)
    return years
