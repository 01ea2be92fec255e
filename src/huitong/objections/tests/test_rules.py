"""The rules of doubts, without a database: the tables by seat under both laws, what a doubt must
say, what of it is masked."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from huitong.kernel.actor import BUREAU, CONSUMER, PROVIDER, SYSTEM, Seat
from huitong.kernel.actor import Post as P
from huitong.kernel.procedure import InCase
from huitong.objections.actions import parameters
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
    masked,
    planned_fault,
    version_fault,
)
from huitong.objections.rules.masking import EMAIL
from huitong.scope import identifiers

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


# -- masking ---------------------------------------------------------------------------------------

RANDOM = Random(29)
PERSON = identifiers.make_citizen_number(RANDOM)
MOBILE = identifiers.make_mobile(RANDOM)
CARD = identifiers.make_bank_card(RANDOM)
WIDE = "".join(chr(ord(sign) + 0xFEE0) for sign in PERSON)
HOSTILE = {
    "alone": PERSON,
    "between words": f"身份证{PERSON}的人",
    "after a letter": f"ID{PERSON}",
    "in groups": f"{PERSON[:6]} {PERSON[6:14]} {PERSON[14:]}",
    "with strokes": f"{PERSON[:6]}-{PERSON[6:14]}-{PERSON[14:]}",
    "sign by sign": "、".join(PERSON),
    "full width": WIDE,
    "with signs nobody sees": "\u200b".join(PERSON),
    "in a longer number": f"00{PERSON}7",
    "lower case": PERSON.lower(),
    "before a telephone": f"{PERSON} {MOBILE}",
    "glued to a telephone": f"{PERSON}{MOBILE}",
    "twice": f"{PERSON}，{PERSON}",
    "after a day": f"2020-08-01 {PERSON[:6]} {PERSON[6:14]} {PERSON[14:]}",
    **{
        f"between {sign!r}": sign.join((PERSON[:6], PERSON[6:14], PERSON[14:]))
        for sign in ("\u3000", "\u00a0", "\n", "   ", "\t", "：", ":", " - ")
    },
    "in brackets": f"{PERSON[:6]}({PERSON[6:14]})（{PERSON[14:]}）",
}
THREE, FOUR, LAST = MOBILE[:3], MOBILE[3:7], MOBILE[7:]
CALLED = {
    "two in groups": f"电话 138 0000 1111、{THREE} {FOUR} {LAST}",
    "first of two": f"电话 {THREE} {FOUR} {LAST}、138 0000 1111",
    "after a day": f"2020-08-01 {THREE} {FOUR} {LAST}",
    "before a day": f"{THREE}-{FOUR}-{LAST} 2020-08-01",
    "from abroad": f"0086{MOBILE}",
    "from abroad in groups": f"+86 ({THREE}) {FOUR} {LAST}",
    "glued from abroad": f"0086{THREE} {FOUR} {LAST}",
    "wide gaps": f"{THREE}\u3000{FOUR}\n{LAST}",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_identity_number_is_left_however_it_is_written(text: str) -> None:
    left = "".join(sign for sign in masked(text) if sign.isalnum() and sign.isascii())
    assert PERSON[6:14] not in left, masked(text)


@pytest.mark.parametrize("text", CALLED.values(), ids=CALLED)
def test_no_telephone_is_left_however_it_is_written(text: str) -> None:
    left = "".join(sign for sign in masked(text) if sign.isalnum() and sign.isascii())
    assert MOBILE[3:7] not in left, masked(text)
    assert "0000" not in left or "138" not in text, masked(text)


def test_a_card_inside_a_longer_number_is_masked() -> None:
    for text in (f"00{CARD}7", f"2020-08-01 {CARD[:4]} {CARD[4:8]} {CARD[8:12]} {CARD[12:]}"):
        left = "".join(sign for sign in masked(text) if sign.isdecimal())
        assert CARD[6:15] not in left, masked(text)


def test_no_more_of_a_text_is_read_for_an_address_than_one_has() -> None:
    """Else each sign of a long text is read on to its end."""
    for text, most in (
        ("a" * 1000 + "@example.cn", 64 + len("@example.cn")),
        ("a@" + "bb." * 1000 + "cn", len("a@") + 8 * len("bb.") + len("bb")),
    ):
        address = EMAIL.search(text)
        assert address is not None and len(address.group()) == most


@pytest.mark.parametrize(
    "name", ["Words", "Locator", "Reasons", "Correction", "Remark", "Evaluation"]
)
def test_what_is_too_long_is_refused_before_it_is_masked(name: str) -> None:
    """Masking leaves unseen signs out: done first, it would make the text fit."""
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(getattr(parameters, name)).validate_python("疑" + "\u200b" * 2000)
    assert [fault["type"] for fault in refused.value.errors()] == ["string_too_long"]


def test_telephones_cards_and_mail_are_masked_too() -> None:
    text = masked(f"电话 {MOBILE[:3]} {MOBILE[3:7]} {MOBILE[7:]}，座机 0513-85215678，卡 {CARD}")
    assert MOBILE[3:7] not in text and "8521" not in text and CARD[6:15] not in text
    assert "lisi" not in masked("邮箱 lisi@example.com")
    assert "1234567" not in masked("护照 E12345678")


@pytest.mark.parametrize(
    "text",
    [
        "登记日期应为 2020-08-01，系统里是 2020-01-08（见第 3 页）。",
        "登记证字号 A0***7；办件编号 SQ20261130000123",
        "7d0f2a52-96f2-4f6e-8f4d-2f7f3c1b9e10",
        "2020-11-13 2020-08-01 2020-08-02：三次登记",
        "共 12,345,678 行，少 3 行；！？《办法》第二十九条",
    ],
)
def test_what_names_nobody_stays_as_it_was_written(text: str) -> None:
    assert masked(text) == text
