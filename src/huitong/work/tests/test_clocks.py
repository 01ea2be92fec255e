"""Clocks warn at half time and on the eve, escalate when overdue, each once; urging carries the
card the clock has earned."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.toy import actions as toy

from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, NotVisible, NotYours
from huitong.kernel.workdays import load_calendar, today
from huitong.work import actions, queries
from huitong.work.jobs import watch
from huitong.work.models import Notice, Urging, Warned
from huitong.work.rules import Card
from huitong.work.tests import made

pytestmark = pytest.mark.django_db

#: limit in working days, start → last day (regulation.md), with the days on which half time and the
#: eve fall
VECTORS = [
    (10, date(2026, 2, 12), date(2026, 3, 4), date(2026, 2, 26), date(2026, 3, 3)),
    (2, date(2026, 9, 24), date(2026, 9, 29), date(2026, 9, 28), date(2026, 9, 28)),
    (10, date(2026, 9, 18), date(2026, 10, 9), date(2026, 9, 24), date(2026, 10, 8)),
    (15, date(2026, 4, 29), date(2026, 5, 22), date(2026, 5, 12), date(2026, 5, 21)),
]


def started(cast, amount: int, on: date) -> tuple[Case, Clock]:
    case = made.room(cast)
    with writing("test"):
        clock = Clock.objects.get(case=case)
        clock.started_on, clock.amount = on, amount
        clock.aim(load_calendar())
        clock.save()
        case.due_on = clock.due_on
        case.save()
    return case, clock


def titles(actor) -> list[str]:
    return [
        n.title.partition("：")[0]
        for n in queries.notices_of(actor).order_by("pk")
        if n.kind in ("warning", "overdue")
    ]


@pytest.mark.parametrize("amount, start, due, half, eve", VECTORS)
def test_warnings_fall_on_the_days_of_the_vectors_and_once_each(
    cast, amount, start, due, half, eve
):
    _, clock = started(cast, amount, start)
    assert (clock.due_on, clock.half_on, clock.warn_on) == (due, half, eve)
    warned = {}
    for n in range((due - start).days + 4):
        day = start + timedelta(n)
        for _ in range(2):  # the job may run as often as it likes
            watch(day)
        for row in Warned.objects.filter(clock=clock).exclude(level__in=warned):
            warned[row.level] = day
    assert warned == {"half": half, "eve": eve, "overdue": due + timedelta(1)}
    expected = ["时限过半", "【黄牌】即将到期", "【红牌】已超期"]
    assert titles(cast.civil_manager) == (expected if half < eve else expected[1:])


def test_overdue_goes_up_to_the_manager_and_the_bureau_once(cast):
    _, clock = started(cast, 10, date(2026, 2, 12))
    late = date(2026, 3, 10)
    assert watch(late) == 1 and watch(late) == 0 and watch(late + timedelta(30)) == 0
    assert Warned.objects.filter(clock=clock).count() == 3
    overdue = Notice.objects.filter(kind="overdue")
    assert {n.person_id for n in overdue} == {
        cast.person(k).pk for k in ("civil_manager", "bureau_operator", "bureau_manager")
    }
    assert Entry.objects.filter(verb="work.warn").count() == 1
    assert queries.cards_of(late, late) == {cast.body("civil").pk: {Card.YELLOW: 1, Card.RED: 1}}
    assert queries.cards_of(late + timedelta(1), late + timedelta(9)) == {}


def test_a_case_that_moves_on_while_the_clocks_are_watched_holds_up_no_other(cast, monkeypatch):
    (_, stopped), (_, late) = (
        started(cast, 10, date(2026, 2, 12)),
        started(cast, 10, date(2026, 2, 12)),
    )
    clocks = queries.reached(date(2026, 3, 10))
    with writing("test"):
        Clock.objects.filter(pk=stopped.pk).update(stopped_on=date(2026, 3, 9))
    monkeypatch.setattr(queries, "reached", lambda on: clocks)
    watch(date(2026, 3, 10))
    assert set(Warned.objects.values_list("clock", flat=True)) == {late.pk}


def test_a_clock_that_stopped_or_stands_does_not_warn(cast):
    case, _ = started(cast, 10, date(2026, 2, 12))
    with writing("test"):
        Clock.objects.filter(case=case).update(standing=True, pauses=[["2026-02-13", None]])
    assert watch(date(2026, 3, 10)) == 0
    with writing("test"):
        Clock.objects.filter(case=case).update(standing=False, pauses=[])
    toy.lend(cast.civil_manager, case)
    assert watch(date(2026, 3, 10)) == 0


def test_the_waiting_party_urges_and_the_urged_one_answers(cast):
    case = made.room(cast)
    with pytest.raises(NotYours):
        actions.urge(cast.civil_operator, case=case.pk)
    with pytest.raises(NotVisible):
        actions.urge(cast.stranger_manager, case=case.pk)
    actions.urge(cast.housing_operator, case=case.pk, text="会期临近")
    urging = Urging.objects.get()
    assert urging.card == Card.NONE and urging.urged == cast.body("civil").pk
    assert queries.unread_of(cast.civil_manager).filter(kind="urged").get().text == "会期临近"
    with pytest.raises(NotYours):
        actions.answer_urging(cast.housing_manager, urging=urging.pk, answer="办")
    actions.answer_urging(cast.civil_manager, urging=urging.pk, answer="今日答复")
    with pytest.raises(AgainstRules):
        actions.answer_urging(cast.civil_manager, urging=urging.pk, answer="再答")
    page = cast.client("housing_operator").get(f"/cases/{case.pk}/").content.decode()
    assert "会期临近" in page and "今日答复" in page and "催办" in page


@pytest.mark.parametrize("days_ago, card", [(0, Card.NONE), (13, Card.YELLOW), (40, Card.RED)])
def test_the_bureaus_urging_carries_the_card_the_clock_has_earned(cast, days_ago, card):
    case, clock = started(cast, 10, today() - timedelta(days_ago))
    if card == Card.YELLOW:
        with writing("test"):
            clock.due_on = clock.warn_on = today()
            clock.save()
    actions.urge(cast.bureau_operator, case=case.pk, text="请抓紧办理")
    assert Urging.objects.get().card == card
    counted = queries.urged_bodies(today() - timedelta(1), today() + timedelta(1))
    assert counted[cast.body("civil").pk][card] == 1


def test_a_closed_case_is_not_urged(cast):
    case = made.room(cast)
    toy.lend(cast.civil_manager, case)
    with pytest.raises(AgainstRules, match="已办结"):
        actions.urge(cast.bureau_operator, case=case.pk)


def test_on_time_rates_count_what_stopped_and_what_runs_late(cast):
    punctual, slow, running = (made.room(cast, f"会议{n}") for n in range(3))
    toy.lend(cast.civil_manager, punctual)
    with writing("test"):
        Clock.objects.filter(case=slow).update(due_on=today() - timedelta(3))
        Clock.objects.filter(case=running).update(due_on=today() - timedelta(3))
    toy.lend(cast.civil_manager, slow)
    (rate,) = queries.on_time(today() - timedelta(1), today())
    assert (rate.body, rate.article, rate.in_time, rate.late, rate.overdue) == (
        cast.body("civil").pk,
        "A22",
        1,
        1,
        1,
    )
    assert rate.share == pytest.approx(1 / 3)
