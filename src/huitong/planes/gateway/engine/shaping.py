"""The shaping service: makes the API of a mounted table, of granted items only, masked, row-filtered (A8, A30).

It stands behind Envoy on a Unix socket and believes only its gateway, which proves itself by a header. What it may do is
read from one file that `reconcile` writes; a grant that is not in the file does not exist.
"""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import psycopg

from huitong.connectors import ConnectorProblem, DatabaseAddress, Guard, connect
from huitong.planes.gateway.engine.asking import Ask, Refused, read
from huitong.scope import ItemType, Scope, ScopeError, from_json
from huitong.scope.parameters import faults
from huitong.scope.sql import Column, select

Environment = Mapping[str, Any]
Start = Callable[[str, list[tuple[str, str]]], Any]


@dataclass(frozen=True)
class Mount:
    """A mounted table: where it is."""

    id: int
    address: DatabaseAddress
    table: tuple[str, str]


@dataclass(frozen=True)
class Grant:
    """What one grant lets through. ``columns``: item → where it lies; ``key``: the items that tell rows apart, if granted."""

    id: int
    mount: int
    scope: Scope
    columns: Mapping[str, Column]
    key: tuple[str, ...]
    token_keys: Mapping[str, bytes]


@dataclass
class Facts:
    """What may be served, as last written; read anew when the file changes."""

    path: Path
    stamp: tuple[int, int] = (0, 0)
    proof: str = ""
    guard: Guard = field(default_factory=Guard)
    mounts: dict[int, Mount] = field(default_factory=dict)
    grants: dict[int, Grant] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fresh(self) -> Facts:
        with self.lock:
            try:
                seen = self.path.stat()
            except FileNotFoundError:
                return self
            if (stamp := (seen.st_mtime_ns, seen.st_ino)) != self.stamp:
                self._read()
                self.stamp = stamp
        return self

    def _read(self) -> None:
        told = json.loads(self.path.read_text(encoding="utf-8"))
        self.proof, self.guard = told["proof"], Guard.of(told["allowed"], told["own"])
        self.mounts = {m["id"]: Mount(m["id"], DatabaseAddress(**m["address"]), (m["schema"], m["table"])) for m in told["mounts"]}
        self.grants = {}
        for g in told["grants"]:
            columns = {item: Column(c["column"], ItemType(c["type"]), c["sql_type"]) for item, c in g["columns"].items()}
            with suppress(ScopeError):  # a scope we cannot read lets nothing through; the other grants go on
                scope = from_json(g["scope"])
                clear = set(scope.items) - set(scope.masks)
                key = tuple(i for i, c in columns.items() if c.name in g["key"] and i in clear)
                self.grants[g["id"]] = Grant(g["id"], g["mount"], scope, columns, key if len(key) == len(g["key"]) else (),
                                                {name: bytes.fromhex(k) for name, k in g.get("token_keys", {}).items()})


class Service:
    """A WSGI application: one GET per call, answered from the provider's own database."""

    def __init__(self, facts: Path) -> None:
        self.facts = Facts(facts)
        self.mine = threading.local()

    def __call__(self, environment: Environment, start: Start) -> Iterable[bytes]:
        try:
            body = self.answer(environment)
        except Refused as no:
            return _said(start, no.status, no.body())
        except ScopeError as no:
            return _said(start, "422 Unprocessable Content", {"status": 422, "code": "malformed", "detail": str(no)})
        except (ConnectorProblem, psycopg.Error) as down:
            why = down.as_body() if hasattr(down, "as_body") else {"detail": "提供部门的数据源暂时无法读取。"}
            return _said(start, "503 Service Unavailable", {"status": 503, "code": "source_unavailable", "who": "提供部门",
                                                            "remedy": "请稍后重试；持续失败请联系提供部门。", "detail": why.get("detail", "")})
        return _said(start, "200 OK", body)

    def answer(self, environment: Environment) -> dict[str, Any]:
        """The rows of one call. Raises `Refused`."""
        facts = self.facts.fresh()
        if not facts.proof or not hmac.compare_digest(environment.get("HTTP_X_HUITONG_PROOF", ""), facts.proof):
            raise Refused("403 Forbidden", "not_granted", "只接受来自网关的调用。")
        grant = facts.grants.get(_number(environment, "HTTP_X_HUITONG_GRANT"))
        mount = facts.mounts.get(_number(environment, "HTTP_X_HUITONG_MOUNT"))
        if grant is None or mount is None or grant.mount != mount.id:
            raise Refused("403 Forbidden", "not_granted", "该授权已不在有效期内。")
        said = {p.name: environment.get("HTTP_" + p.name.upper().replace("-", "_"), "") for p in grant.scope.control_parameters}
        if wrong := faults(grant.scope.control_parameters, said):
            raise Refused("422 Unprocessable Content", "control_parameters", ";".join(wrong.values()), fields=wrong)
        ask = read(parse_qsl(environment.get("QUERY_STRING", ""), keep_blank_values=True), grant.scope, grant.columns, grant.key)
        return self._rows(facts, grant, mount, ask)

    def _rows(self, facts: Facts, grant: Grant, mount: Mount, ask: Ask) -> dict[str, Any]:
        query = select(grant.scope, mount.table, grant.columns, asked=ask.filter, order_by=grant.key, limit=ask.limit + 1)
        with self._connection(mount.address, facts.guard) as connection:
            found = connection.execute(query.statement, query.parameters).fetchall()
        names = [grant.columns[item].name for item in query.items]
        rows = [dict(zip(names, query.finish(row, grant.token_keys), strict=True)) for row in found[: ask.limit]]
        more = len(found) > ask.limit
        after = str(rows[-1][grant.columns[grant.key[0]].name]) if more and len(grant.key) == 1 else None
        return {"items": rows, "count": len(rows), "more": more, "after": after}

    @contextmanager
    def _connection(self, address: DatabaseAddress, guard: Guard) -> Iterator[psycopg.Connection]:
        """This thread's read-only connection to the source, opened through the guard as it stands now; dropped on any fault."""
        mine: dict[DatabaseAddress, psycopg.Connection] = self.mine.__dict__.setdefault("connections", {})
        connection = mine.pop(address, None)
        if connection is None or connection.closed:
            connection = connect(address, guard=guard, statement_s=25, name="huitong-api")
            connection.autocommit = True
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        mine[address] = connection


def _number(environment: Environment, name: str) -> int:
    text = environment.get(name, "")
    return int(text) if text.isascii() and text.isdigit() else -1


def _said(start: Start, status: str, body: Mapping[str, Any]) -> list[bytes]:
    raw = json.dumps(body, ensure_ascii=False, default=str).encode()
    start(status, [("Content-Type", "application/json; charset=utf-8"), ("Content-Length", str(len(raw))), ("Cache-Control", "no-store"),
                   ("X-Content-Type-Options", "nosniff")])
    return [raw]
