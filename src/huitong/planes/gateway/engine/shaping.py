"""The shaping service: the API of a mounted table, with granted items only, masked, row-filtered
(A8, A30).

It stands behind Envoy on a Unix socket and serves only its gateway, which proves itself by a
header. It reads the grants from the store that `reconcile` writes; others do not exist for it.
"""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from huitong.connectors import ConnectorProblem
from huitong.planes.gateway.engine import recording
from huitong.planes.gateway.engine.asking import Ask, Refused, read
from huitong.planes.gateway.engine.envoy import grant_of
from huitong.planes.gateway.engine.facts import Facts, Grant, Mount, Rules
from huitong.planes.gateway.engine.paging import UNPROVIDED, Batch, Places, not_unique, page, take
from huitong.planes.gateway.engine.sources import Busy, Sources, Take
from huitong.planes.gateway.engine.store import Store
from huitong.scope import ScopeError
from huitong.scope.pages import Statement
from huitong.scope.parameters import ControlParameter, faults

#: a WSGI environment; its key `RECORDED` has the call's parameters for the evidence
Environment = MutableMapping[str, Any]
RECORDED = "huitong.said"
#: and this one the headers of its grant
GRANTED = "huitong.grant"
Start = Callable[[str, list[tuple[str, str]]], Any]
T = TypeVar("T")
log = logging.getLogger(__name__)

#: bytes of an answer that is handed to the server in one piece
AT_ONCE = 256 * 1024


class Service:
    """A WSGI application: one GET per call, answered from the provider's own database."""

    def __init__(self, place: Path) -> None:
        self.sources = Sources()
        self.facts = Facts(Store(place), self.sources.keep)

    def __call__(self, environment: Environment, begin: Start) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]]) -> Any:
            return begin(
                status,
                (
                    [*headers, (recording.HEADER, parameters)]
                    if (parameters := environment.get(RECORDED))
                    else headers
                ),
            )

        try:
            body = self.answer(environment)
        except Refused as refusal:
            return _send_json(start, refusal.status, refusal.body())
        except ScopeError as refusal:
            return _send_json(
                start,
                "422 Unprocessable Content",
                {"status": 422, "code": "malformed", "detail": str(refusal)},
            )
        return _send(start, "200 OK", body, environment.get(GRANTED, {}))

    def answer(self, environment: Environment) -> list[bytes]:
        """The answer to one call, in pieces. Raises `Refused`, `ScopeError`."""
        rules = self.facts.renew()
        if not rules.proof or not hmac.compare_digest(
            environment.get("HTTP_X_HUITONG_PROOF", ""), rules.proof
        ):
            raise Refused("403 Forbidden", "not_granted", "只接受来自网关的调用。")
        number = _number(grant_of(environment.get("HTTP_X_HUITONG_GRANT", "")))
        grant = self.facts.grant(number)
        if grant is None and self.facts.is_unreadable(number):
            raise Refused(
                "503 Service Unavailable",
                "source_unavailable",
                "提供部门的数据源暂时无法读取。",
                who="提供部门",
                remedy="请稍后重试；持续失败请联系提供部门。",
            )
        mount = self.facts.mounts.get(_number(environment.get("HTTP_X_HUITONG_MOUNT", "")))
        if grant is None or mount is None or grant.mount != mount.id:
            raise Refused("403 Forbidden", "not_granted", "该授权已不在有效期内。")
        parameters = grant.scope.control_parameters
        values = {p.name: _header(environment, p.wire) for p in parameters}
        environment[RECORDED] = (
            recording.encode(recording.records_of(parameters, values, rules.recording_key))
            if any(values.values())
            else ""
        )
        _check_parameters(parameters, values)
        environment[GRANTED] = grant.headers
        places = grant.places(rules.proof)
        return self._page(
            rules,
            mount,
            grant,
            places,
            read(
                environment.get("QUERY_STRING", ""),
                grant.scope,
                grant.columns,
                places.read if grant.key else None,
            ),
        )

    def _page(
        self, rules: Rules, mount: Mount, grant: Grant, places: Places, ask: Ask
    ) -> list[bytes]:
        question = grant.pages.page(limit=ask.limit + 1, extra=ask.filter, after=ask.after)

        def take_page(rows: Iterator[tuple[Any, ...]]) -> Batch:
            return take((grant.pages.row(row, grant.token_keys) for row in rows), ask.limit)

        batch = self._ask(rules, mount, question, take_page)
        rows, more, after = page(batch, places, grant.key_columns)
        if (
            ask.after is not None
            and not more
            and self._ask(rules, mount, grant.pages.keyless(ask.filter), next)[0]
        ):
            raise not_unique(grant.key_columns)
        return _pieces(rows, more, after)

    def _ask(self, rules: Rules, mount: Mount, question: Statement, take: Take[T]) -> T:
        try:
            return self.sources.ask(mount.address, rules.guard, question, take)
        except Busy:
            raise Refused(
                "503 Service Unavailable",
                "source_busy",
                "提供部门的数据源正忙。",
                who="调用方",
                remedy="请稍后重试，并减少同时发出的调用。",
            ) from None
        except UnicodeDecodeError:
            raise _refusal_of(ConnectorProblem("encoding")) from None
        # its detail, for the operator and not the caller, names addresses and accounts
        except ConnectorProblem as problem:
            log.warning("mount %s: %s %s", mount.id, problem.code, problem.detail)
            raise _refusal_of(problem) from None


