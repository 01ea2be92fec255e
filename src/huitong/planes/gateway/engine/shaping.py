"""The shaping service: makes the API of a mounted table, of granted items only, masked,
row-filtered (A8, A30).

It stands behind Envoy on a Unix socket and believes only its gateway, which proves itself by a
header. What it may do is read from one file that `reconcile` writes; a grant that is not in the
file does not exist.
"""

from __future__ import annotations

import hmac
import json
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from huitong.connectors import ConnectorProblem, DatabaseAddress, Guard
from huitong.connectors.guard import Door
from huitong.planes.gateway.engine import recording
from huitong.planes.gateway.engine.asking import Ask, Refused, read
from huitong.planes.gateway.engine.paging import UNPROVIDED, Places, Taken, not_unique, page, take
from huitong.planes.gateway.engine.sources import Busy, Sources, Take
from huitong.planes.gateway.rules import MOST_BYTES
from huitong.scope import ItemType, Scope, ScopeError, from_json
from huitong.scope.columns import Column
from huitong.scope.pages import Pages, Statement
from huitong.scope.parameters import ControlParameter, faults

#: a WSGI environment; `SAID` in it is what the call's record will say of its parameters
Environment = MutableMapping[str, Any]
SAID = "huitong.said"
Start = Callable[[str, list[tuple[str, str]]], Any]
T = TypeVar("T")
log = logging.getLogger(__name__)

#: bytes of an answer that is handed to the server in one piece
AT_ONCE = 256 * 1024


#: what reading one fact may raise
UNREADABLE = (ScopeError, ValueError, TypeError, KeyError, AttributeError)


@dataclass(frozen=True)
class Mount:
    """A mounted table: where it is."""

    id: int
    address: DatabaseAddress
    table: tuple[str, str]


@dataclass(frozen=True)
class Grant:
    """What one grant lets through of a mount. ``columns``: item → where it lies; ``key``: the
    items that tell rows apart, in the key's order, if all are granted in the clear."""

    id: int
    mount: Mount
    scope: Scope
    columns: Mapping[str, Column]
    key: tuple[str, ...]
    token_keys: Mapping[str, bytes]

    @cached_property
    def pages(self) -> Pages:
        """Its rows as questions to the source. Raises `ScopeError`."""
        return Pages(self.scope, self.mount.table, self.columns, self.key, MOST_BYTES)

    @property
    def key_columns(self) -> list[str]:
        return [self.columns[item].name for item in self.key]

    def places(self, proof: str) -> Places:
        """Places among its rows; another mount, or another key of it, has others."""
        return Places(
            proof.encode(),
            json.dumps(
                [
                    self.mount.id,
                    [(c.name, c.sql_type) for c in map(self.columns.__getitem__, self.key)],
                ]
            ),
        )


@dataclass(frozen=True)
class Facts:
    """What may be served, as `reconcile` last wrote it."""

    proof: str = ""
    guard: Guard = field(default_factory=Guard)
    mounts: Mapping[int, Mount] = field(default_factory=dict)
    grants: Mapping[int, Grant] = field(default_factory=dict)
    #: grants in force whose source the platform itself cannot read
    apart: frozenset[int] = frozenset()
    #: under which values of control parameters are kept in the evidence
    recording_key: bytes = b""

    @classmethod
    def of(cls, text: str) -> Facts:
        told = json.loads(text)
        mounts, grants, apart = {}, {}, set[int]()
        for said in told["mounts"]:
            with suppress(*UNREADABLE):
                mounts[said["id"]] = Mount(
                    said["id"], DatabaseAddress(**said["address"]), (said["schema"], said["table"])
                )
        for said in told["grants"]:
            # what we cannot read lets nothing through; the other grants go on
            with suppress(*UNREADABLE):
                if said["mount"] in mounts:
                    grants[said["id"]] = _grant(said, mounts[said["mount"]])
                else:
                    apart.add(said["id"])
        doors = [Door(host, port, frozenset(names)) for host, port, names in told.get("doors", ())]
        return cls(
            told["proof"],
            Guard.of(told["allowed"], doors),
            mounts,
            grants,
            frozenset(apart),
            bytes.fromhex(told.get("recording_key", "")) or told["proof"].encode(),
        )


