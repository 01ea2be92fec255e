"""What a provider's database may hide or have as its default: it arrives as it is, or the run says
who must mend what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import psycopg
import pytest

from huitong.connectors import connect, scan
from huitong.planes.tables.engine import DeliveryProblem, run
from huitong.planes.tables.tests.town import Town, inside, role, statements
from huitong.scope import Compare, Scope
from huitong.scope.masks import named, token

KEYS = {"city": b"k"}


# -- rows that are hidden --------------------------------------------------------------------------


def test_rows_hidden_by_a_policy_are_a_problem_not_a_deletion(
    land: Town, embedded_postgres: Any
) -> None:
    """d02: the run said "delivered", 60 rows deleted; with a policy 10 of 60 came, without a
    word."""
    create, fill, grant, enable, policy = statements("d02-row-level-security.sql")
    with role(embedded_postgres.superuser_url, "reader"):
        land.provider.execute("; ".join((create, fill, grant)))
        there = land.reader()
        plan = there.plan("r1", Scope(("id", "org")), table="t")
        assert run(plan, there.source, there.target, guard=there.guard).inserted == 60
        for statement in (enable, policy):
            land.provider.execute(statement)
            problem = there.fails(replace(plan, run_id="r2"))
            assert (problem.code, problem.side, problem.paused) == ("rows_hidden", "source", True)
            assert "BYPASSRLS" in problem.remedy and problem.who == "数据库管理员"
        with psycopg.connect(embedded_postgres.superuser_url, autocommit=True) as root:
            root.execute("ALTER ROLE reader BYPASSRLS")
        assert (
            run(replace(plan, run_id="r3"), there.source, there.target, guard=there.guard).rows
            == 60
        )


@pytest.mark.parametrize("owner", ["the owner below", "whoever asks"])
def test_a_policy_below_a_view_hides_nothing_silently(
    land: Town, embedded_postgres: Any, owner: str
) -> None:
    with (
        role(embedded_postgres.superuser_url, "reader"),
        role(embedded_postgres.superuser_url, "clerk"),
    ):
        invoker = "WITH (security_invoker)" if owner == "whoever asks" else ""
        land.provider.execute(f"""
            CREATE TABLE t (id int PRIMARY KEY, org text);
            INSERT INTO t SELECT g, 'b' FROM generate_series(1, 60) AS g;
            ALTER TABLE t ENABLE ROW LEVEL SECURITY;
            CREATE POLICY own ON t USING (id <= 10);
            GRANT SELECT ON t TO reader, clerk;
            CREATE VIEW v {invoker} AS SELECT * FROM t;
            GRANT SELECT ON v TO reader""")
        with psycopg.connect(
            embedded_postgres.superuser_url, dbname=land.source.database, autocommit=True
        ) as root:
            root.execute("ALTER VIEW v OWNER TO clerk")
        there = land.reader()
        plan = replace(there.plan("r1", Scope(("id", "org")), table="v"), key=("id",))
        assert there.fails(plan).code == "rows_hidden"


def test_a_policy_at_the_consumer_has_its_name_too(town: Town, embedded_postgres: Any) -> None:
    """Rows of the consumer's table that we cannot see would be neither compared nor deleted."""
    town.run("r1")
    town.consumer.execute(
        "ALTER TABLE public.marriage_in ENABLE ROW LEVEL SECURITY;"
        " ALTER TABLE public.marriage_in FORCE ROW LEVEL SECURITY"
    )
    plan = town.plan("r2")
    with psycopg.connect(
        embedded_postgres.superuser_url, dbname=town.target.database, autocommit=True
    ) as root:
        before = root.execute("SELECT count(*) FROM public.marriage_in").fetchone()
        with pytest.raises(DeliveryProblem) as stopped:
            run(plan, town.source, town.target, guard=town.guard)
        problem = stopped.value
        assert (problem.code, problem.side) == ("rows_hidden", "target")
        assert root.execute("SELECT count(*) FROM public.marriage_in").fetchone() == before


# -- time, privileges, encodings, collations, forms ------------------------------------------------


def test_a_limit_on_transactions_ends_no_run(land: Town) -> None:
    """d09: 25P04, "database error", paused."""
    _, limit = statements("d09-idle-session-timeout.sql", src=land.source.database)
    land.provider.execute(
        "CREATE TABLE t AS SELECT g AS id, repeat('x', 500) AS v"
        " FROM generate_series(1, 60000) AS g;"
        " ALTER TABLE t ADD PRIMARY KEY (id)"
    )
    for database, connection in (
        (land.source.database, land.provider),
        (land.target.database, land.consumer),
    ):
        for statement in (
            limit,
            "ALTER DATABASE src SET idle_in_transaction_session_timeout = '100ms'",
            "ALTER DATABASE src SET statement_timeout = '50ms'",
        ):
            connection.execute(
                statement.replace("src", database).replace(land.source.database, database)
            )
    assert land.run("r1", Scope(("id", "v")), table="t").rows == 60000


def test_what_is_granted_by_column_is_scanned_and_delivered(
    land: Town, embedded_postgres: Any
) -> None:
    """d11: the scan said "unreadable", the delivery "no privilege", while the API answered."""
    with role(embedded_postgres.superuser_url, "reader"):
        for statement in statements("d11-column-privileges.sql"):
            land.provider.execute(statement)
        there = land.reader()
        with connect(there.source, guard=there.guard) as reading:
            (table,) = scan(reading)
        assert (
            table.readable
            and [c.name for c in table.granted.columns] == ["id", "a"]
            and table.granted.key == ("id",)
        )
        plan = there.plan("r1", Scope(("id", "a")), table="t")
        assert run(plan, there.source, there.target, guard=there.guard).rows == 1
        problem = there.fails(there.plan("r2", Scope(("id", "secret")), table="t"))
        assert (problem.code, problem.detail) == ("no_privilege", "secret")


