"""A real installation begins with three administrators and nobody else; a demonstration with
people one can sign in as."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from django.test import Client

from huitong.cli import main
from huitong.cli.demo.city import AT_THE_BUREAU, BODIES, PAIR, plant
from huitong.cli.new_city import NANTONG, create_city
from huitong.cli.processes import CannotRun
from huitong.kernel.actor import Post
from huitong.kernel.ledger import Entry
from huitong.organizations import queries
from huitong.organizations.models import Body, Person

ADMINS = {
    Post.SYSTEM_ADMIN: "zhanghua=张华",
    Post.SECURITY_ADMIN: "lili=李丽",
    Post.AUDIT_ADMIN: "wangfang=王芳",
}


def test_a_new_city_has_three_administrators_whose_passwords_must_be_changed(db: None) -> None:
    accounts = create_city(None, ADMINS)
    assert len({account.password for account in accounts}) == 3
    for account, post in zip(accounts, ADMINS, strict=True):
        person = Person.objects.get(username=account.username)
        assert person.must_change_password
        assert person.check_password(account.password)
        assert queries.held_posts(person.pk) == [post]
    assert Person.objects.count() == 3
    assert Body.objects.filter(is_bureau=True).count() == 1
    assert Entry.objects.filter(verb="organizations.add_person").count() == 3


def test_an_installation_is_begun_only_once(db: None) -> None:
    create_city(None, ADMINS)
    with pytest.raises(CannotRun, match="has accounts"):
        create_city(None, ADMINS)


@pytest.mark.parametrize(
    ("admins", "message"),
    [
        ({Post.SYSTEM_ADMIN: "zhanghua"}, "USERNAME=NAME"),
        ({Post.SYSTEM_ADMIN: "1=张华"}, "username"),
    ],
)
def test_what_is_wrong_with_an_administrator_is_named_and_nothing_is_left(
    db: None, admins: dict[Post, str], message: str
) -> None:
    with pytest.raises(CannotRun, match=message):
        create_city(None, admins)
    assert not Body.objects.exists()


def test_registers_that_are_missing_or_wrong_are_named(db: None, tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="must hold"):
        create_city(tmp_path, ADMINS)
    for name in ("divisions.csv", "duties_matters.csv"):
        (tmp_path / name).write_bytes((NANTONG / name).read_bytes())
    rows = (
        (NANTONG / "nantong_bodies.csv")
        .read_text()
        .replace("11320600XN00000200", "11320600XN00000201")
    )
    (tmp_path / "bodies.csv").write_text(rows)
    with pytest.raises(CannotRun, match=r"第 3 行.*校验码"):
        create_city(tmp_path, ADMINS)


def test_everyone_of_the_demonstration_can_sign_in_with_the_password_printed(
    db: None, tmp_path: Path
) -> None:
    lines = plant(tmp_path)
    assert len(lines) == len(BODIES) * len(PAIR) + len(AT_THE_BUREAU) + 1
    assert stat.S_IMODE((tmp_path / "demo-accounts").stat().st_mode) == 0o600
    password = lines[-1].split(": ")[1]
    assert Person.objects.count() == len(lines) - 1
    assert all(
        person.check_password(password) and not person.must_change_password
        for person in Person.objects.all()
    )
    client = Client()
    answer = client.post("/account/login/", {"login": lines[0].split()[0], "password": password})
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    assert plant(tmp_path) == lines, "a second start plants nothing and tells the same"


def test_the_older_name_of_the_command_still_works(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["found", "--help"])
    assert ended.value.code == 0 and "usage: huitong init" in capsys.readouterr().out