def _grant(said: Mapping[str, Any], mount: Mount) -> Grant:
    scope = from_json(said["scope"])
    columns = {
        item: Column(c["column"], ItemType(c["type"]), c["sql_type"])
        for item, c in said["columns"].items()
    }
    clear = {
        columns[item].name: item
        for item in scope.items
        if item in columns and item not in scope.masks
    }
    key = tuple(clear[name] for name in said["key"] if name in clear)
    keys = {name: bytes.fromhex(secret) for name, secret in said.get("token_keys", {}).items()}
    return Grant(
        said["id"], mount, scope, columns, key if len(key) == len(said["key"]) else (), keys
    )


class Service:
    """A WSGI application: one GET per call, answered from the provider's own database."""

    def __init__(self, path: Path) -> None:
        self.path, self.sources = path, Sources()
        self._lock, self._stamp, self._facts = threading.Lock(), (0, 0), Facts()

    def facts(self) -> Facts:
        """The file's content, read anew when it has changed; a call keeps what it began with."""
        with self._lock, suppress(FileNotFoundError):
            seen = self.path.stat()
            if (stamp := (seen.st_mtime_ns, seen.st_ino)) != self._stamp:
                self._facts, self._stamp = Facts.of(self.path.read_text(encoding="utf-8")), stamp
                self.sources.keep([mount.address for mount in self._facts.mounts.values()])
        return self._facts

    def __call__(self, environment: Environment, begin: Start) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]]) -> Any:
            return begin(
                status,
                (
                    [*headers, (recording.HEADER, kept)]
                    if (kept := environment.get(SAID))
                    else headers
                ),
            )

        try:
            body = self.answer(environment)
        except Refused as no:
            return _said(start, no.status, no.body())
        except ScopeError as no:
            return _said(
                start,
                "422 Unprocessable Content",
                {"status": 422, "code": "malformed", "detail": str(no)},
            )
        return _sent(start, "200 OK", body)

    def answer(self, environment: Environment) -> list[bytes]:
        """The answer to one call, in pieces. Raises `Refused`, `ScopeError`."""
        facts = self.facts()
        if not facts.proof or not hmac.compare_digest(
            environment.get("HTTP_X_HUITONG_PROOF", ""), facts.proof
        ):
            raise Refused("403 Forbidden", "not_granted", "只接受来自网关的调用。")
        number = _number(environment, "HTTP_X_HUITONG_GRANT")
        if number in facts.apart:
            raise Refused(
                "503 Service Unavailable",
                "source_unavailable",
                "提供部门的数据源暂时无法读取。",
                who="提供部门",
                remedy="请稍后重试；持续失败请联系提供部门。",
            )
        grant = facts.grants.get(number)
        mount = facts.mounts.get(_number(environment, "HTTP_X_HUITONG_MOUNT"))
        if grant is None or grant.mount is not mount:
            raise Refused("403 Forbidden", "not_granted", "该授权已不在有效期内。")
        parameters = grant.scope.control_parameters
        said = {p.name: _header(environment, p.wire) for p in parameters}
        environment[SAID] = (
            recording.written(recording.recorded(parameters, said, facts.recording_key))
            if any(said.values())
            else ""
        )
        _check_said(parameters, said)
        places = grant.places(facts.proof)
        return self._page(
            facts,
            grant,
            places,
            read(
                environment.get("QUERY_STRING", ""),
                grant.scope,
                grant.columns,
                places.read if grant.key else None,
            ),
        )

    def _page(self, facts: Facts, grant: Grant, places: Places, ask: Ask) -> list[bytes]:
        question = grant.pages.page(limit=ask.limit + 1, extra=ask.filter, after=ask.after)

        def taken(rows: Iterator[tuple[Any, ...]]) -> Taken:
            return take((grant.pages.row(row, grant.token_keys) for row in rows), ask.limit)

        found = self._ask(facts, grant.mount, question, taken)
        rows, more, after = page(found, places, grant.key_columns)
        if (
            ask.after is not None
            and not more
            and self._ask(facts, grant.mount, grant.pages.keyless(ask.filter), next)[0]
        ):
            raise not_unique(grant.key_columns)
        return _pieces(rows, more, after)

    def _ask(self, facts: Facts, mount: Mount, question: Statement, take: Take[T]) -> T:
        try:
            return self.sources.ask(mount.address, facts.guard, question, take)
        except Busy:
            raise Refused(
                "503 Service Unavailable",
                "source_busy",
                "提供部门的数据源正忙。",
                who="调用方",
                remedy="请稍后重试，并减少同时发出的调用。",
            ) from None
        except UnicodeDecodeError:
            raise _refused(ConnectorProblem("encoding")) from None
        # its detail names addresses and accounts: for the operator, not for the caller
        except ConnectorProblem as problem:
            log.warning("mount %s: %s %s", mount.id, problem.code, problem.detail)
            raise _refused(problem) from None


