"""How long records must be kept: dated rows (A28). Whatever deletes records asks `refuse_younger` first.

Ledger entries are kept for good: the database refuses to delete any. The rows count for what comes by the million and
is removed one day, the segments of calls.
"""

from __future__ import annotations

import csv
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from importlib import resources

from huitong.kernel.procedure import AgainstRules


@dataclass(frozen=True)
class Retention:
    in_force: date
    what: str
    months: int
    source: str

    def kept_from(self, today: date) -> date:
        """Records of this day and younger must still be there."""
        count = today.year * 12 + today.month - 1 - self.months
        year, month = divmod(count, 12)
        return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))


def rows() -> list[Retention]:
    text = (resources.files("huitong.audit") / "data/retention.csv").read_text(encoding="utf-8")
    return [Retention(date.fromisoformat(r["in_force"]), r["what"], int(r["months"]), r["source"])
            for r in csv.DictReader(text.splitlines())]


def retention(what: str, on: date) -> Retention:
    """The row in force on this day. Raises LookupError when there is none."""
    found = [row for row in rows() if row.what == what and row.in_force <= on]
    if not found:
        raise LookupError(f"no retention of {what!r} is in force on {on}")
    return max(found, key=lambda row: row.in_force)


def refuse_younger(what: str, before: date, today: date) -> None:
    """Raises `AgainstRules` when deleting everything before this day would take what must still be kept."""
    row = retention(what, today)
    if before > row.kept_from(today):
        raise AgainstRules(f"{row.kept_from(today):%Y-%m-%d} 及以后的记录须继续保存（不少于 {row.months} 个月）。", article="A28",
                           remedy=f"依据：{row.source}。")