def test_a_database_without_an_encoding_is_not_masked_byte_by_byte(
    land: Town, embedded_postgres: Any
) -> None:
    """d12: "data with characters that are no characters"; they are, the database cannot tell
    where one ends."""
    with psycopg.connect(embedded_postgres.owner_url, autocommit=True) as owner:
        owner.execute(
            "CREATE DATABASE unencoded ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'"
            " TEMPLATE template0"
        )
        try:
            there = replace(land, source=replace(land.source, database="unencoded"))
            with inside(there.source) as own:
                own.execute(
                    "SET client_encoding = 'UTF8'; GRANT CREATE ON SCHEMA public TO CURRENT_USER"
                )
                for statement in statements("d12-sql-ascii-name-mask.sql"):
                    own.execute(statement)
            plain = Scope(("id", "xm"))
            assert there.run("r1", plain, table="t").rows == 1 and land.arrived() == [(1, "王小明")]
            for mask in (named("name"), named("address"), named("email"), named("mobile")):
                problem = there.fails(
                    there.plan("r2", replace(plain, masks={"xm": mask}), table="t")
                )
                assert (problem.code, problem.who, problem.paused) == (
                    "no_characters",
                    "数据库管理员",
                    True,
                ) and "SQL_ASCII" in problem.cause
            for turn, mask in enumerate((named("blank"), token("city"))):
                land.consumer.execute("DROP TABLE public.marriage_in, public.huitong_runs")
                assert (
                    there.run(f"m{turn}", replace(plain, masks={"xm": mask}), KEYS, table="t").rows
                    == 1
                )
        finally:
            owner.execute("DROP DATABASE unencoded WITH (FORCE)")


@pytest.mark.parametrize("masks", [{"idno": token("city")}, {}], ids=["opened", "untouched"])
def test_both_sides_write_bytes_alike(land: Town, masks: dict[str, Any]) -> None:
    """d15: mismatch for ever, and the consumer's triggers were blamed."""
    for statement in statements("d15-bytea-output.sql", src=land.source.database):
        land.provider.execute(statement)
    assert land.run("r1", Scope(("id", "idno", "photo"), None, masks), KEYS, table="t").rows == 1
    assert land.consumer.execute("SELECT photo FROM public.marriage_in").fetchone() == (
        b"\x00\xffA",
    )


@pytest.mark.parametrize(
    "setting",
    [
        "IntervalStyle = 'iso_8601'",
        "DateStyle = 'German, DMY'",
        "extra_float_digits = 0",
        "TimeZone = 'America/New_York'",
        "standard_conforming_strings = off",
        "quote_all_identifiers = on",
        "default_transaction_read_only = on",
        "default_transaction_isolation = 'serializable'",
    ],
)
def test_no_default_of_a_database_changes_what_arrives(land: Town, setting: str) -> None:
    land.provider.execute(
        """
        CREATE TYPE mood AS ENUM ('好');
        CREATE TABLE t (
          id int PRIMARY KEY, i interval, d date, f float8, at timestamptz, m mood, v text,
          n varchar(20));
        INSERT INTO t VALUES (
          1, '1 mon -2 days', '2026-02-03', 0.1::float8 + 0.2, '2026-02-03 04:05+08', '好',
          E'back\\\\slash', '张\\三')"""
    )
    scope = Scope(
        ("id", "i", "d", "f", "at", "m", "v", "n"), Compare("ne", "v", "a\\"), {"n": named("name")}
    )
    usual = land.run("r1", scope, table="t")
    for database, connection in (
        (land.source.database, land.provider),
        (land.target.database, land.consumer),
    ):
        connection.execute(f"ALTER DATABASE {database} SET {setting}")
        again = land.run(f"at {database}", scope, table="t")
        assert (again.updated, again.source_checksum) == (0, usual.source_checksum)
    tokens = land.run("opened", replace(scope, masks={"n": token("city")}), KEYS, table="t")
    assert tokens.rows == 1


@pytest.mark.parametrize(
    ("declared", "was", "now"),
    [
        ("numeric", "1.0", "1.00"),
        ("numeric[]", "'{1.0}'", "'{1.00}'"),
        ("jsonb", "'1.0'", "'1.00'"),
        ("float8", "'-0'", "0"),
        ("interval", "'30 days'", "'1 mon'"),
    ],
)
@pytest.mark.parametrize("lane", ["record", "text", "opened"])
def test_a_key_written_otherwise_is_still_that_row(
    land: Town, declared: str, was: str, now: str, lane: str
) -> None:
    """d16: equal as a key, another text: mismatch for ever where text is compared, and never
    brought in step where it is not."""
    create, fill, change = statements("d16-key-scale.sql")
    land.provider.execute(create.replace("k numeric", f"k {declared}"))
    land.provider.execute(fill.replace("1.0", was))
    items = ("k", "x", "j") if lane == "text" else ("k", "x")
    scope = Scope(items, None, {"x": token("city")} if lane == "opened" else {})
    assert land.run("r1", scope, KEYS, table="t").inserted == 1
    land.provider.execute(change.replace("1.00", now))
    assert land.run("r2", scope, KEYS, table="t").updated == 1
    assert land.run("r3", scope, KEYS, table="t").updated == 0
    text = "SELECT k::text FROM {}"
    assert (
        land.consumer.execute(text.format("public.marriage_in")).fetchall()
        == land.provider.execute(text.format("t")).fetchall()
    )
