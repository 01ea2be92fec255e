"""A person leaves: what was in hand is passed on (A5)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.cast import Cast

from huitong.kernel.actor import Post
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import AgainstRules, NotVisible, NotYours
from huitong.kernel.workdays import today
from huitong.organizations import actions, queries
from huitong.organizations.models import Person, Posting
from huitong.organizations.tests.planting import plant_case

# -- leaving ---------------------------------------------------------------------------------------


def second_manager(cast: Cast, username: str = "second") -> int:
    pk = actions.add_person(cast.system_admin, username=username, name="第二人")["person"]
    actions.appoint(cast.security_admin, person=pk, body=cast.body("civil").pk, post=Post.MANAGER)
    return int(pk)


def test_leaving_passes_on_what_was_in_hand_as_the_preview_said(cast: Cast) -> None:
    to, leaver = second_manager(cast), cast.person("civil_manager")
    held, free = plant_case(cast, holder="civil_manager"), plant_case(cast)
    token = actions.create_token(cast.civil_manager, label="脚本")["token"]
    actions.deputize(
        cast.civil_manager,
        deputy=cast.civil_operator.person,
        post=Post.MANAGER,
        valid_to=today() + timedelta(5),
    )
    plan = queries.hand_over_preview(leaver.pk, cast.body("civil").pk, to)
    assert [c.pk for c in plan.passed] == [held.pk] and plan.returned == () and plan.vacant == ()
    assert len(plan.postings) == len(plan.lent) == len(plan.tokens) == 1
    actions.hand_over(
        cast.security_admin, person=leaver.pk, body=cast.body("civil").pk, to=to, reasons="退休"
    )
    held.refresh_from_db()
    free.refresh_from_db()
    assert held.holder == to and free.holder is None
    assert queries.actor_by_token(token) is None and queries.actor_for(leaver).posts == frozenset()
    assert queries.actor_for(cast.person("civil_operator")).posts == {Post.OPERATOR}
    entry = Entry.objects.get(verb="organizations.hand_over")
    assert entry.after["passed"] == [held.pk] and entry.reasons == "退休"


def test_without_a_successor_work_goes_back_to_its_desk_and_the_vacancy_shows(cast: Cast) -> None:
    held = plant_case(cast, holder="civil_manager")
    plan = queries.hand_over_preview(cast.person("civil_manager").pk, cast.body("civil").pk, None)
    assert plan.vacant == (Post.MANAGER,) and [c.pk for c in plan.returned] == [held.pk]
    actions.hand_over(
        cast.security_admin,
        person=cast.person("civil_manager").pk,
        body=cast.body("civil").pk,
        reasons="调离",
    )
    held.refresh_from_db()
    assert held.holder is None and held.awaiting == [f"{cast.body('civil').pk}:manager"]


def test_posts_pass_on_by_the_security_administrator_only(cast: Cast) -> None:
    to = actions.add_person(cast.system_admin, username="second", name="第二人")["person"]
    held = plant_case(cast, holder="civil_manager")
    given = {
        "person": cast.civil_manager.person,
        "body": cast.body("civil").pk,
        "to": to,
        "reasons": "轮岗",
        "pass_posts": True,
    }
    with pytest.raises(NotVisible):
        actions.hand_over(cast.housing_manager, **given)
    with pytest.raises(NotYours, match="岗位转移"):
        actions.hand_over(
            queries.actor_for(Person.objects.get(pk=second_manager(cast, "third"))), **given
        )
    actions.hand_over(cast.security_admin, **given)
    held.refresh_from_db()
    assert held.holder == to and to in [p.pk for p in queries.managers_of(cast.body("civil").pk)]
    with pytest.raises(AgainstRules, match="互斥"):
        actions.hand_over(
            cast.security_admin,
            person=cast.civil_operator.person,
            body=cast.body("civil").pk,
            to=cast.audit_admin.person,
            reasons="轮岗",
            pass_posts=True,
        )


def test_a_manager_hands_over_for_the_own_body_not_for_oneself(cast: Cast) -> None:
    given = {"person": cast.civil_operator.person, "body": cast.body("civil").pk, "reasons": "调离"}
    with pytest.raises(AgainstRules, match="为自己"):
        actions.hand_over(
            cast.civil_manager,
            person=cast.civil_manager.person,
            body=cast.body("civil").pk,
            reasons="调离",
        )
    actions.hand_over(cast.civil_manager, **given)
    assert not Posting.objects.filter(person=cast.civil_operator.person, valid_to=None).exists()
