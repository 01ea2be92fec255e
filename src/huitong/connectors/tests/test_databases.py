"""Scanning, sampling and probing a real PostgreSQL; every failure has its name."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from datetime import time as clock
from decimal import Decimal
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
import pytest

from huitong.connectors import (
    CAPABILITIES,
    ConnectorProblem,
    DatabaseAddress,
    Guard,
    connect,
    probe,
    samples,
    scan,
    tables,
)
from huitong.connectors.databases import grant_delivery_sql, grant_reading_sql, named
from huitong.connectors.kinds import KINDS
from huitong.connectors.problems import FAULTS
from huitong.connectors.scanning import item_type_of
from huitong.scope import ItemType

SETUP = """
DROP SCHEMA IF EXISTS civil CASCADE; CREATE SCHEMA civil;
CREATE TABLE civil.marriage (
  id bigint PRIMARY KEY, "name%" varchar(64) NOT NULL, id_no char(18), born date,
  fee numeric(10,2), valid boolean, made timestamptz, place point, note text);
COMMENT ON TABLE civil.marriage IS '婚姻登记';
COMMENT ON COLUMN civil.marriage."name%" IS '姓名';
INSERT INTO civil.marriage (id, "name%", note)
SELECT n, '张三', repeat('长', 500) FROM generate_series(1, 30) n;
CREATE TABLE civil.pairs (a int NOT NULL, b text NOT NULL, c int);
CREATE UNIQUE INDEX ON civil.pairs (c);
CREATE UNIQUE INDEX ON civil.pairs (b, a);
CREATE UNIQUE INDEX ON civil.pairs (a) WHERE a > 5;
CREATE VIEW civil.named AS SELECT id, "name%" FROM civil.marriage;
"""


def address_of(url: str, **changes: Any) -> DatabaseAddress:
    parts = urlsplit(url)
    values = {
        "host": parts.hostname,
        "port": parts.port,
        "database": parts.path[1:],
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
    }
    return DatabaseAddress(**(values | changes))


@pytest.fixture(scope="module")
def address(embedded_postgres: Any) -> Iterator[DatabaseAddress]:
    with psycopg.connect(embedded_postgres.owner_url, autocommit=True) as owner:
        owner.execute(SETUP)
        yield address_of(embedded_postgres.owner_url)
        owner.execute("DROP SCHEMA civil CASCADE")


def guard_for(address: DatabaseAddress) -> Guard:
    return Guard.of([f"127.0.0.1:{address.port}"])


def test_it_scans_tables_with_comments_types_and_keys(address: DatabaseAddress) -> None:
    with connect(address, guard=guard_for(address)) as connection:
        marriage, named_view, pairs = scan(connection, "civil")
        assert scan(connection, "civil", only=["pairs"]) == [pairs]
        assert scan(connection, "ghost") == []
    assert (
        marriage.name,
        marriage.kind,
        marriage.comment,
        marriage.rows_estimate,
        marriage.key,
    ) == ("marriage", "table", "婚姻登记", 30, ("id",))
    columns = [
        (c.name, c.type, c.length, c.nullable, c.comment, c.primary_key, str(c.item_type))
        for c in marriage.columns
    ]
    assert columns[:5] == [
        ("id", "bigint", 0, False, "", True, "I"),
        ("name%", "character varying(64)", 64, False, "姓名", False, "C"),
        ("id_no", "character(18)", 18, True, "", False, "C"),
        ("born", "date", 0, True, "", False, "D"),
        ("fee", "numeric(10,2)", 10, True, "", False, "N"),
    ]
    assert [t[6] for t in columns[5:]] == ["L", "T", "G", "M"]
    assert (named_view.kind, named_view.key, named_view.rows_estimate) == ("view", (), 30)
    assert pairs.key == ("b", "a")  # neither the nullable nor the partial index will do


def test_views_that_break_or_never_end_are_not_counted(
    address: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "COUNT_S", 1)
    with psycopg.connect(
        host=address.host,
        port=address.port,
        dbname=address.database,
        user=address.user,
        password=address.password,
        autocommit=True,
    ) as owner:
        owner.execute(
            "CREATE SCHEMA slow; CREATE TABLE slow.a AS SELECT 1 AS n; CREATE VIEW slow.broken AS"
            " SELECT n FROM slow.a WHERE 1 / (n - n) > 0"
        )
        owner.execute(
            "CREATE VIEW slow.endless AS SELECT n FROM slow.a WHERE pg_sleep(600) IS NOT NULL;"
            " CREATE VIEW slow.well AS SELECT n FROM slow.a"
        )
        try:
            with connect(address, guard=guard_for(address)) as connection:
                assert {t.name: t.rows_estimate for t in scan(connection, "slow")} == {
                    "a": 1,
                    "broken": -1,
                    "endless": -1,
                    "well": 1,
                }
                monkeypatch.setattr(tables, "COUNTING_S", 0.0)
                assert {t.rows_estimate for t in scan(connection, "slow")} == {-1}, (
                    "enough is enough"
                )
        finally:
            owner.execute("DROP SCHEMA slow CASCADE")


def test_values_beyond_pythons_calendar_come_as_text(address: DatabaseAddress) -> None:
    """One citizen whose permit never ends must not make a page of rows unreadable."""
    with connect(address, guard=guard_for(address)) as connection:
        odd = (
            "'infinity'::date",
            "date '0044-03-15 BC'",
            "'-infinity'::timestamp",
            "'infinity'::timestamptz",
            "time '24:00'",
            "interval '1 month -2 days'",
        )
        assert connection.execute(f"SELECT {', '.join(odd)}".encode()).fetchone() == (
            "infinity",
            "0044-03-15 BC",
            "-infinity",
            "infinity",
            "24:00:00",
            "1 mon -2 days",
        )
        usual = (
            "date '2020-02-19', timestamp '2020-02-19 08:00', time '08:00', 'infinity'::numeric,"
            " 'NaN'::float8::text"
        )
        assert connection.execute(f"SELECT {usual}".encode()).fetchone() == (
            date(2020, 2, 19),
            datetime(2020, 2, 19, 8),
            clock(8),
            Decimal("Infinity"),
            "NaN",
        )


def test_samples_are_short_text(address: DatabaseAddress) -> None:
    with connect(address, guard=guard_for(address)) as connection:
        rows = samples(connection, "civil", "marriage", ["name%", "note", "born"], 3)
    assert len(rows) == 3 and rows[0] == {"name%": "张三", "note": "长" * 200, "born": None}


def test_connections_are_read_only_unless_asked(address: DatabaseAddress) -> None:
    with (
        connect(address, guard=guard_for(address)) as connection,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        connection.execute("CREATE TABLE civil.mine (id int)")
    with connect(address, guard=guard_for(address), read_only=False) as connection:
        connection.execute("CREATE TABLE civil.mine (id int)")
        connection.rollback()


def test_a_good_address_passes_the_probe(address: DatabaseAddress) -> None:
    result = probe(address, guard=guard_for(address), schema="civil")
    assert (
        result.ok
        and result.tables == 3
        and result.encoding == "UTF8"
        and result.version
        and not result.encrypted
    )
    assert probe(address, guard=guard_for(address), schema="civil", target=True).ok


FAILURES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "wrong password": ({"password": "wrong"}, {}, "bad_password"),
    "no password": ({"password": ""}, {}, "bad_password"),
    "unknown user": ({"user": "nobody"}, {}, "bad_password"),
    "no such database": ({"database": "ghost"}, {}, "no_such_database"),
    "no TLS there": ({"tls": "require"}, {}, "tls"),
    "no such schema": ({}, {"schema": "ghost"}, "no_such_table"),
    "nothing to read": ({}, {"schema": "pg_toast"}, "no_privilege"),
    "cannot create": ({}, {"schema": "pg_catalog", "target": True}, "no_privilege"),
    "not allowed": ({"host": "169.254.169.254"}, {}, "address_refused"),
    "a socket": ({"host": "/tmp"}, {}, "address_invalid"),
    "two hosts": ({"host": "127.0.0.1,10.0.0.1"}, {}, "address_invalid"),
    "connection string as name": ({"database": "host=10.0.0.1 dbname=x"}, {}, "no_such_database"),
    "declared only": ({"kind": "dm"}, {}, "not_supported"),
}


@pytest.mark.parametrize(("changes", "options", "code"), FAILURES.values(), ids=FAILURES)
def test_each_failure_has_its_name(
    address: DatabaseAddress, changes: dict[str, Any], options: dict[str, Any], code: str
) -> None:
    result = probe(replace(address, **changes), guard=guard_for(address), **options)
    assert result.problem is not None and result.problem.code == code, result.problem
    assert result.problem.cause and result.problem.who and result.problem.remedy
    assert address.password not in f"{result.problem} {result.problem.detail}"


def test_closed_silent_and_strange_ports_have_names(address: DatabaseAddress) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        there = replace(address, port=closed.getsockname()[1])
        assert code(there) == "refused"
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        assert code(replace(address, port=silent.getsockname()[1]), timeout_s=2) == "unreachable"
    with socket.socket() as strange:
        strange.bind(("127.0.0.1", 0))
        strange.listen()
        threading.Thread(target=lambda: strange.accept()[0].close(), daemon=True).start()
        assert code(replace(address, port=strange.getsockname()[1], tls="disable")) in (
            "lost",
            "refused",
        )


def code(address: DatabaseAddress, **more: Any) -> str:
    with pytest.raises(ConnectorProblem) as refused:
        connect(address, guard=guard_for(address), **more)
    return refused.value.code


def test_our_own_environment_does_not_leak_in(
    address: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "PGOPTIONS": "-c search_path=civil",
        "PGHOSTADDR": "10.255.255.1",
        "PGSSLMODE": "verify-full",
        "PGDATABASE": "x",
    }.items():
        monkeypatch.setenv(name, value)
    with connect(address, guard=guard_for(address)) as connection:
        assert connection.execute("SHOW search_path").fetchone() == ('"$user", public',)


def test_the_statements_to_paste_work_and_give_no_more(
    address: DatabaseAddress, embedded_postgres: Any
) -> None:
    reader = replace(address, user='reader "x"', password="Str0ng!Pass")
    script = grant_reading_sql(reader, "civil", ["marriage"])
    with psycopg.connect(
        embedded_postgres.superuser_url, dbname=address.database, autocommit=True
    ) as root:
        root.execute(
            script.replace(
                '\\password "reader ""x"""',
                """ALTER ROLE "reader ""x\""" PASSWORD 'Str0ng!Pass';""",
            )
        )
        try:
            result = probe(reader, guard=guard_for(address), schema="civil")
            assert result.ok and result.tables == 1 and not result.can_create
        finally:
            root.execute('DROP OWNED BY "reader ""x"""; DROP ROLE "reader ""x"""')
    assert "CREATE SCHEMA IF NOT EXISTS" in grant_delivery_sql(address, "in")


