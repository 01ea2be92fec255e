"""The runtime role cannot change what is insert-only, even when the product's own guards are
gone round."""

from __future__ import annotations

import time

import psycopg
import pytest
from conftest import Live
from django.db import OperationalError, connection

from huitong.cli import django_ready
from huitong.cli.commands import migrate
from huitong.cli.grants import insert_only_tables
from huitong.cli.processes import CannotRun
from huitong.settings.environment import database as address


@pytest.mark.parametrize(
    "attack",
    ["UPDATE kernel_entry SET reasons = ''", "DELETE FROM kernel_entry", "TRUNCATE kernel_entry"],
)
def test_the_runtime_role_cannot_change_the_ledger(runtime_url: str, attack: str) -> None:
    with psycopg.connect(runtime_url) as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
        db.execute(attack)


def test_the_runtime_role_cannot_lift_the_protection_or_hide_a_migration(runtime_url: str) -> None:
    for attack in (
        "ALTER TABLE kernel_entry DISABLE TRIGGER ALL",
        "DELETE FROM django_migrations",
        "DROP TABLE kernel_entry",
    ):
        with (
            psycopg.connect(runtime_url) as db,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            db.execute(attack)


def test_the_runtime_role_can_read_and_write_the_rest(runtime_url: str) -> None:
    with psycopg.connect(runtime_url) as db:
        db.execute("SELECT count(*) FROM kernel_entry")
        db.execute("UPDATE kernel_case SET state = state")


def test_the_ledger_is_known_as_insert_only(db: None) -> None:
    with connection.cursor() as cursor:
        assert "kernel_entry" in insert_only_tables(cursor)


@pytest.mark.parametrize("turn", [1, 2])
def test_commits_of_one_test_are_not_seen_by_the_next(transactional_db: None, turn: int) -> None:
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    assert not Session.objects.exists()
    Session.objects.create(session_key="a", session_data="", expire_date=timezone.now())


def test_a_database_that_starts_later_than_we_is_waited_for(
    live_db: Live, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    port = connection.settings_dict["PORT"]
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    with pytest.raises(CannotRun, match=r"does not let us in: .*refused"):
        migrate.wait_for_database(0)
    # it comes up while we sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: connection.settings_dict.update(PORT=port))
    migrate.wait_for_database(60)
    assert "waiting for the database" in capsys.readouterr().out


def test_a_database_that_cannot_be_reached_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(CannotRun, match="DATABASE_URL: refused"), django_ready.database():
        raise OperationalError("refused")


def test_options_of_an_address_are_read_as_a_url_writes_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(
        "DATABASE_URL",
        "postgresql://a%40b:p%2Fw@db.example/huitong"
        "?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem",
    )
    values = address("DATABASE_URL", "")
    assert (values["USER"], values["PASSWORD"], values["PORT"]) == ("a@b", "p/w", "5432")
    options = values["OPTIONS"]
    assert options["sslmode"] == "verify-full" and options["sslrootcert"] == "/etc/ca.pem"


def test_what_an_address_says_of_the_session_comes_after_our_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://a:b@db/x?options=-c%20jit%3Don")
    options = address("DATABASE_URL", "")["OPTIONS"]["options"]
    assert options.startswith("-c jit=off ") and options.endswith(" -c jit=on")
