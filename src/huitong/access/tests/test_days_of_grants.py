"""On which side of a rule a day itself lies: older grants that are brought in, and applying again
(A19, A26)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from huitong.access.rules.intake import faults_of_days
from huitong.access.rules.renewing import early_fault, grounds_fault, next_period

ON = date(2026, 11, 30)
EVE, MORROW = ON - timedelta(1), ON + timedelta(1)


@pytest.mark.parametrize(
    ("days", "wrong"),
    [
        ({}, []),
        ({"decided_on": MORROW, "valid_from": MORROW, "valid_to": MORROW}, ["decided_on"]),
        ({"valid_from": EVE}, ["valid_from"]),
        ({"valid_to": EVE}, ["valid_to"]),
        ({"decided_on": EVE, "valid_from": EVE, "valid_to": EVE}, ["valid_to"]),
        ({"decided_on": EVE, "valid_from": EVE, "valid_to": EVE, "ended": True}, []),
        ({"ended": True}, ["valid_to"]),
    ],
)
def test_a_grant_may_be_decided_begin_and_end_today_and_is_over_tomorrow(
    days: dict[str, Any], wrong: list[str]
) -> None:
    row = {"decided_on": ON, "valid_from": ON, "valid_to": ON, "ended": False} | days
    assert [column for column, _ in faults_of_days(row, ON)] == wrong


def test_a_grant_is_applied_for_again_from_the_last_day_offered_and_after_its_own() -> None:
    assert early_fault(ON, ON) is None
    assert early_fault(MORROW, ON) is not None
    named = {"duty", "system"}
    beside, after = (ON, MORROW), (MORROW, MORROW)
    assert "period_from" in grounds_fault(named, beside, ON, False, ON)
    assert grounds_fault(named, beside, ON, True, ON) == {}
    assert grounds_fault(named, after, ON, False, ON) == {}
    assert set(grounds_fault(set(), after, ON, False, ON)) == named


def test_the_next_period_follows_on_and_is_never_over() -> None:
    assert next_period(EVE, ON, EVE) == (MORROW, MORROW + timedelta(1))
    begins, ends = next_period(date(2025, 1, 1), date(2025, 1, 31), ON)
    assert (begins, ends) == (ON, ON + timedelta(30))
