"""What stops a run between two real databases, and under which name."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from huitong.planes.tables.engine import DeliveryProblem, Progress, run
from huitong.planes.tables.engine.target import Target, open_target
from huitong.planes.tables.tests.town import SCOPE, Town
from huitong.scope import Compare, Scope
from huitong.scope.masks import named

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
        wrong = {side: replace(getattr(town, side), password="wrong")}
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
