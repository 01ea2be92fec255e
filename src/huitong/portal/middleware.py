"""Gives each request its actor, and turns a refusal into its page."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.db import DataError
from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils.functional import SimpleLazyObject

from huitong.kernel.addresses import reverse
from huitong.kernel.doing.conflicts import UNSTORABLE
from huitong.kernel.procedure import Malformed, Problem
from huitong.kernel.requests import Request
from huitong.organizations import queries as organizations
from huitong.portal import unsent
from huitong.portal.errors import page, problem_page
from huitong.scope.reading import NOT_UTF8, read_query
from huitong.ui import autosave
from huitong.ui.addresses import inside

log = logging.getLogger(__name__)

#: what may be opened without signing in; everything else is denied by default
OPEN = (
    "/account/login",
    "/account/password/reset/",
    "/account/2fa/",
    "/account/logout",
    "/static/",
    "/favicon.ico",
    "/healthz",
    "/checkpoint",
    "/api/",
    "/oauth/",
    "/.well-known/",
    "/accessibility/",
    "/help/",
    "/display/",
    "/session/extend/",
)


class PortalMiddleware:
    """Deny by default: no page without signing in, save those in `OPEN` (the API has its own
    tokens)."""

    def __init__(self, get_response: Callable[[Request], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        request.request_id = uuid.uuid4().hex
        if too_large(request):
            return page(
                request,
                {
                    "status": 413,
                    "code": "too_large",
                    "detail": "提交的内容过大。",
                    "remedy": "请压缩文件，或分几次提交。",
                },
            )
        if broken := not_utf8(request):
            return problem_page(request, Malformed(dict.fromkeys(broken, NOT_UTF8)))
        request.actor = SimpleLazyObject(lambda: organizations.actor_of(request))
        if self.superseded(request):
            owner = unsent.owner_of(request.session)
            logout(request)
            unsent.note_end(request, owner)
            messages.warning(request, "您的账号已在别处登录或已被强制下线，本次登录已结束。")
        elif settings.SESSION_COOKIE_NAME in request.COOKIES and not request.user.is_authenticated:
            unsent.note_end(request)
        if not request.path.startswith(OPEN) and not request.user.is_authenticated:
            return sent_to_sign_in(request)
        # somebody else has signed in since in another window: nothing is saved as theirs
        if autosave.asks(request) and not autosave.drawn_for(request, request.user.pk):
            return sent_to_sign_in(request)
        if first := self.first_of_all(request):
            return redirect(first)
        response = self.get_response(request)
        unsent.forget(request, response)
        # Django's own is an empty page
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            allowed, response = response.headers["Allow"], page(request, {"status": 405})
            response.headers["Allow"] = allowed
        response.headers.setdefault("X-Request-ID", request.request_id)
        # what one person may see is kept in no cache, shared or not
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_exception(self, request: Request, exception: Exception) -> HttpResponse | None:
        # only the database could see it: too long, out of range, a character it has no room for
        if isinstance(exception, DataError):
            log.warning(
                "a value no database takes: %s",
                type(exception.__cause__).__name__,
                extra={"request_id": request.request_id},
            )
            exception = Malformed({"": UNSTORABLE})
        return problem_page(request, exception) if isinstance(exception, Problem) else None

    @staticmethod
    def superseded(request: Request) -> bool:
        """Whether the person signed in again elsewhere, or was sent away, since this session
        began."""
        return (
            settings.SINGLE_SESSION
            and request.user.is_authenticated
            and request.user.session_key != request.session.session_key
        )

    @staticmethod
    def first_of_all(request: Request) -> str:
        """What must be done before anything else: change a password others know, enrol a second
        factor."""
        if not request.user.is_authenticated or request.path.startswith(("/account/", *OPEN)):
            return ""
        if request.user.must_change_password:
            return "account_change_password"
        return "mfa_activate_totp" if organizations.needs_second_factor(request.actor) else ""


class Head:
    """``HEAD`` is answered wherever ``GET`` is (RFC 9110, 9.3.2): a page or route sees a GET
    marked ``bare``, of which only the head goes out; a stream is not even begun, so that nothing
    counts as delivered."""

    def __init__(self, get_response: Callable[[Request], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        if request.method != "HEAD":
            return self.get_response(request)
        request.method, request.bare = "GET", True
        try:
            answer = self.get_response(request)
        finally:
            request.method = "HEAD"
        if answer.streaming:
            answer.close()
            answer.streaming_content = ()
        return answer


def sent_to_sign_in(request: Request) -> HttpResponse:
    """And back afterwards: to the page asked for; who submitted something, to where it is submitted
    again, or else to the page it was written on, where the draft is."""
    # what a script saves keeps its page, which says that one must sign in
    if autosave.asks(request):
        return HttpResponse(status=401)
    # a part of a page: no place for a sign-in form, so the whole page asks again
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Refresh": "true"})
    back = inside(request, request.get_full_path()) or "/"
    if request.method not in ("GET", "HEAD"):
        written_on = request.headers.get("Referer", "")
        own = urlsplit(inside(request, written_on))
        own_address = own._replace(scheme="", netloc="").geturl()
        back = inside(request, own_address) or "/"
        if unsent.keep(request, back):
            back = reverse("portal:unsent")
    return redirect_to_login(back, settings.LOGIN_URL)


def not_utf8(request: Request) -> list[str]:
    """Parameters of the address whose bytes are no UTF-8. Django would read others in their
    place."""
    return read_query(request.META.get("QUERY_STRING", ""))[1]


def too_large(request: Request) -> bool:
    """Refused before a byte of it is read: nobody fills the disk with uploads nobody asked for."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return not length.isdecimal() or int(length[:20]) > settings.REQUEST_MAX_BYTES
