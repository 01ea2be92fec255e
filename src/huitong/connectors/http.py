"""Calls of HTTP services of others: provider APIs and webhooks, through the guard at every connect.

The check sits in the network layer: whatever makes httpx connect (first request, redirect,
reconnect) passes it, and the checked address is the one connected to. TLS still verifies the host
name. No proxies, no cookies, no ``.netrc`` from our environment.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpcore
import httpx

from huitong.connectors.guard import Guard
from huitong.connectors.problems import ConnectorProblem

SIGNATURE = "X-Huitong-Signature"
SAME_PLACE = {301, 302, 303, 307, 308}


@dataclass(frozen=True)
class Answer:
    """A whole answer, read within the limits."""

    status: int
    headers: httpx.Headers
    body: bytes
    url: str
    ms: int

    def json(self) -> Any:
        """Return the body as JSON. Raises `ConnectorProblem` when it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise ConnectorProblem("bad_answer", "应答不是 JSON") from None


class Deadline:
    """The moment the call under way must be over: a service that sends a byte now and then stays
    within every single wait."""

    def __init__(self) -> None:
        self.at = math.inf

    def cut(self, timeout: float | None) -> float | None:
        """The wait that is left. Raises httpcore's `ReadTimeout` when none is."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if timeout is None else min(timeout, left)


class TimedStream(httpcore.NetworkStream):
    """A stream on which no wait outlasts the deadline."""

    def __init__(self, real: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._real, self._deadline = real, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._real.read(max_bytes, self._deadline.cut(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._real.write(buffer, self._deadline.cut(timeout))

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> TimedStream:
        return TimedStream(
            self._real.start_tls(ssl_context, server_hostname, self._deadline.cut(timeout)),
            self._deadline,
        )

    def close(self) -> None:
        self._real.close()

    def get_extra_info(self, info: str) -> Any:
        return self._real.get_extra_info(info)


class GuardedBackend(httpcore.NetworkBackend):
    """Resolves and judges a host, then connects to exactly the address judged."""

    def __init__(self, guard: Guard, deadline: Deadline) -> None:
        self._guard, self._deadline, self._real = guard, deadline, httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        pinned = self._guard.check(host, port)
        stream = self._real.connect_tcp(
            pinned.ip, pinned.port, self._deadline.cut(timeout), local_address, socket_options
        )
        return TimedStream(stream, self._deadline)

    def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        raise ConnectorProblem("address_refused", "不接受本机套接字")


class GuardedTransport(httpx.HTTPTransport):
    """httpx' own transport over a pool whose connections are made by the guard."""

    def __init__(self, guard: Guard, verify: ssl.SSLContext, deadline: Deadline) -> None:
        super().__init__(verify=verify, trust_env=False)
        self._pool.close()
        self._pool = httpcore.ConnectionPool(
            ssl_context=verify, network_backend=GuardedBackend(guard, deadline), max_connections=20
        )


