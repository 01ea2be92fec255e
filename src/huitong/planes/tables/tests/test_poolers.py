"""Behind a pooler that hands one server connection to many clients, a transaction each, we leave
nothing behind (`d04`).

PgBouncer in transaction mode: "SET/RESET: never", "LISTEN: never", session-level advisory locks and
temporary tables likewise (https://www.pgbouncer.org/features.html). What a provider's application
gets afterwards is the very connection we had.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from huitong.connectors import connect, probe, samples, scan
from huitong.planes.tables.engine import DeliveryProblem, outcome, run
from huitong.planes.tables.tests.town import SCOPE, Town, inside
from huitong.scope import Scope
from huitong.scope.masks import named, token

LEFT_BEHIND = {
    "settings": "SELECT name, setting FROM pg_settings ORDER BY name",
    "prepared": "SELECT name FROM pg_prepared_statements",
    "listening": "SELECT pg_listening_channels()",
    "locks": (
        "SELECT locktype FROM pg_locks"
        " WHERE pid = pg_backend_pid() AND locktype NOT IN ('virtualxid', 'relation')"
    ),
    "temporary": (
        "SELECT relname FROM pg_class"
        " WHERE relpersistence = 't' AND relkind <> 'i' AND relnamespace = pg_my_temp_schema()"
    ),
}


@pytest.fixture
def pooled(town: Town, pooler: int) -> Iterator[Town]:
    guard = type(town.guard).of([f"127.0.0.1:{port}" for port in (pooler, town.source.port)])
    yield replace(
        town,
        source=replace(town.source, port=pooler),
        target=replace(town.target, port=pooler),
        guard=guard,
    )


def left(there: Town, side: str) -> dict[str, Any]:
    """The settings another client of the pooler gets on the one connection to this database."""
    with inside(there.source if side == "source" else there.target) as own:
        settings: dict[str, Any] = {
            what: own.execute(query).fetchall() for what, query in LEFT_BEHIND.items()
        }
        return settings | {"backend": own.execute("SELECT pg_backend_pid()").fetchone()}


def deliver(there: Town) -> None:
    for turn in ("r1", "r2"):
        assert run(there.plan(turn), there.source, there.target, guard=there.guard).rows == 600
    opened = there.plan("r3", Scope(("id", "xm"), None, {"xm": token("city")}))
    assert (
        run(opened, there.source, there.target, guard=there.guard, keys={"city": b"k"}).rows == 900
    )
    assert outcome("r3", "public", there.target, guard=there.guard)


def fail(there: Town) -> None:
    with pytest.raises(DeliveryProblem):
        run(replace(there.plan("r1"), key=("code",)), there.source, there.target, guard=there.guard)
    with pytest.raises(DeliveryProblem):
        run(there.plan("r1", Scope(("id", "ghost"))), there.source, there.target, guard=there.guard)


def look(there: Town) -> None:
    assert (
        probe(there.source, guard=there.guard).ok
        and probe(there.target, guard=there.guard, target=True).ok
    )
    with connect(there.source, guard=there.guard, statement_s=15) as reading:
        assert {t.name for t in scan(reading)} >= {"marriage"}
        assert len(samples(reading, "public", "marriage", ["xm"], 3)) == 3


def stop(there: Town) -> None:
    """Cut off amid a transaction."""
    reading = connect(there.source, guard=there.guard, statement_s=15)
    reading.execute("SELECT 1 FROM public.marriage")
    reading.close()


@pytest.mark.parametrize("deed", [look, deliver, fail, stop])
def test_nothing_stays_behind_on_a_shared_connection(pooled: Town, deed: Any) -> None:
    before = {side: left(pooled, side) for side in ("source", "target")}
    deed(pooled)
    for side, settings in before.items():
        after = left(pooled, side)
        if deed is not stop:
            assert after["backend"] == settings["backend"], (
                "the test is about one and the same connection"
            )
        assert after | {"backend": 0} == settings | {"backend": 0}


def test_what_others_leave_behind_changes_nothing_of_ours(pooled: Town) -> None:
    """Nor do we rely on a session nobody has touched."""
    with inside(pooled.source) as rude:
        rude.execute(
            "SET search_path = nowhere;"
            " SET DateStyle = 'German, DMY';"
            " SET bytea_output = 'escape';"
            " SET TimeZone = 'America/New_York'"
        )
    try:
        plan = pooled.plan("r1", replace(SCOPE, masks={"xm": named("name")}))
        assert run(plan, pooled.source, pooled.target, guard=pooled.guard).rows == 600
    finally:
        with inside(pooled.source) as rude:
            rude.execute("RESET ALL")


def test_nobody_forgets_the_settings(town: Town) -> None:
    """A statement outside a transaction would go without them, or leave them behind."""
    with connect(town.source, guard=town.guard) as reading:
        for _ in range(2):  # after a commit too
            assert reading.execute("SHOW row_security").fetchone() == ("off",)
            reading.commit()
            with reading.transaction():
                assert reading.execute("SHOW row_security").fetchone() == ("off",)
        reading.autocommit = True
        with pytest.raises(ValueError):
            reading.execute("SELECT 1")
    with psycopg.connect(
        host=town.source.host,
        port=town.source.port,
        dbname=town.source.database,
        user=town.source.user,
        password=town.source.password,
    ) as plain:
        assert plain.execute("SHOW row_security").fetchone() == ("on",)
