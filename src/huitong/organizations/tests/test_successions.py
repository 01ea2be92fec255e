"""A body is renamed, merged, split or ended: what becomes of its cases, people and duties (A5)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.cast import Cast

from huitong.kernel.actor import Post
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import today
from huitong.organizations import actions, queries
from huitong.organizations.models import Body, Posting, Succession
from huitong.organizations.rules import SuccessionKind
from huitong.organizations.tests.planting import DOCUMENT, plant_case

# -- succession ------------------------------------------------------------------------------------


def test_a_renamed_body_goes_on_with_its_cases_people_and_duties(cast: Cast) -> None:
    case, closed = plant_case(cast, holder="civil_manager"), plant_case(cast, closed=True)
    old = cast.body("civil")
    token = actions.create_token(cast.civil_operator, label="脚本")["token"]
    new = actions.rename_body(
        cast.system_admin,
        body=old.pk,
        name="南通市民政和社会事务局",
        short_name="市民政社会局",
        on=today(),
        document=DOCUMENT,
    )
    case.refresh_from_db()
    assert case.parties["provider"] == new.pk and case.bodies == sorted(
        [cast.body("housing").pk, new.pk, cast.body("bureau").pk]
    )
    assert case.awaiting == [f"{new.pk}:manager"] and case.holder == cast.person("civil_manager").pk
    assert Clock.objects.get(case=case).body == new.pk
    actor = queries.actor_for(cast.person("civil_manager"))
    assert (actor.body, actor.posts) == (new.pk, {Post.MANAGER})
    assert Case.objects.waiting_for(actor).get() == case
    assert Case.objects.visible_to(actor).filter(pk=closed.pk).exists(), (
        "the archive is the heir's too"
    )
    closed.refresh_from_db()
    assert closed.parties["provider"] == old.pk, "what was decided stays under the old name"
    assert queries.successor_of(old.pk) == new.pk
    assert cast.duty("civil").__class__.objects.get(pk=cast.duty("civil").pk).body_id == new.pk
    assert new.task_force.office == "办公室" and new.credit_code == old.credit_code
    assert queries.actor_by_token(token) is None, "tokens are for one body and end with it"
    entries = list(
        Entry.objects.filter(
            verb__in=("organizations.rename_body", "organizations.succeed")
        ).order_by("seq")
    )
    assert [e.verb for e in entries] == ["organizations.succeed", "organizations.rename_body"]
    assert (
        entries[0].after["heir"] == new.pk
        and entries[0].after["predecessors"] == [old.pk]
        and entries[0].after["case_count"] == 1
    )


def test_merged_bodies_pass_everything_to_the_one(cast: Cast) -> None:
    first, second, other = (
        plant_case(cast, "civil"),
        plant_case(cast, "hr"),
        plant_case(cast, "finance"),
    )
    heir = cast.body("housing")
    actions.succeed(
        cast.system_admin,
        kind=SuccessionKind.MERGE,
        predecessors=[cast.body("civil").pk, cast.body("hr").pk],
        successors=[heir.pk],
        on=today(),
        document=DOCUMENT,
    )
    for case in (first, second):
        case.refresh_from_db()
        assert case.parties["provider"] == heir.pk and case.awaiting == [f"{heir.pk}:manager"]
    other.refresh_from_db()
    assert other.parties["provider"] == cast.body("finance").pk
    assert {p.username for p in queries.managers_of(heir.pk)} == {
        "housing_manager",
        "civil_manager",
        "hr_manager",
    }
    assert set(queries.matters_of(heir.pk).values_list("code", flat=True)) == {
        "ZJ-001",
        "MZ-001",
        "RS-001",
    }
    assert not queries.visible_to(cast.system_admin).filter(pk=cast.body("civil").pk).exists()


def test_a_post_held_in_the_heir_long_ago_does_not_stand_in_the_way(cast: Cast) -> None:
    with writing("test"):
        Posting.objects.create(
            person=cast.person("civil_manager"),
            body=cast.body("housing"),
            post=Post.MANAGER,
            valid_from=today() - timedelta(700),
            valid_to=today() - timedelta(400),
        )
    actions.succeed(
        cast.system_admin,
        kind=SuccessionKind.MERGE,
        predecessors=[cast.body("civil").pk],
        successors=[cast.body("housing").pk],
        on=today(),
        document=DOCUMENT,
    )
    assert "civil_manager" in {p.username for p in queries.managers_of(cast.body("housing").pk)}


def test_a_split_body_has_one_heir_and_duties_are_transferred(cast: Cast) -> None:
    case, old = plant_case(cast), cast.body("civil")
    parts = [
        actions.add_body(
            cast.system_admin,
            name=f"南通市民政{n}局",
            short_name=f"市民政{n}局",
            kind="department",
            credit_code=code,
            division_code="320600",
            valid_from=today(),
        ).pk
        for n, code in (("一", "11320600XN00002662"), ("二", "11320600XN0000274W"))
    ]
    with pytest.raises(Malformed, match="数目"):
        actions.succeed(
            cast.system_admin,
            kind=SuccessionKind.SPLIT,
            predecessors=[old.pk],
            successors=parts[:1],
            on=today(),
            document=DOCUMENT,
        )
    actions.succeed(
        cast.system_admin,
        kind=SuccessionKind.SPLIT,
        predecessors=[old.pk],
        successors=parts,
        heir=parts[1],
        on=today(),
        document=DOCUMENT,
    )
    case.refresh_from_db()
    assert case.parties["provider"] == parts[1] == queries.successor_of(old.pk)
    assert dict(Succession.objects.filter(predecessor=old).values_list("successor", "heir")) == {
        parts[0]: False,
        parts[1]: True,
    }
    actions.transfer_duty(
        cast.system_admin, duty=cast.duty("civil").pk, body=parts[0], document=DOCUMENT
    )
    assert queries.matters_of(parts[0]).get() == cast.matter("civil")
    with pytest.raises(AgainstRules):
        actions.succeed(
            cast.system_admin,
            kind=SuccessionKind.RENAME,
            predecessors=[old.pk],
            successors=parts[:1],
            on=today(),
            document=DOCUMENT,
        )


def test_the_bureau_itself_may_be_renamed(cast: Cast) -> None:
    case = plant_case(cast)
    new = actions.rename_body(
        cast.system_admin,
        body=cast.body("bureau").pk,
        name="南通市数据局",
        short_name="市数据局",
        on=today(),
        document=DOCUMENT,
    )
    assert queries.bureau() == new and queries.actor_for(cast.person("bureau_operator")).bureau
    case.refresh_from_db()
    assert case.parties["bureau"] == new.pk
    assert Case.objects.visible_to(queries.actor_for(cast.person("bureau_operator"))).exists()


def test_succession_is_refused_before_its_day_and_into_itself(cast: Cast) -> None:
    given = {
        "body": cast.body("civil").pk,
        "name": "南通市新局",
        "short_name": "市新局",
        "document": DOCUMENT,
    }
    with pytest.raises(Malformed, match="生效之日"):
        actions.rename_body(cast.system_admin, on=today() + timedelta(1), **given)
    with pytest.raises(Malformed, match="设立日期"):
        actions.rename_body(cast.system_admin, on=date(2020, 2, 19), **given)
    with pytest.raises(Malformed, match="不能同时"):
        actions.succeed(
            cast.system_admin,
            kind=SuccessionKind.MERGE,
            predecessors=[cast.body("civil").pk, cast.body("hr").pk],
            successors=[cast.body("hr").pk],
            on=today(),
            document=DOCUMENT,
        )
    assert Body.objects.get(pk=cast.body("civil").pk).valid_to is None


def test_a_body_with_running_matters_or_units_is_not_simply_ended(cast: Cast) -> None:
    plant_case(cast)
    with pytest.raises(AgainstRules, match="1 件在办事项") as why:
        actions.end_body(
            cast.system_admin, body=cast.body("civil").pk, on=today(), document=DOCUMENT
        )
    assert "承继" in why.value.remedy
    actions.end_body(
        cast.system_admin, body=cast.body("stranger").pk, on=today(), document=DOCUMENT
    )
    assert queries.actor_for(cast.person("stranger_operator")).body is None
