"""Offices of the installation: the finance department, the government of the level, the upper
platform; counties by their register (A4, A6, A32)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from tests.cast import Cast

from huitong.kernel import doing
from huitong.kernel.actor import BUREAU, COUNTY, FINANCE, PARTIES, PartyKind, Post
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import AgainstRules, End, NotYours, Procedure, State, opens, state
from huitong.kernel.procedure import step as row
from huitong.organizations import actions, queries
from huitong.organizations.rules import Office
from huitong.reactions import AFTER, react
from huitong.work import queries as work
from huitong.work.models import Notice

pytestmark = pytest.mark.django_db
DOCUMENT = "通政办发〔2026〕3号"


class S(State):
    WAITING = state("waiting", "待财政意见")
    DONE = state("done", "已有意见", end=End.COMPLETED)


PROJECT = Procedure(
    "test_project",
    "项目",
    "nantong-2020",
    date(2020, 2, 19),
    (
        opens("submit", "A32", BUREAU(Post.OPERATOR), S.WAITING, label="送财政部门"),
        row("agree", "A32", FINANCE(Post.MANAGER), {S.WAITING}, S.DONE, label="同意"),
    ),
)

LOAN = Procedure(
    "test_loan",
    "借款",
    "nantong-2020",
    date(2020, 2, 19),
    (
        opens("lend", "A32", FINANCE(Post.OPERATOR), S.WAITING, label="财政发起"),
        row("close", "A32", BUREAU(Post.MANAGER), {S.WAITING}, S.DONE, label="了结"),
    ),
)


@pytest.fixture
def verbs(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The verbs of this test's own procedures, gone with it."""
    others = set(doing.VERBS)
    for table in (PROJECT, LOAN):
        monkeypatch.setitem(doing.PROCEDURES, table.kind, {table.law: table})

    def submit(actor, case): ...  # type: ignore[no-untyped-def]
    def agree(actor, case): ...  # type: ignore[no-untyped-def]
    def lend(actor, case): ...  # type: ignore[no-untyped-def]
    def close(actor, case): ...  # type: ignore[no-untyped-def]

    steps = {fn.__name__: doing.step(PROJECT)(fn) for fn in (submit, agree)}
    yield steps | {fn.__name__: doing.step(LOAN)(fn) for fn in (lend, close)}
    for name in set(doing.VERBS) - others:
        del doing.VERBS[name]


def assigned(cast: Cast, office: Office = Office.FINANCE, body: str = "finance") -> None:
    actions.assign_office(
        cast.system_admin, office=office, body=cast.body(body).pk, document=DOCUMENT
    )


def actor(cast: Cast, name: str) -> Any:
    return queries.actor_for(cast.person(name))


def test_the_offices_are_those_of_the_table_of_parties() -> None:
    standing = {name for name, party in PARTIES.items() if party.kind is PartyKind.STANDING}
    assert {office.value for office in Office} == standing - {BUREAU.name, COUNTY.name}


def test_a_case_goes_to_the_desk_of_whoever_holds_the_office(
    cast: Cast, verbs: dict[str, Any]
) -> None:
    assigned(cast)
    case = verbs["submit"](actor(cast, "bureau_operator"))
    assert case.awaiting == [f"{cast.body('finance').pk}:manager"]
    with pytest.raises(NotYours, match="财政部门负责人"):
        verbs["agree"](actor(cast, "bureau_manager"), case)
    assert Case.objects.visible_to(actor(cast, "finance_manager")).filter(pk=case.pk).exists()
    assert verbs["agree"](actor(cast, "finance_manager"), case).state == "done"


def test_one_body_holds_an_office_and_hands_it_on(cast: Cast) -> None:
    assigned(cast)
    with pytest.raises(AgainstRules, match="已是财政部门"):
        assigned(cast)
    assigned(cast, body="hr")
    assert queries.office_holders("finance") == [cast.body("hr").pk]


def test_open_cases_go_to_whoever_holds_the_office_next(cast: Cast, verbs: dict[str, Any]) -> None:
    assigned(cast)
    case = verbs["submit"](actor(cast, "bureau_operator"))
    assigned(cast, body="hr")
    case.refresh_from_db()
    assert case.awaiting == [f"{cast.body('hr').pk}:manager"]
    assert not Case.objects.visible_to(actor(cast, "finance_manager")).filter(pk=case.pk).exists()
    entry = Entry.objects.filter(verb="organizations.assign_office").latest("seq")
    assert entry.after["former"] == [cast.body("finance").pk]
    assert entry.after["cases"] == [case.pk]
    for reaction in AFTER["organizations.assign_office"]:
        react(entry.seq, reaction.name)
    recipients = set(
        Notice.objects.filter(title__startswith="财政部门：").values_list("person", flat=True)
    )
    managers = {cast.person(f"{name}_manager").pk for name in ("finance", "hr", "bureau")}
    assert managers <= recipients and cast.person("civil_manager").pk not in recipients
    assert verbs["agree"](actor(cast, "hr_manager"), case).state == "done"


def test_only_whose_office_opens_a_case_is_offered_it(cast: Cast, verbs: dict[str, Any]) -> None:
    def offered(name: str) -> set[str]:
        return {opening.verb.name for opening in work.openings(actor(cast, name))}

    assert "test_loan.lend" not in offered("finance_operator")
    assigned(cast)
    assert "test_loan.lend" in offered("finance_operator")
    assert "test_loan.lend" not in offered("civil_operator")


def test_an_heir_inherits_the_office(cast: Cast) -> None:
    assigned(cast)
    heir = actions.rename_body(
        cast.system_admin,
        body=cast.body("finance").pk,
        name="南通市财政金融局",
        short_name="市财金局",
        on=date.today(),
        document=DOCUMENT,
    )
    assert queries.office_holders("finance") == [heir.pk]


def test_only_the_system_administrator_names_one(cast: Cast) -> None:
    with pytest.raises(NotYours):
        actions.assign_office(
            cast.bureau_manager,
            office=Office.FINANCE,
            body=cast.body("finance").pk,
            document=DOCUMENT,
        )


def test_counties_are_known_by_their_register(cast: Cast) -> None:
    assert queries.office_holders("county") == [cast.body("rudong").pk]
    assert COUNTY.name in actor(cast, "rudong_operator").held_offices