def test_a_schema_one_may_not_enter_is_not_readable_whatever_its_tables_say(
    address: DatabaseAddress, embedded_postgres: Any
) -> None:
    outsider = replace(address, user="outsider", password="Str0ng!Pass")
    with psycopg.connect(
        embedded_postgres.superuser_url, dbname=address.database, autocommit=True
    ) as root:
        root.execute(
            "CREATE ROLE outsider LOGIN PASSWORD 'Str0ng!Pass';"
            " GRANT SELECT ON civil.marriage TO outsider"
        )
        root.execute(f'GRANT CONNECT ON DATABASE "{address.database}" TO outsider')
        try:
            result = probe(outsider, guard=guard_for(address), schema="civil")
            assert (
                result.problem is not None
                and result.problem.code == "no_privilege"
                and result.tables == 0
            )
            with connect(outsider, guard=guard_for(address)) as connection:
                assert {t.readable for t in scan(connection, "civil")} == {False}
        finally:
            root.execute("DROP OWNED BY outsider; DROP ROLE outsider")


def test_text_that_is_not_in_the_encoding_the_server_names_has_a_name(
    address: DatabaseAddress, embedded_postgres: Any
) -> None:
    with psycopg.connect(embedded_postgres.superuser_url, autocommit=True) as root:
        root.execute(
            "CREATE DATABASE unchecked ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE_PROVIDER"
            f" libc LOCALE 'C' OWNER \"{address.user}\""
        )
        try:
            with psycopg.connect(
                embedded_postgres.owner_url,
                dbname="unchecked",
                autocommit=True,
                client_encoding="SQL_ASCII",
            ) as owner:
                # 婚姻 in GBK
                owner.execute(b"CREATE TABLE t (a int); COMMENT ON TABLE t IS '\xbb\xe9\xd2\xf6'")
            with (
                connect(
                    replace(address, database="unchecked"), guard=guard_for(address)
                ) as connection,
                pytest.raises(ConnectorProblem) as wrong,
            ):
                scan(connection)
            assert wrong.value.code == "encoding"
        finally:
            root.execute("DROP DATABASE unchecked WITH (FORCE)")


