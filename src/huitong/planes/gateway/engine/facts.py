"""The facts the shaping service goes by: sources of mounts and scopes of grants, read from the
store when they have changed."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from huitong.connectors import DatabaseAddress, Guard
from huitong.connectors.guard import Door
from huitong.planes.gateway.engine.paging import Places
from huitong.planes.gateway.engine.store import Change, Store
from huitong.planes.gateway.rules import MOST_BYTES
from huitong.scope import ItemType, Scope, ScopeError, from_json
from huitong.scope.columns import Column
from huitong.scope.pages import Pages

#: errors of reading one fact
UNREADABLE = (ScopeError, ValueError, TypeError, KeyError, AttributeError)


@dataclass(frozen=True)
class Mount:
    """A mounted table and its database."""

    id: int
    address: DatabaseAddress
    table: tuple[str, str]


@dataclass(frozen=True)
class Grant:
    """One grant of a mount. ``columns``: by item; ``key``: the items of the primary key in its
    order, if all are granted in the clear."""

    id: int
    mount: int
    table: tuple[str, str]
    scope: Scope
    columns: Mapping[str, Column]
    key: tuple[str, ...]
    token_keys: Mapping[str, bytes]
    #: what goes along with its rows: for what, how much, until when
    headers: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def pages(self) -> Pages:
        """Its rows as queries of the source. Raises `ScopeError`."""
        return Pages(self.scope, self.table, self.columns, self.key, MOST_BYTES)

    @property
    def key_columns(self) -> list[str]:
        return [self.columns[item].name for item in self.key]

    def places(self, proof: str) -> Places:
        """Places among its rows; another mount, or another key of it, has others."""
        return Places(
            proof.encode(),
            json.dumps(
                [
                    self.mount,
                    [(c.name, c.sql_type) for c in map(self.columns.__getitem__, self.key)],
                ]
            ),
        )


@dataclass(frozen=True)
class Rules:
    """What holds for every call. ``recording_key``: key of the digests of control parameters in
    the evidence."""

    proof: str = ""
    guard: Guard = field(default_factory=Guard)
    recording_key: bytes = b""


class Facts:
    """The facts of a store, for all threads: mounts at once, grants when they are first called."""

    def __init__(self, store: Store, keep: Callable[[Collection[DatabaseAddress]], None]) -> None:
        self.store, self.rules = store, Rules()
        self.mounts: dict[int, Mount] = {}
        self._grants: dict[int, Grant | None] = {}
        self._lock, self._serial, self._keep = threading.Lock(), 0, keep

    def renew(self) -> Rules:
        """Take up what has changed; a call goes by the rules and grant it begins with."""
        with self._lock:
            if (serial := self.store.serial()) != self._serial:
                # grants that nobody has called yet are not in memory
                kinds = ("service", "mount", "grant") if self._grants else ("service", "mount")
                changes = [c for kind in kinds for c in self.store.changes(self._serial, kind)]
                for change in changes:
                    self._take(change)
                if any(change.kind == "mount" for change in changes):
                    self._keep([mount.address for mount in self.mounts.values()])
                self._serial = serial
        return self.rules

    def grant(self, number: int) -> Grant | None:
        """A grant that can be served; None for any other."""
        with self._lock:
            if number not in self._grants:
                if (body := self.store.body("grant", str(number))) is None:
                    return None  # callers could fill the memory with numbers
                self._grants[number] = self._read(body)
            return self._grants[number]

    def is_unreadable(self, number: int) -> bool:
        """Whether it is a grant in force whose source the platform itself cannot read."""
        if (body := self.store.body("grant", str(number))) is None:
            return False
        return json.loads(body).get("mount") not in self.mounts

    def _take(self, change: Change) -> None:
        if change.kind == "service" and change.body is not None:
            self.rules = _rules(json.loads(change.body))
            self._grants.clear()
        elif change.kind == "mount":
            self.mounts.pop(int(change.name), None)
            if change.body is not None:
                with suppress(*UNREADABLE):
                    self.mounts[int(change.name)] = _mount(int(change.name), change.body)
            self._grants.clear()
        elif change.kind == "grant":
            self._grants.pop(int(change.name), None)

    def _read(self, body: bytes) -> Grant | None:
        """A grant that cannot be read is not served; the others are."""
        with suppress(*UNREADABLE):
            row = json.loads(body)
            if (mount := self.mounts.get(row["mount"])) is not None:
                return _grant(row, mount)
        return None


def _rules(row: Mapping[str, Any]) -> Rules:
    doors = [Door(host, port, frozenset(names)) for host, port, names in row.get("doors", ())]
    return Rules(
        row["proof"],
        Guard.of(row["allowed"], doors),
        bytes.fromhex(row.get("recording_key", "")) or row["proof"].encode(),
    )


def _mount(number: int, body: bytes) -> Mount:
    row = json.loads(body)
    return Mount(number, DatabaseAddress(**row["address"]), (row["schema"], row["table"]))


def _grant(row: Mapping[str, Any], mount: Mount) -> Grant:
    scope = from_json(row["scope"])
    columns = {
        item: Column(c["column"], ItemType(c["type"]), c["sql_type"])
        for item, c in row["columns"].items()
    }
    clear = {
        columns[item].name: item
        for item in scope.items
        if item in columns and item not in scope.masks
    }
    key = tuple(clear[name] for name in row["key"] if name in clear)
    keys = {name: bytes.fromhex(secret) for name, secret in row.get("token_keys", {}).items()}
    whole_key = key if len(key) == len(row["key"]) else ()
    headers = {str(name): str(value) for name, value in row.get("headers", {}).items()}
    return Grant(row["id"], mount.id, mount.table, scope, columns, whole_key, keys, headers)
