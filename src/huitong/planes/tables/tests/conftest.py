"""A grant that delivers a table, and the two databases the engine is tested with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from tests.sharing import Sharing

from huitong.connectors import Guard
from huitong.planes.tables.tests.town import PEOPLE, Town, address_of, emptied, inside

ITEMS = ["登记编号", "男方姓名", "男方身份号码", "登记日期"]
NANTONG = {"op": "prefix", "item": "登记机关区划", "value": {"text": "3206"}}


@pytest.fixture
def grant(sharing: Sharing) -> Iterator[Any]:
    """Marriage data of Nantong, masked, as a table for Housing; both databases as new."""
    with (
        psycopg.connect(sharing.source_url, autocommit=True) as source,
        psycopg.connect(sharing.target_url, autocommit=True) as target,
    ):
        source.execute(
            "DROP TABLE IF EXISTS marriage_kept; CREATE TABLE marriage_kept AS TABLE marriage"
        )
        target.execute("DROP TABLE IF EXISTS marriage, huitong_runs CASCADE")
        yield sharing.granted(sharing.mount("marriage", "table"), items=ITEMS, row_filter=NANTONG)
        source.execute(
            "TRUNCATE marriage; INSERT INTO marriage TABLE marriage_kept; DROP TABLE marriage_kept"
        )


@pytest.fixture(scope="module")
def databases(embedded_postgres: Any) -> Iterator[Town]:
    names = ("civil_affairs", "housing")
    with psycopg.connect(embedded_postgres.owner_url, autocommit=True) as owner:
        for database in names:
            owner.execute(f"CREATE DATABASE {database}")
        source, target = (address_of(embedded_postgres.owner_url, database) for database in names)
        guard = Guard.of([f"127.0.0.1:{source.port}"])
        with inside(source) as provider, inside(target) as consumer:
            consumer.execute("GRANT CREATE ON SCHEMA public TO CURRENT_USER")
            yield Town(source, target, provider, consumer, guard)
        for database in names:
            owner.execute(f"DROP DATABASE {database} WITH (FORCE)")


@pytest.fixture
def elsewhere(town: Town, embedded_postgres: Any) -> Iterator[Town]:
    """The same, with a consumer whose server knows other rules of letters."""
    address = replace(town.target, database="housing_elsewhere")
    with psycopg.connect(embedded_postgres.owner_url, autocommit=True) as owner:
        owner.execute(
            "CREATE DATABASE housing_elsewhere TEMPLATE template0 LOCALE_PROVIDER builtin"
            " BUILTIN_LOCALE 'PG_UNICODE_FAST' LOCALE 'C'"
        )
        with inside(address) as consumer:
            consumer.execute("GRANT CREATE ON SCHEMA public TO CURRENT_USER")
            yield replace(town, target=address, consumer=consumer)
        owner.execute("DROP DATABASE housing_elsewhere WITH (FORCE)")


@pytest.fixture
def town(databases: Town) -> Town:
    databases.provider.execute(PEOPLE)
    databases.consumer.execute(
        "DROP TABLE IF EXISTS public.marriage_in, public.huitong_runs CASCADE"
    )
    return databases


@pytest.fixture
def land(town: Town) -> Iterator[Town]:
    emptied(town.provider)
    yield town
    for database, connection in (
        (town.source.database, town.provider),
        (town.target.database, town.consumer),
    ):
        connection.execute(f"ALTER DATABASE {database} RESET ALL")
    emptied(town.provider)
