"""What every page's frame shows: who acts, the menu of their posts, what waits, whose platform
this is."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from huitong.kernel.actor import Actor
from huitong.kernel.requests import Request
from huitong.portal.guides import guide_of
from huitong.portal.menus import menu_for
from huitong.work import queries as work
from huitong.work.forms import undoing


def shell(request: Request) -> dict[str, Any]:
    """Context processor: one query beyond that which finds the actor, and none for a page that
    shows no frame."""
    signed_in = getattr(request, "user", None) is not None and request.user.is_authenticated
    actor: Actor | None = getattr(request, "actor", None) if signed_in else None
    if actor is None:
        return {"site": site(), "mails": bool(settings.EMAIL_HOST)}

    def counts() -> dict[str, int]:
        if "counts" not in cached:
            cached["counts"] = work.shell_counts(actor)
        return cached["counts"]

    cached: dict[str, dict[str, int]] = {}
    match = request.resolver_match
    return {
        "actor": actor,
        "site": site(),
        "guide": guide_of(match.view_name) if match else "",
        "menu": SimpleLazyObject(lambda: menu_for(actor, request.path)),
        "undoable": SimpleLazyObject(lambda: undoing.offered(request)),
        "todo_count": SimpleLazyObject(lambda: counts()["todo"]),
        "notice_count": SimpleLazyObject(lambda: counts()["notices"]),
    }


@cache
def site() -> dict[str, Any]:
    """The city's own words in the frame."""
    return {
        "name": settings.SITE_NAME,
        "host": settings.SITE_HOST,
        "phone": settings.SITE_CONTACT,
        "notice": "本平台为非涉密系统，严禁存储、处理、传输国家秘密。",
        "footer": settings.SITE_FOOTER,
    }
