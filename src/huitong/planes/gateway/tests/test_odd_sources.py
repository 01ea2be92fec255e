"""The API over what a provider's database may do, hide, or have as its default: the same inputs
the table plane is tested with."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest

from huitong.connectors import DatabaseAddress
from huitong.planes.gateway.engine.shaping import Service
from huitong.planes.gateway.engine.store import Store
from huitong.planes.gateway.tests.serving import put_facts
from huitong.planes.tables.tests.town import address_of, inside, role, statements

Items = dict[str, tuple[str, str]]


class Api:
    """A shaping service over one table at a time; ``address`` is where it reads."""

    def __init__(self, address: DatabaseAddress, own: psycopg.Connection, place: Path) -> None:
        self.address, self.own, self.store, self.service = (
            address,
            own,
            Store(place),
            Service(place),
        )

    def ask(
        self,
        table: str,
        items: Items,
        masks: dict[str, Any] | None = None,
        row_filter: Any = None,
        **params: Any,
    ) -> tuple[int, Any]:
        at = {
            "host": self.address.host,
            "port": self.address.port,
            "database": self.address.database,
            "user": self.address.user,
            "password": self.address.password,
            "tls": "disable",
        }
        columns = {
            item: {"column": item, "type": kind, "sql_type": declared}
            for item, (kind, declared) in items.items()
        }
        grant = {
            "id": 1,
            "mount": 1,
            "key": [next(iter(items))],
            "scope": {"items": list(items), "masks": masks or {}, "row_filter": row_filter},
            "columns": columns,
            "token_keys": {"city": b"k".hex()},
        }
        mount = {"id": 1, "address": at, "schema": "public", "table": table}
        put_facts(self.store, [f"127.0.0.1:{self.address.port}"], [mount], [grant])
        statuses: list[str] = []
        body = self.service(
            {
                "HTTP_X_HUITONG_PROOF": "p",
                "HTTP_X_HUITONG_GRANT": "1",
                "HTTP_X_HUITONG_MOUNT": "1",
                "QUERY_STRING": urlencode(params),
            },
            lambda status, headers: statuses.append(status),
        )
        return int(statuses[0][:3]), json.loads(b"".join(body))

    def rows(self, *args: Any, **more: Any) -> list[dict[str, Any]]:
        status, answer = self.ask(*args, **more)
        assert status == 200, answer
        return list(answer["items"])

    def run(self, name: str) -> None:
        for statement in statements(name, src=self.address.database):
            self.own.execute(statement)


@pytest.fixture
def api(embedded_postgres: Any, tmp_path: Path) -> Iterator[Api]:
    with psycopg.connect(embedded_postgres.owner_url, autocommit=True) as owner:
        owner.execute("CREATE DATABASE odd_source")
        address = address_of(embedded_postgres.owner_url, "odd_source")
        with inside(address) as own:
            own.execute("GRANT CREATE ON SCHEMA public TO CURRENT_USER")
            provider_api = Api(address, own, tmp_path)
            yield provider_api
            provider_api.service.sources.keep([])
    # the owner may not end a session of another role that is slow to go
    with psycopg.connect(embedded_postgres.superuser_url, autocommit=True) as root:
        root.execute("DROP DATABASE odd_source WITH (FORCE)")


ID = ("I", "integer")


@pytest.mark.parametrize("default", ["read committed", "repeatable read", "serializable"])
def test_a_call_amid_a_reload_gets_every_row(api: Api, default: str) -> None:
    """d01: what a call waits for, it sees, whatever its database's default: a snapshot older
    than the wait would show an empty table."""
    api.own.execute(f"ALTER DATABASE odd_source SET default_transaction_isolation = '{default}'")
    create, fill, _begin, *reload, _sleep, _commit = statements("d01-truncate-reload.sql")
    api.own.execute(f"{create}; {fill}")
    items = {"id": ID, "v": ("C", "text")}
    assert len(api.rows("t", items)) == 50
    with inside(api.address) as refresh, ThreadPoolExecutor(1) as beside:
        for statement in ("BEGIN", *reload):
            refresh.execute(statement)
        called = beside.submit(api.rows, "t", items)
        waits = (
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            " WHERE d.datname = 'odd_source' AND NOT granted"
        )
        while api.own.execute(waits).fetchone() == (0,) and not called.done():
            time.sleep(0.01)
        refresh.execute("COMMIT")
        assert {row["v"] for row in called.result()} == {"new"} and len(called.result()) == 50


def test_a_character_the_database_cannot_hold_is_the_callers(
    api: Api, embedded_postgres: Any
) -> None:
    """The provider was told to mend its data, when a caller asked a database in EUC_CN for a
    rare name."""
    with psycopg.connect(embedded_postgres.owner_url, autocommit=True) as owner:
        owner.execute("CREATE DATABASE gb2312 ENCODING 'EUC_CN' TEMPLATE template0 LOCALE 'C'")
        try:
            api.address = replace(api.address, database="gb2312")
            with psycopg.connect(
                embedded_postgres.owner_url,
                dbname="gb2312",
                autocommit=True,
                client_encoding="UTF8",
            ) as own:
                own.execute(
                    "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, '张三')"
                )
            items = {"id": ID, "v": ("C", "text")}
            assert api.rows("t", items, v="张三") == [{"id": 1, "v": "张三"}]
            for params in ({"v": "张㐀"}, {"v.prefix": "😀"}):
                status, answer = api.ask("t", items, **params)
                assert (
                    (status, answer["code"]) == (422, "malformed")
                    and "字符集" in answer["detail"]
                    and "who" not in answer
                )
        finally:
            api.service.sources.keep([])
            owner.execute("DROP DATABASE gb2312 WITH (FORCE)")


def test_rows_hidden_by_a_policy_are_a_problem_not_a_short_answer(
    api: Api, embedded_postgres: Any
) -> None:
    """d02: 10 of 60 rows, without a word."""
    with role(embedded_postgres.superuser_url, "reader"):
        api.run("d02-row-level-security.sql")
        api.address = replace(api.address, user="reader", password="x")
        status, answer = api.ask("t", {"id": ID, "org": ("C", "text")})
        assert (status, answer["code"], answer["who"]) == (
            502,
            "source_rows_hidden",
            "提供部门",
        ) and "稍后" not in answer["remedy"]


def test_columns_of_any_name_are_ordered_and_answered(api: Api) -> None:
    """d03: an output called like another column would be what pages are ordered by."""
    api.own.execute(
        'CREATE TABLE t (granted int PRIMARY KEY, c0 text, made text, "a%s" text, "select"'
        " text);INSERT INTO t SELECT g, 'z' || (100 - g), 'm', 'p', 's' FROM generate_series(1, 20)"
        " AS g"
    )
    items = {
        "granted": ID,
        "c0": ("C", "text"),
        "made": ("C", "text"),
        "a%s": ("C", "text"),
        "select": ("C", "text"),
    }
    first = api.ask("t", items, limit=5)[1]
    assert [int(row["granted"]) for row in first["items"]] == [1, 2, 3, 4, 5] and first["items"][0][
        "a%s"
    ] == "p"
    second = api.ask("t", items, limit=5, after=first["after"])[1]
    assert [int(row["granted"]) for row in second["items"]] == [6, 7, 8, 9, 10]


def test_columns_called_like_a_parameter_can_be_asked_for(api: Api) -> None:
    api.own.execute(
        'CREATE TABLE t (id int PRIMARY KEY, "limit" int, "after" text, "a.b" text, "a" text, "ge"'
        " int);INSERT INTO t SELECT g, g, 'x' || g, 'y' || g, 'z' || g, g FROM"
        " generate_series(1, 5) AS g"
    )
    items = {
        "id": ID,
        "limit": ID,
        "after": ("C", "text"),
        "a.b": ("C", "text"),
        "a": ("C", "text"),
        "ge": ID,
    }
    for params in (
        {"limit.eq": 3},
        {"after.eq": "x3"},
        {"a.b": "y3"},
        {"a.b.prefix": "y3"},
        {"a": "z3"},
        {"a.eq": "z3"},
        {"ge": 3},
        {"ge.ge": 3, "ge.lt": 4},
    ):
        assert [int(row["id"]) for row in api.rows("t", items, **params)] == [3], params
    for params in ({"a.c": "x"}, {"a.": "x"}, {".eq": "x"}, {"eq": "x"}, {"a.b.c": "x"}):
        assert api.ask("t", items, **params)[0] == 422, params


def test_a_call_through_a_pooler_leaves_nothing_behind(api: Api, pooler: int) -> None:
    """d04: the provider's applications get the connection we had."""
    api.own.execute(
        "CREATE TABLE t (id int PRIMARY KEY, v text);"
        " INSERT INTO t SELECT g, 'v' FROM generate_series(1, 500) AS g"
    )
    api.address = replace(api.address, port=pooler)

    def left() -> Any:
        with inside(api.address) as other:
            return (
                other.execute("SELECT pg_backend_pid()").fetchone(),
                other.execute("SELECT name, setting FROM pg_settings ORDER BY name").fetchall(),
                other.execute("SELECT count(*) FROM pg_prepared_statements").fetchone(),
            )

    before = left()
    # often enough for a driver that prepares what comes again
    for limit in (10, 10, 10, 10, 10, 10, 500):
        assert len(api.rows("t", {"id": ID, "v": ("C", "text")}, limit=limit)) == limit
    assert left() == before


