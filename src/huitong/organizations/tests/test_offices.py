"""Offices of the installation: the finance department, the government of the level, the upper
platform; counties by their register (A4, A6, A32)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.cast import Cast

from huitong.kernel import doing
from huitong.kernel.actor import BUREAU, COUNTY, FINANCE, PARTIES, PartyKind, Post
from huitong.kernel.case import Case
from huitong.kernel.procedure import AgainstRules, End, NotYours, Procedure, State, opens, state
from huitong.kernel.procedure import step as row
from huitong.organizations import actions, queries
from huitong.organizations.rules import Office

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


@pytest.fixture
def verbs(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The verbs of this test's own procedure, gone with it."""
    monkeypatch.setattr(doing.registry, "VERBS", doing.VERBS.copy())
    monkeypatch.setitem(doing.PROCEDURES, PROJECT.kind, {PROJECT.law: PROJECT})

    def submit(actor, case): ...  # type: ignore[no-untyped-def]
    def agree(actor, case): ...  # type: ignore[no-untyped-def]

    steps = {fn.__name__: doing.step(PROJECT)(fn) for fn in (submit, agree)}
    for name in steps:
        doing.VERBS.pop(f"{PROJECT.kind}.{name}", None)
    return steps


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
