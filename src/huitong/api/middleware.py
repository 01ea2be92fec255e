"""What is refused on the way to a machine's address, by whichever layer, in the one error body."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

from huitong.kernel.procedure import NotVisible, Problem
from huitong.ui import autosave

#: addresses that programs call, never people
MACHINES = ("/api/", "/oauth/", "/.well-known/")


class WrongMethod(Problem):
    """The address is known, the method is not one of its own."""

    status, code = 405, "wrong_method"


class OneErrorBody:
    """No answer to a program speaks HTML, whichever layer refused the request: hence the
    outermost."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if (
            answer.status_code < 400
            or not (request.path.startswith(MACHINES) or autosave.asks(request))
            or "json" in answer.headers.get("Content-Type", "")
        ):
            return answer
        body = self.body(answer) | {"request_id": getattr(request, "request_id", "")}
        headers = {
            name: answer.headers[name]
            for name in ("Allow", "Retry-After", "Cache-Control", "X-Request-ID")
            if name in answer.headers
        }
        return JsonResponse(
            body,
            status=answer.status_code,
            headers=headers,
            json_dumps_params={"ensure_ascii": False},
        )

    @staticmethod
    def body(answer: HttpResponse) -> dict[str, object]:
        """The refusal a page would show, or the one behind a status that has no exception of
        ours."""
        if answer.status_code == 404:
            return NotVisible("该接口地址").as_body()
        if answer.status_code == 405:
            return WrongMethod(
                "该接口不支持这种请求方法。",
                remedy=f"可用的方法：{answer.headers.get('Allow', '')}。",
            ).as_body()
        if (refusal := getattr(answer, "problem", {})).get("detail"):
            return dict(refusal)
        unknown = Problem(
            (
                "请求没有被接受。"
                if answer.status_code < 500
                else "平台内部出错，已记录；没有任何改动。"
            ),
            remedy="请核对请求后重试，并提供请求编号。",
        )
        unknown.status, unknown.code = answer.status_code, "http_error"
        return unknown.as_body()