#: faults of a provider's data or database: code, what happened, what next
ELSEWHERE, NOWHERE = (
    "请联系提供部门更正数据；在此之前可换用其他查询条件。",
    "请联系提供部门处理，重试无用。",
)
SOURCE_FAULTS = {
    "encoding": ("source_encoding", "提供部门的数据中有不符合其字符编码的文字。", ELSEWHERE),
    "22": ("source_value", "提供部门的数据中有与登记的数据类型不符、无法转换的值。", ELSEWHERE),
    "54": ("row_too_large", "提供部门的数据中有一行过大，其数据库无法输出。", ELSEWHERE),
    "rows_hidden": (
        "source_rows_hidden",
        "提供部门的数据表启用了行级安全策略，不能保证每行都提供到。",
        NOWHERE,
    ),
    "no_characters": (
        "source_unmaskable",
        "提供部门的数据库编码为 SQL_ASCII，分不清汉字的起止，不能按字符脱敏。",
        NOWHERE,
    ),
}


def _refusal_of(problem: ConnectorProblem) -> Refused:
    if problem.code == "not_in_repertoire":
        return Refused(
            "422 Unprocessable Content",
            "malformed",
            "查询条件中有提供部门数据库的字符集没有的文字，不会有符合的行。",
        )
    kind = (
        problem.code
        if problem.code in SOURCE_FAULTS
        else problem.detail.removeprefix("SQLSTATE ")[:2]
    )
    if kind in SOURCE_FAULTS:
        code, detail, remedy = SOURCE_FAULTS[kind]
        return Refused(UNPROVIDED, code, detail, who="提供部门", remedy=remedy)
    late = problem.code == "timeout"
    return Refused(
        "503 Service Unavailable",
        "source_timeout" if late else "source_unavailable",
        "提供部门的数据源未在规定时间内答复。" if late else "提供部门的数据源暂时无法读取。",
        who="提供部门",
        remedy="请缩小查询范围后重试。" if late else "请稍后重试；持续失败请联系提供部门。",
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1


def _check_parameters(parameters: Sequence[ControlParameter], values: Mapping[str, str]) -> None:
    """Check the control parameters of a call. Raises `Refused`: 403 for a matter outside the grant,
    422 for anything else."""
    if not (problems := faults(tuple(parameters), values)):
        return
    if any(p.kind == "matter" and values[p.name] for p in parameters if p.name in problems):
        raise Refused(
            "403 Forbidden",
            "matter_not_granted",
            "；".join(problems.values()),
            who="使用部门",
            remedy="请填写授权载明的事项；办理其他事项须另行申请（实施细则第三十条）。",
            fields=problems,
        )
    raise Refused(
        "422 Unprocessable Content",
        "control_parameters",
        "；".join(problems.values()),
        fields=problems,
    )


def _header(environment: Environment, name: str) -> str:
    """The value of a header, which is ASCII: other characters are percent-encoded."""
    return unquote(environment.get("HTTP_" + name.upper().replace("-", "_"), ""))


def _pieces(rows: list[bytes], more: bool, after: str | None) -> list[bytes]:
    """``{"items": […], "count": …, "more": …, "after": …}`` around the rows as the database
    wrote them."""
    tail = json.dumps({"count": len(rows), "more": more, "after": after}).encode()
    parts = [b'{"items": [']
    for row in rows:
        parts += (row, b", ")
    return [*(parts[:-1] if rows else parts), b"], " + tail[1:]]


def _send_json(start: Start, status: str, body: Mapping[str, Any]) -> Iterable[bytes]:
    return _send(start, status, [json.dumps(body, ensure_ascii=False).encode()])


def _send(
    start: Start, status: str, pieces: list[bytes], more: Mapping[str, str] | None = None
) -> Iterable[bytes]:
    """Send small answers at once, large ones in pieces, so that they are not in memory twice."""
    size = sum(map(len, pieces))
    start(
        status,
        [
            ("Content-Type", "application/json; charset=utf-8"),
            ("Content-Length", str(size)),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            *(more or {}).items(),
        ],
    )
    return pieces if size < AT_ONCE else (piece for piece in pieces)
