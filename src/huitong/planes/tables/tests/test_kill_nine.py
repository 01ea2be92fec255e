"""`kill -9` of whoever carries out a run, at random moments: the run is taken up again and has
happened exactly once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.sharing import Sharing

from huitong.access import queries as access_queries
from huitong.kernel.ledger import Entry
from huitong.planes.tables import actions, jobs
from huitong.planes.tables.models import Run
from huitong.planes.tables.reconcile import reconcile
from huitong.planes.tables.rules import RunState

ROOT = Path(__file__).parents[5]
#: starts once, then carries out each run it is told of in a child of its own, which we kill
CARRIER = """
import os, sys
from huitong.cli.django_ready import ready
ready()
from django.db import connections
from huitong.planes.tables import jobs
print("ready", flush=True)
for line in sys.stdin:
    connections.close_all()
    if not (child := os.fork()):
        jobs.deliver(int(line))
        os._exit(0)
    print(child, flush=True)
    sys.stdin.readline()  # until then the child's number is nobody else's
    os.waitpid(child, 0)
    print("gone", flush=True)
"""
#: seconds a worker may take to start and finish on a machine busy with other tests
PATIENCE = 90.0
MANY = """
INSERT INTO marriage
SELECT 'C' || n, '王小明', '11010519491231002X', date '2020-01-01', repeat('如东', 20), '320623'
  FROM generate_series(1, 12000) AS n
"""


@pytest.fixture
def environment(live_db: Any, sharing: Sharing) -> dict[str, str]:
    allowed = {
        "HUITONG_ALLOWED_NETWORKS": f"127.0.0.1:{sharing.source['port']}",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }
    return live_db.environment | allowed


@pytest.fixture
def carrier(environment: dict[str, str]) -> Iterator[Callable[[int, float | None], None]]:
    """``carrier(run, seconds)``: carry out a run in another process, killed after so many
    seconds."""
    process = subprocess.Popen(
        [sys.executable, "-c", CARRIER],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout
    orders, answers = process.stdin, process.stdout
    assert answers.readline() == "ready\n"

    def carry(run: int, seconds: float | None) -> None:
        orders.write(f"{run}\n")
        orders.flush()
        child = int(answers.readline())
        if seconds is not None:
            time.sleep(seconds)
            os.kill(child, signal.SIGKILL)
        orders.write("\n")
        orders.flush()
        assert answers.readline() == "gone\n"

    yield carry
    orders.close()
    process.wait(20)
    answers.close()


def look(sharing: Sharing, side: str, query: str) -> Any:
    with psycopg.connect(getattr(sharing, f"{side}_url"), autocommit=True) as database:
        cursor = database.execute(query)
        return cursor.fetchone() if cursor.description else None


def copy_of(sharing: Sharing) -> Any:
    """The count and checksum of the consumer's table; None while there is none."""
    if look(sharing, "target", "SELECT to_regclass('public.marriage')") == (None,):
        return None
    return look(
        sharing,
        "target",
        "SELECT count(*), sum(hashtextextended(t::text, 0)::numeric) FROM marriage t",
    )


def settled(sharing: Sharing) -> None:
    """The killed process's session in the consumer's database ends by itself."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'huitong tables'"
    _until(lambda: look(sharing, "target", query) == (0,), 10)


def _until(true: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_a_carrier_killed_at_random_moments(
    sharing: Sharing, grant: Any, carrier: Callable[[int, float | None], None]
) -> None:
    lot, kills = random.Random(5), 40 if os.environ.get("HUITONG_SOAK") else 4
    look(sharing, "source", MANY)
    reconcile()
    start = time.monotonic()
    carrier(Run.objects.get().pk, None)
    whole = time.monotonic() - start
    assert Run.objects.get().state == RunState.DELIVERED, Run.objects.get().problem
    came_in_time = 0
    for turn in range(kills):
        look(
            sharing,
            "source",
            "UPDATE marriage SET reg_date = reg_date + 1 WHERE reg_no LIKE 'C%';"
            f" DELETE FROM marriage WHERE reg_no = 'C{turn + 1}'",
        )
        old = copy_of(sharing)
        run = actions.run_now(sharing.cast.housing_operator, grant=grant.pk)
        carrier(run.pk, lot.uniform(0, whole))
        settled(sharing)
        left = copy_of(sharing)
        run.refresh_from_db()
        came_in_time += run.active
        reconcile()
        jobs.deliver(run.pk)  # what the worker does with the job that reconciling put on its way
        run.refresh_from_db()
        new = copy_of(sharing)
        assert run.state == RunState.DELIVERED and run.source_checksum == run.target_checksum, (
            run.problem
        )
        assert left in (old, new), "a mixture"
        assert (
            new[0]
            == look(sharing, "source", "SELECT count(*) FROM marriage WHERE area LIKE '3206%'")[0]
        )
        assert access_queries.deliveries_of(grant).filter(reference=str(run.key)).count() == 1
        assert Entry.objects.filter(verb="tables.finish", object_id=str(run.pk)).count() == 1
        assert look(
            sharing, "target", f"SELECT count(*) FROM huitong_runs WHERE run_id = '{run.key}'"
        ) == (1,)
    assert came_in_time, "no kill came in time"


def test_a_worker_killed_in_the_middle_goes_on_when_it_is_back(
    sharing: Sharing, grant: Any, environment: dict[str, str]
) -> None:
    """The whole way: the grant's own reaction schedules, the worker moves, dies, comes back, and
    the rows are there once."""
    with psycopg.connect(sharing.target_url) as holding:
        # so that it is surely amid its work
        holding.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('public.marriage', 20200219))"
        )
        worker = _worker(environment)
        _until(lambda: Run.objects.filter(state=RunState.RUNNING).exists(), PATIENCE)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    settled(sharing)
    assert copy_of(sharing) is None
    worker = _worker(environment)
    try:
        _until(lambda: Run.objects.get().state == RunState.DELIVERED, PATIENCE)
    finally:
        os.killpg(worker.pid, signal.SIGTERM)
        worker.wait(15)
    run = Run.objects.get()
    assert (run.attempts, run.rows, copy_of(sharing)[0]) == (2, 32, 32)
    assert access_queries.deliveries_of(grant).count() == 1


def test_the_platforms_database_cuts_every_session(
    sharing: Sharing, grant: Any, environment: dict[str, str], live_db: Any
) -> None:
    with psycopg.connect(sharing.target_url) as holding:
        holding.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('public.marriage', 20200219))"
        )
        worker = _worker(environment)
        _until(lambda: Run.objects.filter(state=RunState.RUNNING).exists(), PATIENCE)
        with psycopg.connect(live_db.superuser_url, autocommit=True) as server:
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND usename = 'huitong'"
            )
    try:
        _until(lambda: Run.objects.get().state == RunState.DELIVERED, PATIENCE)
    finally:
        os.killpg(worker.pid, signal.SIGTERM)
        worker.wait(15)
    assert copy_of(sharing)[0] == 32 and access_queries.deliveries_of(grant).count() == 1


def _worker(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "huitong.cli", "worker", "--concurrency", "2"],
        env=environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
