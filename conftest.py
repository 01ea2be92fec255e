"""Every test that wants a database gets a real PostgreSQL: fresh, in a temporary folder, gone afterwards.

Under xdist each worker has its own. Tests connect as the owner (they create the tables); `runtime_url` is the way to
prove what the product's own role may not do.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from huitong.cli.postgres import EmbeddedPostgres

pytest_plugins = ["tests.cast"]
#: what migrations load and every test may rely on: the flush after a transactional test leaves it
KEPT = {"kernel_calendarday", "kernel_calendaryear", "kernel_limit", "django_content_type"}


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


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Let transactional tests empty the insert-only tables afterwards, and keep what migrations loaded."""
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgtype & 32 = 32")
        closed = [name for (name,) in cursor.fetchall()]
    original = connection.ops.sql_flush

    def sql_flush(style: Any, tables: list[str], **more: Any) -> list[str]:
        sql = original(style, [t for t in tables if t not in KEPT], **more)
        opened = [f"ALTER TABLE {t} {verb} TRIGGER USER" for verb in ("DISABLE", "ENABLE") for t in closed]
        return [*opened[: len(closed)], *sql, *opened[len(closed):]]

    connection.ops.sql_flush = sql_flush  # type: ignore[method-assign]


@pytest.fixture
def runtime_url(embedded_postgres: EmbeddedPostgres, transactional_db: None) -> str:
    """The test database as the runtime role sees it, for psycopg. Commits are real, hence the transactional database."""
    from django.db import connection

    return embedded_postgres.url.rsplit("/", 1)[0] + "/" + str(connection.settings_dict["NAME"])
