"""The three administrators hold one another in check (三员分立): which of them may do what, to whom;
typed by hand (A28).

Stands for three attacks: the bureau's manager who stripped an administrator by 离岗移交, the system
administrator who became any manager by a password shown to him, and the token that passed by the
second factor and grew with its owner's rights.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.cast import PASSWORD, Cast

from huitong import reactions
from huitong.cli.commands import admin
from huitong.kernel.actor import Actor, Post
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, Problem
from huitong.kernel.workdays import today
from huitong.organizations import actions, queries
from huitong.organizations.models import AccountChange, Person, Posting, Token
from huitong.organizations.rules import SuccessionKind, security_limit
from huitong.work import actions as work
from huitong.work import jobs
from huitong.work.models import Delivery, Notice

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
    """Everybody, with a second one of each administrator; each with a factor and a session, as
    life has them."""
    found = {who: cast.person(who) for who in EVERYBODY}
    with writing("test"):
        for who in sorted(ADMINISTRATORS):
            found[f"second_{who}"] = Person.objects.create(
                username=f"second_{who}",
                name=f"第二{Post(who).label}",
                password=found[who].password,
            )
            Posting.objects.create(
                person=found[f"second_{who}"],
                body=cast.body("bureau"),
                post=who,
                valid_from=today(),
            )
        for person in found.values():
            person.session_key = f"session-{person.pk}"
            person.save()
            Authenticator.objects.create(
                user=person, type=Authenticator.Type.TOTP, data={"secret": "x"}
            )
    return found


def given(cast: Cast, verb: str, person: Person) -> dict[str, Any]:
    """What the verb wants about this person, after making the state in which it makes sense."""
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
            wanted = given(cast, verb, people[target])
            for who in sorted(EVERYBODY):
                point = transaction.savepoint()
                try:
                    getattr(actions, verb)(acting[who], **wanted)
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


# -- passwords -------------------------------------------------------------------------------------


def enters(username: str, password: str) -> bool:
    cache.clear()
    client = Client()
    client.post("/account/login/", {"login": username, "password": password})
    return bool(
        client.get("/me/").headers.get("Location", "/account/password/change/")
        == "/account/password/change/"
    )


def asked(cast: Cast, who: str = "housing_manager") -> dict[str, Any]:
    return actions.reset_password(cast.system_admin, person=cast.person(who).pk)


def released(cast: Cast, by: Actor | None = None) -> dict[str, Any]:
    return actions.release_change(
        by or cast.security_admin, change=AccountChange.objects.get(settled_at=None).pk
    )


def test_neither_administrator_alone_comes_into_an_account(cast: Cast) -> None:
    first = asked(cast)["first_half"]
    assert enters("housing_manager", PASSWORD), "the old one stays until it is released"
    second = released(cast)["second_half"]
    assert len(first) == len(second) == 8
    assert not any(
        enters("housing_manager", tried) for tried in (PASSWORD, first, second, second + first)
    )
    assert enters("housing_manager", first + second)
    kept = str(
        [
            list(Entry.objects.values()),
            list(AccountChange.objects.values()),
            list(Notice.objects.values()),
        ]
    )
    assert first not in kept and second not in kept


def test_a_one_time_password_works_once(cast: Cast) -> None:
    """Signed in with and not changed: it is gone all the same."""
    whole = cast.let_in(asked(cast))
    assert enters("housing_manager", whole)
    assert not enters("housing_manager", whole)
    page = (
        Client()
        .post("/account/login/", {"login": "housing_manager", "password": whole})
        .content.decode()
    )
    assert "已用过或已过期" in page and "系统管理员" in page


def test_a_one_time_password_ends_with_its_time(cast: Cast) -> None:
    whole = cast.let_in(asked(cast))
    person = Person.objects.get(username="housing_manager")
    left = person.one_time_until - timezone.now()
    assert (
        timedelta()
        < left
        <= security_limit("one_time_password", today()).span
        == timedelta(hours=24)
    )
    with writing("test"):
        Person.objects.filter(pk=person.pk).update(one_time_until=timezone.now())
    assert not enters("housing_manager", whole)
    assert Entry.objects.filter(verb="organizations.sign_in_refused").exists()


def test_what_is_not_released_in_time_or_asked_for_again_comes_to_nothing(cast: Cast) -> None:
    asked(cast)
    old = AccountChange.objects.get()
    asked(cast)
    with pytest.raises(Problem):
        actions.release_change(cast.security_admin, change=old.pk)
    with writing("test"):
        AccountChange.objects.update(expires_at=timezone.now())
    with pytest.raises(Problem):
        released(cast)
    assert enters("housing_manager", PASSWORD)


def test_a_closed_account_is_opened_by_no_older_wish(cast: Cast) -> None:
    asked(cast)
    waiting = AccountChange.objects.get()
    actions.disable_person(
        cast.system_admin, person=cast.person("housing_manager").pk, reasons="停职"
    )
    with pytest.raises(Problem):
        actions.release_change(cast.security_admin, change=waiting.pk)
    assert not Person.objects.get(username="housing_manager").is_active


def test_an_account_asked_for_twice_keeps_its_address(cast: Cast) -> None:
    made = actions.add_person(
        cast.system_admin, username="newcomer", name="新人", email="new@example.gov.cn"
    )
    cast.let_in(actions.reset_password(cast.system_admin, person=made["person"]))
    assert Person.objects.get(pk=made["person"]).email == "new@example.gov.cn"


def test_an_address_is_changed_by_two_because_passwords_go_there(cast: Cast) -> None:
    person = cast.person("housing_manager")
    actions.edit_person(
        cast.system_admin,
        person=person.pk,
        name=person.name,
        mobile=person.mobile,
        email="evil@example.com",
    )
    person.refresh_from_db()
    assert person.email == "housing_manager@example.gov.cn"
    released(cast)
    person.refresh_from_db()
    assert person.email == "evil@example.com"
    made = actions.add_person(
        cast.system_admin, username="newcomer", name="新人", email="evil@example.com"
    )
    assert Person.objects.get(pk=made["person"]).email == "", (
        "nor does a new account's count before"
    )
    cast.let_in(made)
    assert Person.objects.get(pk=made["person"]).email == "evil@example.com"


def test_who_asked_as_one_administrator_does_not_release_as_another(cast: Cast) -> None:
    asked(cast)
    with writing("test"):
        Posting.objects.filter(person=cast.person("system_admin")).update(post=Post.SECURITY_ADMIN)
    with pytest.raises(AgainstRules, match="自己申请"):
        released(cast, queries.actor_for(cast.person("system_admin")))


# -- who hears of it -------------------------------------------------------------------------------


def react() -> None:
    """What the acts deferred is done, as the worker does it."""
    for job in ProcrastinateJob.objects.filter(task_name="huitong.react").order_by("pk"):
        reactions.react(**job.args)


def told() -> set[tuple[str, str]]:
    """Who was told under which label: (user name, what was done)."""
    rows = Notice.objects.filter(kind="security").values_list("person__username", "title")
    return {(who, title.partition("已办理")[2].strip("“”")) for who, title in rows}


def test_the_person_and_the_security_administrator_hear_of_it(cast: Cast) -> None:
    person = cast.person("housing_manager")
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "x"})
    asked(cast)
    released(cast)
    actions.reset_second_factor(cast.security_admin, person=person.pk, reasons="遗失手机")
    actions.disable_person(cast.system_admin, person=person.pk, reasons="停职")
    actions.enable_person(cast.system_admin, person=person.pk)
    react()
    acts = ("重置密码", "复核账号变更", "重置双因素认证", "停用账号", "启用账号")
    assert told() == {(who, act) for who in ("housing_manager", "security_admin") for act in acts}


def test_a_factor_dropped_by_whoever_sits_there_is_told_too(cast: Cast) -> None:
    """By page, with the password: as told as if an administrator had lifted it."""
    factor = Authenticator.objects.create(
        user=cast.person("housing_manager"), type=Authenticator.Type.TOTP, data={"secret": "x"}
    )
    client = cast.client("housing_manager")
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    assert client.post("/account/2fa/totp/deactivate/").status_code == 302
    assert not Authenticator.objects.filter(pk=factor.pk).exists()
    assert told() == {(who, "停用双因素认证") for who in ("housing_manager", "security_admin")}


def test_the_machines_own_operator_is_heard_of_too(cast: Cast) -> None:
    admin.reset("audit_admin")
    react()
    assert told() == {("audit_admin", "重置密码"), ("security_admin", "重置密码")}
    assert "操作系统用户" in Notice.objects.filter(kind="security").first().text


def test_no_body_changes_hands_unseen(cast: Cast) -> None:
    """The system administrator alone makes a confederate's body the heir of another: its
    managers and the administrators hear."""
    old, heir = cast.body("civil").pk, cast.body("stranger").pk
    actions.succeed(
        cast.system_admin,
        kind=SuccessionKind.MERGE,
        predecessors=[old],
        successors=[heir],
        on=today(),
        document="通编〔2026〕1号",
    )
    react()
    heard = Notice.objects.filter(kind="security", title__startswith="机构承继").values_list(
        "person__username", flat=True
    )
    assert set(heard) == {"civil_manager", "stranger_manager", "security_admin", "audit_admin"}


@pytest.mark.parametrize("way", ["into the bureau", "of the bureau"])
def test_nobody_comes_to_the_bureau_by_a_succession(cast: Cast, way: str) -> None:
    """One act of the system administrator made the manager of any body the bureau's. Rights
    there the security administrator gives."""
    bureau, other = cast.body("bureau").pk, cast.body("stranger").pk
    old, heir = (other, bureau) if way == "into the bureau" else (bureau, other)
    actions.succeed(
        cast.system_admin,
        kind=SuccessionKind.MERGE,
        predecessors=[old],
        successors=[heir],
        on=today(),
        document="通编〔2026〕1号",
    )
    assert not queries.actor_for(cast.person("stranger_manager")).posts
    for who in ("system_admin", "security_admin", "bureau_manager"):
        now = queries.actor_for(cast.person(who))
        assert now.bureau and now.posts == getattr(cast, who).posts
    actions.appoint(
        queries.actor_for(cast.person("security_admin")),
        person=cast.person("stranger_manager").pk,
        body=heir,
        post=Post.OPERATOR,
    )
    assert queries.actor_for(cast.person("stranger_manager")).bureau


@pytest.mark.parametrize("by", ["oneself", "administrator"])
def test_the_former_address_hears_of_a_new_one(cast: Cast, settings: Any, by: str) -> None:
    settings.EMAIL_HOST, settings.EMAIL_BACKEND = (
        "mail.example.gov.cn",
        "django.core.mail.backends.locmem.EmailBackend",
    )
    person = cast.person("housing_manager")
    if by == "oneself":
        actions.edit_own_profile(cast.housing_manager, email="new@example.gov.cn")
    else:
        actions.edit_person(
            cast.system_admin, person=person.pk, name=person.name, email="new@example.gov.cn"
        )
        released(cast)
    react()
    for delivery in Delivery.objects.filter(sent_at=None).values_list("pk", flat=True):
        jobs.deliver(delivery=delivery)
    sent = {address for message in mail.outbox for address in message.to}
    assert {
        "housing_manager@example.gov.cn",
        "new@example.gov.cn",
        "security_admin@example.gov.cn",
    } <= sent
    assert all("账号安全" in message.subject for message in mail.outbox)


def test_nobody_turns_these_notices_off(cast: Cast, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.gov.cn"
    with pytest.raises(AgainstRules, match="总是立即发送"):
        work.prefer(cast.housing_manager, channel="mail", kind="security", frequency="never")
    assert (
        "mail.security"
        not in cast.client("housing_manager").get("/notices/preferences/").content.decode()
    )


# -- tokens ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", sorted(ADMINISTRATORS))
def test_administrators_have_no_tokens(cast: Cast, who: str) -> None:
    with pytest.raises(AgainstRules, match="不使用访问令牌"):
        actions.create_token(getattr(cast, who), label="脚本")
    assert "/me/tokens/add/" not in cast.client(who).get("/me/").content.decode()


def test_a_token_ends_when_its_person_becomes_an_administrator(cast: Cast) -> None:
    token = actions.create_token(cast.bureau_operator, label="脚本")["token"]
    actions.dismiss(
        cast.security_admin,
        posting=Posting.objects.get(person=cast.person("bureau_operator")).pk,
        reasons="转岗",
    )
    actions.appoint(
        cast.security_admin,
        person=cast.person("bureau_operator").pk,
        body=cast.body("bureau").pk,
        post=Post.SYSTEM_ADMIN,
    )
    assert queries.actor_by_token(token) is None


def test_a_token_loses_what_ends_and_never_gains(cast: Cast) -> None:
    """Made as clerk it stays a clerk's, whatever its person becomes; what ended does not come
    back with a new appointment."""
    who, housing = cast.person("housing_operator"), cast.body("housing").pk
    clerk = actions.create_token(cast.housing_operator, label="经办")["token"]
    actions.appoint(cast.security_admin, person=who.pk, body=housing, post=Post.MANAGER)
    both = actions.create_token(queries.actor_for(who), label="两岗")["token"]
    assert queries.actor_by_token(clerk).posts == {Post.OPERATOR} and queries.actor_by_token(
        both
    ).posts == {Post.OPERATOR, Post.MANAGER}
    actions.dismiss(
        cast.security_admin,
        posting=Posting.objects.get(person=who, post=Post.OPERATOR).pk,
        reasons="只任负责人",
    )
    assert queries.actor_by_token(clerk) is None and queries.actor_by_token(both).posts == {
        Post.MANAGER
    }
    with writing("test"):
        Posting.objects.create(
            person=who, body=cast.body("housing"), post=Post.OPERATOR, valid_from=today()
        )
    assert queries.actor_by_token(clerk) is None and queries.actor_by_token(both).posts == {
        Post.MANAGER
    }


def test_a_deputys_token_ends_with_the_deputyship(cast: Cast) -> None:
    lent = actions.deputize(
        cast.housing_manager,
        deputy=cast.person("housing_operator").pk,
        post=Post.MANAGER,
        valid_to=today(),
    )
    token = actions.create_token(queries.actor_for(cast.person("housing_operator")), label="代理")[
        "token"
    ]
    assert queries.actor_by_token(token).lent
    actions.revoke_deputy(cast.housing_manager, posting=lent.pk)
    assert queries.actor_by_token(token).posts == {Post.OPERATOR}


def test_tokens_there_before_are_bound_to_the_posts_of_their_day(cast: Cast) -> None:
    """The migration: living tokens get their posts, those of administrators end, one-time
    passwords begin to run out."""
    from importlib import import_module

    from django.apps import apps

    clerk = actions.create_token(cast.housing_operator, label="经办")
    with writing("test"):
        auditors = Token.objects.create(
            person=cast.person("audit_admin"),
            body=cast.body("bureau"),
            label="导出",
            digest="x",
            tail="x",
            expires_at=timezone.now() + timedelta(1),
        )
        Token.objects.update(postings=[])
        Person.objects.filter(pk=cast.person("hr_operator").pk).update(must_change_password=True)
        import_module("huitong.organizations.migrations.0003_account_changes").bind(apps, None)
    assert queries.actor_by_token(clerk["token"]).posts == {Post.OPERATOR}
    auditors.refresh_from_db()
    assert auditors.revoked_at is not None
    assert Person.objects.get(username="hr_operator").one_time_until > timezone.now()