def test_a_connection_cut_off_in_its_sleep_costs_no_call(api: Api) -> None:
    """d09: every second call after a pause was 503."""
    limit, *_ = statements("d09-idle-session-timeout.sql", src="odd_source")
    api.own.execute(limit.replace("2s", "100ms"))
    api.own.execute("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)")
    for _ in range(3):
        assert api.rows("t", {"id": ID})
        time.sleep(0.3)


def test_what_is_granted_by_column_is_answered(api: Api, embedded_postgres: Any) -> None:
    """d11."""
    with role(embedded_postgres.superuser_url, "reader"):
        api.run("d11-column-privileges.sql")
        api.address = replace(api.address, user="reader", password="x")
        assert [row["a"] for row in api.rows("t", {"id": ID, "a": ("C", "text")})] == ["x"]


def test_a_database_without_an_encoding_is_not_masked_byte_by_byte(
    embedded_postgres: Any, tmp_path: Path
) -> None:
    """d12: 503, "try again later"."""
    with psycopg.connect(embedded_postgres.owner_url, autocommit=True) as owner:
        owner.execute(
            "CREATE DATABASE odd_unencoded ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'"
            " TEMPLATE template0"
        )
        try:
            address = address_of(embedded_postgres.owner_url, "odd_unencoded")
            with inside(address) as own:
                own.execute(
                    "SET client_encoding = 'UTF8'; GRANT CREATE ON SCHEMA public TO CURRENT_USER"
                )
                api = Api(address, own, tmp_path)
                api.run("d12-sql-ascii-name-mask.sql")
                items = {"id": ID, "xm": ("C", "text")}
                assert [row["xm"] for row in api.rows("t", items)] == ["王小明"]
                status, answer = api.ask("t", items, {"xm": {"kind": "name"}})
                assert (status, answer["code"]) == (
                    502,
                    "source_unmaskable",
                ) and "SQL_ASCII" in answer["detail"]
                assert (
                    len(
                        api.rows(
                            "t", items, {"xm": {"kind": "token", "algorithm": "sm3", "key": "city"}}
                        )[0]["xm"]
                    )
                    == 64
                )
                api.service.sources.keep([])
        finally:
            owner.execute("DROP DATABASE odd_unencoded WITH (FORCE)")


