"""Counting days as the rules do: working days on an importable calendar, months by day number (A11,
A21-A26).

The pure part (`Calendar`) is given facts; the models hold them: days off and working weekends (调休)
by year, and the limits of each law as dated rows citing their article.
"""

from __future__ import annotations

import calendar as months
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from django.db import models

from huitong.kernel import shipped
from huitong.kernel.answers import rows_of
from huitong.kernel.laws import citation
from huitong.kernel.ledger import Record
from huitong.kernel.procedure import AgainstRules, LimitRef

SHANGHAI = ZoneInfo("Asia/Shanghai")


# used only for years whose calendar is not loaded yet: days off that are known ahead, lunar ones as
# far as they are computed, and those on a fixed (month, day) for ever from the day the law made
# them holidays
EXPECTED_OFF = frozenset(
    date.fromisoformat(row["date"]) for row in shipped.rows("kernel", "provisional")
)
FIXED_OFF = {
    (int(row["month"]), int(row["day"])): date.fromisoformat(row["since"])
    for row in shipped.rows("kernel", "fixed_holidays")
}


class UnitOfLimit(models.TextChoices):
    WORKING_DAYS = "wd", "个工作日"
    DAYS = "day", "日"
    MONTHS = "month", "个月"


#: the unit of a clock whose last day itself was set, in an order for one
DAY_SET = "set"


@dataclass(frozen=True)
class Deadline:
    """A last day. ``provisional`` when it was reached over a year whose calendar is not loaded
    yet."""

    on: date
    provisional: bool = False


@dataclass(frozen=True)
class Calendar:
    """Which days are worked. ``exceptions`` maps a day to True (worked weekend) or False (day
    off)."""

    exceptions: Mapping[date, bool] = field(default_factory=dict)
    years: Collection[int] = frozenset()
    _counted: dict[int, list[int]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def is_working(self, day: date) -> bool:
        if day in self.exceptions:
            return self.exceptions[day]
        if day.year not in self.years and (
            day in EXPECTED_OFF or FIXED_OFF.get((day.month, day.day), date.max) <= day
        ):
            return False
        return day.weekday() < 5

    def after(self, start: date, working_days: int) -> Deadline:
        """The last day of a limit of so many working days; the start day is not counted."""
        day, left, provisional = start, working_days, False
        while left > 0:
            day += timedelta(1)
            provisional = provisional or day.year not in self.years
            left -= self.is_working(day)
        return Deadline(day, provisional)

    def after_days(self, start: date, amount: int) -> Deadline:
        """So many days on; a rest day rolls forward."""
        return self._working_from(start + timedelta(amount))

    def after_months(self, start: date, amount: int) -> Deadline:
        """The same day number so many months on, or the month's last day; a rest day rolls
        forward."""
        year, month = divmod(start.month - 1 + amount, 12)
        year, month = start.year + year, month + 1
        return self._working_from(
            date(year, month, min(start.day, months.monthrange(year, month)[1]))
        )

    def deadline(self, start: date, amount: int, unit: str) -> Deadline:
        """The last day of a limit in one of the units of `UnitOfLimit`. Raises `ValueError` for
        another."""
        count = {
            str(UnitOfLimit.WORKING_DAYS): self.after,
            str(UnitOfLimit.DAYS): self.after_days,
            str(UnitOfLimit.MONTHS): self.after_months,
        }.get(str(unit))
        if count is None:
            raise ValueError(f"no counting in {unit!r}")
        return count(start, amount)

    def _working_from(self, day: date) -> Deadline:
        provisional = day.year not in self.years
        while not self.is_working(day):
            day += timedelta(1)
            provisional = provisional or day.year not in self.years
        return Deadline(day, provisional)

    def between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and including ``end``; negative when ``end`` lies
        before ``start``."""
        if end < start:
            return -self.between(end, start)
        years = sum(self._worked(year)[-1] for year in range(start.year, end.year))
        return years + self._worked_until(end) - self._worked_until(start)

    def _worked_until(self, day: date) -> int:
        """Working days of its year up to and including a day."""
        return self._worked(day.year)[(day - date(day.year, 1, 1)).days]

    def _worked(self, year: int) -> list[int]:
        """For each day of a year, the working days until then; counted once."""
        if year not in self._counted:
            days = (date(year, 1, 1) + timedelta(n) for n in range(365 + months.isleap(year)))
            self._counted[year] = list(accumulate(map(self.is_working, days)))
        return self._counted[year]


class CalendarYear(Record):
    """A year whose holiday arrangement has been loaded; other years are computed provisionally."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    source = models.CharField(max_length=200)
    loaded_at = models.DateTimeField(auto_now_add=True)


class CalendarDay(Record):
    """A day that differs from its weekday: a holiday (worked=False) or a worked weekend (True)."""

    day = models.DateField(primary_key=True)
    worked = models.BooleanField()
    name = models.CharField(max_length=40)


#: what a limit is whose number was read in the text; any other is to be confirmed by the city
VERIFIED = "verified"


class Limit(Record):
    """A statutory limit as a dated row. A change of the rules adds a row; it never edits one in
    use."""

    law = models.CharField(max_length=40)
    article = models.CharField(max_length=8)
    name = models.CharField(max_length=40, blank=True)
    amount = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=8, choices=UnitOfLimit.choices)
    in_force = models.DateField()
    until = models.DateField(null=True, blank=True)
    confidence = models.CharField(max_length=12, default=VERIFIED)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["law", "article", "name", "in_force"], name="limit_once_a_day"
            )
        ]

    @property
    def words(self) -> str:
        return f"{self.amount} {UnitOfLimit(self.unit).label}"

    @property
    def verified(self) -> bool:
        """Whether somebody has read it in the text."""
        return self.confidence == VERIFIED


def today() -> date:
    return datetime.now(SHANGHAI).date()


def day_of(moment: datetime) -> date:
    """The calendar day in Nantong on which a moment falls."""
    return moment.astimezone(SHANGHAI).date()


def load_calendar() -> Calendar:
    """The calendar as loaded now: one query, a few hundred rows."""
    rows = rows_of(
        f"SELECT day, worked FROM {CalendarDay._meta.db_table}"  # noqa: S608 no value in it
        f" UNION ALL SELECT make_date(year, 1, 1), NULL FROM {CalendarYear._meta.db_table}"
    )
    return _calendar_of(tuple(rows))


@lru_cache(4)
def _calendar_of(rows: Sequence[tuple[date, bool | None]]) -> Calendar:
    """The same calendar for the same rows, for it counts its years once."""
    return Calendar(
        {day: worked for day, worked in rows if worked is not None},
        frozenset(day.year for day, worked in rows if worked is None),
    )


def limits_in_force(on: date) -> dict[tuple[str, str, str], Limit]:
    """Every limit in force on a day, by law, article and name."""
    rows = Limit.objects.filter(in_force__lte=on).exclude(until__lt=on).order_by("in_force")
    return {(row.law, row.article, row.name): row for row in rows}


def limit_row(ref: LimitRef, on: date) -> Limit:
    """The row of a limit that is in force on a day. Raises `AgainstRules` when there is none."""
    rows = Limit.objects.filter(
        law=ref.law, article=ref.article, name=ref.name, in_force__lte=on
    ).exclude(until__lt=on)
    if (row := rows.order_by("-in_force").first()) is None:
        raise AgainstRules(
            f"{citation(ref.article).full_words}没有 {on} 有效的时限。",
            article=ref.article,
            who="系统管理员",
            remedy="请在“时限参数”中补充该条时限。",
        )
    return row
