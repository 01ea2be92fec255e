"""The rules of demands, without a database: who is asked, what is alike, the table by seat."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from huitong.demands.rules import (
    ALIKE,
    DEMAND,
    S,
    address_fault,
    assign_fault,
    items_named,
    likeness,
    planned_fault,
    until_fault,
)
from huitong.kernel.actor import BUREAU, CONSUMER, PROVIDER, Seat
from huitong.kernel.actor import Post as P

SEATS = [party(post) for party in (CONSUMER, PROVIDER, BUREAU) for post in (P.OPERATOR, P.MANAGER)]
CLERK, HEAD = CONSUMER(P.OPERATOR), CONSUMER(P.MANAGER)
BODY, FINDER = PROVIDER(P.OPERATOR), BUREAU(P.OPERATOR)
#: typed by hand from the articles: who may do what while the demand stands where
MAY: dict[S, dict[Seat, set[str]]] = {
    S.DRAFT: {CLERK: {"edit", "print_form", "seal", "withdraw"}},
    S.SEALED: {HEAD: {"submit", "send_back"}, CLERK: {"withdraw"}},
    S.TO_ASSIGN: {FINDER: {"assign", "point", "close"}, CLERK: {"withdraw"}},
    S.WITH_BODY: {BODY: {"promise", "obstacle", "not_ours", "answer"}, CLERK: {"withdraw"}},
    S.PROMISED: {BODY: {"answer"}, CLERK: {"withdraw"}},
    S.DEFERRED: {BODY: {"promise", "obstacle", "answer"}, CLERK: {"withdraw"}},
    S.HANDED_OUT: {CLERK: {"withdraw"}},
    S.ANSWERED: {},
    S.UNMET: {},
    S.WITHDRAWN: {},
    S.CONCLUDED: {},
}


@pytest.mark.parametrize("state,seat", list(product(S, SEATS)), ids=str)
def test_who_may_do_what_where(state: S, seat: Seat) -> None:
    verbs = {row.verb for row in DEMAND.open_to(state.value, [seat], {})}
    assert verbs == MAY[state].get(seat, set())


def test_every_state_is_somebodys_or_over() -> None:
    owed = {state: seat.party for state in S if (seat := DEMAND.awaits(state.value)) is not None}
    assert owed == {
        S.DRAFT: "consumer",
        S.SEALED: "consumer",
        S.TO_ASSIGN: "bureau",
        S.WITH_BODY: "provider",
        S.PROMISED: "provider",
        S.DEFERRED: "provider",
        S.HANDED_OUT: "system",
    }


@pytest.mark.parametrize(
    "addressed,fault",
    [
        ([], ""),
        ([2], ""),
        ([2, 3], ""),
        ([1], "本部门"),
        ([2, 1], "本部门"),
        ([2, 9], "已撤并"),
        (range(2, 23), "最多向 20 个部门"),
    ],
)
def test_a_demand_is_written_to_another_body_of_today_or_to_none(
    addressed: list[int], fault: str
) -> None:
    wrong = address_fault(addressed, 1, {1, 2, 3})
    assert fault in wrong.get("addressed", "") and bool(wrong) == bool(fault)


@pytest.mark.parametrize(
    "body,words,field",
    [(2, "", ""), (1, "理由", "body"), (9, "理由", "body"), (3, " ", "words"), (3, "另有职责", "")],
)
def test_who_said_no_is_asked_again_only_with_words(body: int, words: str, field: str) -> None:
    assert list(assign_fault(body, 1, {3}, {1, 2, 3}, words)) == ([field] if field else [])
    assert list(assign_fault(body, 1, {3}, {1, 2, 3}, "另有职责", {body})) == ["body"]


@pytest.mark.parametrize(
    "planned,latest,fault",
    [
        (9, 20, "早于今天"),
        (10, 20, ""),
        (20, 20, ""),
        (21, 20, "最迟"),
        (21, 9, ""),
        (9, 8, "早于"),
    ],
)
def test_what_is_promised_is_promised_within_the_month(
    planned: int, latest: int, fault: str
) -> None:
    days = (date(2026, 3, planned), date(2026, 3, 10), date(2026, 3, latest))
    wrong = planned_fault(*days)
    assert fault in wrong.get("planned_on", "") and bool(wrong) == bool(fault)
    assert bool(until_fault(*days[:2])) is (planned <= 10)


def test_items_are_named_once_and_briefly() -> None:
    assert items_named([" 缴存单位 ", "", "缴存单位", "缴存基数"]) == ["缴存单位", "缴存基数"]
    with pytest.raises(ValueError, match="最多 100 项"):
        items_named([str(n) for n in range(101)])
    with pytest.raises(ValueError, match="一行写一项"):
        items_named(["一" * 61])


@pytest.mark.parametrize(
    "one,other,alike",
    [
        ("公积金缴存信息", "住房公积金缴存信息", True),
        ("公积金缴存信息", "公积金 缴存 明细", True),
        ("公积金缴存信息", "婚姻登记信息", False),
        ("公积金缴存信息", "", False),
        ("、", "。", False),
    ],
)
def test_names_are_alike_by_the_pairs_they_share(one: str, other: str, alike: bool) -> None:
    assert (likeness(one, other) >= ALIKE) is alike
