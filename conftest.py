"""A real PostgreSQL for every test process: started once, migrated once, copied where a test needs
its own.

- `db` (pytest-django): the usual transaction around a test, connected as the owner.
- `live_db`: a database of its own for tests with several connections, processes or committed rows.
- `runtime`: a psycopg connection as the runtime role, which may not change the ledger.
"""

from __future__ import annotations

import gc
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connections

from huitong.cli.postgres import RUNTIME, EmbeddedPostgres

pytest_plugins = [
    "tests.order",
    "tests.scenes",
    "tests.cast",
    "tests.servers",
    "tests.departments",
    "tests.sharing",
    "tests.decreed",
    "tests.demanding",
    "tests.disputing",
    "tests.objecting",
]
_copies = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Workers must agree on every test's name, so none may carry the address of an object."""
    if shifting := [item.nodeid for item in items if " at 0x" in item.nodeid]:
        raise pytest.UsageError(f"give these parameters ids of their own: {shifting[:3]}")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[Any]:
    """Leave out the collector meanwhile: nearly all that is collected stays to the end, and going
    through it ever again was a quarter of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """Spare the collector the thousands of tests and modules that stay to the end."""
    gc.collect()
    gc.freeze()


@dataclass(frozen=True)
class Live:
    """A committed database of a test's own: one URL per role, and the environment a process of ours
    needs to use it."""

    name: str
    url: str
    owner_url: str
    superuser_url: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": self.url,
            "DATABASE_OWNER_URL": self.owner_url,
            "HUITONG_DATA": str(settings.DATA),
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "HUITONG_TESTING": "1",
        }


def _close_all() -> None:
    """Close Django's connections: also the one opened before Playwright began its event loop, which
    Django keeps apart."""
    connections.close_all()
    if (before := getattr(connections._connections._storage, "default", None)) is not None:
        before.close()


def _point(url: str) -> None:
    """Make Django's default connection use this database from now on."""
    _close_all()
    parts = urlsplit(url)
    address = {
        "NAME": parts.path.lstrip("/"),
        "USER": parts.username,
        "PASSWORD": parts.password,
        "HOST": parts.hostname,
        "PORT": str(parts.port),
    }
    connections["default"].settings_dict.update(address)
    settings.DATABASES["default"].update(address)


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
def django_db_setup(
    embedded_postgres: EmbeddedPostgres, django_db_blocker: pytest.FixtureRequest
) -> Iterator[None]:
    from tests.schema import migrate

    from huitong.cli.grants import grant

    with django_db_blocker.unblock():
        _point(embedded_postgres.owner_url)
        migrate(embedded_postgres)
        with connections["default"].cursor() as cursor:
            grant(cursor, RUNTIME)
        with psycopg.connect(embedded_postgres.superuser_url, autocommit=True) as server:
            # `tests.scenes` puts rows in place without their triggers
            server.execute("GRANT SET ON PARAMETER session_replication_role TO huitong_owner")
    yield
    with django_db_blocker.unblock():
        _close_all()


@contextmanager
def copied_database(
    embedded_postgres: EmbeddedPostgres, template: str = "huitong"
) -> Iterator[Live]:
    """A fresh copy of the migrated database, or of another of ours, dropped at the end; Django
    points to it meanwhile."""
    name = f"live{os.getpid()}_{next(_copies)}"
    _close_all()
    owner = embedded_postgres.owner_url
    with psycopg.connect(embedded_postgres.superuser_url, autocommit=True) as server:
        # a connection some thread of an earlier test kept would refuse the copy
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [template]
        )
        # by files: a sixth of the time the write-ahead log takes
        server.execute(
            f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY OWNER huitong_owner"
        )
        server.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {name} TO huitong")
    live = Live(
        name,
        *(
            url.rsplit("/", 1)[0] + "/" + name
            for url in (embedded_postgres.url, owner, embedded_postgres.superuser_url)
        ),
    )
    _point(live.owner_url)
    try:
        yield live
    finally:
        _point(owner)
        with psycopg.connect(embedded_postgres.superuser_url, autocommit=True) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def live_db(
    django_db_setup: None,
    embedded_postgres: EmbeddedPostgres,
    django_db_blocker: pytest.FixtureRequest,
) -> Iterator[Live]:
    """A committed database of this test's own."""
    with django_db_blocker.unblock(), copied_database(embedded_postgres) as live:
        yield live


@pytest.fixture
def _django_db_helper(request: pytest.FixtureRequest, django_db_setup: None) -> None:
    """Tests whose commits are real (``transaction=True``, `transactional_db`, `live_server`) get
    `live_db`.

    Django would instead empty every table: the ledger refuses that, and the limits loaded by
    migrations would go too.
    """
    marker = request.node.get_closest_marker("django_db")
    marked = marker is not None and (marker.kwargs.get("transaction") or marker.args[:1] == (True,))
    committed = marked or bool(
        {"transactional_db", "live_server", "live_db"} & set(request.fixturenames)
    )
    # the latter is pytest-django's own
    request.getfixturevalue("live_db" if committed else "_django_db_helper")


@pytest.fixture
def runtime_url(live_db: Live) -> str:
    """The address of `live_db` as the runtime role of the product."""
    return live_db.url


@pytest.fixture
def runtime(live_db: Live) -> Iterator[psycopg.Connection]:
    """A connection as the runtime role of the product."""
    with psycopg.connect(live_db.url, autocommit=True) as connection:
        yield connection
