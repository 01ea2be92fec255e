"""The mover between two real databases: what arrives and what changes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import psycopg

from huitong.connectors.databases import grant_delivery_sql, grant_reading_sql
from huitong.planes.tables.engine import Plan, Progress, run
from huitong.planes.tables.engine.problems import FAULTS
from huitong.planes.tables.tests.town import SCOPE, Town
from huitong.scope import Scope
from huitong.scope.masks import apply, token


def test_only_the_granted_part_arrives_masked(town: Town) -> None:
    reports: list[Progress] = []
    delivery = run(
        town.plan("r1"), town.source, town.target, guard=town.guard, progress=reports.append
    )
    rows = town.arrived() or []
    assert (
        delivery.rows,
        delivery.inserted,
        delivery.updated,
        delivery.deleted,
        delivery.repeated,
    ) == (600, 600, 0, 0, False)
    assert (
        delivery.source_checksum == delivery.target_checksum
        and delivery.bytes > 50_000
        and len(rows) == 600
    )
    assert {r[1] for r in rows} == {"张*", "李**", "王*"} & {r[1] for r in rows} and {
        r[3] for r in rows
    } == {"320613", "320623"}
    assert all(r[2] == "320613" + "*" * 8 + f"{r[0]:04d}" for r in rows)
    expected = town.provider.execute(
        "SELECT id, fee, note, made FROM public.marriage WHERE code LIKE '3206%' ORDER BY 1"
    ).fetchall()
    assert [(r[0], r[4], r[5], r[6]) for r in rows] == expected
    columns = town.consumer.execute(
        "SELECT attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum)"
        " FROM pg_attribute WHERE attrelid = 'public.marriage_in'::regclass AND attnum > 0"
        " ORDER BY attnum"
    ).fetchall()
    assert columns == [
        ("id", "bigint", None),
        ("xm", "text", "姓名"),
        ("id_no", "text", None),
        ("code", "character(6)", None),
        ("fee", "numeric(10,2)", None),
        ("note", "text", None),
        ("made", "timestamp with time zone", None),
    ]
    # too little to tell of copying
    assert [(p.stage, p.rows) for p in reports] == [
        ("checking", 0),
        ("applying", 600),
        ("reconciling", 600),
        ("reconciling", 600),
    ]


def test_changes_and_deletions_arrive_with_the_next_run(town: Town) -> None:
    town.run("r1")
    town.provider.execute(
        "UPDATE public.marriage SET xm = '赵六' WHERE id IN (3, 5);"
        " DELETE FROM public.marriage WHERE id = 6;"
        "UPDATE public.marriage SET code = '330101' WHERE id = 7;"
        " UPDATE public.marriage SET fee = 1.50 WHERE id = 9;"
        "INSERT INTO public.marriage (id, xm, code) VALUES (5000, '孙七', '320600')"
    )
    delivery = town.run("r2")
    rows = {r[0]: r for r in town.arrived() or []}
    # id 5 is outside the filter; 7 left it: for this consumer it is deleted
    assert (delivery.rows, delivery.inserted, delivery.updated, delivery.deleted) == (599, 1, 2, 2)
    assert rows[3][1] == "赵*" and 6 not in rows and 7 not in rows and rows[5000][1] == "孙*"
    again = town.run("r3")
    assert (again.inserted, again.updated, again.deleted) == (
        0,
        0,
        0,
    ) and again.source_checksum == delivery.source_checksum


def test_the_consumer_never_sees_less_than_a_whole_table(town: Town) -> None:
    town.run("r1")
    town.provider.execute("UPDATE public.marriage SET note = note || '.'")
    looks: list[int] = []

    def look(_: Progress) -> None:
        looks.append(len(town.arrived() or []))

    run(town.plan("r2"), town.source, town.target, guard=town.guard, progress=look)
    assert looks and set(looks) == {600}


def test_a_rerun_of_the_same_run_is_recognised(town: Town) -> None:
    first = town.run("r1")
    plan = town.plan("r1")
    town.provider.execute("DELETE FROM public.marriage WHERE id < 100")
    again = run(plan, town.source, town.target, guard=town.guard)
    assert (
        again.repeated
        and replace(again, repeated=False) == first
        and len(town.arrived() or []) == 600
    )
    assert town.fails(replace(plan, scope=replace(SCOPE, masks={}))).code == "different_work"


def test_tampering_at_the_target_is_repaired(town: Town) -> None:
    first = town.run("r1")
    town.consumer.execute(
        "DELETE FROM public.marriage_in WHERE id < 50;"
        " UPDATE public.marriage_in SET xm = '改' WHERE id = 60;"
        "INSERT INTO public.marriage_in (id, xm) VALUES (-1, '假')"
    )
    second = town.run("r2")
    assert (
        (second.deleted, second.updated) == (1, 1)
        and second.inserted > 0
        and second.target_checksum == first.target_checksum
    )


def test_tokens_join_and_go_the_slow_lane(town: Town) -> None:
    scope = Scope(
        ("id", "note", "xm"), None, {"id": token("city"), "note": token("city", "sha256")}
    )
    keys = {"city": b"not in any log"}
    town.run("r1", scope, keys)
    town.provider.execute(
        "DELETE FROM public.marriage WHERE id = 1;"
        " UPDATE public.marriage SET xm = '新' WHERE id = 2"
    )
    delivery = town.run("r2", scope, keys)
    assert (delivery.rows, delivery.inserted, delivery.updated, delivery.deleted) == (899, 0, 1, 1)
    assert delivery.source_checksum == delivery.target_checksum
    arrived = {r[0]: r for r in town.arrived() or []}
    for n, note in town.provider.execute("SELECT id, note FROM public.marriage").fetchall():
        assert arrived[apply(token("city"), str(n), keys)][1] == apply(
            token("city", "sha256"), note, keys
        )
    assert town.fails(town.plan("r3", scope), keys={}).code == "scope_unusable"


def test_the_grant_may_grow_and_shrink(town: Town) -> None:
    town.run("r1", Scope(("id", "xm", "hidden")))
    town.consumer.execute(
        "ALTER TABLE public.marriage_in ADD COLUMN own text DEFAULT 'x';"
        " CREATE VIEW public.dependant AS SELECT id FROM public.marriage_in"
    )
    delivery = town.run("r2", Scope(("id", "xm", "fee")))
    columns = [
        c[0]
        for c in town.consumer.execute(
            "SELECT attname FROM pg_attribute"
            " WHERE attrelid = 'public.marriage_in'::regclass AND attnum > 0 AND NOT attisdropped"
        )
    ]
    # what is no longer granted is gone, the consumer's own stays
    assert columns == ["id", "xm", "own", "fee"] and delivery.updated == 900
    town.consumer.execute("DROP VIEW public.dependant")


def test_types_arrive_exactly_or_as_text(town: Town) -> None:
    town.provider.execute("""
        DROP TABLE IF EXISTS public.odd;
        DROP TYPE IF EXISTS public.mood;
        CREATE TYPE public.mood AS ENUM ('好', '坏');
        CREATE TABLE public.odd (
          id int PRIMARY KEY, a numeric, b numeric(38,10), c float8, d real, e timestamp,
          f timestamptz, g date, h time, i interval, j bytea, k uuid, l json, m jsonb, n int[],
          o text[][], p inet, q bit(4), r public.mood, s money, t boolean, u "char", v varbit,
          w point, x char(5), y timestamp(3), z regclass);
        INSERT INTO public.odd VALUES
          (1, 'NaN', 1.10, 'NaN', '-Infinity', 'infinity', '-infinity', '0044-03-15 BC', '24:00',
           '1 mon -2 days', '\\x00ff', gen_random_uuid(), '{"a": 1.10}', '{"a": 1.10}',
           '{1,NULL}', '{{a,"b c"},{NULL,""}}', '10.0.0.0/8', '1010', '坏', 12.5, true, 'x', '101',
           '(1,2)', 'a', '2020-01-01 00:00:00.1239', 'pg_class'),
          (2, 1.0, 12345678901234567890.0123456789, '-0', 3e38, '0001-01-01',
           '9999-12-31 23:59:59.999999+08', 'infinity', '00:00', '0', '', NULL, 'null', '[]', '{}',
           '{}', '::1', '0000', '好', -1, false, NULL, NULL, NULL, '', NULL, NULL);
        INSERT INTO public.odd (id) VALUES (3)""")
    scope = Scope(("id", *"abcdefghijklmnopqrstuvwxyz"))
    delivery = town.run("r1", scope, table="odd")
    assert delivery.rows == 3
    texts = (
        "SELECT concat_ws('|', "
        + ", ".join(f"coalesce(t.{c}::text, 'NULL')" for c in scope.items)
        + ") FROM {} t ORDER BY id"
    )
    assert (
        town.consumer.execute(texts.format("public.marriage_in")).fetchall()
        == town.provider.execute(texts.format("public.odd")).fetchall()
    )
    declared: dict[str, str] = dict(
        town.consumer.execute(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
            " WHERE attrelid = 'public.marriage_in'::regclass AND attnum > 0"
        ).fetchall()
    )
    assert (
        {c for c, t in declared.items() if t == "text"} == set("rsuz")
        and declared["b"] == "numeric(38,10)"
        and declared["o"] == "text[]"
    )
    # equal as a number, another text
    town.provider.execute("UPDATE public.odd SET a = 1.00 WHERE id = 2")
    assert (
        town.run("r2", scope, table="odd").updated,
        town.run("r3", scope, table="odd").updated,
    ) == (1, 0)


def test_the_least_privileges_we_ask_for_are_enough(town: Town, embedded_postgres: Any) -> None:
    reader, writer = (
        replace(town.source, user="ht_reader", password="Read3r!pass"),
        replace(town.target, user="ht_writer", password="Wr1ter!pass"),
    )
    scripts = {
        town.source.database: grant_reading_sql(reader, "public", ["marriage"]),
        town.target.database: grant_delivery_sql(writer, "from_huitong"),
    }
    plan = replace(town.plan("r1"), target=("from_huitong", "marriage_in"))
    for (database, script), address in zip(scripts.items(), (reader, writer), strict=True):
        with psycopg.connect(
            embedded_postgres.superuser_url, dbname=database, autocommit=True
        ) as root:
            root.execute(
                script.replace(
                    f'\\password "{address.user}"',
                    f"ALTER ROLE {address.user} PASSWORD '{address.password}';",
                )
            )
    try:
        for turn in ("r1", "r2"):
            town.provider.execute("UPDATE public.marriage SET note = %s", (turn,))
            assert run(replace(plan, run_id=turn), reader, writer, guard=town.guard).rows == 600
    finally:
        for database, role in zip(scripts, ("ht_reader", "ht_writer"), strict=True):
            with psycopg.connect(
                embedded_postgres.superuser_url, dbname=database, autocommit=True
            ) as root:
                root.execute(
                    "DROP SCHEMA IF EXISTS from_huitong CASCADE;"
                    f" DROP OWNED BY {role} CASCADE;"
                    f" DROP ROLE {role}"
                )


def test_an_added_column_is_not_shared(town: Town) -> None:
    plan = town.plan("r1")
    town.provider.execute("ALTER TABLE public.marriage ADD COLUMN more text DEFAULT 'new'")
    assert run(plan, town.source, town.target, guard=town.guard).rows == 600


def test_plans_and_deliveries_are_json_without_secrets(town: Town) -> None:
    plan = town.plan("r1", replace(SCOPE, masks={"id": token("city")}), titles={"xm": "名字"})
    text = json.dumps(plan.to_json(), ensure_ascii=False)
    assert Plan.from_json(json.loads(text)) == plan and town.target.password not in text
    assert json.dumps(town.run("r1").to_json())
    assert all(f.cause and f.who and f.remedy for f in FAULTS.values())
