"""A run shows the source's table as it was at one moment, whatever the provider does to it
meanwhile (`d01`).

PostgreSQL: "any concurrently executing transaction will see a truncated or rewritten table as empty
if its snapshot was taken before" (MVCC Caveats); "execute LOCK TABLE before executing any SELECT"
(LOCK).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from huitong.planes.tables.engine import Delivery, DeliveryProblem, run
from huitong.planes.tables.tests.town import Town, emptied, inside, role, statements
from huitong.scope import Scope

SCOPE = Scope(("id", "v"))
OLD, NEW = (
    f"INSERT INTO {{}} SELECT g, '{word}' FROM generate_series(1, 50) AS g"
    for word in ("old", "new")
)


@pytest.fixture
def land(town: Town) -> Iterator[Town]:
    emptied(town.provider)
    yield town
    emptied(town.provider)


def waiting(town: Town) -> bool:
    query = (
        "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
        " WHERE d.datname = current_database() AND NOT granted"
    )
    return town.provider.execute(query).fetchone() != (0,)


def amid(town: Town, change: list[str], again: Any) -> Delivery:
    """Begin ``again`` while a change of the provider's is under way; the provider commits when
    the run waits for it."""
    with inside(town.source) as refresh, ThreadPoolExecutor(1) as beside:
        for statement in ["BEGIN", *change]:
            refresh.execute(statement)
        under_way = beside.submit(again)
        while not (waiting(town) or under_way.done()):
            time.sleep(0.01)
        refresh.execute("COMMIT")
        return under_way.result()


def values(town: Town) -> list[Any]:
    return [row[1] for row in town.arrived() or []]


def test_a_nightly_truncate_and_reload_empties_nobody(land: Town) -> None:
    """d01: the run said "delivered", 0 rows, 50 deleted, both checksums equal."""
    create, fill, _begin, *reload, _sleep, _commit = statements("d01-truncate-reload.sql")
    land.provider.execute(f"{create}; {fill}")
    assert land.run("r1", SCOPE, table="t").inserted == 50
    plan = land.plan("r2", SCOPE, table="t")
    delivery = amid(land, reload, lambda: run(plan, land.source, land.target, guard=land.guard))
    assert (delivery.rows, delivery.updated, delivery.deleted) == (50, 50, 0) and values(land) == [
        "new"
    ] * 50


T = ["CREATE TABLE t (id int PRIMARY KEY, v text)", OLD.format("t")]
PARTED = [
    "CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY RANGE (id)",
    "CREATE TABLE part PARTITION OF t FOR VALUES FROM (0) TO (1000)",
    "CREATE TABLE other (id int PRIMARY KEY, v text)",
    OLD.format("t"),
]
CHANGES = {  # made beforehand, done within one transaction, how often the word arrives
    "truncate": (T, ["TRUNCATE t", NEW.format("t")], "new"),
    "swap by name": (
        [*T, "CREATE TABLE t_new (id int PRIMARY KEY, v text)"],
        [NEW.format("t_new"), "ALTER TABLE t RENAME TO t_old", "ALTER TABLE t_new RENAME TO t"],
        "new",
    ),
    "built and swapped": (
        T,
        [
            "CREATE TABLE t_new (LIKE t INCLUDING ALL)",
            NEW.format("t_new"),
            "DROP TABLE t",
            "ALTER TABLE t_new RENAME TO t",
        ],
        "new",
    ),
    "rewritten": (T, ["ALTER TABLE t ADD COLUMN k uuid DEFAULT gen_random_uuid()"], "old"),
    "dropped and created": (
        T,
        ["DROP TABLE t", "CREATE TABLE t (id int PRIMARY KEY, v text)", NEW.format("t")],
        "new",
    ),
    "partition emptied": (PARTED, ["TRUNCATE part", NEW.format("t")], "new"),
    "partition exchanged": (
        PARTED,
        [
            NEW.format("other"),
            "ALTER TABLE t DETACH PARTITION part",
            "ALTER TABLE t ATTACH PARTITION other FOR VALUES FROM (0) TO (1000)",
        ],
        "new",
    ),
    "below a view": (
        [
            "CREATE TABLE kept (id int PRIMARY KEY, v text)",
            OLD.format("kept"),
            "CREATE VIEW t AS SELECT * FROM kept",
        ],
        ["TRUNCATE kept", NEW.format("kept")],
        "new",
    ),
    "view of another table": (
        [
            "CREATE TABLE kept (id int PRIMARY KEY, v text)",
            OLD.format("kept"),
            "CREATE VIEW t AS SELECT * FROM kept",
        ],
        [
            "CREATE TABLE fresh (LIKE kept)",
            NEW.format("fresh"),
            "CREATE OR REPLACE VIEW t AS SELECT * FROM fresh",
            "DROP TABLE kept",
        ],
        "new",
    ),
    "refreshed": (
        [
            "CREATE TABLE kept (id int, v text)",
            OLD.format("kept"),
            "CREATE MATERIALIZED VIEW t AS SELECT * FROM kept",
            "CREATE UNIQUE INDEX ON t (id)",
        ],
        ["UPDATE kept SET v = 'new'", "REFRESH MATERIALIZED VIEW t"],
        "new",
    ),
    "refreshed below a view": (
        [
            "CREATE TABLE kept (id int, v text)",
            OLD.format("kept"),
            "CREATE MATERIALIZED VIEW m AS SELECT * FROM kept",
            "CREATE VIEW t AS SELECT * FROM m",
        ],
        ["UPDATE kept SET v = 'new'", "REFRESH MATERIALIZED VIEW m"],
        "new",
    ),
}


@pytest.mark.parametrize(("created", "done", "word"), CHANGES.values(), ids=CHANGES)
def test_what_the_provider_does_meanwhile_shows_wholly_or_not_at_all(
    land: Town, created: list[str], done: list[str], word: str
) -> None:
    for statement in created:
        land.provider.execute(statement)
    plan = replace(land.plan("r1", SCOPE, table="t"), key=("id",))
    run(plan, land.source, land.target, guard=land.guard)
    delivery = amid(
        land,
        done,
        lambda: run(replace(plan, run_id="r2"), land.source, land.target, guard=land.guard),
    )
    assert delivery.rows == 50 and values(land) == [word] * 50


def test_a_table_that_may_not_be_locked_is_read_once_more(
    land: Town, embedded_postgres: Any
) -> None:
    """Whoever may read some columns only cannot lock the table."""
    for statement in T:
        land.provider.execute(statement)
    with role(embedded_postgres.superuser_url, "reader"):
        land.provider.execute("GRANT SELECT (id, v) ON t TO reader")
        there = land.reader()
        plan = there.plan("r1", SCOPE, table="t")
        run(plan, there.source, there.target, guard=there.guard)
        delivery = amid(
            land,
            ["TRUNCATE t", NEW.format("t")],
            lambda: run(replace(plan, run_id="r2"), there.source, there.target, guard=there.guard),
        )
    assert delivery.rows == 50 and values(land) == ["new"] * 50


LATE = [
    "CREATE TABLE lookup (k int PRIMARY KEY, v text)",
    OLD.format("lookup"),
    (
        "CREATE FUNCTION word(k int) RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN"
        " RETURN (SELECT v FROM lookup l WHERE l.k = word.k); END $$"
    ),
    "CREATE TABLE kept AS SELECT g AS id FROM generate_series(1, 50) AS g",
    "CREATE VIEW t AS SELECT id, word(id) AS v FROM kept",
]


def test_what_only_a_function_reads_is_looked_at_in_the_end(land: Town) -> None:
    """Nobody can lock beforehand what a function will read: the run is refused and tried again
    by itself."""
    for statement in LATE:
        land.provider.execute(statement)
    plan = replace(land.plan("r1", SCOPE, table="t"), key=("id",))
    run(plan, land.source, land.target, guard=land.guard)
    before = land.arrived()
    with pytest.raises(DeliveryProblem) as stopped:
        amid(
            land,
            ["TRUNCATE lookup", NEW.format("lookup")],
            lambda: run(replace(plan, run_id="r2"), land.source, land.target, guard=land.guard),
        )
    assert (stopped.value.code, stopped.value.who, stopped.value.paused) == (
        "source_changing",
        "提供部门",
        False,
    )
    assert land.arrived() == before
    assert run(replace(plan, run_id="r3"), land.source, land.target, guard=land.guard).updated == 50


def test_schemas_exchanged_under_way_are_noticed(land: Town) -> None:
    """Renaming a schema waits for nobody's lock on its tables."""
    for schema in ("app", "app_new"):
        land.provider.execute(
            f"DROP SCHEMA IF EXISTS {schema} CASCADE;"
            f" CREATE SCHEMA {schema};"
            f" CREATE TABLE {schema}.t (id int PRIMARY KEY, v text)"
        )
    land.provider.execute(OLD.format("app.t"))
    plan = land.plan("r1", SCOPE, table="t", schema="app")

    def exchange(progress: Any) -> None:
        if progress.stage == "applying":
            land.provider.execute(
                "ALTER SCHEMA app RENAME TO app_old; ALTER SCHEMA app_new RENAME TO app"
            )

    try:
        assert land.fails(plan, progress=exchange).code in ("source_changing", "mismatch")
    finally:
        land.provider.execute("DROP SCHEMA IF EXISTS app, app_new, app_old CASCADE")


