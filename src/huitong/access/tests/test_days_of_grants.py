"""On which side of a rule a day itself lies: duties and matters an application rests on, older
grants that are brought in, disuse, and applying again (A3, A19, A26)."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from huitong.access.queries import Disuse
from huitong.access.rules.answers import period_fault, standing_fault
from huitong.access.rules.intake import Footing, faults_of_days, faults_of_resource, way_of
from huitong.access.rules.renewing import early_fault, grounds_fault, next_period
from huitong.kernel.workdays import today
from huitong.publishing.rules import Authority

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


@pytest.mark.parametrize(
    ("duty", "matter", "words"),
    [
        ((ON, None), None, ""),
        ((EVE, ON), ON, ""),
        ((MORROW, None), None, "现在无效"),
        ((EVE, EVE), None, "现在无效"),
        ((EVE, None), EVE, "已于 2026-11-29 终止"),
    ],
)
def test_a_duty_and_a_matter_stand_from_their_first_day_to_their_last(
    duty: tuple[date, date | None], matter: date | None, words: str
) -> None:
    about = {"text": "住房保障", "source": "三定", "body_id": 7, "is_confirmed": True}
    held = SimpleNamespace(valid_from=duty[0], valid_to=duty[1], **about)
    named = SimpleNamespace(name="资格审核", valid_to=matter)
    fault = standing_fault(held, named, 7, True, ON)
    assert words in fault[0] if words and fault else fault is None


def test_a_period_may_be_one_day_long_and_end_today() -> None:
    assert period_fault(ON, ON, ON) == {}
    assert set(period_fault(ON, EVE, EVE)) == set(period_fault(EVE, EVE, ON)) == {"period_to"}


@pytest.mark.parametrize(
    ("decided_by", "now", "authority", "footing"),
    [
        ("platform", "platform", "platform", Footing.LIVE),
        ("platform", "provider", "provider", Footing.ASKED),
        ("provider", "platform", "provider", Footing.ASKED),
        ("provider", "provider", "provider", Footing.ASKED),
    ],
)
def test_a_provider_is_asked_that_decided_once_or_would_today(
    decided_by: str, now: str, authority: str, footing: Footing
) -> None:
    row = {"decided_by": decided_by, "ended": False}
    assert way_of(row, Authority(now)) == (Authority(authority), footing)
    assert way_of(row | {"ended": True}, Authority(now))[1] == Footing.OVER


def test_a_grant_is_unused_for_too_long_the_day_after_the_last() -> None:
    last = today()
    assert not Disuse(None, last, last, "").over and not Disuse(None, None, None, "").over
    assert Disuse(None, last, last - timedelta(1), "").over


@pytest.mark.parametrize(
    ("about", "wrong"),
    [
        ({}, []),
        ({"own": True}, ["consumer"]),
        ({"sharing": "3"}, ["code"]),
        ({"admitted": False}, ["consumer"]),
        ({"mounted": "suspended"}, ["code"]),
        ({"confirmed": False}, ["duty"]),
        ({"confirmed": False, "sharing": "1"}, []),
        ({"ended": True, "admitted": False, "mounted": "suspended", "confirmed": False}, []),
        ({"ended": True, "sharing": "3"}, ["code"]),
    ],
)
def test_an_older_grant_is_held_to_what_the_entry_allows_today(
    about: dict[str, Any], wrong: list[str]
) -> None:
    """Nothing leaves under what is only filed (A3, A8)."""
    given = {"sharing": "2", "mounted": "active", "own": False, "admitted": True} | about
    given = {"confirmed": True} | given
    row = {"ended": given.pop("ended", False)}
    assert [column for column, _ in faults_of_resource(row, **given)] == wrong
