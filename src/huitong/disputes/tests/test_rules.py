"""The rules of disputes, without a database: the tables by seat under both laws, who may dispute
what, when something counts as agreed."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from huitong.disputes.rules import (
    DISPUTE,
    DISPUTE_2025,
    Matter,
    Outcome,
    S,
    Side,
    opens_the_way,
    opposite,
    outcome_fault,
)
from huitong.kernel.actor import BUREAU, CLAIMANT, CONSUMER, PROVIDER, RESPONDENT, SYSTEM, Seat
from huitong.kernel.actor import Post as P

PARTIES = (CLAIMANT, RESPONDENT, BUREAU, SYSTEM, CONSUMER, PROVIDER)
SEATS = [party(post) for party in PARTIES for post in (P.OPERATOR, P.MANAGER)]
CLERK, HEAD = CLAIMANT(P.OPERATOR), CLAIMANT(P.MANAGER)
OTHER, OTHER_HEAD = RESPONDENT(P.OPERATOR), RESPONDENT(P.MANAGER)
DESK, CHAIR = BUREAU(P.OPERATOR), BUREAU(P.MANAGER)
CLOCK = SYSTEM(P.OPERATOR)
Cells = dict[S, dict[Seat, set[str]]]
#: typed by hand from A27: who may do what while the dispute stands where
COMMON: Cells = {
    S.DRAFT: {CLERK: {"edit", "withdraw"}, HEAD: {"submit"}},
    S.SUBMITTED: {DESK: {"convene"}, CLERK: {"withdraw"}},
    S.STATING: {
        CLERK: {"present", "amend", "withdraw"},
        OTHER: {"present", "amend"},
        DESK: {"present", "amend", "convene", "record"},
        CLOCK: {"close_statements"},
    },
    S.MEETING: {
        CLERK: {"amend", "withdraw"},
        OTHER: {"amend"},
        DESK: {"amend", "convene", "record"},
    },
    S.CONFIRMING: {
        HEAD: {"confirm"},
        OTHER_HEAD: {"confirm"},
        CLERK: {"withdraw"},
        CLOCK: {"close_confirming"},
    },
    S.CONCLUDING: {DESK: {"record"}, CHAIR: {"conclude"}, CLERK: {"withdraw"}},
    S.AGREED: {},
    S.PARTLY: {},
    S.WITHDRAWN: {},
}
#: the rules of 2020 end with the consultation
MAY_2020: Cells = COMMON | {S.FAILED: {}}
#: the decree has two levels more
MAY_2025: Cells = COMMON | {
    S.WITH_AUTHORITY: {CHAIR: {"decide"}, CLERK: {"withdraw"}},
    S.ANSWERING: {
        HEAD: {"answer"},
        OTHER_HEAD: {"answer"},
        CLERK: {"withdraw"},
        CLOCK: {"close_answering"},
    },
    S.WITH_GOVERNMENT: {DESK: {"rule"}, CLERK: {"withdraw"}},
    S.SETTLED: {},
    S.RULED: {},
}
LAWS = {"nantong-2020": (DISPUTE, MAY_2020), "national-2025": (DISPUTE_2025, MAY_2025)}


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("seat", SEATS, ids=str)
def test_who_may_do_what_where(law: str, seat: Seat) -> None:
    table, may = LAWS[law]
    assert table.states == set(may)
    for state in may:
        verbs = {row.verb for row in table.open_to(state.value, [seat], {})}
        assert verbs == may[state].get(seat, set()), (state, seat)


@pytest.mark.parametrize("law", LAWS)
def test_only_a_clerk_of_who_is_concerned_opens_one(law: str) -> None:
    table, _ = LAWS[law]
    assert [row.who for row in table.steps if row.opening] == [CLERK]


@pytest.mark.parametrize("law", LAWS)
def test_whose_the_next_move_is(law: str) -> None:
    table, _ = LAWS[law]
    owed = {state: set(table.duties(state.value)) for state in table.states if state.end is None}
    expected = {
        S.DRAFT: {HEAD},
        S.SUBMITTED: {DESK},
        S.STATING: {CLERK, OTHER, DESK},
        S.MEETING: {DESK},
        S.CONFIRMING: {HEAD, OTHER_HEAD},
        S.CONCLUDING: {CHAIR},
    }
    if law == "national-2025":
        expected |= {
            S.WITH_AUTHORITY: {CHAIR},
            S.ANSWERING: {HEAD, OTHER_HEAD},
            S.WITH_GOVERNMENT: {DESK},
        }
    assert owed == expected


US, THEM, THIRD = 1, 2, 3
#: a case, who asks, and from which side against whom they may dispute it
DISPUTED = [
    (("application", "declined"), US, (Side.CONSUMER, THEM)),
    (("application", "refused"), US, (Side.CONSUMER, THEM)),
    (("application", "refused"), THEM, None),
    (("application", "refused", {"by_platform": True}), THEM, (Side.PROVIDER, US)),
    (("application", "granted"), US, None),
    (("application", "granted", {"partly": True}), US, (Side.CONSUMER, THEM)),
    (("application", "granted", {"partly": True}), THEM, None),
    (("application", "granted", {"by_platform": True}), THEM, (Side.PROVIDER, US)),
    (("application", "submitted"), US, None),
    (("application", "with_provider"), US, None),
    (("application", "withdrawn"), US, None),
    (("grant", "active"), US, (Side.CONSUMER, THEM)),
    (("grant", "suspended"), US, (Side.CONSUMER, THEM)),
    (("grant", "revoked"), US, (Side.CONSUMER, THEM)),
    (("grant", "held", {"by_platform": True}), THEM, (Side.PROVIDER, US)),
    (("grant", "active"), THEM, None),
    (("grant", "expired"), US, None),
    (("grant", "returned"), US, None),
    (("demand", "deferred", {"answered_by": THEM}), US, (Side.CONSUMER, THEM)),
    (("demand", "to_assign", {"answered_by": THIRD}), US, (Side.CONSUMER, THIRD)),
    (("demand", "to_assign"), US, None),
    (("demand", "unmet", {"answered_by": THEM}), US, (Side.CONSUMER, THEM)),
    (("demand", "with_body", {"answered_by": THEM, "declined": frozenset({THEM})}), THEM,
     (Side.PROVIDER, US)),
    (("demand", "with_body"), THEM, None),
    (("demand", "answered", {"answered_by": THEM}), US, None),
    (("objection", "upheld"), US, (Side.CONSUMER, THEM)),
    (("objection", "upheld"), THEM, None),
    (("objection", "corrected"), US, None),
    (("objection", "answered"), US, None),
    (("objection", "withdrawn"), US, None),
    (("entry", "draft"), US, None),
]  # fmt: skip


@pytest.mark.parametrize("case,body,expected", DISPUTED)
def test_who_disputes_what_against_whom(
    case: tuple[object, ...], body: int, expected: tuple[Side, int] | None
) -> None:
    kind, state, *more = case
    facts: Any = more[0] if more else {}
    matter = Matter(str(kind), str(state), US, THEM, **facts)
    assert opposite(matter, body) == expected
    for stranger in (9, None):
        assert opposite(matter, stranger) is None


@pytest.mark.parametrize("confirmed,objected", list(product((0, 1, 2), (0, 1))))
def test_nothing_is_agreed_by_silence(confirmed: int, objected: int) -> None:
    agreed = confirmed == 2 and not objected
    for outcome in (Outcome.AGREED, Outcome.PARTLY):
        assert (outcome_fault(outcome, confirmed, objected) == "") is agreed
    assert outcome_fault(Outcome.FAILED, confirmed, objected) == ""


@pytest.mark.parametrize(
    "outcome,ruling,opens",
    [
        ("agreed", "", True),
        ("partly", "", True),
        ("failed", "", False),
        ("failed", "upheld", True),
        ("failed", "partly", True),
        ("failed", "rejected", False),
        ("", "", False),
    ],
)
def test_which_results_open_the_way(outcome: str, ruling: str, opens: bool) -> None:
    assert opens_the_way(outcome, ruling) is opens
