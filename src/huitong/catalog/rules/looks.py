"""Looking regularly whether the tables entries come from are still as agreed (A11): how often, and
when next."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from huitong.kernel.actor import Labelled


class LookCycle(Labelled):
    """How often a database is looked at without being asked."""

    OFF = "off", "不定期核对"
    MONTH = "month", "每月"
    QUARTER = "quarter", "每季度"
    HALF = "half", "每半年"


MONTHS = {LookCycle.MONTH: 1, LookCycle.QUARTER: 3, LookCycle.HALF: 6}


def next_look(cycle: LookCycle, first: date, today: date) -> date | None:
    """The next day after today, counted on from the first one, so that a short month moves no
    later one; None: it is not looked at.

    >>> next_look(LookCycle.MONTH, date(2026, 1, 31), date(2026, 2, 28))
    datetime.date(2026, 3, 31)
    """
    if cycle is LookCycle.OFF:
        return None
    step, times = MONTHS[cycle], 0
    while (day := _months_on(first, step * times)) <= today:
        times += 1
    return day


def _months_on(day: date, months: int) -> date:
    """The same day number so many months on, or the month's last day."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
