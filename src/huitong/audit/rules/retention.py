"""Periods for which the law wants records to stay: dated rows (A28), shown to the auditor.

Nothing is removed yet: ledger entries are kept for good, the database refuses to delete any, and
calls stay too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from huitong.kernel import shipped


@dataclass(frozen=True)
class Retention:
    in_force: date
    what: str
    months: int
    source: str


def rows() -> list[Retention]:
    return [
        Retention(date.fromisoformat(r["in_force"]), r["what"], int(r["months"]), r["source"])
        for r in shipped.rows("audit", "retention")
    ]


def retention(what: str, on: date) -> Retention:
    """The row in force on this day. Raises LookupError when there is none."""
    matches = [row for row in rows() if row.what == what and row.in_force <= on]
    if not matches:
        raise LookupError(f"no retention of {what!r} is in force on {on}")
    return max(matches, key=lambda row: row.in_force)
