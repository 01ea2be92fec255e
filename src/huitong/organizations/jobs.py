"""The removal of ended sessions (A28); the hour is UTC, night in Nantong."""

from django.contrib.sessions.backends.db import SessionStore

from huitong.kernel import jobs


@jobs.periodic(cron="23 17 * * *")
@jobs.task(
    "organizations.clear_sessions", queue="clocks", queueing_lock="organizations.clear_sessions"
)
def clear_sessions(timestamp: int = 0) -> None:
    """Delete the rows of ended sessions."""
    SessionStore.clear_expired()
