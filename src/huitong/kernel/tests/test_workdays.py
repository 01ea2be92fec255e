"""Counting days: the vectors of the rules, and what must hold for every calendar (A11, A21-A26)."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitong.kernel import workdays
from huitong.kernel.workdays import Calendar

DATA = Path(workdays.__file__).parent / "data" / "calendar.csv"
ROWS = list(csv.DictReader(DATA.read_text(encoding="utf-8").splitlines()))
CHINA = Calendar(
    {date.fromisoformat(r["date"]): r["kind"] == "work" for r in ROWS},
    frozenset({int(r["date"][:4]) for r in ROWS}),
)


@pytest.mark.parametrize(
    ("start", "working_days", "last"),
    [
        ("2026-02-12", 10, "2026-03-04"),
        ("2026-09-24", 2, "2026-09-29"),
        ("2026-09-18", 10, "2026-10-09"),
        ("2026-04-29", 15, "2026-05-22"),
    ],
)
def test_the_vectors_of_the_rules(start, working_days, last):
    assert CHINA.after(date.fromisoformat(start), working_days).on == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        (
            date(2026, 1, 31),
            1,
            date(2026, 2, 28),
        ),  # the month's last day; a worked Saturday in 2026
        (date(2026, 3, 15), 1, date(2026, 4, 15)),
        (date(2026, 8, 22), 1, date(2026, 9, 22)),
        (date(2026, 9, 1), 1, date(2026, 10, 8)),  # 1 October rolls over the holiday
        (date(2026, 11, 30), 3, date(2027, 3, 1)),  # 28 February 2027 is a Sunday
    ],
)
def test_months_end_on_the_same_day_number_or_the_last_and_roll_forward(start, months, last):
    assert CHINA.after_months(start, months).on == last


def test_a_limit_of_days_that_ends_on_a_rest_day_ends_on_the_next_working_day():
    friday, saturday = date(2026, 11, 20), date(2026, 11, 21)
    assert CHINA.after_days(friday - timedelta(30), 30).on == friday
    assert CHINA.after_days(saturday - timedelta(30), 30).on == date(2026, 11, 23)


def test_a_last_day_in_a_year_that_is_not_loaded_is_provisional_however_it_is_counted():
    assert CHINA.after_days(date(2026, 12, 20), 30).provisional
    assert CHINA.after_months(date(2026, 12, 20), 1).provisional
    assert not CHINA.after_days(date(2026, 11, 20), 30).provisional


def test_an_unknown_year_is_provisional_and_counts_weekends_and_fixed_holidays():
    deadline = CHINA.after(date(2026, 12, 30), 3)
    assert deadline.provisional
    assert deadline.on == date(2027, 1, 5)  # 1 January off, 2 and 3 a weekend
    assert not CHINA.after(date(2026, 11, 2), 10).provisional


def test_an_unknown_year_knows_the_festivals_that_are_computed_ahead():
    # the Eve, a weekend, the third day of the new year
    assert CHINA.after(date(2027, 2, 4), 1).on == date(2027, 2, 9)
    assert not CHINA.is_working(date(2031, 10, 1))
    assert not CHINA.is_working(date(2040, 5, 2))
    assert CHINA.is_working(date(2040, 5, 3))


@given(st.dates(date(2020, 1, 1), date(2026, 6, 30)), st.integers(1, 30))
def test_a_limit_ends_on_a_working_day_and_holds_exactly_so_many(start, amount):
    last = CHINA.after(start, amount).on
    assert CHINA.is_working(last)
    assert CHINA.between(start, last) == amount
    assert CHINA.between(start, last - timedelta(1)) == amount - 1


@given(
    st.dates(date(2020, 1, 1), date(2025, 12, 31)), st.dates(date(2020, 1, 1), date(2025, 12, 31))
)
def test_days_between_are_signed(start, end):
    assert CHINA.between(start, end) == -CHINA.between(end, start)
