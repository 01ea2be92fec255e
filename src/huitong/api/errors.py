"""One error body everywhere, the same as `Problem.as_body` (RFC 9457 members plus article, who,
remedy, fields)."""

from __future__ import annotations

import logging

from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import BaseModel, Field

from huitong.kernel.doing.conflicts import UNSTORABLE
from huitong.kernel.doing.given import words_of
from huitong.kernel.procedure import Malformed, NotVisible, Problem

log = logging.getLogger(__name__)


class ErrorBody(BaseModel):
    """What every refused request gets."""

    status: int = Field(title="HTTP 状态")
    code: str = Field(title="错误代码")
    detail: str = Field(title="发生了什么")
    law: str = Field("", title="依据的规则")
    article: str = Field("", title="依据的条款")
    who: str = Field("", title="由谁办理")
    remedy: str = Field("", title="下一步怎么办")
    fields: dict[str, list[str]] = Field(default_factory=dict, title="有误的字段")
    request_id: str = Field("", title="请求编号")


#: the error statuses every route documents
ERRORS = (400, 401, 403, 404, 409, 422)


class Unauthenticated(Problem):
    """No token, or one that is unknown, expired or revoked."""

    status, code = 401, "unauthenticated"


def register(api: NinjaAPI) -> None:
    """Make every exception of the API answer with the one body."""

    def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
        body = problem.as_body() | {"request_id": getattr(request, "request_id", "")}
        return api.create_response(request, body, status=problem.status)

    def problem(request: HttpRequest, wrong: Problem) -> HttpResponse:
        return answer(request, wrong)

    def invalid(request: HttpRequest, wrong: ValidationError) -> HttpResponse:
        fields: dict[str, list[str]] = {}
        for error in wrong.errors:
            where = ".".join(
                str(part) for part in error["loc"][1:] if part not in ("payload", "given")
            ) or str(error["loc"][0])
            fields.setdefault(where, []).append(f"“{where}”{words_of(error)}")
        return answer(request, Malformed(fields))

    def unauthenticated(request: HttpRequest, wrong: AuthenticationError) -> HttpResponse:
        return answer(
            request,
            Unauthenticated(
                "没有有效的访问令牌。",
                remedy="请在“我的 → 访问令牌”中生成令牌，并放入 Authorization 请求头。",
            ),
        )

    def missing(request: HttpRequest, wrong: Http404) -> HttpResponse:
        return answer(request, NotVisible())

    def http(request: HttpRequest, wrong: HttpError) -> HttpResponse:
        unread = wrong.status_code == 400
        refusal = Problem(
            "请求体不是有效的 JSON。" if unread else "请求没有被接受。",
            remedy="请核对请求体的格式后重试。" if unread else "请核对请求后重试。",
        )
        refusal.status, refusal.code = wrong.status_code, "unreadable" if unread else "http_error"
        return answer(request, refusal)

    def unstorable(request: HttpRequest, wrong: DataError) -> HttpResponse:
        log.warning("a value no database takes: %s", type(wrong.__cause__).__name__)
        return answer(request, Malformed({"": UNSTORABLE}))

    def bottomless(request: HttpRequest, wrong: RecursionError) -> HttpResponse:
        # JSON kept as text in a field is read on the way in
        return answer(request, Malformed({"": "内容嵌套过深。"}))

    def unexpected(request: HttpRequest, wrong: Exception) -> HttpResponse:
        log.exception(
            "unexpected error in the API", extra={"request_id": getattr(request, "request_id", "")}
        )
        return answer(
            request,
            Problem(
                "平台内部出错，已记录；没有任何改动。",
                who="平台运维员",
                remedy="请稍后重试，并提供请求编号。",
            ),
        )

    for kind, handler in (
        (Problem, problem),
        (ValidationError, invalid),
        (AuthenticationError, unauthenticated),
        (Http404, missing),
        (HttpError, http),
        (DataError, unstorable),
        (RecursionError, bottomless),
        (Exception, unexpected),
    ):
        api.add_exception_handler(kind, handler)  # type: ignore[arg-type]