@pytest.mark.parametrize("default", ["read committed", "repeatable read", "serializable"])
def test_what_the_consumer_writes_before_our_lock_is_seen_after_it(
    town: Town, default: str
) -> None:
    """A consumer's transaction that ends while the run waits for the table: what it wrote is
    brought in step, whatever its database's default; with a snapshot older than the lock it
    would stay, unseen by count and checksum."""
    town.run("r1")
    name = town.target.database
    town.consumer.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = '{default}'")
    plan = town.plan("r2")
    try:
        with inside(town.target) as own, ThreadPoolExecutor(1) as beside:
            own.execute(
                "BEGIN ISOLATION LEVEL READ COMMITTED; INSERT INTO public.marriage_in (id, xm)"
                " VALUES (-1, '假')"
            )
            under_way = beside.submit(run, plan, town.source, town.target, guard=town.guard)
            while not (waiting(replace(town, provider=town.consumer)) or under_way.done()):
                time.sleep(0.01)
            own.execute("COMMIT")
            assert under_way.result().deleted == 1
        assert town.consumer.execute("SELECT count(*) FROM public.marriage_in").fetchone() == (600,)
    finally:
        town.consumer.execute(f"ALTER DATABASE {name} RESET ALL")


def test_a_target_that_is_exchanged_under_way_is_noticed(town: Town) -> None:
    plan = replace(town.plan("r1"), target=("inbox", "t"))
    town.consumer.execute("CREATE SCHEMA inbox; CREATE SCHEMA inbox_new")
    try:
        run(plan, town.source, town.target, guard=town.guard)
        town.consumer.execute(
            "CREATE TABLE inbox_new.t (LIKE inbox.t INCLUDING ALL);"
            " CREATE TABLE inbox_new.huitong_runs (LIKE inbox.huitong_runs)"
        )
        town.provider.execute("UPDATE public.marriage SET note = 'x'")

        def exchange(progress: Any) -> None:
            if progress.stage == "applying":
                town.consumer.execute(
                    "ALTER SCHEMA inbox RENAME TO inbox_old; ALTER SCHEMA inbox_new RENAME TO inbox"
                )

        with pytest.raises(DeliveryProblem) as stopped:
            run(
                replace(plan, run_id="r2"),
                town.source,
                town.target,
                guard=town.guard,
                progress=exchange,
            )
        assert stopped.value.side == "target"
        assert town.consumer.execute("SELECT count(*) FROM inbox.t").fetchone() == (0,)
    finally:
        town.consumer.execute("DROP SCHEMA IF EXISTS inbox, inbox_new, inbox_old CASCADE")


