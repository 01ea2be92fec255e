"""Parties as rows: one body or many, as desks, as those heard, as readers; several organs like the
bureau in one installation (A4, A6, A17, A29)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from huitong.kernel import doing
from huitong.kernel.actor import (
    BODY,
    BUREAU,
    FINANCE,
    GRANTEES,
    PARTIES,
    PROVIDER,
    READERS,
    Actor,
    Lent,
    Post,
    Seat,
)
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.doing.registry import seats_to_open
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import (
    AgainstRules,
    End,
    NotYours,
    Procedure,
    State,
    clock,
    joint,
    limit,
    opens,
    state,
    step,
)

pytestmark = pytest.mark.django_db
BUREAU_BODY, OWNER_BODY, FIRST, SECOND, READER_BODY, STRANGER_BODY = range(1, 7)


class S(State):
    HEARING = state("hearing", "征求意见")
    HEARD = state("heard", "已征求", end=End.COMPLETED)


HEARING = Procedure(
    "test_hearing",
    "听取意见",
    "nantong-2020",
    date(2020, 2, 19),
    (
        opens("ask", "A16", PROVIDER(Post.OPERATOR), S.HEARING, label="征求"),
        *joint("answer", "A16", (GRANTEES(Post.OPERATOR),), {S.HEARING}, S.HEARD, label="答复"),
    ),
    clocks=(clock("answer", limit("A22"), {S.HEARING}),),
)


class C(State):
    CONSULTING = state("consulting", "会商中")
    CONSULTED = state("consulted", "已会商", end=End.COMPLETED)


BOTH = (PROVIDER(Post.MANAGER), BUREAU(Post.MANAGER))
CONSULTATION = Procedure(
    "test_consultation",
    "会商",
    "nantong-2020",
    date(2020, 2, 19),
    (
        opens("hear", "A27", BUREAU(Post.OPERATOR), C.CONSULTING, label="发起"),
        *joint("advise", "A27", BOTH, {C.CONSULTING}, C.CONSULTED, label="意见"),
    ),
    clocks=(clock("advice", limit("A22"), {C.CONSULTING}),),
)


@pytest.fixture
def verbs(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The verbs of this test's own procedure, gone with it."""
    for table in (HEARING, CONSULTATION):
        monkeypatch.setitem(doing.PROCEDURES, table.kind, {table.law: table})

    def ask(actor, case):  # type: ignore[no-untyped-def]
        case.between(provider=actor.body, grantees=[SECOND, FIRST], readers=[READER_BODY])

    def answer(actor, case): ...  # type: ignore[no-untyped-def]

    def hear(actor, case, *, alone: bool = False):  # type: ignore[no-untyped-def]
        case.between(**({} if alone else {"provider": BUREAU_BODY}))

    def advise(actor, case): ...  # type: ignore[no-untyped-def]

    steps = {fn.__name__: doing.step(HEARING)(fn) for fn in (ask, answer)}
    steps |= {fn.__name__: doing.step(CONSULTATION)(fn) for fn in (hear, advise)}
    for kind in (HEARING.kind, CONSULTATION.kind):
        for name in steps:
            doing.VERBS.pop(f"{kind}.{name}", None)
    return steps


def person(number: int, body: int, *posts: Post, **more: Any) -> Actor:
    posts = posts or (Post.OPERATOR,)
    return Actor(number, f"{number}", body, f"{body}", frozenset(posts), BUREAU_BODY, **more)


def test_each_of_many_bodies_owes_its_own_answer_and_has_its_own_clock(
    verbs: dict[str, Any],
) -> None:
    case = verbs["ask"](person(10, OWNER_BODY))
    assert case.awaiting == [f"{FIRST}:operator", f"{SECOND}:operator"]
    assert {c.body for c in Clock.objects.filter(case=case, stopped_on=None)} == {FIRST, SECOND}
    case = verbs["answer"](person(30, FIRST), case)
    assert case.state == "hearing" and case.awaiting == [f"{SECOND}:operator"]
    with pytest.raises(AgainstRules, match="不必再次"):
        verbs["answer"](person(31, FIRST), case)
    assert verbs["answer"](person(40, SECOND), case).state == "heard"


