"""A job whose worker was killed is done again, and only then."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg
import pytest
from procrastinate.contrib.django import app

from huitong.work.jobs import SILENCE, rescue

if TYPE_CHECKING:
    from conftest import Live

NEW_JOB = (
    "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, status, worker_id)"
    " VALUES ('any', %s, %s, %s, %s)"
)


def worker(db: psycopg.Connection, silent: float) -> int:
    row = db.execute(
        "INSERT INTO procrastinate_workers (last_heartbeat)"
        " VALUES (now() - make_interval(secs => %s)) RETURNING id",
        [silent],
    ).fetchone()
    assert row
    return int(row[0])


@pytest.fixture
def rescued(live_db: Live) -> dict[str, str]:
    with psycopg.connect(live_db.url, autocommit=True) as db:
        alive, dead = worker(db, 1), worker(db, SILENCE + 5)
        for name, lock, status, by in (
            ("of the living", None, "doing", alive),
            ("of the dead", None, "doing", dead),
            ("of the forgotten", None, "doing", None),
            ("of the dead and waiting again", "once", "doing", dead),
            ("the same, waiting", "once", "todo", None),
        ):
            db.execute(NEW_JOB, [name, lock, status, by])

        async def work() -> None:
            with app.replace_connector(app.connector.get_worker_connector()):
                async with app.open_async():
                    await rescue()

        # a browser test in this process keeps an event loop running
        with ThreadPoolExecutor(1) as apart:
            apart.submit(asyncio.run, work()).result()
        return dict(db.execute("SELECT task_name, status::text FROM procrastinate_jobs").fetchall())


def test_jobs_of_dead_workers_wait_again_and_those_of_living_ones_go_on(
    rescued: dict[str, str],
) -> None:
    assert rescued == {
        "of the living": "doing",
        "of the dead": "todo",
        "of the forgotten": "todo",
        "the same, waiting": "todo",
    }
