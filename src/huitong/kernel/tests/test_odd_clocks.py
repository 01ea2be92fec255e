"""Clocks nobody has written yet: over several states, standing, lapsing, extended, begun anew."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest

from huitong.kernel.actor import BUREAU, PROVIDER, SYSTEM, Actor
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock, check_extension
from huitong.kernel.procedure import AgainstRules, InCase, Malformed, Procedure, clock, limit, opens
from huitong.kernel.procedure import step as row
from huitong.kernel.tests.odd import BUREAU_BODY, MGR, OP, OWNER, Make, S, person, running, table
from huitong.kernel.workdays import SHANGHAI, today
from huitong.work import jobs, queries

pytestmark = pytest.mark.django_db


def two_desks(**more: Any) -> Procedure:
    return table(
        "desks",
        opens("ask", "A16", PROVIDER(OP), S.A, label="开"),
        row("pass_on", "A16", PROVIDER(OP), {S.A}, S.B, label="转"),
        row("end", "A16", BUREAU(OP), {S.B}, S.Z, label="毕"),
        row("late", "A16", SYSTEM(OP), {S.A, S.B}, S.Z, label="截止", optional=True),
        row("more", "D", BUREAU(MGR), {S.A, S.B}, S.B, label="延长", optional=True, extends="c"),
        **more,
    )


def test_a_clock_over_two_states_is_answered_for_by_who_owes_the_move(make: Make) -> None:
    verbs = make(two_desks(clocks=(clock("c", limit("A22"), {S.A, S.B}),)))
    case = verbs["ask"](person(10, OWNER))
    [clock_before] = running(case)
    case = verbs["pass_on"](person(10, OWNER), case)
    [clock_after] = running(case)
    assert clock_before.pk == clock_after.pk and clock_before.due_on == clock_after.due_on
    assert (clock_before.body, clock_after.body) == (OWNER, BUREAU_BODY)


def test_a_clock_that_stands_does_not_lapse_though_another_runs(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    standing = clock("c", limit("A23"), {S.A}, stands={S.B}, lapses="late")
    verbs = make(two_desks(clocks=(standing, clock("d", limit("A22"), {S.B}))))
    case = verbs["ask"](person(10, OWNER))
    case = verbs["pass_on"](person(10, OWNER), case)
    nearest = Clock.objects.get(case=case, name="d").due_on
    assert (case.due_on, case.paused) == (nearest, False), "the nearest end of those that run"
    over = Clock.objects.get(case=case, name="c").due_on + timedelta(1)
    later = datetime.combine(over, time(9), SHANGHAI)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert queries.lapsed(over) == []
    assert sum(rate.overdue for rate in queries.on_time(today(), over, on=over)) == 0
    jobs.watch(over)
    assert Case.objects.get(pk=case.pk).state == "b"
    with pytest.raises(AgainstRules, match="时限未到"):
        verbs["late"](Actor.system(), case)


def test_a_limit_is_over_the_day_after_its_last_one(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then whoever owes the move may still make it, to the end of the day (A17)."""
    verbs = make(two_desks(clocks=(clock("c", limit("A23"), {S.A}, lapses="late"),)))
    case = verbs["ask"](person(10, OWNER))
    last = running(case)[0].due_on
    day = {"now": datetime.combine(last, time(23, 59), SHANGHAI)}
    monkeypatch.setattr("django.utils.timezone.now", lambda: day["now"])
    with pytest.raises(AgainstRules, match="时限未到"):
        verbs["late"](Actor.system(), case)
    day["now"] += timedelta(minutes=1)
    assert verbs["late"](Actor.system(), case).state == "z"


def test_what_does_not_run_cannot_be_extended(make: Make) -> None:
    extension = limit("D", "catalog_update_extension")
    verbs = make(two_desks(clocks=(clock("c", limit("A11"), {S.B}, extension=extension),)))
    case = verbs["ask"](person(10, OWNER))
    with pytest.raises(AgainstRules, match="没有可以延长的时限"):
        verbs["more"](person(1, BUREAU_BODY, MGR), case)


def test_an_extension_is_applied_for_until_the_last_day_and_for_no_more_than_the_law_lets(
    make: Make,
) -> None:
    """What came late stays late; five working days, and not six."""
    extension = limit("D", "catalog_update_extension")
    rule = clock("c", limit("A11"), {S.A}, stands={S.B}, extension=extension)
    procedure = two_desks(clocks=(rule,))
    verbs = make(procedure)
    case = verbs["ask"](person(10, OWNER))
    last = running(case)[0].due_on
    for days in (1, 5):
        check_extension(procedure, case, "c", days, last)
    for days in (0, 6):
        with pytest.raises(Malformed, match="最多可延长 5 个工作日"):
            check_extension(procedure, case, "c", days, last)
    with pytest.raises(AgainstRules, match="届满后不能再申请延长"):
        check_extension(procedure, case, "c", 1, last + timedelta(1))
    case = verbs["pass_on"](person(10, OWNER), case)
    check_extension(procedure, case, "c", 1, last + timedelta(1))  # it stands: it is not over


def test_a_limit_a_verb_starts_begins_anew_when_the_verb_is_taken_again(make: Make) -> None:
    verbs = make(
        table(
            "again",
            opens("ask", "A16", PROVIDER(OP), S.A, label="开"),
            row("remind", "A16", PROVIDER(OP), {S.A}, S.A, label="催办", optional=True),
            row("end", "A16", BUREAU(OP), {S.A}, S.Z, label="毕"),
            clocks=(clock("c", limit("A22"), {S.A}, on="remind"),),
        )
    )
    case = verbs["ask"](person(10, OWNER))
    assert running(case) == []
    [first] = running(verbs["remind"](person(10, OWNER), case))
    [second] = running(verbs["remind"](person(10, OWNER), case))
    assert second.pk != first.pk


def test_an_outside_day_does_not_lie_ahead(make: Make) -> None:
    """Nobody types a limit away."""
    rule = clock("c", limit("A11"), {S.A}, since="published_on")
    verbs = make(two_desks(clocks=(rule,)), {"published_on": "2090-01-01"})
    with pytest.raises(Malformed, match="不能晚于今天"):
        verbs["ask"](person(10, OWNER))


def test_a_day_set_in_an_order_cannot_stand() -> None:
    with pytest.raises(ValueError, match="cannot stand"):
        two_desks(clocks=(clock("c", InCase("until", "A11"), {S.A}, stands={S.B}),))