def test_a_body_that_is_two_parties_owes_two_opinions_by_two_people(verbs: dict[str, Any]) -> None:
    """The bureau as provider of what it is heard on: each seat speaks for itself (A17)."""
    case = verbs["hear"](person(10, BUREAU_BODY))
    assert case.awaiting == [f"{BUREAU_BODY}:manager"] * 2
    first, second = (person(n, BUREAU_BODY, Post.MANAGER) for n in (20, 21))
    case = verbs["advise"](first, case)
    assert case.state == "consulting" and case.awaiting == [f"{BUREAU_BODY}:manager"]
    assert Clock.objects.filter(case=case, stopped_on=None).count() == 1
    with pytest.raises(NotYours, match="另一人"):
        verbs["advise"](first, case)
    case = verbs["advise"](second, case)
    assert case.state == "consulted" and case.opinions.count() == 2


def test_nobody_is_asked_where_a_seat_has_no_body(verbs: dict[str, Any]) -> None:
    with pytest.raises(AgainstRules, match="还没有确定提供部门负责人"):
        verbs["hear"](person(10, BUREAU_BODY), alone=True)
    assert not Case.objects.exists()


def test_readers_see_and_do_nothing(verbs: dict[str, Any]) -> None:
    case = verbs["ask"](person(10, OWNER_BODY))
    reader, stranger = person(50, READER_BODY), person(60, STRANGER_BODY)
    assert Case.objects.visible_to(reader).filter(pk=case.pk).exists()
    assert not Case.objects.visible_to(stranger).exists()
    assert not Case.objects.waiting_for(reader).exists()
    with pytest.raises(NotYours):
        verbs["answer"](reader, case)


def test_a_second_organ_sits_in_the_bureaus_seat_where_the_case_names_it() -> None:
    """Of two organs like the bureau, each decides in the cases that name it (A6)."""
    county = person(70, FIRST, Post.MANAGER, offices=frozenset({BUREAU.name}))
    seat = Seat(BUREAU.name, Post.MANAGER)
    assert seat in county.seats_in({"bureau": FIRST})
    assert seat not in county.seats_in({"bureau": BUREAU_BODY})
    city = person(71, BUREAU_BODY, Post.MANAGER)
    assert seat in city.seats_in({"bureau": BUREAU_BODY})
    assert seat not in city.seats_in({"bureau": FIRST})


def test_an_office_opens_cases_only_where_its_body_holds_it() -> None:
    seat = Seat(FINANCE.name, Post.OPERATOR)
    assert seat not in seats_to_open(person(72, FIRST))
    assert seat in seats_to_open(person(72, FIRST, offices=frozenset({FINANCE.name})))
    assert Seat(PROVIDER.name, Post.OPERATOR) in seats_to_open(person(72, FIRST))


def test_who_holds_one_of_several_seats_in_their_own_right_is_nobodys_deputy() -> None:
    deputy = person(73, FIRST, Post.OPERATOR, Post.MANAGER, lent=(Lent(Post.MANAGER, 74, "甲"),))
    own, lent = BODY(Post.OPERATOR), BODY(Post.MANAGER)
    assert deputy.at(own, lent).people == deputy.at(lent, own).people == {73}
    assert deputy.at(lent).people == {73, 74}


def test_many_bodies_answer_only_in_joint_steps() -> None:
    """Each open duty names one who answers for it (A17)."""
    with pytest.raises(ValueError, match="are many"):
        Procedure(
            "t",
            "t",
            "nantong-2020",
            date(2020, 2, 19),
            (
                opens("ask", "A16", PROVIDER(Post.OPERATOR), S.HEARING, label="征求"),
                step("answer", "A16", GRANTEES(Post.OPERATOR), {S.HEARING}, S.HEARD, label="答"),
            ),
        )


@pytest.mark.parametrize("overseen", [True, False])
def test_the_bureau_reads_every_case_but_one_it_is_itself_concerned_in(overseen: bool) -> None:
    """It tracks them all, a party or not (A19)."""
    case = Case(kind="t", law="nantong-2020", overseen=overseen)
    case.between(provider=OWNER_BODY)
    with writing("test"):
        case.save()
    assert Case.objects.visible_to(person(80, BUREAU_BODY)).exists() is overseen
    assert Case.objects.visible_to(person(81, OWNER_BODY)).exists()
    assert not Case.objects.visible_to(person(82, STRANGER_BODY)).exists()


def test_the_table_of_parties_says_what_each_is() -> None:
    assert PARTIES["grantees"].many and PARTIES[READERS.name].many
    assert not PARTIES["provider"].many and all(p.label for p in PARTIES.values())
