"""What must arrive exactly: odd texts, odd keys, other servers' ways; and what must not arrive
at all."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from huitong.planes.tables.engine import DeliveryProblem, Progress, Undecided, outcome, run
from huitong.planes.tables.engine.problems import errors_of
from huitong.planes.tables.engine.source import Projection, hash_for
from huitong.planes.tables.tests.town import Cutting, Town
from huitong.scope import Compare, Scope
from huitong.scope.masks import named, token

TEXTS = [
    None,
    "",
    "NULL",
    "\\N",
    "\\",
    "\\\\",
    "\\.",
    "\\t",
    "a\tb",
    "a\nb\r\nc",
    "\t",
    "\b\f\v\x01\x7f",
    "'\"",
    "{}",
    "(,)",
    "%s",
    " 前后 ",
    "x" * 300_000,
    "👩\u200d👩\u200d👧 𠮷",
    "\u05e9\u05dc\u05d5\u05dd",
    "\u202eabc",
    "\u200b",
    "\ufeff",
    "\u2028",
    "\u3000",
    "\xe9",
    "e\u0301",
]


def odd(town: Town, declared: str, values: list[Any]) -> None:
    town.provider.execute(
        f"DROP TABLE IF EXISTS public.odd; CREATE TABLE public.odd (n int PRIMARY KEY, {declared})"
    )
    with town.provider.cursor() as cursor:
        cursor.executemany("INSERT INTO public.odd VALUES (%s, %s)", list(enumerate(values)))


@pytest.mark.parametrize("lane", ["untouched", "opened"])
def test_every_text_arrives_as_it_was(town: Town, lane: str) -> None:
    odd(town, "v text", TEXTS)
    masks = {"n": token("city")} if lane == "opened" else {}
    scope, keys = Scope(("n", "v"), masks=masks), {"city": b"k"}
    assert (town.run("r1", scope, keys, table="odd").rows, len(town.arrived() or [])) == (
        len(TEXTS),
        len(TEXTS),
    )
    assert sorted(map(repr, (row[1] for row in town.arrived() or []))) == sorted(map(repr, TEXTS))
    town.provider.execute(
        "UPDATE public.odd SET v = CASE WHEN v IS NULL THEN '' WHEN v = '' THEN NULL ELSE v END"
    )
    assert town.run("r2", scope, keys, table="odd").updated == 2, "empty and nothing are two things"
    assert town.run("r3", scope, keys, table="odd").updated == 0


@pytest.mark.parametrize("rows", [0, 1, 700])
@pytest.mark.parametrize("lane", ["untouched", "opened"])
def test_as_many_rows_are_told_as_there_are(town: Town, rows: int, lane: str) -> None:
    reports: list[Progress] = []
    scope = Scope(
        ("id", "xm"),
        Compare("le", "id", Decimal(rows)),
        {"xm": token("city")} if lane == "opened" else {},
    )
    delivery = run(
        town.plan("r1", scope),
        town.source,
        town.target,
        guard=town.guard,
        keys={"city": b"k"},
        progress=reports.append,
    )
    assert {p.rows for p in reports if p.stage != "checking"} == {rows} and delivery.rows == rows


KEYS: dict[str, tuple[str, str]] = {
    "uuid": ("a uuid", "md5(n::text)::uuid"),
    "two columns": ("a smallint, b text", "n % 3, 'k' || n"),
    "text": ("a text", "chr(64 + n) || ' '"),
    "padded": ("a char(8)", "'x' || n"),
    "text of two cases": ("a varchar(9)", "(ARRAY['ss','ß','SS','é','É','e','I','ı','i','İ'])[n]"),
    "numeric": ("a numeric", "n / 4.0"),
    "date": ("a date", "date '2020-01-01' + n"),
    "timestamptz": ("a timestamptz", "timestamptz '2020-01-01' + n * interval '1 us'"),
    "bytes": ("a bytea", "decode(lpad(to_hex(n), 4, '0'), 'hex')"),
    "bigint": ("a bigint", "9223372036854775807 - n"),
    "network": ("a inet", "inet '10.0.0.0' + n"),
}


@pytest.mark.parametrize(("declared", "expression"), KEYS.values(), ids=KEYS)
def test_rows_are_known_by_keys_of_every_kind(
    town: Town, elsewhere: Town, declared: str, expression: str
) -> None:
    """The target orders and compares text by another locale than the source."""
    names = [part.split()[0] for part in declared.split(", ")]
    town.provider.execute(
        "DROP TABLE IF EXISTS public.odd;"
        f" CREATE TABLE public.odd ({declared}, v text, PRIMARY KEY ({', '.join(names)}));"
        f"INSERT INTO public.odd SELECT {expression}, 'v' || n FROM generate_series(1, 10) n"
    )
    scope = Scope((*names, "v"))
    assert elsewhere.run("r1", scope, table="odd").inserted == 10
    town.provider.execute(
        "UPDATE public.odd SET v = 'new' WHERE v = 'v3';"
        " DELETE FROM public.odd WHERE v = 'v4';"
        "UPDATE public.odd SET v = NULL WHERE v = 'v10'"
    )
    delivery = elsewhere.run("r2", scope, table="odd")
    assert (delivery.rows, delivery.inserted, delivery.updated, delivery.deleted) == (9, 0, 2, 1)
    text = 'SELECT t::text FROM public.{} t ORDER BY t::text COLLATE "C"'
    assert (
        elsewhere.consumer.execute(text.format("marriage_in")).fetchall()
        == town.provider.execute(text.format("odd")).fetchall()
    )


HASHED = [
    ("record", ("integer",), (180006, "UTF8"), (180002, "UTF8")),
    ("text", ("integer",), (170001, "UTF8"), (180002, "UTF8")),
    ("text", ("integer",), (130001, "UTF8"), (130001, "UTF8")),
    ("text", ("json",), (180001, "UTF8"), (180001, "UTF8")),
    ("utf8", ("integer",), (180001, "EUC_CN"), (180001, "UTF8")),
    ("record", ("text[]",), (180001, "EUC_CN"), (180001, "EUC_CN")),
]


@pytest.mark.parametrize(("how", "types", "one", "other"), HASHED)
def test_both_sides_add_up_in_a_way_both_know(
    how: str, types: tuple[str, ...], one: tuple[int, str], other: tuple[int, str]
) -> None:
    def server(version: int, encoding: str) -> Any:
        return SimpleNamespace(
            info=SimpleNamespace(
                server_version=version, parameter_status={"server_encoding": encoding}.get
            )
        )

    assert hash_for(Projection("", types, types, {}), server(*one), server(*other)) == how


def test_a_database_that_cannot_hold_a_character_is_named(
    town: Town, embedded_postgres: Any
) -> None:
    odd(town, "v text", ["南通", "𠮷野家"])
    with psycopg.connect(embedded_postgres.owner_url, autocommit=True) as owner:
        owner.execute(
            "CREATE DATABASE housing_gb TEMPLATE template0 ENCODING 'EUC_CN' LOCALE_PROVIDER"
            " libc LOCALE 'C'"
        )
        try:
            there = replace(town, target=replace(town.target, database="housing_gb"))
            with psycopg.connect(
                embedded_postgres.owner_url, dbname="housing_gb", autocommit=True
            ) as consumer:
                consumer.execute("GRANT CREATE ON SCHEMA public TO CURRENT_USER")
            with pytest.raises(DeliveryProblem) as stopped:
                there.run("r1", Scope(("n", "v")), table="odd")
            assert (stopped.value.code, stopped.value.who) == ("target_encoding", "使用部门")
            town.provider.execute("UPDATE public.odd SET v = '吉野家' WHERE n = 1")
            assert there.run("r2", Scope(("n", "v")), table="odd").rows == 2
        finally:
            owner.execute("DROP DATABASE housing_gb WITH (FORCE)")


def test_a_key_that_the_target_does_not_guard_is_checked_all_the_same(town: Town) -> None:
    """The consumer made the table beforehand, without a key; the source lost its own."""
    plan = replace(town.plan("r1", Scope(("id", "xm"))), key=("id",))
    town.consumer.execute("CREATE TABLE public.marriage_in (id bigint, xm varchar(64))")
    town.provider.execute(
        "ALTER TABLE public.marriage DROP CONSTRAINT marriage_pkey;"
        " INSERT INTO public.marriage (id, xm) VALUES (3, '二')"
    )
    assert town.fails(plan).code == "key_not_unique"
    town.provider.execute("DELETE FROM public.marriage WHERE xm = '二'")
    assert run(plan, town.source, town.target, guard=town.guard).inserted == 900


def test_what_is_no_longer_granted_goes_or_it_is_said_what_holds_it(town: Town) -> None:
    town.run("r1", Scope(("id", "fee")))
    town.consumer.execute("CREATE VIEW public.fees AS SELECT fee FROM public.marriage_in")
    try:
        problem = town.fails(town.plan("r2", Scope(("id", "xm"))))
        assert (problem.code, problem.who, problem.paused) == ("target_depended", "使用部门", True)
    finally:
        town.consumer.execute("DROP VIEW public.fees")
    town.run("r2", Scope(("id", "xm")))
    query = (
        "SELECT attname, col_description(attrelid, attnum) FROM pg_attribute"
        " WHERE attrelid = 'public.marriage_in'::regclass AND attnum > 0 AND NOT attisdropped"
    )
    assert town.consumer.execute(query).fetchall() == [("id", None), ("xm", "姓名")]


def test_our_own_record_is_no_target(town: Town) -> None:
    plan = replace(town.plan("r1"), target=("public", "huitong_runs"))
    assert town.fails(plan).code == "target_not_ours"
    town.run("r2")
    assert town.fails(plan).code == "target_not_ours"


def test_the_last_word_before_the_commit_can_be_stop(town: Town) -> None:
    """Adding up a large table takes its time: a grant that ends meanwhile commits nothing."""
    town.run("r1")
    town.provider.execute("UPDATE public.marriage SET note = 'x'")
    before, stages = town.arrived(), []

    class Ended(Exception):
        pass

    def ended(progress: Progress) -> None:
        stages.append(progress.stage)
        if stages.count("reconciling") == 2:
            raise Ended

    with pytest.raises(Ended):
        run(town.plan("r2"), town.source, town.target, guard=town.guard, progress=ended)
    assert town.arrived() == before


def test_a_commit_whose_answer_is_lost_is_neither_done_nor_failed(town: Town) -> None:
    with Cutting(town.target.port) as between:
        target, guard = replace(town.target, port=between.port), between.guard(town.source.port)
        plan = town.plan("r1")
        with pytest.raises(Undecided) as stopped:
            run(plan, town.source, target, guard=guard)
        assert (stopped.value.code, stopped.value.paused) == ("lost", False)
        done = outcome("r1", "public", target, guard=guard)
        assert (
            done
            and (done.rows, done.repeated) == (600, True)
            and outcome("r2", "public", target, guard=guard) is None
        )
        assert run(plan, town.source, target, guard=guard) == done


def test_a_source_that_goes_when_all_is_summed_up_costs_nothing(town: Town) -> None:
    """What was delivered is delivered: nothing more is asked of the source."""
    cut = (
        "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity"
        " WHERE application_name = 'huitong tables' AND datname = current_database()"
    )
    stages: list[str] = []

    def cut_target(progress: Progress) -> None:
        stages.append(progress.stage)
        if stages.count("reconciling") == 2:
            town.provider.execute(cut)

    assert (
        run(town.plan("r1"), town.source, town.target, guard=town.guard, progress=cut_target).rows
        == 600
    )


LOCKED = [("source", "source_locked", "提供部门"), ("target", "target_locked", "使用部门")]


@pytest.mark.parametrize(("side", "code", "who"), LOCKED)
def test_a_lock_is_blamed_on_the_side_that_holds_it(
    town: Town, side: str, code: str, who: str
) -> None:
    held, waits = (town.provider, town.source) if side == "source" else (town.consumer, town.target)
    table = "public.marriage" if side == "source" else "public.marriage_in"
    town.run("r1")
    with (
        held.transaction(),
        psycopg.connect(
            host=waits.host,
            port=waits.port,
            dbname=waits.database,
            user=waits.user,
            password=waits.password,
        ) as other,
    ):
        held.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        other.execute("SET lock_timeout = '20ms'")
        with pytest.raises(DeliveryProblem) as stopped, errors_of(side):
            other.execute(f"SELECT 1 FROM {table}")
    assert (stopped.value.code, stopped.value.who, stopped.value.paused) == (code, who, False)


def test_a_view_that_refuses_is_the_sources_fault(town: Town) -> None:
    town.provider.execute(
        "DROP VIEW IF EXISTS public.strict;"
        " CREATE OR REPLACE FUNCTION public.no() RETURNS text LANGUAGE plpgsql VOLATILE AS $$"
        " BEGIN RAISE EXCEPTION 'no'; END $$;"
        " CREATE VIEW public.strict AS SELECT id, public.no() AS xm FROM public.marriage"
    )
    plan = replace(town.plan("r1", Scope(("id", "xm")), table="strict"), key=("id",))
    problem = town.fails(plan)
    assert (problem.code, problem.side) == ("database_error", "source")
    town.provider.execute("DROP VIEW public.strict")


def test_names_of_every_kind_arrive(town: Town) -> None:
    columns = ("占比%", 'quoted "x"', "with space", "select", "%s", "{}", "a.b")
    listed = ", ".join('"{}" text'.format(c.replace('"', '""')) for c in columns)
    town.provider.execute(
        'DROP TABLE IF EXISTS public."表%s"; CREATE TABLE public."表%s" ("主键%" int PRIMARY KEY,'
        f" {listed})".encode()
    )
    town.provider.execute("""INSERT INTO public."表%s" VALUES (1, 'a'), (2, 'b')""".encode())
    plan = town.plan(
        "r1",
        Scope(("主键%", *columns), masks={"a.b": named("name")}),
        table="表%s",
        titles={"占比%": "占比（100%）"},
    )
    plan = replace(plan, target=("public", "送达%s"))
    try:
        assert run(plan, town.source, town.target, guard=town.guard).inserted == 2
        town.provider.execute("""UPDATE public."表%s" SET "占比%" = 'c'""".encode())
        assert (
            run(replace(plan, run_id="r2"), town.source, town.target, guard=town.guard).updated == 2
        )
        assert town.consumer.execute(
            """SELECT "占比%" FROM public."送达%s" """.encode()
        ).fetchall() == [("c",), ("c",)]
    finally:
        town.consumer.execute('DROP TABLE IF EXISTS public."送达%s"'.encode())
        town.provider.execute('DROP TABLE public."表%s"'.encode())
