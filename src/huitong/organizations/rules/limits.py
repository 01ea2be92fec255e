"""Limits in matters of security: dated rows, none of them law (GB/T 22239-2019 leaves the numbers
to us)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from huitong.kernel import shipped

UNITS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


@dataclass(frozen=True)
class SecurityLimit:
    """An amount from a day on: a time of so many units (``span``), or a count per unit
    (``per``)."""

    in_force: date
    name: str
    amount: int
    unit: str
    source: str

    @property
    def per(self) -> timedelta:
        return UNITS[self.unit]

    @property
    def span(self) -> timedelta:
        return self.amount * self.per


@cache
def security_limits() -> tuple[SecurityLimit, ...]:
    return tuple(
        SecurityLimit(
            date.fromisoformat(r["in_force"]), r["name"], int(r["amount"]), r["unit"], r["source"]
        )
        for r in shipped.rows("organizations", "security_limits")
    )


def security_limit(name: str, on: date) -> SecurityLimit:
    """The row in force on this day, or the oldest before there was any. Raises LookupError for a
    name without rows."""
    rows = sorted(
        (row for row in security_limits() if row.name == name), key=lambda row: row.in_force
    )
    if not rows:
        raise LookupError(f"no limit is called {name!r}")
    return next((row for row in reversed(rows) if row.in_force <= on), rows[0])
