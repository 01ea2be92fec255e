"""Sessions in the database, written when something changed, and renewed once a minute while they
are used.

A page that only reads then writes nothing; an idle session ends by its limit, at most so much
earlier as `settings.SESSION_RENEWED_AFTER` says. A renewal never writes the content: what another
request has changed meanwhile stays.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from huitong.kernel.prepared import fetch

TABLE = Session._meta.db_table
#: a session that still lives, and its end put off where it has lived for `SESSION_RENEWED_AFTER`:
#: one statement, for every page begins with it
READ_AND_RENEW = f"""
    WITH renewed AS (
        UPDATE {TABLE} SET expire_date = %s
        WHERE session_key = %s AND expire_date > %s AND expire_date < %s
    )
    SELECT session_data FROM {TABLE} WHERE session_key = %s AND expire_date > %s
"""  # noqa: S608 the name of the table alone is put in


class SessionStore(db.SessionStore):
    """Django's own, read and renewed in one statement."""

    def load(self) -> dict[str, Any]:
        key, now = self.session_key, timezone.now()
        until = now + timedelta(seconds=settings.SESSION_COOKIE_AGE)
        fresh = until - timedelta(seconds=settings.SESSION_RENEWED_AFTER)
        rows = fetch(READ_AND_RENEW, (until, key, now, fresh, key, now))
        if not rows:
            self._session_key = None
            return {}
        loaded: dict[str, Any] = self.decode(rows[0][0])
        return loaded
