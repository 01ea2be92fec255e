"""Administrators opened and let in again from the machine itself."""

from __future__ import annotations

import pytest
from tests.cast import Cast

from huitong.cli.commands import admin
from huitong.cli.processes import CannotRun
from huitong.kernel.ledger import Entry, writing
from huitong.organizations import queries
from huitong.organizations.models import Person


def test_an_administrator_is_opened_with_one_post_and_a_one_time_password(cast: Cast) -> None:
    label, username, password = admin.create("zhang.hua=张华", "security_admin").split()
    person = Person.objects.get(username=username)
    assert label == "安全管理员" and person.check_password(password) and person.must_change_password
    assert queries.held_posts(person.pk) == ["security_admin"]
    assert Entry.objects.get(verb="organizations.appoint").actor["via"] == "cli:admin"


def test_a_locked_out_administrator_is_let_in_again(cast: Cast) -> None:
    with writing("test"):  # the last one: nobody could within the product
        Person.objects.filter(pk=cast.security_admin.person).update(is_active=False)
    _, password = admin.reset("security_admin").split()
    person = Person.objects.get(username="security_admin")
    assert person.is_active and person.check_password(password)
    assert admin.reset("security_admin").split()[1] != password


def test_what_cannot_be_done_is_said(cast: Cast) -> None:
    for who, message in (("housing_operator=某人", "已被使用"), ("nobody", "USERNAME=NAME")):
        with pytest.raises(CannotRun, match=message):
            admin.create(who, "audit_admin")
    with pytest.raises(CannotRun, match="no account"):
        admin.reset("nobody")


def test_without_a_bureau_there_is_nothing_to_administer(db: None) -> None:
    with pytest.raises(CannotRun, match="huitong init"):
        admin.create("zhang.hua=张华", "audit_admin")
