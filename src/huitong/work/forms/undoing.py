"""Offering to undo what was just done: a line over every page while its moment lasts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.utils import timezone

from huitong.kernel import doing
from huitong.kernel.requests import Request

#: where the session keeps the acts that can be undone now
KEY = "undo"


def offer(request: Request, done: doing.Done, words: str, *others: doing.Done) -> None:
    """Say what was done, and offer to undo it where that is possible."""
    acts = [one.act for one in (done, *others) if one.act]
    if (until := doing.undoable_until(acts)) is None:
        messages.success(request, words)
        return
    request.session[KEY] = {"acts": acts, "until": until.isoformat(), "words": words}


def join(request: Request, done: doing.Done) -> None:
    """Offer to undo one more of several acts done at once, all of them together."""
    if not done.act or (until := doing.undoable_until([done.act])) is None:
        return
    joined: dict[str, Any] = getattr(request, "undo_together", {})
    acts = [*joined.get("acts", ()), done.act]
    first = joined.get("until") or until.isoformat()
    request.undo_together = {"acts": acts, "until": first, "words": f"已办理 {len(acts)} 件。"}
    request.session[KEY] = request.undo_together


def offered(request: Request) -> dict[str, Any] | None:
    """What can be undone now, with the seconds left; costs no query."""
    stored = request.session.get(KEY)
    if stored is None:
        return None
    left = (datetime.fromisoformat(stored["until"]) - timezone.now()).total_seconds()
    return stored | {"seconds": int(left)} if left >= 1 else None


def withdraw(request: Request) -> None:
    """Offer it no more."""
    request.session.pop(KEY, None)
