"""Error pages: what happened, why, who acts, what next; the same words as the API's error body.
And what the log keeps of a failure."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator, Mapping
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
    """The error page for a problem body; what it leaves unsaid is filled from the general words
    of its status. The body goes along as ``problem``: a program is answered with it instead
    (`api.middleware`)."""
    context = {
        "problem": explained(body),
        "reference": getattr(request, "request_id", ""),
        "contact": settings.SITE_CONTACT,
    }
    answer = render(request, "ui/error.html", context, status=int(body["status"]))
    answer.problem = body
    return answer


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
    context = {
        "problem": explained({"status": 500}),
        "reference": getattr(request, "request_id", ""),
        "contact": settings.SITE_CONTACT,
        "bare": True,
    }
    return HttpResponse(render_to_string("ui/error.html", context), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Nearly always a page left open longer than the session."""
    return page(
        request,
        {
            "status": 403,
            "code": "csrf",
            "detail": "页面已过期，或表单不是从本站打开的，提交没有被接受。",
            "who": "您本人",
            "remedy": "请返回上一页并刷新，核对内容后重新提交。",
        },
    )


class Trace(logging.Formatter):
    """What a log keeps of a failure: when, under which number the person was shown it, and where in
    the code.

    Never what the failure says: databases quote rows in it.
    """

    def format(self, record: logging.LogRecord) -> str:
        number = getattr(record, "request_id", "") or getattr(
            getattr(record, "request", None), "request_id", ""
        )
        line = (
            f"{self.formatTime(record)} {record.levelname} {record.name}: {record.getMessage()}"
            + (f" [{number}]" if number else "")
        )
        failure = record.exc_info[1] if record.exc_info else None
        return "\n".join([line, *(_where(failure) if failure else ())])


def _where(failure: BaseException) -> Iterator[str]:
    """The frames of a failure and of what it came from, the cause first."""
    if (
        cause := failure.__cause__
        or (None if failure.__suppress_context__ else failure.__context__)
    ) is not None:
        yield from _where(cause)
    yield from (
        f"    {frame.filename}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(failure.__traceback__)
    )
    yield f"  {type(failure).__module__}.{type(failure).__qualname__}"
