"""The mover between two real databases: what arrives, what changes, what stops it, and what a
kill leaves behind."""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest

from huitong.connectors import DatabaseAddress
from huitong.connectors.databases import grant_delivery_sql, grant_reading_sql
from huitong.planes.tables.engine import DeliveryProblem, Plan, Progress, run
from huitong.planes.tables.engine.problems import FAULTS
from huitong.planes.tables.engine.target import Target, open_target
from huitong.planes.tables.tests.town import SCOPE, Town
from huitong.scope import Compare, Prefix, Scope
from huitong.scope.masks import apply, named, token


def test_only_the_granted_part_arrives_masked(town: Town) -> None:
    seen: list[Progress] = []
    delivery = run(
        town.plan("r1"), town.source, town.target, guard=town.guard, progress=seen.append
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
    kept = town.provider.execute(
        "SELECT id, fee, note, made FROM public.marriage WHERE code LIKE '3206%' ORDER BY 1"
    ).fetchall()
    assert [(r[0], r[4], r[5], r[6]) for r in rows] == kept
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
    assert [(p.stage, p.rows) for p in seen] == [
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
    told = {r[0]: r for r in town.arrived() or []}
    for n, note in town.provider.execute("SELECT id, note FROM public.marriage").fetchall():
        assert told[apply(token("city"), str(n), keys)][1] == apply(
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


DRIFT = [
    ("DROP TABLE public.marriage", "source_table_missing"),
    ("ALTER TABLE public.marriage DROP COLUMN fee", "source_column_missing"),
    ("ALTER TABLE public.marriage RENAME COLUMN code TO division", "source_column_missing"),
    ("ALTER TABLE public.marriage ALTER fee TYPE text", "source_type_changed"),
]


@pytest.mark.parametrize(("change", "code"), DRIFT)
def test_drift_pauses(town: Town, change: str, code: str) -> None:
    town.run("r1")
    plan = town.plan("r2")
    town.provider.execute(change)
    problem = town.fails(plan)
    assert (problem.code, problem.paused, problem.who) == (code, True, "提供部门")


def test_an_added_column_is_not_shared(town: Town) -> None:
    plan = town.plan("r1")
    town.provider.execute("ALTER TABLE public.marriage ADD COLUMN more text DEFAULT 'new'")
    assert run(plan, town.source, town.target, guard=town.guard).rows == 600


def test_every_other_stop_has_its_name(town: Town) -> None:
    plan = town.plan("r1")
    assert town.fails(replace(plan, key=())).code == "no_key"
    assert (
        town.plan("r1", Scope(("xm", "code"))).key == ()
        and town.plan("r1", Scope(("id", "xm"), masks={"id": named("mobile")})).key == ()
    )
    assert town.fails(replace(plan, key=("code",))).code == "key_not_unique"
    assert town.fails(town.plan("r1", Scope(("id", "ghost")))).code == "source_column_missing"
    assert (
        town.fails(town.plan("r1", replace(SCOPE, comparison_only=True))).code == "scope_unusable"
    )
    assert (
        town.fails(town.plan("r1", replace(SCOPE, row_filter=Compare("eq", "fee", "x")))).code
        == "scope_unusable"
    )
    for side in ("source", "target"):
        wrong = {side: getattr(town, side).with_password("wrong")}
        problem = town.fails(plan, **wrong)
        assert (problem.code, problem.side) == ("bad_password", side)
    assert town.fails(replace(plan, target=("ghost", "t"))).code == "no_such_table"
    town.consumer.execute(
        "CREATE TABLE public.marriage_in (id bigint); INSERT INTO public.marriage_in VALUES (1)"
    )
    assert town.fails(plan).code == "target_not_ours"


def test_a_key_the_source_has_twice_is_never_the_consumers_fault(town: Town) -> None:
    """Not even in a table the consumer has emptied and whose key it calls by another name: its
    own constraint was blamed."""
    town.run("r1")
    town.consumer.execute(
        "TRUNCATE public.marriage_in; ALTER INDEX public.marriage_in_pkey RENAME TO own_name"
    )
    town.provider.execute(
        "ALTER TABLE public.marriage DROP CONSTRAINT marriage_pkey;"
        " INSERT INTO public.marriage (id, xm, code) VALUES (3, '二', '320613')"
    )
    problem = town.fails(replace(town.plan("r2"), key=("id",)))
    assert (problem.code, problem.side, problem.who) == ("key_not_unique", "source", "提供部门")
    town.provider.execute("DELETE FROM public.marriage WHERE xm = '二'")
    assert (
        run(
            replace(town.plan("r3"), key=("id",)), town.source, town.target, guard=town.guard
        ).inserted
        == 600
    )


def test_stops_on_a_table_already_delivered(town: Town) -> None:
    town.run("r1")
    town.provider.execute(
        "ALTER TABLE public.marriage DROP CONSTRAINT marriage_pkey;"
        " INSERT INTO public.marriage (id, xm, code) VALUES (3, '二', '320613')"
    )
    plan = replace(town.plan("r2"), key=("id",))
    assert town.fails(plan).code == "key_not_unique"
    town.provider.execute("DELETE FROM public.marriage WHERE id > 100 OR xm = '二'")
    problem = town.fails(plan)
    assert (problem.code, problem.detail) == ("rows_fell", "上次 600 行，本次 67 行")
    assert run(replace(plan, largest_fall=1), town.source, town.target, guard=town.guard).rows == 67
    town.consumer.execute("ALTER TABLE public.marriage_in ALTER xm TYPE varchar(9)")
    assert town.fails(replace(plan, run_id="r3", largest_fall=1)).code == "target_type_changed"


TRIGGERS = [
    ("NEW.xm := '改'; RETURN NEW;", "mismatch"),
    ("RAISE EXCEPTION 'no';", "target_refuses"),
    ("RAISE EXCEPTION USING ERRCODE = '53100';", "disk_full"),
    ("RAISE EXCEPTION USING ERRCODE = '22001';", "wrong_type"),
    ("RAISE EXCEPTION USING ERRCODE = '40P01';", "conflict"),
    ("RAISE EXCEPTION USING ERRCODE = '25006';", "read_only"),
    ("RAISE EXCEPTION USING ERRCODE = '57P01';", "lost"),
]


@pytest.mark.parametrize(("body", "code"), TRIGGERS)
def test_what_the_target_does_is_noticed(town: Town, body: str, code: str) -> None:
    town.run("r1")
    town.consumer.execute(
        "CREATE OR REPLACE FUNCTION public.meddle() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" BEGIN {body} END $$"
    )
    town.consumer.execute(
        "CREATE TRIGGER meddle BEFORE INSERT OR UPDATE ON public.marriage_in FOR EACH ROW"
        " EXECUTE FUNCTION public.meddle()"
    )
    town.provider.execute("UPDATE public.marriage SET note = 'x' WHERE id = 3")
    assert town.fails(town.plan("r2")).code == code


@pytest.mark.parametrize(
    ("side", "stage"), [("source", "applying"), ("target", "applying"), ("target", "reconciling")]
)
def test_a_lost_connection_has_its_name_and_costs_nothing(
    town: Town, side: str, stage: str
) -> None:
    town.run("r1")
    town.provider.execute("UPDATE public.marriage SET note = 'x'")
    victim = town.provider if side == "source" else town.consumer

    def cut(progress: Progress) -> None:
        if progress.stage == stage:
            victim.execute(
                "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity"
                " WHERE application_name = 'huitong tables' AND datname = current_database()"
            )

    plan = town.plan("r2")
    problem = town.fails(plan, progress=cut)
    assert (problem.code, problem.side, problem.paused) == ("lost", side, False)
    assert run(plan, town.source, town.target, guard=town.guard).updated == 600


def test_stopping_from_outside_leaves_nothing(town: Town) -> None:
    class Paused(Exception):
        pass

    def stop(_: Progress) -> None:
        raise Paused

    with pytest.raises(Paused):
        run(town.plan("r1"), town.source, town.target, guard=town.guard, progress=stop)
    assert town.arrived() is None


def test_two_runs_on_one_table_do_not_mix(town: Town) -> None:
    town.run("r1")
    with psycopg.connect(
        host=town.target.host,
        port=town.target.port,
        dbname=town.target.database,
        user=town.target.user,
        password=town.target.password,
    ) as other:
        other.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('public.marriage_in', 20200219))"
        )
        with open_target(town.target, town.guard) as writing:
            writing.execute("SET lock_timeout = '50ms'")
            with pytest.raises(DeliveryProblem) as stopped:
                Target(writing, town.plan("r2")).begin()
    assert stopped.value.code == "already_running" and not stopped.value.paused


def test_plans_and_deliveries_are_json_without_secrets(town: Town) -> None:
    plan = town.plan("r1", replace(SCOPE, masks={"id": token("city")}), titles={"xm": "名字"})
    text = json.dumps(plan.to_json(), ensure_ascii=False)
    assert Plan.from_json(json.loads(text)) == plan and town.target.password not in text
    assert json.dumps(town.run("r1").to_json())
    assert all(f.cause and f.who and f.remedy for f in FAULTS.values())


KILLED = """
import json, sys
from huitong.connectors import DatabaseAddress, Guard
from huitong.planes.tables.engine import Plan, run
order = json.load(sys.stdin)
source, target = (DatabaseAddress(**order[side]) for side in ("source", "target"))
print("ready", flush=True)
run(
    Plan.from_json(order["plan"]), source, target, guard=Guard.of(order["allowed"]),
    progress=lambda p: print(p.stage, flush=True),
)
"""


@pytest.mark.parametrize("first", [True, False], ids=["first load", "update"])
def test_kill_nine_never_leaves_a_mixture(town: Town, first: bool) -> None:
    """Killed at random moments, mostly amid COPY and apply: old rows or new rows, and the rerun
    knows which."""
    random = Random(11)
    town.provider.execute(
        "INSERT INTO public.marriage (id, xm, code, note)"
        " SELECT n, '张三', '320613', repeat('字', 60) FROM generate_series(1000, 12000) n"
    )
    scope = Scope(("id", "xm", "note"), Prefix("code", "32"), {"xm": named("name")})
    states: list[str] = []
    old = None
    for turn in range(60 if os.environ.get("HUITONG_SOAK") else 4):
        if first:
            town.consumer.execute("DROP TABLE IF EXISTS public.marriage_in, public.huitong_runs")
        elif turn == 0:
            town.run("before", scope)
        town.provider.execute(
            "UPDATE public.marriage SET note = %s || left(note, 50)", (str(turn),)
        )
        old, plan = _state(town), town.plan(f"turn{turn}", scope)
        _kill_once(
            town,
            plan,
            random.uniform(0.0, 0.06),
            after=random.choice(["checking", "applying", "reconciling"]),
        )
        left = _state(town)
        delivery = run(plan, town.source, town.target, guard=town.guard)
        new = _state(town)
        assert left in (old, new), "a mixture"
        assert (
            delivery.repeated == (left == new)
            and delivery.source_checksum == delivery.target_checksum
        )
        states.append("new" if left == new else "old")
    if os.environ.get("HUITONG_SOAK"):
        assert {"old", "new"} == set(states), "of many kills some come in time, some too late"


def _state(town: Town) -> Any:
    for _ in range(100):  # the killed process's session ends by itself
        query = (
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE application_name = 'huitong tables' AND datname = current_database()"
        )
        if town.consumer.execute(query).fetchone() == (0,):
            break
        time.sleep(0.05)
    if town.arrived() is None:
        return None
    return town.consumer.execute(
        "SELECT count(*), sum(hashtextextended(t::text, 0)::numeric) FROM public.marriage_in t"
    ).fetchone()


def _kill_once(town: Town, plan: Plan, after_s: float, after: str) -> None:
    told = {"plan": plan.to_json(), "allowed": [f"127.0.0.1:{town.source.port}"]}
    for side in ("source", "target"):
        address: DatabaseAddress = getattr(town, side)
        told[side] = address.public | {"password": address.password}
    root = str(Path(__file__).parents[4])
    with subprocess.Popen(
        [sys.executable, "-c", KILLED],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": root},
    ) as process:
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(told).encode())
        process.stdin.close()
        for line in process.stdout:
            if line.strip().decode() == after:
                break
        time.sleep(after_s)
        process.kill()
        process.wait()
