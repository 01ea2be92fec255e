"""Every test that wants a database gets a real PostgreSQL: fresh, in a temporary folder, gone afterwards.

Under xdist each worker has its own. Tests connect as the owner (they create the tables); `runtime_url` is the way to
prove what the product's own role may not do.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from huitong.cli.postgres import OWNER, RUNTIME, EmbeddedPostgres

pytest_plugins = ["tests.cast"]
_copies = itertools.count(1)


@pytest.fixture(scope="session")
def embedded_postgres() -> Iterator[EmbeddedPostgres]:
    """A server without durability; ask for it directly when Django is not involved."""
    folder = Path(tempfile.mkdtemp(prefix="huitong-test-"))
    folder.chmod(0o711)  # as root the server runs as another user
    try:
        with EmbeddedPostgres(folder, fast=True) as postgres:
            yield postgres
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(embedded_postgres: EmbeddedPostgres) -> None:
    """Point Django at that server; pytest-django then creates ``test_huitong`` there."""
    from django.conf import settings
    from psycopg.conninfo import conninfo_to_dict

    os.environ["DATABASE_URL"] = embedded_postgres.url
    os.environ["DATABASE_OWNER_URL"] = embedded_postgres.owner_url
    owner = conninfo_to_dict(embedded_postgres.owner_url)
    for database in settings.DATABASES.values():
        database.update(
            HOST=owner["host"], PORT=owner["port"], USER=owner["user"], PASSWORD=owner["password"], NAME=owner["dbname"]
        )  # fmt: skip


@pytest.fixture
def _django_db_helper(
    request: pytest.FixtureRequest, embedded_postgres: EmbeddedPostgres, django_db_setup: None, django_db_blocker: object
) -> Iterator[None]:
    """Tests whose commits are real get a copy of the migrated database, dropped afterwards.

    Django would instead empty every table: the ledger refuses that, and the law's limits loaded by migrations would go too.
    """
    marker = request.node.get_closest_marker("django_db")
    marked = marker is not None and (marker.kwargs.get("transaction") or marker.args[:1] == (True,))
    if not marked and not {"transactional_db", "live_server"} & set(request.fixturenames):
        request.getfixturevalue("_django_db_helper")  # pytest-django's own: a transaction rolled back at the end
        yield
        return
    from django.db import connections

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        settings = connections["default"].settings_dict
        pristine = settings["NAME"]
        copy = f"{pristine}_{next(_copies)}"
        connections.close_all()
        with psycopg.connect(embedded_postgres.superuser_url, autocommit=True) as server:
            server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [pristine])
            server.execute(f"CREATE DATABASE {copy} TEMPLATE {pristine} STRATEGY file_copy OWNER {OWNER}")
            settings["NAME"] = copy
            try:
                yield
            finally:
                connections.close_all()
                settings["NAME"] = pristine
                server.execute(f"DROP DATABASE {copy} WITH (FORCE)")


@pytest.fixture
def runtime_url(embedded_postgres: EmbeddedPostgres, transactional_db: None) -> str:
    """The test database as the runtime role sees it, for psycopg. Commits are real, hence the transactional database."""
    from django.db import connection

    from huitong.cli.commands.migrate import grant

    with connection.cursor() as cursor:
        grant(cursor, RUNTIME)
    return embedded_postgres.url.rsplit("/", 1)[0] + "/" + str(connection.settings_dict["NAME"])
