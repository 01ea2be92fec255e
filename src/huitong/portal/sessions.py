"""Sessions in the database, written when something changed, or once a minute so that they live
on.

A page that only reads then writes nothing; an idle session ends by its limit, at most so much
earlier as `settings.SESSION_RENEWED_AFTER` says.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from huitong.kernel.statements import Statement

ROW = Statement(
    lambda key: Session.objects.filter(session_key=key).values_list("session_data", "expire_date"),
    key=str,
)


class SessionStore(db.SessionStore):
    """Django's own, read in one statement that is made once."""

    def load(self) -> dict[str, Any]:
        rows, now = ROW(key=self.session_key), timezone.now()
        if not rows or rows[0][1] <= now:
            self._session_key = None
            return {}
        content, until = rows[0]
        fresh = timedelta(seconds=settings.SESSION_COOKIE_AGE - settings.SESSION_RENEWED_AFTER)
        if until - now < fresh:
            self.modified = True  # and so it is saved with the answer
        loaded: dict[str, Any] = self.decode(content)
        return loaded
