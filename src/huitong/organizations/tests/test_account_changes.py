"""A new password, address or opening of an account: requested by one administrator, released by
another (A28)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests.cast import PASSWORD, Cast

from huitong.kernel.actor import Post
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, Problem
from huitong.kernel.workdays import today
from huitong.organizations import actions, queries
from huitong.organizations.models import AccountChange, Person, Posting
from huitong.organizations.rules import security_limit
from huitong.organizations.tests.accounts import ask_for_password, can_sign_in, release
from huitong.work.models import Notice

pytestmark = pytest.mark.django_db


def test_neither_administrator_alone_comes_into_an_account(cast: Cast) -> None:
    first = ask_for_password(cast)["first_half"]
    assert can_sign_in("housing_manager", PASSWORD), "the old one stays until it is released"
    second = release(cast)["second_half"]
    assert len(first) == len(second) == 8
    assert not any(
        can_sign_in("housing_manager", tried) for tried in (PASSWORD, first, second, second + first)
    )
    assert can_sign_in("housing_manager", first + second)
    stored = str(
        [
            list(Entry.objects.values()),
            list(AccountChange.objects.values()),
            list(Notice.objects.values()),
        ]
    )
    assert first not in stored and second not in stored


def test_a_one_time_password_works_once(cast: Cast) -> None:
    """Signed in with and not changed: it is gone all the same."""
    whole = cast.let_in(ask_for_password(cast))
    assert can_sign_in("housing_manager", whole)
    assert not can_sign_in("housing_manager", whole)
    page = (
        Client()
        .post("/account/login/", {"login": "housing_manager", "password": whole})
        .content.decode()
    )
    assert "已用过或已过期" in page and "系统管理员" in page


def test_a_one_time_password_ends_with_its_time(cast: Cast) -> None:
    whole = cast.let_in(ask_for_password(cast))
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
    assert not can_sign_in("housing_manager", whole)
    assert Entry.objects.filter(verb="organizations.sign_in_refused").exists()


def test_what_is_not_released_in_time_or_asked_for_again_comes_to_nothing(cast: Cast) -> None:
    ask_for_password(cast)
    old = AccountChange.objects.get()
    ask_for_password(cast)
    with pytest.raises(Problem):
        actions.release_change(cast.security_admin, change=old.pk)
    with writing("test"):
        AccountChange.objects.update(expires_at=timezone.now())
    with pytest.raises(Problem):
        release(cast)
    assert can_sign_in("housing_manager", PASSWORD)


def test_a_closed_account_is_opened_by_no_older_wish(cast: Cast) -> None:
    ask_for_password(cast)
    waiting = AccountChange.objects.get()
    actions.disable_person(
        cast.system_admin, person=cast.person("housing_manager").pk, reasons="停职"
    )
    with pytest.raises(Problem):
        actions.release_change(cast.security_admin, change=waiting.pk)
    assert not Person.objects.get(username="housing_manager").is_active


def test_an_account_asked_for_twice_keeps_its_address(cast: Cast) -> None:
    answer = actions.add_person(
        cast.system_admin, username="newcomer", name="新人", email="new@example.gov.cn"
    )
    cast.let_in(actions.reset_password(cast.system_admin, person=answer["person"]))
    assert Person.objects.get(pk=answer["person"]).email == "new@example.gov.cn"


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
    release(cast)
    person.refresh_from_db()
    assert person.email == "evil@example.com"
    answer = actions.add_person(
        cast.system_admin, username="newcomer", name="新人", email="evil@example.com"
    )
    assert Person.objects.get(pk=answer["person"]).email == "", (
        "nor does a new account's count before"
    )
    cast.let_in(answer)
    assert Person.objects.get(pk=answer["person"]).email == "evil@example.com"


def test_who_asked_as_one_administrator_does_not_release_as_another(cast: Cast) -> None:
    ask_for_password(cast)
    with writing("test"):
        Posting.objects.filter(person=cast.person("system_admin")).update(post=Post.SECURITY_ADMIN)
    with pytest.raises(AgainstRules, match="自己申请"):
        release(cast, queries.actor_for(cast.person("system_admin")))
