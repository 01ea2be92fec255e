"""How long a page took in the server, told in its head (W3C Server Timing): for measuring, off
unless HUITONG_SERVER_TIMING says otherwise."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpResponse

from huitong.kernel.requests import Request


class ServerTiming:
    """``Server-Timing: app;dur=12.3, cpu;dur=8.1, db;dur=2.4;desc="7"``: milliseconds from the
    request's coming into Django to its answer, processor time of its thread, and time in the
    database with the number of statements."""

    def __init__(self, get_response: Callable[[Request], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        statements: list[float] = []

        def timed(execute: Callable[..., Any], *statement: Any) -> Any:
            begin = time.perf_counter()
            try:
                return execute(*statement)
            finally:
                statements.append(time.perf_counter() - begin)

        begin, processor = time.perf_counter(), time.thread_time()
        with connection.execute_wrapper(timed):
            answer = self.get_response(request)
        took, used = time.perf_counter() - begin, time.thread_time() - processor
        answer.headers["Server-Timing"] = (
            f"app;dur={took * 1000:.2f}, cpu;dur={used * 1000:.2f},"
            f' db;dur={sum(statements) * 1000:.2f};desc="{len(statements)}"'
        )
        return answer