class GuardedClient:
    """``with GuardedClient(guard) as client: client.request("GET", url)``. Raises
    `ConnectorProblem` for every failure.

    ``timeout_s`` bounds each wait, ``total_s`` the whole call, ``most_bytes`` the decoded answer.
    For one thread: one call at a time.
    """

    def __init__(
        self,
        guard: Guard,
        *,
        timeout_s: float = 5,
        total_s: float = 30,
        most_bytes: int = 10 * 2**20,
        ca_file: str = "",
    ) -> None:
        context = ssl.create_default_context(cafile=ca_file or None)
        self._total_s, self._most, self._deadline = total_s, most_bytes, Deadline()
        self._client = httpx.Client(
            transport=GuardedTransport(guard, context, self._deadline),
            timeout=timeout_s,
            trust_env=False,
            follow_redirects=False,
            headers={"User-Agent": "huitong", "Accept-Encoding": "gzip, identity"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        redirects: int = 0,
    ) -> Answer:
        """Make one call. ``redirects``: how many may be followed (GET only; to another origin
        without our headers)."""
        start, sent = time.monotonic(), dict(headers or {})
        self._deadline.at = start + self._total_s
        for left in range(redirects, -1, -1):
            answer = self._once(method, url, sent, content, start)
            target = answer.headers.get("location")
            if (
                answer.status not in SAME_PLACE
                or not target
                or redirects == 0
                or method not in ("GET", "HEAD")
            ):
                return answer
            if left == 0:
                break
            before, after = httpx.URL(url), httpx.URL(url).join(target)
            if (before.scheme, before.host, before.port) != (after.scheme, after.host, after.port):
                sent = {}  # what authorizes us there is nobody else's business
            url = str(after)
        raise ConnectorProblem("too_many_redirects", str(httpx.URL(url).copy_with(query=None)))

    def _once(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None, start: float
    ) -> Answer:
        parsed = _plain_url(url)
        try:
            with self._client.stream(
                method, parsed, headers=dict(headers), content=content
            ) as response:
                self._client.cookies.clear()
                body = self._read(response)
                return Answer(
                    response.status_code,
                    response.headers,
                    body,
                    url,
                    round((time.monotonic() - start) * 1000),
                )
        except httpx.HTTPError as error:
            raise _named(error, parsed) from error

    def _read(self, response: httpx.Response) -> bytes:
        parts, size = [], 0
        for part in response.iter_bytes():
            size += len(part)
            if size > self._most:
                raise ConnectorProblem("too_large", f"上限 {self._most} 字节")
            parts.append(part)
        return b"".join(parts)

    def send_webhook(self, url: str, event: Mapping[str, Any], secret: bytes) -> Answer:
        """POST an event as JSON with its signature (see `sign`)."""
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            SIGNATURE: sign(secret, body, int(time.time())),
        }
        return self.request("POST", url, headers=headers, content=body)


def _plain_url(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        raise ConnectorProblem("address_invalid", url[:200]) from None
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.userinfo:
        raise ConnectorProblem("address_invalid", "应为不带账号密码的 http 或 https 地址")
    return parsed


def _named(error: httpx.HTTPError, url: httpx.URL) -> ConnectorProblem:
    where = f"{url.host}:{url.port or {'http': 80, 'https': 443}[url.scheme]}"
    inner = " ".join(str(e) for e in (error, error.__cause__, error.__context__) if e)
    if isinstance(error, httpx.ConnectTimeout):
        return ConnectorProblem("unreachable", where)
    if isinstance(error, httpx.TimeoutException):
        return ConnectorProblem("timeout", where)
    if isinstance(error, httpx.ConnectError):
        if "SSL" in inner or "CERTIFICATE" in inner.upper():
            return ConnectorProblem("tls", where)
        return ConnectorProblem("refused" if "refused" in inner else "unreachable", where)
    return ConnectorProblem(
        "bad_answer" if isinstance(error, httpx.ProtocolError | httpx.DecodingError) else "lost",
        where,
    )


def sign(secret: bytes, body: bytes, at: int) -> str:
    """``t=<unix seconds>,v1=<hex HMAC-SHA256 of "t." + body>``: the time is signed, so an old
    message cannot be sent again."""
    return f"t={at},v1={hmac.new(secret, b'%d.' % at + body, hashlib.sha256).hexdigest()}"


def signed_by(
    secret: bytes, body: bytes, signature: str, *, now: int, tolerance_s: int = 300
) -> bool:
    """Whether this signature is ours, of this body, and fresh. A receiver runs this; it is also the
    example in the developers' page."""
    parts = dict(part.partition("=")[::2] for part in signature.split(","))
    if not parts.get("t", "").isdecimal() or abs(now - int(parts["t"])) > tolerance_s:
        return False
    return hmac.compare_digest(sign(secret, body, int(parts["t"])), signature)
