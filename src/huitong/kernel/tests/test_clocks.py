"""Limits as they run: set in the case, extended in another unit, over several states at once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock, is_late
from huitong.kernel.procedure import AgainstRules
from huitong.kernel.workdays import DAY_SET, Calendar, today

WEEKDAYS = Calendar(years=frozenset({2026}))


def running(**more: object) -> Clock:
    facts = {"name": "x", "article": "A22", "amount": 10, "unit": "wd", "started_on": DAY}
    row = Clock(**facts | more)
    row.aim(WEEKDAYS)
    return row


DAY = date(2026, 3, 2)


def test_a_month_is_extended_by_working_days() -> None:
    clock = running(amount=1, unit="month")
    assert clock.due_on == date(2026, 4, 2)
    clock.extend(5, "wd", WEEKDAYS)
    assert clock.due_on == date(2026, 4, 9)
    clock.aim(WEEKDAYS)
    assert clock.due_on == date(2026, 4, 9), "aimed anew it is the same"


def test_a_day_set_in_an_order_is_moved_by_an_extension_and_by_nothing_else() -> None:
    clock = running(amount=0, unit=DAY_SET, due_on=date(2026, 3, 20))
    clock.pause(date(2026, 3, 4))
    clock.resume(date(2026, 3, 6), WEEKDAYS)
    assert clock.due_on == date(2026, 3, 20)
    clock.extend(3, "wd", WEEKDAYS)
    assert clock.due_on == date(2026, 3, 25)
    clock.aim(WEEKDAYS)
    assert clock.due_on == date(2026, 3, 25)
    with pytest.raises(AgainstRules, match="已延长过一次"):
        clock.extend(1, "wd", WEEKDAYS)


@pytest.mark.parametrize(
    ("amount", "unit", "last"),
    [(5, "wd", date(2026, 3, 9)), (5, "day", date(2026, 3, 9)), (1, "month", date(2026, 4, 2))],
)
def test_limits_are_counted_in_working_days_days_and_months(
    amount: int, unit: str, last: date
) -> None:
    """Five days from Monday end on Saturday, and so on the Monday after."""
    assert running(amount=amount, unit=unit).due_on == last


def test_a_pause_adds_the_working_days_it_lasted() -> None:
    clock = running(amount=5)
    clock.pause(date(2026, 3, 4))
    clock.resume(date(2026, 3, 6), WEEKDAYS)
    assert clock.due_on == date(2026, 3, 11)
    clock.stop(date(2026, 3, 11), WEEKDAYS)
    assert (clock.gross, clock.net, clock.on_time) == (7, 5, True)


@pytest.mark.parametrize(
    ("started", "half", "eve", "last"),
    [
        (date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 2), date(2026, 3, 3)),
        # taken up on a Saturday: the working day before the last one is past by then
        (date(2026, 3, 7), date(2026, 3, 9), date(2026, 3, 7), date(2026, 3, 9)),
    ],
)
def test_nobody_is_warned_before_a_limit_begins(
    started: date, half: date, eve: date, last: date
) -> None:
    clock = running(amount=1, started_on=started)
    assert (clock.half_on, clock.warn_on, clock.due_on) == (half, eve, last)


def test_a_case_is_late_from_the_day_after_its_last_one_and_never_while_it_stands() -> None:
    on = today()
    assert not is_late(Case()) and not is_late(Case(due_on=on))
    assert is_late(Case(due_on=on - timedelta(1)))
    assert not is_late(Case(due_on=on - timedelta(1), paused=True))
