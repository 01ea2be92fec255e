"""Offering to undo what was just done: a line over every page while its moment lasts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.utils import timezone

from huitong.kernel import doing
from huitong.kernel.requests import Request

#: where the session keeps what can be undone now, the latest first, and how much of it
KEY, MOST = "undo", 5


def offer(request: Request, done: doing.Done, words: str, *others: doing.Done) -> None:
    """Say what was done, and offer to undo it where that is possible."""
    acts = [one.act for one in (done, *others) if one.act]
    if (until := doing.undoable_until(acts)) is None:
        messages.success(request, words)
        return
    _add(request, {"acts": acts, "until": until.isoformat(), "words": words})


def join(request: Request, done: doing.Done) -> None:
    """Offer to undo one more of several acts done at once, all of them together."""
    if not done.act or (until := doing.undoable_until([done.act])) is None:
        return
    joined: dict[str, Any] = getattr(request, "undo_together", {})
    acts = [*joined.get("acts", ()), done.act]
    first = joined.get("until") or until.isoformat()
    request.undo_together = {"acts": acts, "until": first, "words": f"已办理 {len(acts)} 件。"}
    _add(request, request.undo_together)


def offered(request: Request) -> list[dict[str, Any]]:
    """What can be undone now, the latest first, with the seconds left; costs no query."""
    stored = request.session.get(KEY)
    if not isinstance(stored, list):  # a session of a version that kept only one
        return []
    now = timezone.now()
    timed = [
        one | {"seconds": int((datetime.fromisoformat(one["until"]) - now).total_seconds())}
        for one in stored
    ]
    return [one for one in timed if one["seconds"] >= 1]


def withdraw(request: Request, acts: Collection[str]) -> None:
    """Offer to undo these acts no more."""
    others = _without(request, acts)
    if others or KEY in request.session:
        request.session[KEY] = others


def _add(request: Request, new: dict[str, Any]) -> None:
    """Offer this first, in the place of what it joins."""
    request.session[KEY] = [new, *_without(request, new["acts"])][:MOST]


def _without(request: Request, acts: Collection[str]) -> list[dict[str, Any]]:
    """What is offered but for these acts."""
    return [
        {name: value for name, value in one.items() if name != "seconds"}
        for one in offered(request)
        if not set(acts) & set(one["acts"])
    ]
