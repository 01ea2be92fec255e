"""Gives each request its actor, and turns a refusal into its page."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from huitong.kernel.procedure import Problem
from huitong.organizations import queries as organizations
from huitong.portal.errors import problem_page

#: what may be opened without signing in; everything else is denied by default
OPEN = ("/account/login", "/account/password/", "/account/2fa/", "/account/logout", "/static/", "/favicon.ico", "/healthz",
        "/checkpoint", "/api/", "/accessibility/", "/help/", "/display/", "/session/extend/")


class PortalMiddleware:
    """Deny by default: no page without signing in, save those in `OPEN` (the API has its own tokens)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        request.actor = SimpleLazyObject(lambda: organizations.actor_of(request))  # type: ignore[attr-defined]
        if not request.path.startswith(OPEN) and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        if self.must_change(request):
            from django.shortcuts import redirect
            return redirect("account_change_password")
        response = self.get_response(request)
        response.headers.setdefault("X-Request-ID", request.request_id)  # type: ignore[attr-defined]
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return problem_page(request, exception) if isinstance(exception, Problem) else None

    @staticmethod
    def must_change(request: HttpRequest) -> bool:
        """A password set by an administrator is changed before anything else."""
        return (request.user.is_authenticated and getattr(request.user, "must_change_password", False)
                and not request.path.startswith(("/account/", "/static/", "/favicon.ico")))
