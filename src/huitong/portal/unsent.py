"""What somebody submitted after their session had ended: kept until they have signed in again, and
submitted then by one press.

Pages with scripts save themselves (`ui/autosave.py`); this is for all others, and for the press of
the button itself. It is kept for the person whose session ended, and shown to nobody else.
"""

from __future__ import annotations

import json
from datetime import datetime
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
from huitong.ui.autosave import clock_words

#: where it lies in the session; it may hold secrets, and so it is encrypted
KEY = "unsent"
#: characters of a submission that are kept: more than the longest grid
MOST = 500_000
TOKEN = "csrfmiddlewaretoken"  # noqa: S105 the name of a field


def keep(request: Request, person: str, back: str) -> bool:
    """Keep a submission for the person whose session ended; ``back`` is the page it was written
    on. False where nothing is kept: a file is not, nor what another site made the browser send.
    """
    if (
        request.method != "POST"
        or not person
        or request.content_type != "application/x-www-form-urlencoded"
        or request.path.startswith("/account/")
        or CsrfViewMiddleware(lambda _: HttpResponse()).process_view(request, None, (), {})
    ):
        return False
    fields = [[n, v] for n, values in request.POST.lists() if n != TOKEN for v in values]
    content = json.dumps(
        {
            "person": person,
            "to": request.get_full_path(),
            "back": back,
            "at": timezone.now().isoformat(),
            "fields": fields,
        }
    )
    if len(content) > MOST:
        return False
    request.session[KEY] = vault.encrypt(content, KEY)
    return True


def person_of_ended(request: Request) -> str:
    """Whose session it was that the browser still names, as long as its row is there; else empty."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    row = Session.objects.filter(session_key=key).first()
    return str(row.get_decoded().get(SESSION_KEY, "")) if row is not None else ""


def of(request: Request) -> dict[str, Any] | None:
    """What is kept for who has signed in."""
    try:
        content = json.loads(vault.decrypt(request.session.get(KEY, ""), KEY))
    except vault.Unreadable:
        return None
    return content if content["person"] == str(request.user.pk) else None


@require_http_methods(["GET", "POST"])
def unsent(request: Request) -> HttpResponse:
    """Submit it as it was, or go back to the page it was written on. Posted to: forget it."""
    content = of(request)
    if request.method == "POST" or content is None:
        request.session.pop(KEY, None)
        return redirect(content["back"] if content else reverse("portal:home"))
    context = {
        "unsent": content,
        "at": clock_words(datetime.fromisoformat(content["at"])),
        "filled": sum(bool(value.strip()) for name, value in content["fields"] if name[:1] != "_"),
        "crumbs": [("继续提交", "")],
    }
    return render(request, "portal/unsent.html", context)


def forget(request: Request) -> None:
    """Forget it once it has been submitted."""
    if request.method == "POST" and request.user.is_authenticated and KEY in request.session:
        content = of(request)
        if content is None or content["to"] == request.get_full_path():
            request.session.pop(KEY, None)
