"""Limits of the API plane, and verdicts on calls (A13, A28, A30)."""

from __future__ import annotations

from datetime import timedelta

from huitong.kernel.actor import Labelled

#: the name under which this plane reports
PLANE = "gateway"
#: where the APIs of the platform live on the gateway; an entry's code follows
PREFIX = "/apis/"
#: how long a gateway serves what it has when the platform no longer tells it anything
HORIZON = timedelta(30)
#: the most rows of one answer; callers page on
MOST_ROWS = 1000
#: the most bytes of the rows of one answer; a page ends earlier, and a row that alone is larger is
#: refused by name
MOST_BYTES = 8 * 1024 * 1024


class Verdict(Labelled):
    """The outcome of a call, by its evidence."""

    ALLOWED = "allowed", "已放行"
    NO_TOKEN = "no_token", "未出示有效令牌"
    NOT_GRANTED = "not_granted", "未获授权或授权已终止"
    TOO_FAST = "too_fast", "超过调用频率"
    UNKNOWN = "unknown", "没有这个接口"
    MALFORMED = "malformed", "请求有误"
    FAILED = "failed", "服务出错"


def verdict(status: int, details: str) -> Verdict:
    """The verdict of Envoy's response code details, else of the status. The details are Envoy's
    own; the status is that of the answer (a refusal of a gRPC call is answered with 200)."""
    if status == 401 or details.startswith("jwt_authn"):
        return Verdict.NO_TOKEN
    if status == 403 or details.startswith("rbac_access_denied"):
        return Verdict.NOT_GRANTED
    if details.startswith("route_not_found"):
        return Verdict.UNKNOWN
    if status == 429 or details.startswith(("request_rate_limited", "local_rate_limited")):
        return Verdict.TOO_FAST
    if 200 <= status < 400:  # also when the caller hung up in the middle: data has left
        return Verdict.ALLOWED
    return Verdict.MALFORMED if 400 <= status < 500 else Verdict.FAILED