def test_a_collation_that_knows_no_case_changes_no_answer(
    debian_postgres: str, tmp_path: Path
) -> None:
    """d13: 0A000, 503; where it could be searched, too much would be found."""
    address = address_of(debian_postgres, "postgres")
    with inside(address) as own:
        own.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        api = Api(address, own, tmp_path)
        api.run("d13-nondeterministic-collation.sql")
        own.execute("INSERT INTO t VALUES (2, 'Li@example.cn', '3206ab')")
        items = {"id": ID, "mail": ("C", "text"), "code": ("C", "text")}
        masks = {"mail": {"kind": "email"}}
        for params, mails in (
            ({}, ["Z***@Example.cn", "L***@example.cn"]),
            ({"code.prefix": "3206A"}, ["Z***@Example.cn"]),
            ({"code": "3206ab"}, ["L***@example.cn"]),
        ):
            assert [row["mail"] for row in api.rows("t", items, masks, **params)] == mails
        assert (
            len(
                api.rows(
                    "t", items, masks, {"op": "prefix", "item": "code", "value": {"text": "3206A"}}
                )
            )
            == 1
        )
        api.service.sources.keep([])


def test_a_view_answers_what_it_answers_its_own_people(api: Api) -> None:
    """d14: 503."""
    api.run("d14-view-with-function.sql")
    assert [row["sex"] for row in api.rows("v", {"id": ID, "sex": ("C", "text")})] == ["男"]


def test_bytes_are_written_as_the_platform_writes_them(api: Api) -> None:
    """d15."""
    api.run("d15-bytea-output.sql")
    assert [row["photo"] for row in api.rows("t", {"id": ID, "photo": ("G", "bytea")})] == [
        "\\x00ff41"
    ]
