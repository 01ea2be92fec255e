"""The removal of ended sessions (A28); task forces that are missing (A5). Hours are UTC."""

from django.contrib.sessions.backends.db import SessionStore

from huitong.kernel import jobs
from huitong.organizations import actions, queries


@jobs.periodic(cron="23 17 * * *")
@jobs.task(
    "organizations.clear_sessions", queue="clocks", queueing_lock="organizations.clear_sessions"
)
def clear_sessions(timestamp: int = 0) -> None:
    """Delete the rows of ended sessions."""
    SessionStore.clear_expired()


@jobs.periodic(cron="41 22 * * *")
@jobs.task(
    "organizations.watch_task_forces",
    queue="clocks",
    queueing_lock="organizations.watch_task_forces",
)
def watch_task_forces(timestamp: int = 0) -> None:
    """Every morning: the limit for a missing task force begins with each body that lacks one, and
    ends with those that do not any more."""
    platform = queries.platform()
    jobs.each(
        queries.task_forces_to_watch(),
        lambda body: actions.watch_task_force(platform, body=body),
        "organizations.watch_task_forces",
    )
