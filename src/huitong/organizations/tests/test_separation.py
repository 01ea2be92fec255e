"""The three administrators hold one another in check (三员分立): which of them may do what, to whom;
typed by hand (A28).

Stands for three attacks: the bureau's manager who stripped an administrator by 离岗移交, the system
administrator who became any manager by a password shown to him, and the token that passed by the
second factor and grew with its owner's rights.
"""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import transaction
from tests.cast import Cast

from huitong.kernel.actor import Post
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import Problem
from huitong.kernel.workdays import today
from huitong.organizations import actions, queries
from huitong.organizations.models import AccountChange, Person, Posting

pytestmark = pytest.mark.django_db

ADMINISTRATORS = {"system_admin", "security_admin", "audit_admin"}
BUREAU = {"platform_operator", "bureau_operator", "bureau_manager"}
OTHERS = {"housing_operator", "housing_manager"}
EVERYBODY = ADMINISTRATORS | BUREAU | OTHERS
#: a second one of each, so that nobody is the last
FELLOWS = {f"second_{who}" for who in ADMINISTRATORS}
TARGETS = EVERYBODY | FELLOWS
ALL_BUT_ONESELF = {
    "system_admin": TARGETS - {"system_admin"},
    "security_admin": TARGETS - {"security_admin"},
}
#: verb → who may do it → to whom. Who does not stand here may do it to nobody.
MAY: dict[str, dict[str, set[str]]] = {
    # name and telephone; another address waits for its release
    "edit_person": {"system_admin": TARGETS},
    "disable_person": {"system_admin": ALL_BUT_ONESELF["system_admin"]},
    # asked for: closed until released; oneself in theory, for a closed account is nobody
    "enable_person": {"system_admin": TARGETS},
    # asked for: the old one stays until released
    "reset_password": {"system_admin": ALL_BUT_ONESELF["system_admin"]},
    "release_change": {
        "security_admin": ALL_BUT_ONESELF["security_admin"],
        "audit_admin": {"security_admin", "second_security_admin"},
    },
    "decline_change": {
        "security_admin": ALL_BUT_ONESELF["security_admin"],
        "audit_admin": {"security_admin", "second_security_admin"},
    },
    "reset_second_factor": {"security_admin": ALL_BUT_ONESELF["security_admin"]},
    "end_session": {"security_admin": TARGETS},
    "dismiss": {"security_admin": ALL_BUT_ONESELF["security_admin"]},
    "hand_over": {
        "security_admin": ALL_BUT_ONESELF["security_admin"],
        "bureau_manager": {"bureau_operator"},
        "housing_manager": {"housing_operator"},
    },
    "revoke_token": {"security_admin": OTHERS | BUREAU, **{who: {who} for who in OTHERS | BUREAU}},
}


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    cache.clear()


@pytest.fixture
def people(cast: Cast) -> dict[str, Person]:
    """Everybody, with a second one of each administrator, each with a factor and a session."""
    people = {who: cast.person(who) for who in EVERYBODY}
    with writing("test"):
        for who in sorted(ADMINISTRATORS):
            people[f"second_{who}"] = Person.objects.create(
                username=f"second_{who}",
                name=f"第二{Post(who).label}",
                password=people[who].password,
            )
            Posting.objects.create(
                person=people[f"second_{who}"],
                body=cast.body("bureau"),
                post=who,
                valid_from=today(),
            )
        for person in people.values():
            person.session_key = f"session-{person.pk}"
            person.save()
            Authenticator.objects.create(
                user=person, type=Authenticator.Type.TOTP, data={"secret": "x"}
            )
    return people


def arguments_of(cast: Cast, verb: str, person: Person) -> dict[str, Any]:
    """The verb's arguments about this person, in a state in which it makes sense."""
    if verb == "edit_person":
        return {"person": person.pk, "name": "新名字", "email": "new@example.gov.cn"}
    if verb == "enable_person":
        with writing("test"):
            Person.objects.filter(pk=person.pk).update(is_active=False)
        return {"person": person.pk}
    if verb in ("release_change", "decline_change"):
        asker = Person.objects.get(
            username="second_system_admin" if person.username == "system_admin" else "system_admin"
        )
        actions.reset_password(queries.actor_for(asker), person=person.pk)
        change = AccountChange.objects.get(person=person, settled_at=None)
        return {"change": change.pk} | (
            {"reasons": "本人并未要求"} if verb == "decline_change" else {}
        )
    posting = Posting.objects.filter(person=person).first()
    assert posting is not None
    if verb == "dismiss":
        return {"posting": posting.pk, "reasons": "调离"}
    if verb == "hand_over":
        return {"person": person.pk, "body": posting.body_id, "reasons": "调离"}
    if verb == "revoke_token":
        return {"token": actions.create_token(queries.actor_for(person), label="脚本")["pk"]}
    return {"person": person.pk} | ({} if verb == "reset_password" else {"reasons": "岗位调整"})


@pytest.mark.parametrize("verb", MAY)
def test_who_may_do_what_to_whom(cast: Cast, people: dict[str, Person], verb: str) -> None:
    wrong = []
    for target in sorted(TARGETS if verb != "revoke_token" else OTHERS | BUREAU):
        with transaction.atomic():
            # before: a closed account is nobody
            acting = {who: queries.actor_for(cast.person(who)) for who in EVERYBODY}
            arguments = arguments_of(cast, verb, people[target])
            for who in sorted(EVERYBODY):
                point = transaction.savepoint()
                try:
                    getattr(actions, verb)(acting[who], **arguments)
                    done = True
                except Problem:
                    done = False
                transaction.savepoint_rollback(point)
                if done != (target in MAY[verb].get(who, set())):
                    wrong.append((who, target, "done" if done else "refused"))
            transaction.set_rollback(True)
    assert wrong == []


@pytest.mark.parametrize("who", sorted(ADMINISTRATORS))
def test_the_last_of_each_administrator_stays_whoever_wants_him_gone(cast: Cast, who: str) -> None:
    """Closing an account strips it as well as taking the post away does."""
    attempts = [
        lambda: actions.disable_person(
            cast.system_admin, person=cast.person(who).pk, reasons="清理"
        ),
        lambda: actions.dismiss(
            cast.security_admin,
            posting=Posting.objects.get(person=cast.person(who)).pk,
            reasons="清理",
        ),
        lambda: actions.hand_over(
            cast.security_admin,
            person=cast.person(who).pk,
            body=cast.body("bureau").pk,
            reasons="清理",
        ),
        lambda: actions.hand_over(
            cast.bureau_manager,
            person=cast.person(who).pk,
            body=cast.body("bureau").pk,
            reasons="清理",
        ),
    ]
    for attempt in attempts:
        with pytest.raises(Problem):
            attempt()
    assert cast.person(who).pk in queries.administrators(Post(who))
