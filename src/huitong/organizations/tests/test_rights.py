"""Who may do what: accounts are the system administrator's, rights the security administrator's,
nobody's both (A28)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from tests.cast import Cast

from huitong.kernel.actor import Post
from huitong.kernel.doing import VERBS, perform
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.kernel.workdays import today
from huitong.organizations import actions, queries
from huitong.organizations.models import Person, Posting

SYSTEM_ADMIN, SECURITY_ADMIN = {"system_admin"}, {"security_admin"}
MANAGERS = {
    f"{body}_manager"
    for body in ("bureau", "civil", "hr", "housing", "rudong", "finance", "stranger")
}
OPERATORS = {who.replace("manager", "operator") for who in MANAGERS}
EVERYBODY = (
    MANAGERS | OPERATORS | {"system_admin", "security_admin", "audit_admin", "platform_operator"}
)
#: verb → who may do it (what they may do it to is the matter of other tests)
MAY: dict[str, set[str]] = {
    "add_body": SYSTEM_ADMIN,
    "edit_body": SYSTEM_ADMIN,
    "assign_office": SYSTEM_ADMIN,
    "end_body": SYSTEM_ADMIN,
    "rename_body": SYSTEM_ADMIN,
    "succeed": SYSTEM_ADMIN,
    "set_task_force": MANAGERS | OPERATORS | SYSTEM_ADMIN,
    "add_person": SYSTEM_ADMIN,
    "edit_person": SYSTEM_ADMIN,
    "disable_person": SYSTEM_ADMIN,
    "enable_person": SYSTEM_ADMIN,
    "reset_password": SYSTEM_ADMIN,
    "release_change": SECURITY_ADMIN | {"audit_admin"},
    "decline_change": SECURITY_ADMIN | {"audit_admin"},
    "reset_second_factor": SECURITY_ADMIN,
    "end_session": SECURITY_ADMIN,
    "appoint": SECURITY_ADMIN,
    "dismiss": SECURITY_ADMIN,
    "hand_over": SECURITY_ADMIN | MANAGERS,
    "deputize": MANAGERS | OPERATORS,
    "revoke_deputy": EVERYBODY,
    "edit_own_profile": EVERYBODY,
    "change_password": EVERYBODY,
    "create_token": EVERYBODY,
    "revoke_token": EVERYBODY,
    "sign_in": EVERYBODY,
    "sign_out": EVERYBODY,
    "sign_in_refused": set(),
    "take_shipped": set(),
    "watch_task_force": set(),
    "confirm_duties": {"bureau_operator", "bureau_manager"},
    **dict.fromkeys(
        (
            "add_duty",
            "edit_duty",
            "end_duty",
            "add_matter",
            "edit_matter",
            "end_matter",
            "import_duties",
        ),
        MANAGERS | {"bureau_operator"} | SYSTEM_ADMIN,
    ),
    "transfer_duty": {"bureau_operator"} | SYSTEM_ADMIN,
    "import_divisions": SYSTEM_ADMIN,
    "import_bodies": SYSTEM_ADMIN,
    "import_calendar": SYSTEM_ADMIN,
    **dict.fromkeys(("add_limit", "confirm_limit", "adopt_law", "end_law"), SYSTEM_ADMIN),
}


def test_the_matrix_names_every_verb() -> None:
    assert {f"organizations.{verb}" for verb in MAY} == {
        name for name in VERBS if name.startswith("organizations.")
    }


def test_every_post_may_do_its_own_and_nothing_else(cast: Cast) -> None:
    """Every verb × every person: who is not named is refused as *not yours*, before anything is
    looked at."""
    wrong = []
    for verb, allowed in MAY.items():
        for who in sorted(EVERYBODY):
            try:
                with transaction.atomic():
                    VERBS[f"organizations.{verb}"].run(getattr(cast, who), **_anything(verb))
                    transaction.set_rollback(True)
                refused = False
            except NotYours as why:
                refused = (
                    why.article == VERBS[f"organizations.{verb}"].article
                    and "只能" not in why.detail
                )
            except (AgainstRules, Malformed, NotVisible):
                refused = False
            if refused == (who in allowed):
                wrong.append((verb, who, "refused" if refused else "let through"))
    assert wrong == []


def _anything(verb: str) -> dict[str, Any]:
    """Arguments of the right types that point at nothing."""
    from datetime import date

    from pydantic_core import PydanticUndefined

    from huitong.organizations.rules import BodyKind, Sheet, SuccessionKind

    values = {
        "kind": BodyKind.DEPARTMENT,
        "post": Post.OPERATOR,
        "article": "A22",
        "office": "finance",
        "unit": "wd",
        "predecessors": [1],
        "successors": [2],
        "duties": [1],
        "username": "nobody1",
        "amount": 1,
        "year": 2027,
        "days": 1,
    }
    if verb == "succeed":
        values["kind"] = SuccessionKind.RENAME
    by_type = {int: 999999999, int | None: None, date: today(), Sheet: Sheet([])}
    return {
        name: values.get(name, by_type.get(field.annotation, "ab不存在"))
        for name, field in VERBS[f"organizations.{verb}"].given.model_fields.items()
        if field.default is PydanticUndefined
    }


@pytest.mark.parametrize(
    "post",
    [Post.SECURITY_ADMIN, Post.AUDIT_ADMIN, Post.OPERATOR, Post.MANAGER, Post.PLATFORM_OPERATOR],
)
def test_the_three_administrators_exclude_each_other_and_business(cast: Cast, post: Post) -> None:
    with pytest.raises(AgainstRules, match="互斥") as why:
        actions.appoint(
            cast.security_admin,
            person=cast.system_admin.person,
            body=cast.body("bureau").pk,
            post=post,
        )
    assert why.value.article == "A28"


def test_the_platform_operator_touches_no_business_data(cast: Cast) -> None:
    with pytest.raises(AgainstRules, match="不能兼任"):
        actions.appoint(
            cast.security_admin,
            person=cast.platform_operator.person,
            body=cast.body("bureau").pk,
            post=Post.OPERATOR,
        )


def test_administrators_exist_at_the_bureau_only(cast: Cast) -> None:
    with pytest.raises(AgainstRules, match="只设在"):
        actions.appoint(
            cast.security_admin,
            person=cast.stranger_operator.person,
            body=cast.body("stranger").pk,
            post=Post.AUDIT_ADMIN,
        )


def test_nobody_gives_or_takes_rights_for_themselves(cast: Cast) -> None:
    own = Posting.objects.get(person=cast.person("security_admin"))
    with pytest.raises(AgainstRules, match="为自己"):
        actions.appoint(
            cast.security_admin,
            person=cast.security_admin.person,
            body=cast.body("bureau").pk,
            post=Post.OPERATOR,
        )
    with pytest.raises(AgainstRules, match="自己的岗位"):
        actions.dismiss(cast.security_admin, posting=own.pk, reasons="离任")


def test_the_last_administrator_stays(cast: Cast) -> None:
    last = Posting.objects.get(person=cast.person("audit_admin"))
    with pytest.raises(AgainstRules, match="最后一名审计管理员"):
        actions.dismiss(cast.security_admin, posting=last.pk, reasons="离任")
    newcomer = actions.add_person(cast.system_admin, username="newcomer", name="新人")["person"]
    actions.appoint(
        cast.security_admin, person=newcomer, body=cast.body("bureau").pk, post=Post.AUDIT_ADMIN
    )
    assert actions.dismiss(cast.security_admin, posting=last.pk, reasons="离任").valid_to < today()


def test_an_account_is_opened_with_a_password_shown_once(cast: Cast) -> None:
    answer = actions.add_person(
        cast.system_admin, username="Zhao.Min", name="赵敏", mobile="13912345678"
    )
    whole = cast.let_in(answer)
    person = Person.objects.get(pk=answer["person"])
    assert (
        person.username == "zhao.min"
        and person.check_password(whole)
        and person.must_change_password
    )
    entry = Entry.objects.get(verb="organizations.add_person")
    assert whole not in str(list(Entry.objects.values())) and answer["first_half"] not in str(
        entry.as_dict()
    )
    assert entry.after["mobile"] == "139****5678" and entry.after["person"] == person.pk
    with pytest.raises(Malformed) as why:
        actions.add_person(cast.system_admin, username="ZHAO.min", name="赵敏敏")
    assert "username" in why.value.fields


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "1abc"),
        ("username", "ab"),
        ("mobile", "12345"),
        ("email", "not mail"),
        ("name", ""),
    ],
)
def test_account_fields_are_checked(cast: Cast, field: str, value: str) -> None:
    with pytest.raises(Malformed) as why:
        actions.add_person(
            cast.system_admin, **({"username": "someone", "name": "某人"} | {field: value})
        )
    assert list(why.value.fields) == [field]


def test_closing_and_opening_an_account(cast: Cast) -> None:
    token = actions.create_token(cast.stranger_operator, label="脚本")["token"]
    actions.disable_person(cast.system_admin, person=cast.stranger_operator.person, reasons="调离")
    assert queries.actor_by_token(token) is None
    assert (
        queries.actor_for(Person.objects.get(pk=cast.stranger_operator.person)).posts == frozenset()
    )
    again = actions.enable_person(cast.system_admin, person=cast.stranger_operator.person)
    assert not Person.objects.get(pk=cast.stranger_operator.person).is_active
    whole = cast.let_in(again)
    assert Person.objects.get(pk=cast.stranger_operator.person).check_password(whole)
    with pytest.raises(AgainstRules, match="自己的账号"):
        actions.disable_person(cast.system_admin, person=cast.system_admin.person, reasons="试试看")


def test_people_see_their_own_body_administrators_everybody(cast: Cast) -> None:
    names = set(queries.people_visible_to(cast.housing_operator).values_list("username", flat=True))
    assert names == {"housing_operator", "housing_manager"}
    assert queries.people_visible_to(cast.system_admin).count() == Person.objects.count()
    with pytest.raises(NotVisible):
        queries.person_for(cast.housing_operator, cast.person("civil_operator").pk)
    assert not queries.visible_to(cast.system.__class__(person=0, name="访客")).exists()


# -- deputies --------------------------------------------------------------------------------------


def lend(cast: Cast, **more: Any) -> Posting:
    given = {
        "deputy": cast.housing_operator.person,
        "post": Post.MANAGER,
        "valid_to": today() + timedelta(30),
    } | more
    return actions.deputize(cast.housing_manager, **given)


def test_a_deputy_is_bounded_and_revocable(cast: Cast) -> None:
    for days in (-1, 91):
        with pytest.raises(Malformed):
            lend(cast, valid_to=today() + timedelta(days))
    row = lend(cast)
    assert {p.username for p in queries.managers_of(cast.body("housing").pk)} == {
        "housing_manager",
        "housing_operator",
    }
    with pytest.raises(NotVisible):
        actions.revoke_deputy(cast.civil_manager, posting=row.pk)
    actions.revoke_deputy(cast.housing_operator, posting=row.pk)
    assert queries.actor_for(cast.person("housing_operator")).posts == {Post.OPERATOR}


def test_a_post_is_not_lent_twice_to_the_same_person(cast: Cast) -> None:
    row = lend(cast)
    with pytest.raises(AgainstRules, match="已是该岗位的代理人"):
        lend(cast, valid_to=today() + timedelta(60))
    actions.revoke_deputy(cast.housing_manager, posting=row.pk)
    assert lend(cast, valid_to=today() + timedelta(60)).valid_to == today() + timedelta(60)


def test_only_colleagues_only_posts_one_holds_and_no_chains(cast: Cast) -> None:
    with pytest.raises(Malformed):
        lend(cast, deputy=cast.civil_operator.person)
    with pytest.raises(AgainstRules, match="不任该岗位"):
        lend(cast, post=Post.OPERATOR)
    lend(cast)
    deputy = queries.actor_for(cast.person("housing_operator"))
    with pytest.raises(AgainstRules, match="不任该岗位"):
        actions.deputize(
            deputy, deputy=cast.housing_manager.person, post=Post.MANAGER, valid_to=today()
        )
    with pytest.raises(AgainstRules, match="不能代理"):
        lend(cast, post=Post.SECURITY_ADMIN)


def test_a_manager_lends_the_post_of_someone_absent_an_operator_does_not(cast: Cast) -> None:
    third = actions.add_person(cast.system_admin, username="third", name="第三人")["person"]
    actions.appoint(
        cast.security_admin, person=third, body=cast.body("housing").pk, post=Post.OPERATOR
    )
    row = actions.deputize(
        cast.housing_manager,
        deputy=cast.housing_manager.person,
        principal=third,
        post=Post.OPERATOR,
        valid_to=today(),
    )
    assert (row.deputy_of_id, row.person_id) == (third, cast.housing_manager.person)
    with pytest.raises(NotYours, match="负责人"):
        actions.deputize(
            cast.housing_operator,
            deputy=third,
            principal=cast.housing_manager.person,
            post=Post.MANAGER,
            valid_to=today(),
        )


def test_a_deputy_lapses_with_the_post_lent(cast: Cast) -> None:
    lend(cast)
    actions.dismiss(
        cast.security_admin,
        posting=Posting.objects.get(person=cast.person("housing_manager")).pk,
        reasons="调离",
    )
    assert queries.actor_for(cast.person("housing_operator")).posts == {Post.OPERATOR}


def test_a_deputyship_begins_and_ends_by_its_days(cast: Cast) -> None:
    with writing("test"):
        Posting.objects.create(
            person=cast.person("housing_operator"),
            body=cast.body("housing"),
            post=Post.MANAGER,
            deputy_of=cast.person("housing_manager"),
            valid_from=today() - timedelta(9),
            valid_to=today() - timedelta(1),
        )
    assert queries.actor_for(cast.person("housing_operator")).posts == {Post.OPERATOR}
    lend(cast, valid_from=today() + timedelta(1))
    assert queries.actor_for(cast.person("housing_operator")).posts == {Post.OPERATOR}


# -- tokens ----------------------------------------------------------------------------------------


def test_a_token_acts_as_its_person_in_one_body_until_it_ends(cast: Cast) -> None:
    answer = actions.create_token(cast.housing_operator, label="对账脚本", days=30)
    actor = queries.actor_by_token(answer["token"], ip="10.0.0.9")
    assert actor == cast.housing_operator.through(via="api", ip="10.0.0.9")
    assert answer["token"] not in str(list(Entry.objects.values()))
    with pytest.raises(NotVisible):
        actions.revoke_token(cast.civil_operator, token=answer["pk"])
    actions.revoke_token(cast.housing_operator, token=answer["pk"])
    assert queries.actor_by_token(answer["token"]) is None
    assert queries.actor_by_token("ht_unknown") is None and queries.actor_by_token("") is None


def test_a_token_makes_no_tokens_and_changes_no_password(cast: Cast) -> None:
    by_token = cast.housing_operator.through(via="api")
    with pytest.raises(AgainstRules):
        actions.create_token(by_token, label="再来一个")
    with pytest.raises(NotYours):
        perform(by_token, "organizations.change_password", {"password": "Brand-new-26"})
    with pytest.raises(NotYours):
        actions.sign_in(by_token)


def test_an_expired_token_is_nothing(cast: Cast) -> None:
    from django.utils import timezone

    from huitong.organizations.models import Token

    answer = actions.create_token(cast.housing_operator, label="短期", days=1)
    with writing("test"):
        Token.objects.update(expires_at=timezone.now())
    assert queries.actor_by_token(answer["token"]) is None
    with pytest.raises(Malformed):
        actions.create_token(cast.housing_operator, label="太久", days=366)
