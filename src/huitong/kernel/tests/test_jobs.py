"""A job under which the database goes away is run again; one that comes by the clock leaves it
to its next turn."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from procrastinate import App, testing
from procrastinate.jobs import Status

from huitong.kernel import jobs


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> App:
    """Procrastinate's own in-memory queue and its real worker."""
    own = App(connector=testing.InMemoryConnector())
    monkeypatch.setattr(jobs, "app", own)
    return own


def apart(work: Callable[[], Any]) -> None:
    """Do something where no browser test left a loop of events running."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(work).result()


def worked(app: App) -> list[str]:
    def work() -> None:
        with app.open():
            app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)

    apart(work)
    return [job["status"] for job in app.connector.jobs.values()]  # type: ignore[attr-defined]


@pytest.mark.parametrize("failure", [OperationalError, InterfaceError])
def test_it_is_run_again_until_the_database_is_back(app: App, failure: type[Exception]) -> None:
    runs: list[int] = []

    @jobs.task("toy.once")
    def once() -> None:
        runs.append(1)
        if len(runs) < 3:
            raise failure("server closed the connection unexpectedly")

    apart(once.defer)
    for _ in range(3):
        statuses = worked(app)
        for job in app.connector.jobs.values():  # type: ignore[attr-defined]
            job["scheduled_at"] = None
    assert (len(runs), statuses) == (3, [Status.SUCCEEDED.value])


def test_any_other_fault_is_a_failure(app: App) -> None:
    @jobs.task("toy.broken")
    def broken() -> None:
        raise ValueError("ours")

    apart(broken.defer)
    assert worked(app) == [Status.FAILED.value]


def test_what_the_clock_asks_for_again_is_left_to_its_next_turn(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    @jobs.task("toy.often", queueing_lock="toy.often")
    def often() -> None:
        raise OperationalError("server closed the connection unexpectedly")

    @jobs.task("toy.often_too", queueing_lock="toy.often_too")
    async def often_too() -> None:
        await asyncio.sleep(0)
        raise OperationalError("server closed the connection unexpectedly")

    apart(often.defer)
    apart(often_too.defer)
    with caplog.at_level(logging.WARNING):
        assert worked(app) == [Status.SUCCEEDED.value] * 2
    assert "toy.often was cut off and is left to its next turn" in caplog.text
    assert "toy.often_too was cut off" in caplog.text
