"""Error pages: what happened, why, who acts, what next; the same words as the API's error body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from huitong.kernel.procedure import NotVisible, Problem
from huitong.ui.rules import explained


def problem_page(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The page for a refusal."""
    return page(request, problem.as_body())


def page(request: HttpRequest, body: Mapping[str, Any]) -> HttpResponse:
    """The error page for a problem body; what it leaves unsaid is filled from the general words of its status."""
    context = {"problem": explained(body), "reference": getattr(request, "request_id", ""), "contact": settings.SITE_CONTACT}
    return render(request, "ui/error.html", context, status=int(body["status"]))


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return page(request, {"status": 400})


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return page(request, {"status": 403})


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return problem_page(request, NotVisible("您要找的页面"))


def closed(request: HttpRequest, **_: Any) -> HttpResponse:
    """For addresses a library brings along and this platform does not have."""
    raise NotVisible("您要找的页面")


def server_error(request: HttpRequest) -> HttpResponse:
    """Without request and context processors: whatever failed may be one of them."""
    context = {"problem": explained({"status": 500}), "reference": getattr(request, "request_id", ""),
               "contact": settings.SITE_CONTACT, "bare": True}
    return HttpResponse(render_to_string("ui/error.html", context), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Nearly always a page left open longer than the session."""
    return page(request, {"status": 403, "code": "csrf", "detail": "页面已过期，或表单不是从本站打开的，提交没有被接受。",
                          "who": "您本人", "remedy": "请返回上一页并刷新，核对内容后重新提交。"})
