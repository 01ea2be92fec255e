"""Jobs that come or go with the act that asks for them: deferred through Django's own connection, in its transaction.

procrastinate's `app` does so in web and command line, but inside a worker it defers through a connection of its own: the
job would run before the act is committed, or although it is rolled back. So nobody calls ``configure_task`` directly.
"""

from __future__ import annotations

from typing import Any

from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.manager import JobManager
from procrastinate.types import JSONValue


def defer(task: str, *, lock: str | None = None, queueing_lock: str | None = None, queue: str | None = None, **arguments: JSONValue) -> None:
    """Have a worker do the task once the running transaction is committed.

    ``lock``: never two jobs with the same lock at once. ``queueing_lock``: raises `AlreadyEnqueued` when one waits already.
    """
    options: dict[str, Any] = {"lock": lock, "queueing_lock": queueing_lock, "queue": queue}
    deferrer = app.configure_task(task, **{k: v for k, v in options.items() if v is not None})
    deferrer.job_manager = JobManager(DjangoConnector())
    deferrer.defer(**arguments)