#: what is wrong with the provider's data themselves, or with the database they lie in: code, what
#: happened, what next
ELSEWHERE, NOWHERE = (
    "请联系提供部门更正数据；在此之前可换用其他查询条件。",
    "请联系提供部门处理，重试无用。",
)
UNFIT = {
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


def _refused(problem: ConnectorProblem) -> Refused:
    if problem.code == "not_in_repertoire":
        return Refused(
            "422 Unprocessable Content",
            "malformed",
            "查询条件中有提供部门数据库的字符集没有的文字，不会有符合的行。",
        )
    kind = problem.code if problem.code in UNFIT else problem.detail.removeprefix("SQLSTATE ")[:2]
    if kind in UNFIT:
        code, detail, remedy = UNFIT[kind]
        return Refused(UNPROVIDED, code, detail, who="提供部门", remedy=remedy)
    late = problem.code == "timeout"
    return Refused(
        "503 Service Unavailable",
        "source_timeout" if late else "source_unavailable",
        "提供部门的数据源未在规定时间内答复。" if late else "提供部门的数据源暂时无法读取。",
        who="提供部门",
        remedy="请缩小查询范围后重试。" if late else "请稍后重试；持续失败请联系提供部门。",
    )


def _number(environment: Environment, name: str) -> int:
    text = environment.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1


def _check_said(parameters: Sequence[ControlParameter], said: Mapping[str, str]) -> None:
    """Whether the call says what it must. Raises `Refused`: 403 for a matter that is not the
    grant's, 422 for anything else."""
    if not (wrong := faults(tuple(parameters), said)):
        return
    if any(p.kind == "matter" and said[p.name] for p in parameters if p.name in wrong):
        raise Refused(
            "403 Forbidden",
            "matter_not_granted",
            "；".join(wrong.values()),
            who="使用部门",
            remedy="请填写授权载明的事项；办理其他事项须另行申请（实施细则第三十条）。",
            fields=wrong,
        )
    raise Refused(
        "422 Unprocessable Content", "control_parameters", "；".join(wrong.values()), fields=wrong
    )


def _header(environment: Environment, name: str) -> str:
    """What a header says; it has room for ASCII only, so other characters come percent-encoded."""
    return unquote(environment.get("HTTP_" + name.upper().replace("-", "_"), ""))


def _pieces(rows: list[bytes], more: bool, after: str | None) -> list[bytes]:
    """``{"items": […], "count": …, "more": …, "after": …}`` around the rows as the database
    wrote them."""
    tail = json.dumps({"count": len(rows), "more": more, "after": after}).encode()
    parts = [b'{"items": [']
    for row in rows:
        parts += (row, b", ")
    return [*(parts[:-1] if rows else parts), b"], " + tail[1:]]


def _said(start: Start, status: str, body: Mapping[str, Any]) -> Iterable[bytes]:
    return _sent(start, status, [json.dumps(body, ensure_ascii=False).encode()])


def _sent(start: Start, status: str, pieces: list[bytes]) -> Iterable[bytes]:
    """Small answers at once; large ones piece by piece, so that they need not lie in memory
    twice."""
    size = sum(map(len, pieces))
    start(
        status,
        [
            ("Content-Type", "application/json; charset=utf-8"),
            ("Content-Length", str(size)),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ],
    )
    return pieces if size < AT_ONCE else (piece for piece in pieces)
