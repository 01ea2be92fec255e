"""Jobs that come or go with the act that asks for them: deferred through Django's own connection,
in its transaction.

procrastinate's `app` does so in web and command line, but inside a worker it defers through a
connection of its own: the job would run before the act is committed, or although it is rolled back.
So nobody calls ``configure_task`` directly.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from django.apps import apps
from django.db import InterfaceError, OperationalError, connection, transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.manager import JobManager
from procrastinate.types import JSONValue

log = logging.getLogger(__name__)
T = TypeVar("T")

#: what a job raises when the platform's own database went away under it, or undid it for another's
#: sake (a deadlock)
DATABASE_GONE = (OperationalError, InterfaceError, ConnectorException)
#: a little later each time, for as long as it takes
UNTIL_IT_IS_BACK = RetryStrategy(linear_wait=1, retry_exceptions=DATABASE_GONE)


def periodic(*, cron: str) -> Callable[[Any], Any]:
    """``@periodic(cron=…)`` above ``@task(…)``: the clock asks for the job."""
    return app.periodic(cron=cron)


def task(name: str, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Declare a job; ``options`` are procrastinate's. Every job of ours may be run again, and is
    when the database goes away under it.

    One with a ``queueing_lock`` leaves its work to the next of its kind, which may wait already: it
    cannot be put back beside that.
    """

    once = "queueing_lock" in options
    declared: Any = app.task(
        name=name, **options if once else {"retry": UNTIL_IT_IS_BACK} | options
    )
    return lambda fn: declared(_left_to_the_next(fn, name) if once else fn)


def _left_to_the_next(fn: Callable[..., Any], name: str) -> Callable[..., Any]:
    @wraps(fn)
    def run(*given: Any, **named: Any) -> Any:
        try:
            return fn(*given, **named)
        except DATABASE_GONE as gone:
            log.warning("%s was cut off and is left to its next turn: %s", name, gone)

    @wraps(fn)
    async def run_async(*given: Any, **named: Any) -> Any:
        try:
            return await fn(*given, **named)
        except DATABASE_GONE as gone:
            log.warning("%s was cut off and is left to its next turn: %s", name, gone)

    return run_async if inspect.iscoroutinefunction(fn) else run


def each(items: Iterable[T], act: Callable[[T], object], what: str) -> list[Exception]:
    """Do something with every one of them: one that fails is logged and left to the next round,
    and never keeps the others from their turn, nor spoils the transaction they may all be in.
    Returns what failed; raises only what says that the platform's own database is gone."""
    failures: list[Exception] = []
    for item in items:
        try:
            with transaction.atomic() if connection.in_atomic_block else nullcontext():
                act(item)
        except DATABASE_GONE:
            raise
        except Exception as wrong:  # whatever is broken in it harms it alone
            failures.append(wrong)
            # not every ten seconds again
            if (trouble := (what, repr(item), type(wrong).__name__)) not in _logged:
                _logged.add(trouble)
                log.exception("%s: left out, the others go on: %r", what, item)
    return failures


_logged: set[tuple[str, str, str]] = set()


def unfinished(task: str) -> list[dict[str, Any]]:
    """The arguments of a task's jobs that are still to be done, or failed and may be tried again by
    hand."""
    rows = apps.get_model("procrastinate", "ProcrastinateJob")._default_manager.filter(
        task_name=task, status__in=("todo", "doing", "failed")
    )
    return list(rows.values_list("args", flat=True))


def defer(
    task: str,
    *,
    lock: str | None = None,
    queueing_lock: str | None = None,
    queue: str | None = None,
    at: datetime | None = None,
    **arguments: JSONValue,
) -> None:
    """Have a worker do the task once the running transaction is committed, ``at`` the earliest.

    ``lock``: never two jobs with the same lock at once. ``queueing_lock``: raises `AlreadyEnqueued`
    when one waits already.
    """
    options: dict[str, Any] = {
        "lock": lock,
        "queueing_lock": queueing_lock,
        "queue": queue,
        "schedule_at": at,
    }
    deferrer = app.configure_task(task, **{k: v for k, v in options.items() if v is not None})
    deferrer.job_manager = JobManager(DjangoConnector())
    deferrer.defer(**arguments)