def test_a_trigger_that_waits_for_the_commit_is_seen_before_it(town: Town) -> None:
    """A deferred trigger would change rows after both sides were compared."""
    town.run("r1")
    town.consumer.execute("""
        CREATE FUNCTION public.late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.note <> 'spoiled' THEN
              UPDATE public.marriage_in SET note = 'spoiled' WHERE id = NEW.id;
            END IF;
            RETURN NULL;
          END $$;
        CREATE CONSTRAINT TRIGGER late AFTER INSERT OR UPDATE ON public.marriage_in
          DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.late()""")
    try:
        town.provider.execute("UPDATE public.marriage SET note = 'x' WHERE id = 3")
        assert town.fails(town.plan("r2")).code == "mismatch"
    finally:
        town.consumer.execute("DROP FUNCTION public.late() CASCADE")


def test_a_snapshot_is_taken_after_the_lock(town: Town) -> None:
    """What all of this rests on: neither our settings nor LOCK take the snapshot of a
    transaction that keeps one."""
    from huitong.planes.tables.engine.source import hold, open_source

    with open_source(town.source, town.guard) as reading:
        hold(reading, ("public", "marriage"))
        town.provider.execute("UPDATE public.marriage SET note = 'after the lock' WHERE id = 1")
        assert reading.execute("SELECT note FROM public.marriage WHERE id = 1").fetchone() == (
            "after the lock",
        )
        with pytest.raises(psycopg.errors.LockNotAvailable):
            town.provider.execute("SET lock_timeout = '50ms'; TRUNCATE public.marriage")
    town.provider.execute("RESET lock_timeout")
