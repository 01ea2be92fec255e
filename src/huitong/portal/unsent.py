"""What somebody submitted after their session had ended: kept until they have signed in again, and
submitted then by one press.

Pages with scripts save themselves (`ui/autosave.py`); this is for all others, and for the press of
the button itself. It is kept for the person whose session ended and the body they acted for, and
shown to nobody else. A weighty act is confirmed as ever.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from huitong.kernel import vault
from huitong.kernel.addresses import reverse
from huitong.kernel.requests import Request
from huitong.organizations.queries import ACTING_BODY, actor_for
from huitong.ui.autosave import clock_words
from huitong.work.forms.confirming import BACK, CONFIRMED
from huitong.work.rules import marking_in

#: where it lies in the session; it may hold secrets, and so it is encrypted
KEY = "unsent"
#: where a new session says whose session ended before it
ENDED = "ended"
#: bytes of a submission that are kept, and how long: more than the longest grid
MOST, KEEPING = 2_000_000, timedelta(hours=1)
TOKEN = "csrfmiddlewaretoken"  # noqa: S105 the name of a field
#: fields that are submitted anew, or not at all
LEFT_OUT = {TOKEN, CONFIRMED, BACK}


# -- a session ends --------------------------------------------------------------------------------


def owner_of(session: Any) -> dict[str, Any]:
    """Whose session it is, and for which body they acted."""
    return {"person": str(session.get(SESSION_KEY, "")), "body": session.get(ACTING_BODY)}


def note_end(request: Request, owner: dict[str, Any] | None = None) -> None:
    """Have the new session remember whose session ended: ``owner``, or that of the session the
    browser still names and whose time is over, as long as its row is there."""
    if owner is None:
        key, owner = request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""), {}
        over = Session.objects.filter(session_key=key, expire_date__lte=timezone.now())
        if key and (row := over.first()) is not None:
            owner = owner_of(row.get_decoded())
            row.delete()
    if owner.get("person") and ENDED not in request.session:
        request.session[ENDED] = owner


def keep(request: Request, back: str) -> bool:
    """Keep a submission for whose session ended; ``back`` is the page it was written on. False
    where nothing is kept: a file is not, nor what is marked as classified (A3), nor what another
    site made the browser send."""
    owner = request.session.get(ENDED)
    if (
        request.method != "POST"
        or owner is None
        or request.content_type != "application/x-www-form-urlencoded"
        or request.path.startswith("/account/")
        or CsrfViewMiddleware(lambda _: HttpResponse()).process_view(request, None, (), {})
    ):
        return False
    given = request.POST.lists()
    fields = [[name, value] for name, values in given if name not in LEFT_OUT for value in values]
    if any(marking_in(value) for _, value in fields):
        return False
    content = owner | {
        "to": request.get_full_path(),
        "back": back,
        "at": timezone.now().isoformat(),
        "fields": fields,
    }
    text = json.dumps(content, ensure_ascii=False)
    if len(text.encode()) > MOST:
        return False
    request.session[KEY] = vault.encrypt(text, KEY)
    return True


# -- and its person signs in again -----------------------------------------------------------------


def kept_for(request: Request) -> dict[str, Any] | None:
    """What is kept for who has signed in."""
    try:
        content = json.loads(vault.decrypt(request.session.get(KEY, ""), KEY))
    except vault.Unreadable:
        return None
    late = timezone.now() - datetime.fromisoformat(content["at"]) > KEEPING
    return None if late or content["person"] != str(request.user.pk) else content


@require_http_methods(["GET", "POST"])
def offer(request: Request) -> HttpResponse:
    """Submit it as it was, or go back to the page it was written on. Posted to: forget it."""
    content = kept_for(request)
    if request.method == "POST" or content is None:
        request.session.pop(KEY, None)
        return redirect(content["back"] if content else reverse("portal:home"))
    acting = request.actor.body
    if content["body"] not in (None, acting):
        # the body they acted for, where they still hold a post there
        if actor_for(request.user, content["body"]).body == content["body"]:
            request.session[ACTING_BODY] = content["body"]
            return redirect("portal:unsent")
        content = content | {"to": ""}
    context = {
        "unsent": content,
        "at": clock_words(datetime.fromisoformat(content["at"])),
        "texts": [
            value
            for name, value in content["fields"]
            if not value.isascii() and "password" not in name and "secret" not in name
        ],
        "crumbs": [("继续提交", "")],
    }
    return render(request, "portal/unsent.html", context)


def forget(request: Request, response: HttpResponse) -> None:
    """Forget it once it was taken."""
    if (
        request.method == "POST"
        and response.status_code < 400
        and request.user.is_authenticated
        and KEY in request.session
    ):
        content = kept_for(request)
        if content is None or content["to"] == request.get_full_path():
            request.session.pop(KEY, None)
