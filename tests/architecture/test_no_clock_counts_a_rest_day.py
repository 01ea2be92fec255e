"""No clock of any procedure and no watch counts a rest day, whatever the calendar, the day it
starts, the days it stands and its extension (A11, A21-A26)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huitong.kernel import doing
from huitong.kernel.clocks import Clock
from huitong.kernel.procedure import WATCHES, LimitRef
from huitong.kernel.workdays import Calendar

doing.load()
LIMITS = Path(__file__).parents[2] / "src/huitong/kernel/data/limits.csv"
AMOUNTS = {
    LimitRef(row["article"], row["name"]): (int(row["amount"]), row["unit"])
    for row in csv.DictReader(LIMITS.read_text(encoding="utf-8").splitlines())
}
FIRST, DAYS = date(2026, 1, 1), 500


def running() -> Iterator[tuple[str, LimitRef, LimitRef | None]]:
    """Every dated limit that runs over something: name, limit, extension."""
    for laws in doing.PROCEDURES.values():
        for table in laws.values():
            for rule in table.clocks:
                if isinstance(rule.limit, LimitRef):
                    yield f"{table.kind}-{table.law}-{rule.name}", rule.limit, rule.extension
    for kind, watched in WATCHES.items():
        yield kind, watched.limit, None


RULES = [rule for rule in running() if rule[1] in AMOUNTS]

day = st.integers(0, 200).map(lambda n: FIRST + timedelta(n))
#: days that differ from their weekday: off, or worked
arranged = st.dictionaries(
    st.integers(0, DAYS).map(lambda n: FIRST + timedelta(n)), st.booleans(), max_size=60
)
#: how long it runs before it stands, and for how many days then
stretches = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 12)), max_size=3)


def test_every_clock_is_among_them() -> None:
    names = {name for name, _, _ in RULES}
    assert {"application-nantong-2020-decision", "grant-national-2025-answer"} <= names
    assert {"application-national-2025-answer_conditional", "grant_unused"} <= names


@pytest.mark.parametrize(("name", "limit", "extension"), RULES, ids=[name for name, _, _ in RULES])
@settings(max_examples=20, deadline=None)
@given(start=day, odd=arranged, stood=stretches, more=st.integers(0, 5))
def test_it_ends_after_as_many_working_days_as_its_row_and_its_pauses_say(
    name: str,
    limit: LimitRef,
    extension: LimitRef | None,
    start: date,
    odd: dict[date, bool],
    stood: list[tuple[int, int]],
    more: int,
) -> None:
    calendar = Calendar(odd, frozenset(range(2026, 2030)))
    amount, unit = AMOUNTS[limit]
    clock = Clock(
        article=limit.article, amount=amount, unit=unit, started_on=start, pauses=[], standing=False
    )
    clock.aim(calendar)
    waits, at = 0, start
    for before, long in stood:
        at += timedelta(before)
        clock.pause(at)
        clock.resume(at + timedelta(long), calendar)
        waits += sum(worked(at + timedelta(n), odd) for n in range(1, long + 1))
        at += timedelta(long)
    longer = 0
    if extension is not None and more:
        longer = more
        clock.extend(more, AMOUNTS[extension][1], calendar)
        assert AMOUNTS[extension][1] == "wd"
    base = start if unit == "wd" else rolled(start, amount, unit, odd)
    left = (amount if unit == "wd" else 0) + longer + waits
    assert clock.due_on == counted(base, left, odd)
    assert worked(clock.due_on, odd), "the last day is worked"
    assert clock.warn_on == start or worked(clock.warn_on, odd), "nobody is warned on a rest day"


# -- counted by hand -------------------------------------------------------------------------------


def worked(on: date, odd: dict[date, bool]) -> bool:
    return odd.get(on, on.weekday() < 5)


def counted(on: date, days: int, odd: dict[date, bool]) -> date:
    """So many working days on."""
    while days:
        on += timedelta(1)
        days -= worked(on, odd)
    return on


def rolled(start: date, amount: int, unit: str, odd: dict[date, bool]) -> date:
    """So many days or months on; a rest day goes on to the next worked one."""
    if unit == "day":
        on = start + timedelta(amount)
    else:
        month = start.month - 1 + amount
        first = date(start.year + month // 12, month % 12 + 1, 1)
        last = (first.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)
        on = min(first + timedelta(start.day - 1), last)
    while not worked(on, odd):
        on += timedelta(1)
    return on
