"""A provider's database whose tables a test makes, and a shaping service in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from huitong.planes.gateway.tests.serving import Serving


@pytest.fixture(scope="module")
def provider(embedded_postgres) -> Iterator[psycopg.Connection]:
    """Its owner's connection; the time zone is the one our own sessions have."""
    with psycopg.connect(embedded_postgres.superuser_url, autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS provider WITH (FORCE)")
        server.execute("CREATE DATABASE provider")
    with psycopg.connect(
        embedded_postgres.superuser_url,
        dbname="provider",
        autocommit=True,
        options="-c TimeZone=Asia/Shanghai",
    ) as connection:
        yield connection


@pytest.fixture
def serving(provider: psycopg.Connection, embedded_postgres, tmp_path: Path) -> Iterator[Serving]:
    here = Serving(
        embedded_postgres.superuser_url.rsplit("/", 1)[0] + "/provider", tmp_path / "shaping.json"
    )
    yield here
    here.close()
