"""What a provider's database may hold, hide or have as its default: it arrives as it is, or the
run says who must mend what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from huitong.connectors import Guard, connect, scan
from huitong.planes.tables.engine import DeliveryProblem, run
from huitong.planes.tables.engine.target import column_of
from huitong.planes.tables.tests.town import Town, address_of, emptied, inside, role, statements
from huitong.scope import Compare, Not, OneOf, Prefix, Scope
from huitong.scope.masks import named, token

KEYS = {"city": b"k"}


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


# -- names -----------------------------------------------------------------------------------------


def test_a_column_called_like_a_word_of_ours_is_delivered(land: Town) -> None:
    """d03: 42883 and paused for ever."""
    create, fill, *_ = statements("d03-column-named-granted.sql")
    land.provider.execute(f"{create}; {fill}")
    assert land.run("r1", Scope(("id", "xm", "granted")), table="t").rows == 1


def test_a_column_called_like_a_word_of_ours_blinds_no_checksum(land: Town) -> None:
    """d03, the quiet half: the checksum was that of the column alone; what a trigger spoils at
    the consumer was "delivered"."""
    _, _, create, fill, change = statements("d03-column-named-granted.sql")
    land.provider.execute(f"{create}; {fill}")
    scope = Scope(("id", "granted", "x", "j"))
    first = land.run("r1", scope, table="t2")
    land.consumer.execute(
        "CREATE OR REPLACE FUNCTION public.spoil() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN NEW.x := 'spoiled'; RETURN NEW; END $$;"
        "CREATE TRIGGER spoil BEFORE INSERT OR UPDATE ON public.marriage_in FOR EACH ROW"
        " EXECUTE FUNCTION public.spoil()"
    )
    land.provider.execute(change)
    assert land.fails(land.plan("r2", scope, table="t2")).code == "mismatch"
    land.consumer.execute("DROP TRIGGER spoil ON public.marriage_in")
    assert land.run("r3", scope, table="t2").source_checksum != first.source_checksum


# fmt: off
HOSTILE = [
    "granted", "t", "s", "c0", "c1", "huitong_staging", "rows", "target", "run_id", "select",
    "ctid", "tableoid", "xmin", "oid", "%", "%s", "%(a)s", "{}", '"', "'", "a.b", ".", "*",
    "源.列", "证" * 21, "证" * 21 + "x", "证" * 21 + "y", "列" * 40, "x" * 63, "x" * 64,
    "\u202e", " ", "--", ";", "\\", "$1", "?",
]
# fmt: on
NAMES = st.lists(
    st.sampled_from(HOSTILE)
    | st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=70
    ),
    min_size=1,
    max_size=6,
    unique=True,
)


def cut(names: list[str]) -> list[str]:
    """As a database can have them: at most 63 bytes, no two alike."""
    return list(dict.fromkeys(name.encode()[:63].decode(errors="ignore") for name in names))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(items=NAMES, columns=NAMES, lane=st.sampled_from(["record", "text", "opened"]))
def test_names_of_every_kind_arrive_and_are_compared(
    land: Town, items: list[str], columns: list[str], lane: str
) -> None:
    """Items and columns called like anything, one like another's column too; a view, which may
    have columns no table can."""
    columns = cut(columns)
    items = items[: len(columns)]
    columns = columns[: len(items)]
    land.consumer.execute("DROP TABLE IF EXISTS public.marriage_in, public.huitong_runs")
    land.provider.execute("DROP VIEW IF EXISTS v; DROP TABLE IF EXISTS base")
    spare = ", ".join(f"'v' || n || '-{at}' AS c{at}" for at in range(len(columns)))
    land.provider.execute(
        f"CREATE TABLE base AS SELECT n AS k, {spare}, '{{}}'::json AS j"
        " FROM generate_series(1, 3) AS n"
    )
    called = sql.SQL(", ").join(
        sql.SQL("{} AS {}").format(sql.Identifier(f"c{at}"), sql.Identifier(name))
        for at, name in enumerate(columns)
    )
    key, extra = "键-of-ours", "json-of-ours"
    land.provider.execute(
        sql.SQL("CREATE VIEW v AS SELECT k AS {}, {}, j AS {} FROM base").format(
            sql.Identifier(key), called, sql.Identifier(extra)
        )
    )
    wanted = (key, *items, *([extra] if lane == "text" else []))
    masks = {key: token("city")} if lane == "opened" else {}
    plan = replace(
        land.plan(
            "r1",
            Scope(wanted, masks=masks),
            table="v",
            names=dict(zip(items, columns, strict=True)),
        ),
        key=(key,),
    )
    for turn in ("r1", "r2"):
        delivery = run(
            replace(plan, run_id=turn), land.source, land.target, guard=land.guard, keys=KEYS
        )
        assert (delivery.rows, delivery.updated) == (3, 0 if turn == "r1" else 1)
        land.provider.execute("UPDATE base SET c0 = 'changed' WHERE k = 2")
    told = sql.SQL("SELECT {} FROM public.marriage_in").format(
        sql.SQL(", ").join(sql.Identifier(column_of(i)) for i in items)
    )
    assert sorted(land.consumer.execute(told).fetchall()) == sorted(
        tuple("changed" if (n, at) == (2, 0) else f"v{n}-{at}" for at in range(len(items)))
        for n in (1, 2, 3)
    )


def test_a_name_that_postgresql_would_cut_short_keeps_a_mark_of_its_own() -> None:
    long = [
        "申请人及其共同生活的家庭成员的住房情况" + end for end in ("一的说明文字", "二的说明文字")
    ]
    assert len({column_of(name) for name in long}) == 2 and all(
        len(column_of(name).encode()) <= 63 for name in long
    )
    assert column_of("证" * 21) == "证" * 21 and column_of("ctid") != "ctid"


# -- where names are looked up ---------------------------------------------------------------------


def test_a_view_finds_what_it_finds_for_its_own_people(land: Town) -> None:
    """d14: 42P01, "no such table", of a view psql reads without trouble."""
    for statement in statements("d14-view-with-function.sql"):
        land.provider.execute(statement)
    plan = replace(land.plan("r1", Scope(("id", "sex")), table="v"), key=("id",))
    assert run(plan, land.source, land.target, guard=land.guard).rows == 1
    assert land.arrived() == [(1, "男")]
    with connect(land.source, guard=land.guard) as reading:
        assert {t.name: t.rows_estimate for t in scan(reading)}["v"] == 1, "and the scan counts it"


def test_a_path_of_the_account_s_own_is_followed(land: Town, embedded_postgres: Any) -> None:
    with role(embedded_postgres.superuser_url, "reader"):
        land.provider.execute(
            "CREATE SCHEMA codes; GRANT USAGE ON SCHEMA codes TO reader; ALTER DATABASE "
            + land.source.database
            + " SET search_path = codes, public"
        )
        try:
            with inside(land.source) as own:
                for statement in statements("d14-view-with-function.sql"):
                    own.execute(statement)
                own.execute(
                    "ALTER VIEW v SET SCHEMA public;"
                    " GRANT SELECT ON ALL TABLES IN SCHEMA codes, public TO reader"
                )
            there = land.reader()
            plan = replace(there.plan("r1", Scope(("id", "sex")), table="v"), key=("id",))
            assert run(
                plan, there.source, there.target, guard=there.guard
            ).rows == 1 and land.arrived() == [(1, "男")]
        finally:
            land.provider.execute("DROP SCHEMA codes CASCADE")


def test_triggers_of_the_consumer_find_what_they_find_for_their_own_people(town: Town) -> None:
    town.run("r1")
    town.consumer.execute(
        "CREATE TABLE seen (n bigint);"
        " CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO seen"
        " VALUES (NEW.id); RETURN NEW; END $$;"
        "CREATE TRIGGER noted AFTER UPDATE ON marriage_in FOR EACH ROW EXECUTE FUNCTION noted()"
    )
    try:
        town.provider.execute("UPDATE public.marriage SET note = 'x' WHERE id = 3")
        assert town.run("r2").updated == 1
        assert town.consumer.execute("SELECT n FROM seen").fetchall() == [(3,)]
    finally:
        town.consumer.execute("DROP FUNCTION noted() CASCADE; DROP TABLE seen")


IMPOSTORS = """
CREATE FUNCTION "left"(varchar, int) RETURNS text LANGUAGE sql AS $$ SELECT 'LEAKED ' || $1 $$;
CREATE FUNCTION "left"(text, bigint) RETURNS text LANGUAGE sql AS $$ SELECT 'LEAKED ' || $1 $$;
CREATE FUNCTION length(varchar) RETURNS int LANGUAGE sql AS 'SELECT 99';
CREATE FUNCTION repeat(varchar, int) RETURNS text LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION always(varchar, varchar) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION always(varchar, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION always(char, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR ^@ (LEFTARG = varchar, RIGHTARG = text, FUNCTION = always);
CREATE OPERATOR ^@ (LEFTARG = char, RIGHTARG = text, FUNCTION = always);
CREATE OPERATOR = (LEFTARG = varchar, RIGHTARG = text, FUNCTION = always);
CREATE OPERATOR = (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = always);
CREATE OPERATOR <> (LEFTARG = varchar, RIGHTARG = text, FUNCTION = always);
CREATE OPERATOR >= (LEFTARG = varchar, RIGHTARG = text, FUNCTION = always);
CREATE OPERATOR <= (LEFTARG = varchar, RIGHTARG = text, FUNCTION = always);
CREATE OPERATOR !~ (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = always);
CREATE FUNCTION "sum"(numeric, bigint) RETURNS numeric LANGUAGE sql AS 'SELECT 0::numeric';
CREATE FUNCTION hash_record_extended(record, int) RETURNS bigint
  LANGUAGE plpgsql AS 'BEGIN RETURN 0; END';
"""


def test_what_somebody_put_on_the_path_takes_the_place_of_nothing_of_ours(town: Town) -> None:
    """Closer argument types win over an earlier schema (CVE-2018-1058): an unqualified
    ``left(varchar, int)`` would unmask."""
    town.provider.execute(
        "DROP TABLE IF EXISTS public.people;"
        " CREATE TABLE public.people (id int PRIMARY KEY, xm varchar(20), mail varchar(50),"
        " code varchar(6));"
        "INSERT INTO public.people"
        " VALUES (1, '王小明', 'zhang@example.cn', '320613'), (2, '李四', 'li@example.cn', '330101')"
    )
    town.provider.execute(IMPOSTORS)
    masks = {"xm": named("name"), "mail": named("email")}
    try:
        for turn, tree in enumerate(
            (
                Prefix("code", "3206"),
                Compare("eq", "code", "320613"),
                Compare("le", "code", "320999"),
            )
        ):
            delivery = town.run(
                f"r{turn}", Scope(("id", "xm", "mail"), tree, masks), table="people"
            )
            assert delivery.rows == 1 and town.arrived() == [(1, "王**", "z***@example.cn")]
            assert not delivery.source_checksum.endswith(":" + "0" * 16)
    finally:
        emptied(town.provider)


# -- collations ------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere_built(town: Town, debian_postgres: str) -> Iterator[Town]:
    """A provider whose PostgreSQL is older than the consumer's and knows the collations of ICU."""
    source = address_of(debian_postgres, "postgres")
    with inside(source) as provider:
        emptied(provider)
        yield replace(
            town,
            source=source,
            provider=provider,
            guard=Guard.of([f"127.0.0.1:{port}" for port in (source.port, town.target.port)]),
        )


@pytest.fixture
def caseless(elsewhere_built: Town) -> Town:
    for statement in statements("d13-nondeterministic-collation.sql"):
        elsewhere_built.provider.execute(statement)
    return elsewhere_built


def test_a_collation_that_knows_no_case_changes_neither_masks_nor_filters(caseless: Town) -> None:
    """d13: 0A000 before PostgreSQL 18, which can search such text, and then finds too much:
    ``3206AB`` is not ``3206ab``."""
    caseless.provider.execute("INSERT INTO t VALUES (2, 'Li@example.cn', '3206ab')")
    masks = {"mail": named("email")}
    trees: dict[Any, int] = {
        Compare("eq", "code", "3206AB"): 1,
        OneOf("code", ("3206AB", "x")): 1,
        Prefix("code", "3206A"): 1,
        Prefix("code", "3206"): 2,
        Compare("ne", "code", "3206AB"): 1,
        Not(Compare("eq", "code", "3206AB")): 1,
        Compare("le", "code", "3206AB"): 1,
    }
    for turn, (tree, rows) in enumerate(trees.items()):
        assert (
            caseless.run(f"r{turn}", Scope(("id", "mail", "code"), tree, masks), table="t").rows
            == rows
        ), tree
    caseless.consumer.execute("DROP TABLE public.marriage_in, public.huitong_runs")
    caseless.run(
        "last", Scope(("id", "mail", "code"), None, masks | {"code": named("address")}), table="t"
    )
    assert sorted(caseless.arrived() or []) == [
        (1, "Z***@Example.cn", "***"),
        (2, "L***@example.cn", "***"),
    ]


def test_letters_changed_in_case_only_are_a_change(caseless: Town) -> None:
    """To such a collation the checksum of ``a`` would be that of ``A``."""
    scope = Scope(("id", "mail"))
    first = caseless.run("r1", scope, table="t")
    caseless.provider.execute("UPDATE t SET mail = lower(mail)")
    second = caseless.run("r2", scope, table="t")
    assert second.updated == 1 and second.source_checksum != first.source_checksum


def test_servers_of_two_versions_compare_as_text(elsewhere_built: Town) -> None:
    """d03, d16 with two majors: no json column is needed for the text to decide."""
    elsewhere_built.provider.execute(
        "CREATE TABLE t (k numeric PRIMARY KEY, granted text, x xml);"
        " INSERT INTO t VALUES (1.0, 'y', '<a/>b')"
    )
    scope = Scope(("k", "granted"))
    assert elsewhere_built.run("r1", scope, table="t").source_checksum.startswith("text:")
    elsewhere_built.provider.execute("UPDATE t SET k = 1.00")
    assert elsewhere_built.run("r2", scope, table="t").updated == 1


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
        for said in (
            limit,
            "ALTER DATABASE src SET idle_in_transaction_session_timeout = '100ms'",
            "ALTER DATABASE src SET statement_timeout = '50ms'",
        ):
            connection.execute(
                said.replace("src", database).replace(land.source.database, database)
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
            (found,) = scan(reading)
        assert (
            found.readable
            and [c.name for c in found.granted.columns] == ["id", "a"]
            and found.granted.key == ("id",)
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
