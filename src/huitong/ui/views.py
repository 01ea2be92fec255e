"""Display preferences kept in a cookie (so they hold without JavaScript), session extension, error pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from huitong.ui.rules import ERRORS, SCALES, Explained

YEAR = 365 * 24 * 3600


@require_POST
def display(request: HttpRequest) -> HttpResponse:
    """Set font size or contrast, then back to the page it was asked from."""
    chosen = set(request.COOKIES.get("display", "").split("."))
    if (scale := request.POST.get("scale")) in SCALES:
        chosen = (chosen - set(SCALES)) | {scale}
    if request.POST.get("contrast"):
        chosen ^= {"contrast"}
    back = request.META.get("HTTP_REFERER", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    allowed = sorted(chosen & {*SCALES, "contrast"})
    response.set_cookie("display", ".".join(allowed), max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response


@require_POST
def extend(request: HttpRequest) -> HttpResponse:
    """Keep the session alive: what 延长 in the idle warning asks. 401 when it has ended already."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    request.session.modified = True
    return HttpResponse(status=204)


def problem_page(request: HttpRequest, body: Mapping[str, Any], *, reference: str = "") -> HttpResponse:
    """The error page for a problem body: keys status, code, detail, article, who, remedy, fields (RFC 9457 names)."""
    status = int(body.get("status", 500))
    explained = ERRORS.get(status) or ERRORS[400 if status < 500 else 500]
    context = {"problem": explained.with_facts(body), "reference": reference or getattr(request, "request_id", "")}
    return render(request, "ui/error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problem_page(request, {"status": 400})


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problem_page(request, {"status": 403, "detail": str(exception or "")})


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problem_page(request, {"status": 404})


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without request or context processors: whatever failed may be one of them."""
    context = {"problem": ERRORS[500], "reference": getattr(request, "request_id", ""), "bare": True}
    return HttpResponse(render_to_string("ui/error.html", context), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Set as ``CSRF_FAILURE_VIEW``: nearly always a page left open longer than the session."""
    explained: Explained = ERRORS[403].with_facts(
        {"code": "csrf", "detail": "页面已过期，提交没有被接受。", "remedy": "请返回上一页并刷新，核对内容后重新提交。"}
    )
    return render(request, "ui/error.html", {"problem": explained, "reference": ""}, status=403)
