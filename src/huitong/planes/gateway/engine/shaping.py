"""The shaping service: makes the API of a mounted table, of granted items only, masked, row-filtered (A8, A30).

It stands behind Envoy on a Unix socket and believes only its gateway, which proves itself by a header. What it may do is
read from one file that `reconcile` writes; a grant that is not in the file does not exist.
"""

from __future__ import annotations

import hmac
import json
import logging
import math
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from huitong.connectors import ConnectorProblem, DatabaseAddress, Guard
from huitong.planes.gateway.engine.asking import Ask, Refused, read, written
from huitong.planes.gateway.engine.sources import Busy, Sources
from huitong.scope import ItemType, Scope, ScopeError, from_json
from huitong.scope.parameters import faults
from huitong.scope.sql import Column, select

Environment = Mapping[str, Any]
Start = Callable[[str, list[tuple[str, str]]], Any]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Mount:
    """A mounted table: where it is."""

    id: int
    address: DatabaseAddress
    table: tuple[str, str]


@dataclass(frozen=True)
class Grant:
    """What one grant lets through. ``columns``: item → where it lies; ``key``: the items that tell rows apart, if all are granted in
    the clear."""

    id: int
    mount: int
    scope: Scope
    columns: Mapping[str, Column]
    key: tuple[str, ...]
    token_keys: Mapping[str, bytes]


@dataclass(frozen=True)
class Facts:
    """What may be served, as `reconcile` last wrote it."""

    proof: str = ""
    guard: Guard = field(default_factory=Guard)
    mounts: Mapping[int, Mount] = field(default_factory=dict)
    grants: Mapping[int, Grant] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str) -> Facts:
        told = json.loads(text)
        mounts = {m["id"]: Mount(m["id"], DatabaseAddress(**m["address"]), (m["schema"], m["table"])) for m in told["mounts"]}
        grants = {}
        for said in told["grants"]:
            with suppress(ScopeError):  # a scope we cannot read lets nothing through; the other grants go on
                grants[said["id"]] = _grant(said)
        return cls(told["proof"], Guard.of(told["allowed"], told["own"]), mounts, grants)


def _grant(said: Mapping[str, Any]) -> Grant:
    scope = from_json(said["scope"])
    columns = {item: Column(c["column"], ItemType(c["type"]), c["sql_type"]) for item, c in said["columns"].items()}
    clear = {item for item in scope.items if item not in scope.masks}
    key = tuple(item for item, column in columns.items() if column.name in said["key"] and item in clear)
    keys = {name: bytes.fromhex(secret) for name, secret in said.get("token_keys", {}).items()}
    return Grant(said["id"], said["mount"], scope, columns, key if len(key) == len(said["key"]) else (), keys)


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

    def __call__(self, environment: Environment, start: Start) -> Iterable[bytes]:
        try:
            body = self.answer(environment)
        except Refused as no:
            return _said(start, no.status, no.body())
        except ScopeError as no:
            return _said(start, "422 Unprocessable Content", {"status": 422, "code": "malformed", "detail": str(no)})
        return _said(start, "200 OK", body)

    def answer(self, environment: Environment) -> dict[str, Any]:
        """The rows of one call. Raises `Refused`, `ScopeError`."""
        facts = self.facts()
        if not facts.proof or not hmac.compare_digest(environment.get("HTTP_X_HUITONG_PROOF", ""), facts.proof):
            raise Refused("403 Forbidden", "not_granted", "只接受来自网关的调用。")
        grant = facts.grants.get(_number(environment, "HTTP_X_HUITONG_GRANT"))
        mount = facts.mounts.get(_number(environment, "HTTP_X_HUITONG_MOUNT"))
        if grant is None or mount is None or grant.mount != mount.id:
            raise Refused("403 Forbidden", "not_granted", "该授权已不在有效期内。")
        said = {p.name: _header(environment, p.name) for p in grant.scope.control_parameters}
        if wrong := faults(grant.scope.control_parameters, said):
            raise Refused("422 Unprocessable Content", "control_parameters", "；".join(wrong.values()), fields=wrong)
        return self._page(facts, grant, mount, read(environment.get("QUERY_STRING", ""), grant.scope, grant.columns, grant.key))

    def _page(self, facts: Facts, grant: Grant, mount: Mount, ask: Ask) -> dict[str, Any]:
        query = select(grant.scope, mount.table, grant.columns, asked=ask.filter, order_by=grant.key, after=ask.after, limit=ask.limit + 1)
        try:
            found = self.sources.rows(mount.address, facts.guard, query)
        except Busy:
            raise Refused("503 Service Unavailable", "source_busy", "提供部门的数据源正忙。", who="调用方", remedy="请稍后重试，并减少同时发出的调用。") from None
        except ConnectorProblem as down:  # its detail names addresses and accounts: for the operator, not for the caller
            log.warning("mount %s: %s %s", mount.id, down.code, down.detail)
            late = down.code == "timeout"
            raise Refused("503 Service Unavailable", "source_timeout" if late else "source_unavailable",
                          "提供部门的数据源未在规定时间内答复。" if late else "提供部门的数据源暂时无法读取。", who="提供部门",
                          remedy="请缩小查询范围后重试。" if late else "请稍后重试；持续失败请联系提供部门。") from None
        names = [grant.columns[item].name for item in query.items]
        rows = [dict(zip(names, query.finish(row, grant.token_keys), strict=True)) for row in found[: ask.limit]]
        more, last = len(found) > ask.limit, grant.columns[grant.key[0]] if len(grant.key) == 1 else None
        return {"items": [{name: _json(value) for name, value in row.items()} for row in rows], "count": len(rows), "more": more,
                "after": written(rows[-1][last.name], last) if more and last else None}


def _number(environment: Environment, name: str) -> int:
    text = environment.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1


def _header(environment: Environment, name: str) -> str:
    """What a header says; it has room for ASCII only, so other characters come percent-encoded."""
    return unquote(environment.get("HTTP_" + name.upper().replace("-", "_"), ""))


def _json(value: Any) -> Any:
    """What JSON has no form for, as PostgreSQL would write it."""
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _said(start: Start, status: str, body: Mapping[str, Any]) -> list[bytes]:
    raw = json.dumps(body, ensure_ascii=False, default=str).encode()
    start(status, [("Content-Type", "application/json; charset=utf-8"), ("Content-Length", str(len(raw))), ("Cache-Control", "no-store"),
                   ("X-Content-Type-Options", "nosniff")])
    return [raw]
