"""What planes are told: frozen facts, no models (A28, A30)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from huitong.connectors import DatabaseAddress
from huitong.publishing.rules import FileFact, ItemColumn
from huitong.scope import Scope, from_json


@dataclass(frozen=True)
class Fault:
    """An object that cannot be used as it is kept: left out, so that it harms nobody but itself.
    ``what`` it is, ``why`` it cannot be used, ``who`` acts; in Chinese."""

    what: str
    why: str
    who: str = "平台运维员"

    def __str__(self) -> str:
        return f"{self.what}：{self.why}（由{self.who}处理）"


@dataclass(frozen=True)
class CredentialFact:
    """A sign-in of the consumer's system that is neither revoked nor expired. No networks = from
    anywhere."""

    client_id: str
    expires_at: datetime
    networks: tuple[str, ...] = ()


@dataclass(frozen=True)
class LiveGrant:
    """A grant in force now: who may have what, of what, how much, until when. A plane enforces
    exactly this.

    ``items`` are those of the mount that the scope names or filters by, with column and types;
    ``scope`` is `Scope` as JSON. The grant ends at ``valid_to`` (exclusive, with zone) whether or
    not anybody tells the plane. ``target`` is the consumer's database (key in `queries.targets`) a
    table mount delivers to.
    """

    grant: int
    number: str
    mode: str
    mount: int
    entry: int
    entry_code: str
    entry_name: str
    provider: int
    provider_name: str
    consumer: int
    consumer_name: str
    system: int
    system_name: str
    purpose: str
    matter_code: str
    scope: Mapping[str, Any] = field(hash=False)
    items: tuple[ItemColumn, ...]
    schema: str
    table: str
    key: tuple[str, ...]
    per_second: int
    per_day: int | None
    valid_from: datetime
    valid_to: datetime
    credentials: tuple[CredentialFact, ...] = ()
    target: int | None = None
    target_table: str = ""
    file: FileFact | None = None

    @property
    def parsed(self) -> Scope:
        return from_json(self.scope)


@dataclass(frozen=True)
class Target:
    """The consumer's front-end database a table arrives in; with its password, so for the
    platform itself only."""

    database: int
    address: DatabaseAddress
    schema: str
