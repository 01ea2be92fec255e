"""Scanning what a provider's database may hold, hide or limit: the inputs the planes are tested
with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from tests.cast import Cast

from huitong.catalog import actions, jobs
from huitong.catalog.models import Entry, Scan
from huitong.catalog.rules import ScanState
from huitong.planes.tables.tests.town import role, statements

pytestmark = pytest.mark.django_db
NAME = "catalog_odd_source"


@pytest.fixture
def own(embedded_postgres: Any, settings: Any) -> Iterator[psycopg.Connection]:
    owner = conninfo_to_dict(embedded_postgres.owner_url)
    settings.ALLOWED_NETWORKS = [f"127.0.0.1:{owner['port']}"]
    with (
        psycopg.connect(**owner, autocommit=True) as server,
        role(embedded_postgres.superuser_url, "reader"),
    ):
        server.execute(f"CREATE DATABASE {NAME}")
        try:
            with psycopg.connect(**owner | {"dbname": NAME}, autocommit=True) as connection:
                connection.execute("GRANT CREATE ON SCHEMA public TO CURRENT_USER")
                yield connection
        finally:
            server.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


def scanned(cast: Cast, own: psycopg.Connection) -> Scan:
    address = {
        "host": own.info.host,
        "port": own.info.port,
        "dbname": NAME,
        "username": "reader",
        "password": "x",
    }
    database = actions.register_database(cast.civil_operator, name="登记库", **address)
    scan = actions.scan_database(cast.civil_operator, database=database.pk)
    jobs.scan(scan=scan.pk)
    return Scan.objects.get(pk=scan.pk)


def test_of_a_table_read_in_part_that_part_becomes_a_draft(cast: Cast, own: psycopg.Connection):
    """d11: "unreadable", and no item was recognized by its values."""
    for statement in statements("d11-column-privileges.sql"):
        own.execute(statement)
    own.execute("UPDATE t SET a = '11010519491231002X'")
    assert scanned(cast, own).state == ScanState.DONE
    items = {item.column: item for item in Entry.objects.get().draft.items.all()}
    assert (
        list(items) == ["id", "a"]
        and items["id"].is_key
        and items["a"].suggestion["mask"] == "citizen_number"
    )


def test_a_limit_on_idle_sessions_ends_no_scan(
    cast: Cast, own: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
):
    """d09: while drafts are written the source's connection lies idle."""
    limit, *_ = statements("d09-idle-session-timeout.sql", src=NAME)
    own.execute(limit.replace("2s", "50ms"))
    own.execute(
        "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY); GRANT SELECT ON"
        " a, b TO reader"
    )
    take = jobs._take

    def slowly(*args: Any) -> None:
        own.execute("SELECT pg_sleep(0.2)")
        take(*args)

    monkeypatch.setattr(jobs, "_take", slowly)
    own.execute("SET idle_session_timeout = 0")
    scan = scanned(cast, own)
    assert (scan.state, scan.drafted) == (ScanState.DONE, 2), scan.error


def test_a_view_with_functions_is_recognized_by_its_values(cast: Cast, own: psycopg.Connection):
    """d14."""
    for statement in statements("d14-view-with-function.sql"):
        own.execute(statement)
    own.execute("UPDATE lookup SET v = '11010519491231002X'; GRANT SELECT ON v, lookup TO reader")
    scanned(cast, own)
    (item,) = Entry.objects.get(source_table="v").draft.items.filter(column="sex")
    assert item.suggestion["mask"] == "citizen_number"