def test_passwords_stay_out_of_sight(address: DatabaseAddress) -> None:
    assert address.password not in repr(address) + str(address)


@pytest.mark.parametrize(
    ("declared", "code"),
    [
        ("character varying(64)", "C"),
        ("bpchar", "G"),
        ("uuid", "C"),
        ("jsonb", "M"),
        ("numeric(38,10)", "N"),
        ("money", "Y"),
        ("real", "F"),
        ("double precision", "B"),
        ("timestamp(3) without time zone", "T"),
        ("timestamp with time zone", "T"),
        ("time without time zone", "G"),
        ("bytea", "G"),
        ("integer[]", "G"),
        ("smallint", "I"),
    ],
)
def test_types_become_item_types(declared: str, code: str) -> None:
    assert item_type_of(declared) is ItemType(code)


@pytest.mark.parametrize(
    ("sentence", "code"),
    [
        ('用户 "a" Password 认证失败', "bad_password"),
        ('没有用于主机 "1.2.3.4", 用户 "a" 的 pg_hba.conf 记录', "not_admitted"),
        ('数据库 "x" 不存在', "no_such_database"),
        ("对不起, 已经有太多的客户", "too_many"),
        ("the database system is starting up", "starting"),
        ("server closed the connection unexpectedly", "lost"),
    ],
)
def test_servers_that_speak_chinese_are_understood(sentence: str, code: str) -> None:
    assert named(psycopg.OperationalError(sentence)).code == code


def test_the_tables_are_whole() -> None:
    assert {c.kind for c in CAPABILITIES.values() if c.connectable} == set(KINDS)
    assert [c.kind for c in CAPABILITIES.values() if c.source or c.target] == ["postgresql"]
    assert all(f.cause and f.who and f.remedy for f in FAULTS.values())
    for name in ("lost", "disk_full"):
        assert FAULTS[name].remedy
