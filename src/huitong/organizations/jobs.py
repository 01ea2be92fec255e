"""What the worker clears away by itself: sessions that have ended (A28). The hour is UTC: night
in Nantong."""

from django.contrib.sessions.backends.db import SessionStore

from huitong.kernel import jobs


@jobs.periodic(cron="23 17 * * *")
@jobs.task(
    "organizations.clear_sessions", queue="clocks", queueing_lock="organizations.clear_sessions"
)
def clear_sessions(timestamp: int = 0) -> None:
    """Every sign-in leaves a row; nobody needs it once the session is over."""
    SessionStore.clear_expired()
