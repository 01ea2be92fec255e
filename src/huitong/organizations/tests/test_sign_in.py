"""Signing in: who one is afterwards, what locks, what ends a session, what must come first
(A28)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.cast import PASSWORD, Cast

from huitong.kernel.actor import Post
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.workdays import today
from huitong.organizations import actions, queries
from huitong.organizations.jobs import clear_sessions
from huitong.organizations.models import Posting
from huitong.portal import sign_in as sign_in_pages
from huitong.work.models import Notice


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def sign_in(
    username: str, password: str = PASSWORD, client: Client | None = None
) -> tuple[Client, Any]:
    client = client or Client()
    return client, client.post("/account/login/", {"login": username, "password": password})


def test_signing_in_and_out_is_in_the_ledger(cast: Cast) -> None:
    client, answer = sign_in("housing_operator")
    assert answer.status_code == 302
    client.post("/account/logout/")
    entries = Entry.objects.filter(person=cast.housing_operator.person).order_by("seq")
    assert [e.verb for e in entries] == ["organizations.sign_in", "organizations.sign_out"]
    assert entries[0].actor["ip"] == "127.0.0.1"


def test_five_failures_lock_the_account_with_a_clear_message(cast: Cast) -> None:
    for _ in range(5):
        _, answer = sign_in("housing_operator", "Wrong-2026!")
        assert "用户名或密码不正确" in answer.content.decode()
    _, answer = sign_in("housing_operator")
    assert "账号已临时锁定" in answer.content.decode() and "15 分钟" in answer.content.decode()
    _, answer = sign_in("housing_manager")
    assert answer.status_code == 302, "the lock is the account's, not everybody's"
    refused = Entry.objects.filter(verb="organizations.sign_in_refused")
    assert refused.count() == 5 and refused[0].after["person"] == cast.housing_operator.person


def locked_out(username: str, client: Client | None = None) -> bool:
    _, answer = sign_in(username, client=client)
    return "账号已临时锁定" in answer.content.decode()


def fail(
    times: int, username: str, client: Client | None = None, address: str = "127.0.0.1"
) -> None:
    stranger = client or Client(REMOTE_ADDR=address)
    for _ in range(times):
        sign_in(username, "Wrong-2026!", stranger)


def test_a_stranger_who_types_wrong_passwords_does_not_lock_a_colleague_out(cast: Cast) -> None:
    own, _ = sign_in("housing_operator")
    own.post("/account/logout/")
    fail(5, "housing_operator")
    assert locked_out("housing_operator"), "a browser never seen with this person"
    _, answer = sign_in("housing_operator", client=own)
    assert answer.status_code == 302, "the browser the person has signed in with before"
    own.post("/account/logout/")
    fail(5, "housing_operator", own)
    assert locked_out("housing_operator", own), "there, too, five are enough"


def test_a_browser_vouches_only_for_who_has_signed_in_with_it(cast: Cast) -> None:
    own, _ = sign_in("housing_manager")
    own.post("/account/logout/")
    fail(5, "housing_operator")
    assert locked_out("housing_operator", own)
    own.cookies["device"] = own.cookies["device"].value[:-3] + "abc"
    fail(5, "housing_manager")
    assert locked_out("housing_manager", own), "a forged cookie is none"


def test_a_lock_is_told_once_to_the_person_and_to_the_security_administrator(cast: Cast) -> None:
    fail(8, "housing_operator", address="10.3.4.5")
    notices = Notice.objects.filter(title__contains="housing_operator")
    assert sorted(notices.values_list("person", flat=True)) == sorted(
        [cast.housing_operator.person, cast.security_admin.person]
    )
    assert all("10.3.4.5" in notice.text for notice in notices)


def test_a_new_password_unlocks(cast: Cast) -> None:
    fail(5, "housing_operator")
    once = cast.let_in(
        actions.reset_password(cast.system_admin, person=cast.housing_operator.person)
    )
    _, answer = sign_in("housing_operator", once)
    assert answer.status_code == 302


def test_one_address_cannot_try_everybody(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in_pages, "PER_ADDRESS", "6/15m/ip")
    own, _ = sign_in("housing_manager")
    own.post("/account/logout/")
    for number in range(3):
        fail(2, f"guess{number}")
    assert locked_out("civil_operator"), "six failures from one address"
    _, elsewhere = sign_in("civil_operator", client=Client(REMOTE_ADDR="10.9.9.9"))
    _, usual = sign_in("housing_manager", client=own)
    assert (elsewhere.status_code, usual.status_code) == (302, 302)
    assert (
        Notice.objects.filter(
            person=cast.security_admin.person, title__contains="来自 127.0.0.1"
        ).count()
        == 1
    )


def test_a_lock_is_not_pushed_out_by_attempts_on_other_names(cast: Cast) -> None:
    fail(5, "housing_operator")
    for number in range(1000):
        cache.set(f"attempt:{number}", [1.0], 900)
    assert locked_out("housing_operator")


def test_what_was_typed_is_never_kept(cast: Cast) -> None:
    sign_in("My-Secret-2026!", "My-Secret-2026!")
    assert "My-Secret" not in str(list(Entry.objects.values()))


def test_a_new_sign_in_ends_the_older_session(cast: Cast, settings: Any) -> None:
    first, _ = sign_in("housing_operator")
    assert first.get("/account/password/change/").status_code == 200
    second, _ = sign_in("housing_operator")
    assert second.get("/account/password/change/").status_code == 200
    expired = first.get("/todo/", follow=False)
    assert expired.status_code == 302 and expired["Location"].startswith("/account/login/")
    settings.SINGLE_SESSION = False
    third, _ = sign_in("housing_operator")
    assert (
        second.get("/account/password/change/").status_code
        == third.get("/account/password/change/").status_code
        == 200
    )


def test_the_security_administrator_ends_a_session(cast: Cast) -> None:
    client, _ = sign_in("housing_operator")
    assert [p.pk for p in queries.sessions_visible_to(cast.security_admin)] == [
        cast.housing_operator.person
    ]
    assert not queries.sessions_visible_to(cast.system_admin).exists()
    actions.end_session(
        cast.security_admin, person=cast.housing_operator.person, reasons="离开座位未锁屏"
    )
    assert client.get("/account/password/change/")["Location"].startswith("/account/login/")


def test_where_several_sessions_may_live_all_of_them_are_ended(cast: Cast, settings: Any) -> None:
    settings.SINGLE_SESSION = False
    (first, _), (second, _), (other, _) = (
        sign_in("housing_operator"),
        sign_in("housing_operator"),
        sign_in("housing_manager"),
    )
    actions.end_session(
        cast.security_admin, person=cast.housing_operator.person, reasons="离开座位未锁屏"
    )
    for client in (first, second):
        assert client.get("/account/password/change/")["Location"].startswith("/account/login/")
    assert other.get("/account/password/change/").status_code == 200


def test_sessions_that_are_over_are_cleared_away(cast: Cast) -> None:
    (old, _), (living, _) = sign_in("housing_operator"), sign_in("housing_manager")
    Session.objects.filter(pk=old.session.session_key).update(
        expire_date=timezone.now() - timedelta(hours=1)
    )
    clear_sessions()
    assert set(Session.objects.values_list("pk", flat=True)) == {living.session.session_key}


def test_an_idle_session_lives_thirty_minutes(cast: Cast) -> None:
    client, _ = sign_in("housing_operator")
    assert client.session.get_expiry_age() <= 30 * 60


def test_a_one_time_password_is_changed_before_anything_else(cast: Cast) -> None:
    once = cast.let_in(
        actions.reset_password(cast.system_admin, person=cast.housing_operator.person)
    )
    client, answer = sign_in("housing_operator", once)
    assert answer.status_code == 302
    assert client.get("/todo/")["Location"] == "/account/password/change/"
    weak = client.post(
        "/account/password/change/",
        {"oldpassword": once, "password1": "abcdefgh", "password2": "abcdefgh"},
    )
    assert "大写字母" in weak.content.decode()
    same = client.post(
        "/account/password/change/", {"oldpassword": once, "password1": once, "password2": once}
    )
    assert "不能与原密码相同" in same.content.decode()
    done = client.post(
        "/account/password/change/",
        {"oldpassword": once, "password1": "Brand-new-26", "password2": "Brand-new-26"},
    )
    assert done.status_code == 302
    assert "Brand-new" not in str(list(Entry.objects.values())) and once not in str(
        list(Entry.objects.values())
    )
    assert not queries.needs_second_factor(cast.housing_operator)
    assert client.get("/account/password/change/").status_code == 200, "the renewed session goes on"


def test_administrators_enrol_a_second_factor_first(cast: Cast, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    for who in ("system_admin", "security_admin", "audit_admin"):
        client, _ = sign_in(who)
        assert client.get("/todo/")["Location"] == "/account/2fa/totp/activate/"
    client, _ = sign_in("housing_operator")
    assert client.get(
        "/account/password/change/"
    ).status_code == 200 and not queries.needs_second_factor(cast.housing_operator)


def test_a_second_factor_is_enrolled_encrypted_and_asked_for(cast: Cast, settings: Any) -> None:
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    settings.REQUIRE_SECOND_FACTOR = True
    client, _ = sign_in("system_admin")
    assert client.get("/account/2fa/totp/activate/")["Location"].startswith(
        "/account/reauthenticate/"
    )
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    assert client.get("/account/2fa/totp/activate/").status_code == 200
    secret = client.session["mfa.totp.secret"]
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    assert client.post("/account/2fa/totp/activate/", {"code": code}).status_code == 302
    stored = Authenticator.objects.get(user=cast.person("system_admin"), type="totp").data["secret"]
    assert stored.startswith("v1.") and secret not in stored
    assert not queries.needs_second_factor(cast.system_admin)
    _, answer = sign_in("system_admin")
    assert answer["Location"].startswith("/account/2fa/authenticate/")


def test_a_closed_account_cannot_sign_in_and_its_session_ends(cast: Cast) -> None:
    client, _ = sign_in("housing_operator")
    actions.disable_person(cast.system_admin, person=cast.housing_operator.person, reasons="调离")
    assert client.get("/account/password/change/")["Location"].startswith("/account/login/")
    _, answer = sign_in("housing_operator")
    assert answer.status_code == 200 or "inactive" in answer["Location"]


def test_a_deputy_acts_in_the_post_lent_and_says_so(cast: Cast) -> None:
    actions.deputize(
        cast.housing_manager,
        deputy=cast.housing_operator.person,
        post=Post.MANAGER,
        valid_to=today() + timedelta(7),
    )
    actor = queries.actor_for(cast.person("housing_operator"))
    assert actor.posts == {Post.OPERATOR, Post.MANAGER}
    assert actor.lent == ((Post.MANAGER, cast.housing_manager.person, cast.housing_manager.name),)
    assert (
        "代理 " + cast.housing_manager.name
        in cast.client("housing_operator").get("/me/").content.decode()
    )


def test_someone_with_posts_in_two_bodies_acts_in_one_at_a_time(cast: Cast) -> None:
    with writing("test"):
        Posting.objects.create(
            person=cast.person("housing_operator"),
            body=cast.body("stranger"),
            post=Post.OPERATOR,
            valid_from=today(),
        )
    person, stranger = cast.person("housing_operator"), cast.body("stranger")
    assert [b.pk for b in queries.bodies_of(person)] == [cast.body("housing").pk, stranger.pk]
    assert queries.actor_for(person).body == cast.body("housing").pk
    assert queries.actor_for(person, stranger.pk).body == stranger.pk
    assert queries.actor_for(person, cast.body("civil").pk).body == cast.body("housing").pk, (
        "a body that is not theirs is not taken"
    )


def test_an_ended_posting_gives_nothing(cast: Cast) -> None:
    posting = Posting.objects.get(person=cast.person("housing_operator"))
    actions.dismiss(cast.security_admin, posting=posting.pk, reasons="调离")
    actor = queries.actor_for(cast.person("housing_operator"))
    assert actor.posts == frozenset() and actor.body is None


def test_a_page_that_changes_nothing_writes_no_session(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    client, _ = sign_in("housing_operator")
    session = Session.objects.get(pk=client.session.session_key)
    assert client.get("/help/").status_code == 200
    # session, person, actor, the laws of the day, and the counts of the frame
    with django_assert_num_queries(5):
        client.get("/help/")
    assert Session.objects.get(pk=session.pk).expire_date == session.expire_date


def test_whoever_works_on_stays_signed_in_and_whoever_idles_does_not(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    client, _ = sign_in("housing_operator")
    client.get("/help/")
    session = Session.objects.filter(pk=client.session.session_key)

    def left(minutes: float) -> None:
        session.update(expire_date=timezone.now() + timedelta(minutes=minutes))

    for minutes in (28.9, 10, 0.1):
        left(minutes)
        # as many as without a renewal, and the content is not written
        with django_assert_num_queries(5) as statements:
            assert client.get("/help/").status_code == 200
        assert not [q for q in statements.captured_queries if "SET session_data" in q["sql"]]
        assert session.get().expire_date > timezone.now() + timedelta(minutes=29.5)
    left(29.5)
    client.get("/help/")
    assert session.get().expire_date < timezone.now() + timedelta(minutes=29.5)
    left(-0.1)
    assert client.get("/todo/")["Location"].startswith("/account/login/")


def test_the_warning_comes_before_the_session_can_have_ended(cast: Cast) -> None:
    """A session was last renewed up to a minute before the page: what the page counts down is the
    time that is surely left."""
    client, _ = sign_in("housing_operator")
    assert 'data-session-seconds="1740"' in client.get("/help/").content.decode()


def test_a_right_withdrawn_does_not_outlive_the_request_that_withdrew_it(cast: Cast) -> None:
    client, _ = sign_in("housing_operator")
    own_page = reverse("catalog:mine")
    assert own_page in client.get("/").content.decode()
    assert queries.actor_for(cast.person("housing_operator")).posts == {Post.OPERATOR}
    posting = Posting.objects.get(person=cast.housing_operator.person)
    actions.dismiss(cast.security_admin, posting=posting.pk, reasons="调离")
    assert queries.actor_for(cast.person("housing_operator")).posts == frozenset()
    assert own_page not in client.get("/").content.decode()
    actions.appoint(
        cast.security_admin,
        person=cast.housing_operator.person,
        body=cast.body("housing").pk,
        post=Post.OPERATOR,
    )
    assert own_page in client.get("/").content.decode()
