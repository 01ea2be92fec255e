"""The runtime role cannot change what is insert-only, even when the product's own guards are gone round."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection

from huitong.cli.grants import insert_only_tables


@pytest.mark.parametrize("attack", ["UPDATE kernel_entry SET reasons = ''", "DELETE FROM kernel_entry", "TRUNCATE kernel_entry"])
def test_the_runtime_role_cannot_change_the_ledger(runtime_url: str, attack: str) -> None:
    with psycopg.connect(runtime_url) as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
        db.execute(attack)


def test_the_runtime_role_cannot_lift_the_protection_or_hide_a_migration(runtime_url: str) -> None:
    for attack in ("ALTER TABLE kernel_entry DISABLE TRIGGER ALL", "DELETE FROM django_migrations", "DROP TABLE kernel_entry"):
        with psycopg.connect(runtime_url) as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
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
