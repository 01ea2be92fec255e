"""A scan as it runs in life: deferred by the act, done by the real worker under the runtime
role, begun again after kill −9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from procrastinate.contrib.django import app as jobs
from procrastinate.exceptions import AlreadyEnqueued
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from tests.cast import Cast

from huitong.catalog import actions
from huitong.catalog.models import Entry, Scan
from huitong.cli.postgres import EmbeddedPostgres

ROOT = Path(__file__).parents[2]
NAME = "scanned_by_worker"
TABLES = 20


@pytest.fixture(scope="module")
def source(embedded_postgres: EmbeddedPostgres) -> Iterator[dict[str, Any]]:
    owner = conninfo_to_dict(embedded_postgres.owner_url)
    statements = sql.SQL("").join(
        sql.SQL(
            "CREATE TABLE t{0} (no varchar(20) PRIMARY KEY); COMMENT ON TABLE t{0} IS '登记信息{0}';"
        ).format(sql.SQL(str(n)))
        for n in range(TABLES)
    )
    for database, statement in (
        (owner["dbname"], sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME))),
        (NAME, statements),
    ):
        with psycopg.connect(**owner | {"dbname": database}, autocommit=True) as connection:
            connection.execute(statement)
    yield {
        "host": owner["host"],
        "port": int(owner["port"]),
        "dbname": NAME,
        "username": owner["user"],
        "password": owner["password"],
    }
    with psycopg.connect(**owner, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(NAME)))


def worker(live_db: Any, source: dict[str, Any]) -> subprocess.Popen[str]:
    paths = os.pathsep.join(str(ROOT / part) for part in ("src", ""))
    environment = live_db.environment | {
        "PYTHONPATH": paths,
        "HUITONG_ALLOWED_NETWORKS": f"127.0.0.1:{source['port']}",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "django", "procrastinate", "worker", "--one-shot"],
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_of_a_scan_leaves_no_table_out_and_none_twice(
    live_db: Any, cast: Cast, source: dict[str, Any], settings: Any
):
    settings.ALLOWED_NETWORKS = [f"127.0.0.1:{source['port']}"]
    database = actions.register_database(cast.civil_operator, name="登记库", **source)
    actions.scan_database(cast.civil_operator, database=database.pk)
    first = worker(live_db, source)
    until = time.monotonic() + 40
    while not Entry.objects.exists() and time.monotonic() < until and first.poll() is None:
        time.sleep(0.01)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert 0 < Entry.objects.count() < TABLES and Scan.objects.get().state == "running", (
        "killed in the middle"
    )
    # time passes without a heartbeat
    with psycopg.connect(live_db.superuser_url, autocommit=True) as connection:
        connection.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'"
        )
    with suppress(AlreadyEnqueued):  # its own turn has come already
        jobs.configure_task("work.rescue", queueing_lock="work.rescue").defer(timestamp=0)
    second = worker(live_db, source)
    output, _ = second.communicate(timeout=90)
    assert second.returncode == 0, output
    scan = Scan.objects.get()
    assert (scan.state, scan.total, scan.done, scan.drafted) == ("done", TABLES, TABLES, TABLES), (
        scan.error
    )
    assert sorted(Entry.objects.values_list("source_table", flat=True)) == sorted(
        f"t{n}" for n in range(TABLES)
    )
