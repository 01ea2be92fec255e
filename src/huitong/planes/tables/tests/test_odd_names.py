"""Tables and columns of any name arrive, and no name on a search path replaces one of ours."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from huitong.connectors import connect, scan
from huitong.planes.tables.engine import run
from huitong.planes.tables.engine.target import column_of
from huitong.planes.tables.tests.test_odd_databases import KEYS
from huitong.planes.tables.tests.town import Town, emptied, inside, role, statements
from huitong.scope import Compare, Prefix, Scope
from huitong.scope.masks import named, token

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
    """The names as a database can have them: at most 63 bytes, no two alike."""
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
    delivered = (key, *items, *([extra] if lane == "text" else []))
    masks = {key: token("city")} if lane == "opened" else {}
    plan = replace(
        land.plan(
            "r1",
            Scope(delivered, masks=masks),
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
    query = sql.SQL("SELECT {} FROM public.marriage_in").format(
        sql.SQL(", ").join(sql.Identifier(column_of(i)) for i in items)
    )
    assert sorted(land.consumer.execute(query).fetchall()) == sorted(
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
