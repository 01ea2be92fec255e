"""The rules of doubts, without a database: the tables by seat under both laws, what a doubt must
say."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from huitong.kernel.actor import BUREAU, CONSUMER, PROVIDER, SYSTEM, Seat
from huitong.kernel.actor import Post as P
from huitong.kernel.procedure import InCase
from huitong.objections.rules import (
    OBJECTION,
    OBJECTION_2025,
    Doubt,
    S,
    Satisfaction,
    again_fault,
    assign_fault,
    corrected_fault,
    doubt_faults,
    evaluation_fault,
    planned_fault,
    version_fault,
)

PARTIES = (CONSUMER, PROVIDER, BUREAU, SYSTEM)
SEATS = [party(post) for party in PARTIES for post in (P.OPERATOR, P.MANAGER)]
ASKER, CLERK, HEAD = CONSUMER(P.OPERATOR), PROVIDER(P.OPERATOR), PROVIDER(P.MANAGER)
DESK, CLOCK = BUREAU(P.OPERATOR), SYSTEM(P.OPERATOR)
#: typed by hand from A29 and the decree's verification: who may do what while it stands where
MAY: dict[S, dict[Seat, set[str]]] = {
    S.WITH_PROVIDER: {ASKER: {"withdraw"}, CLERK: {"uphold", "admit", "not_ours"}},
    S.TO_ASSIGN: {ASKER: {"withdraw"}, DESK: {"assign"}},
    S.CORRECTING: {CLERK: {"correct"}},
    S.CONFIRMING: {HEAD: {"confirm", "send_back"}},
    S.ANSWERED: {ASKER: {"evaluate"}, CLOCK: {"close_evaluation"}},
    S.UPHELD: {},
    S.CORRECTED: {},
    S.WITHDRAWN: {},
}
#: whose the next move is
OWED = {
    S.WITH_PROVIDER: {CLERK},
    S.TO_ASSIGN: {DESK},
    S.CORRECTING: {CLERK},
    S.CONFIRMING: {HEAD},
    S.ANSWERED: {ASKER},
}
#: which limit runs where
LIMITS = {
    "nantong-2020": {
        S.WITH_PROVIDER: {("C", "verify_objection")},
        S.TO_ASSIGN: {("C", "assign_objection")},
        S.CORRECTING: {("C", "until")},
        S.CONFIRMING: {("C", "until")},
        S.ANSWERED: {("C", "evaluate_objection")},
    },
    "national-2025": {
        S.WITH_PROVIDER: {("D", "verification")},
        S.TO_ASSIGN: {("C", "assign_objection")},
        S.CORRECTING: {("C", "until")},
        S.CONFIRMING: {("C", "until")},
        S.ANSWERED: {("C", "evaluate_objection")},
    },
}
LAWS = {"nantong-2020": OBJECTION, "national-2025": OBJECTION_2025}


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("seat", SEATS, ids=str)
def test_who_may_do_what_where(law: str, seat: Seat) -> None:
    table = LAWS[law]
    assert table.states == set(MAY)
    for state in MAY:
        verbs = {row.verb for row in table.open_to(state.value, [seat], {})}
        assert verbs == MAY[state].get(seat, set()), (state, seat)


@pytest.mark.parametrize("law", LAWS)
def test_a_clerk_raises_it_and_it_is_with_who_owes_the_next_move(law: str) -> None:
    table = LAWS[law]
    assert [row.who for row in table.steps if row.opening] == [ASKER]
    assert {s: set(table.duties(s.value)) for s in table.states if s.end is None} == OWED
    assert not any(state.private for state in table.states), "the bureau reads it from the start"


@pytest.mark.parametrize("law", LAWS)
def test_which_limit_runs_where(law: str) -> None:
    running: dict[Any, set[tuple[str, str]]] = {}
    for rule in LAWS[law].clocks:
        name = rule.limit.fact if isinstance(rule.limit, InCase) else rule.limit.name
        for state in rule.states:
            running.setdefault(state, set()).add((rule.article, name))
    assert running == LIMITS[law]


WHOLE = {"delivery": "x", "item": "登记日期", "locator": "A0***7", "held": "2020-01-08"}


@pytest.mark.parametrize("kind", Doubt)
@pytest.mark.parametrize("granted", [True, False])
def test_what_each_kind_must_say(kind: Doubt, granted: bool) -> None:
    items = ["登记日期", "登记机关"]
    needs_grant = kind in (Doubt.AUTHORIZATION, Doubt.USE, Doubt.CONTENT)
    empty = doubt_faults(kind, {}, granted=granted, items=items)
    whole = doubt_faults(kind, WHOLE, granted=granted, items=items)
    if needs_grant and not granted:
        assert set(empty) == set(whole) == {"kind"}
    elif kind is Doubt.CONTENT:
        assert set(empty) == set(WHOLE) and whole == {}
        other = doubt_faults(kind, WHOLE | {"item": "血型"}, granted=True, items=items)
        assert "登记日期、登记机关" in other["item"]
    else:
        assert empty == {} and set(whole) == set(WHOLE), "no value is kept that nobody asked for"


@pytest.mark.parametrize(
    "satisfied,is_second,raised_again,may",
    [
        (False, False, False, True),
        (True, False, False, False),
        (None, False, False, False),
        (False, True, False, False),
        (False, False, True, False),
    ],
)
def test_it_is_raised_again_once(
    satisfied: bool | None, is_second: bool, raised_again: bool, may: bool
) -> None:
    facts = {"is_second": is_second, "raised_again": raised_again}
    assert (again_fault(satisfied=satisfied, **facts) == "") is may


def test_days_and_bodies_are_checked() -> None:
    on, latest = date(2026, 3, 2), date(2026, 3, 30)
    for day, may in ((1, False), (2, True), (30, True), (31, False)):
        assert (planned_fault(date(2026, 3, day), on, latest) == {}) is may, day
        assert (corrected_fault(date(2026, 3, day), on, latest) == {}) is may, day
    for version, by_entry, may in (
        (4, True, True),
        (4, False, True),
        (None, False, True),
        (None, True, False),
        (3, False, False),
    ):
        assert (version_fault(version, by_entry, [4, 5]) == {}) is may, (version, by_entry)
    for verdict, words, may in (("yes", "", True), ("no", " ", False), ("no", "不同", True)):
        assert (evaluation_fault(Satisfaction(verdict), words) == {}) is may, verdict
    valid = {1, 2, 3}
    assert set(assign_fault(1, 1, [], valid, "")) == {"body"}
    assert set(assign_fault(9, 1, [], valid, "")) == {"body"}
    assert set(assign_fault(2, 1, [2], valid, " ")) == {"words"}
    assert assign_fault(2, 1, [2], valid, "经核实系其登记") == {}
    assert assign_fault(3, 1, [2], valid, "") == {}
