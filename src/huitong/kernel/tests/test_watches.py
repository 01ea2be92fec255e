"""Limits over things that are no case: cycles, disuse, ends of filings, on the same calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from huitong.kernel.actor import PROVIDER, Post
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import WATCHES, WatchRule, limit, watch
from huitong.kernel.watches import Watch, begin, end, meet
from huitong.kernel.workdays import Limit

pytestmark = pytest.mark.django_db
ONCE = WatchRule("test_once", "备案到期", limit("A11"), PROVIDER(Post.MANAGER))
CYCLE = WatchRule("test_cycle", "更新周期", limit("A11"), PROVIDER(Post.MANAGER), recurring=True)
IDLE = WatchRule("test_idle", "未使用", limit("A26", "unused"), PROVIDER(Post.MANAGER), idle=True)
DAY, LATER = date(2026, 3, 2), date(2026, 3, 9)


@pytest.fixture
def subject() -> Limit:
    """Any row may be watched."""
    row = Limit.objects.first()
    assert row is not None
    return row


def begun(rule: WatchRule, subject: Limit) -> Watch:
    with writing("test"):
        return begin(rule, subject, body=7, title="婚姻登记", on=DAY)


def test_a_watch_runs_as_long_as_its_dated_limit_says(subject: Limit) -> None:
    assert begun(ONCE, subject).due_on == date(2026, 3, 23)  # 15 working days
    idle = begun(IDLE, subject)
    assert (idle.due_on, idle.party, idle.post, idle.body) == (
        date(2026, 6, 2),
        "provider",
        "manager",
        7,
    )


def test_met_once_it_stops_and_counts_its_days(subject: Limit) -> None:
    begun(ONCE, subject)
    with writing("test"):
        assert meet(ONCE, subject, on=LATER) is None
        assert meet(ONCE, subject, on=LATER) is None, "met again nothing happens"
    row = Watch.objects.get()
    assert (row.stopped_on, row.gross, row.on_time) == (LATER, 5, True)


def test_a_cycle_begins_anew_when_it_is_met(subject: Limit) -> None:
    begun(CYCLE, subject)
    with writing("test"):
        again = meet(CYCLE, subject, on=LATER)
    assert again is not None and again.started_on == LATER and again.stopped_on is None
    assert Watch.objects.count() == 2


def test_use_starts_an_idle_limit_again_in_place(subject: Limit) -> None:
    begun(IDLE, subject)
    with writing("test"):
        meet(IDLE, subject, on=LATER)
        meet(IDLE, subject, on=DAY)  # told late: the younger use counts
    row = Watch.objects.get()
    assert (row.started_on, row.due_on) == (LATER, date(2026, 6, 9))


@pytest.mark.parametrize(("after", "runs"), [(-1, 1), (0, 2)])
def test_from_half_time_on_people_were_told_and_a_use_begins_another_run(
    subject: Limit, after: int, runs: int
) -> None:
    half = begun(IDLE, subject).half_on + timedelta(after)
    with writing("test"):
        going = meet(IDLE, subject, on=half)
    assert going is not None and going.started_on == half
    assert Watch.objects.count() == runs


def test_one_runs_over_a_subject_and_ends_with_it(subject: Limit) -> None:
    begun(ONCE, subject)
    begun(ONCE, subject)
    assert Watch.objects.filter(stopped_on=None).count() == 1
    with writing("test"):
        end(ONCE, subject, on=LATER)
    assert not Watch.objects.filter(stopped_on=None).exists()


def test_two_rules_of_one_name_are_refused() -> None:
    try:
        assert watch(ONCE) is ONCE and watch(ONCE) == ONCE
        with pytest.raises(ValueError, match="two watches"):
            watch(WatchRule("test_once", "别的", limit("A12"), PROVIDER(Post.MANAGER)))
    finally:
        WATCHES.pop("test_once", None)
