"""Compile live grants into what gateway and shaping service go by: the same items for the same
grants.

One item per API, found by its exact path: a map from client to grant. Each grant ends by Envoy's
own clock, even while the platform is down; what is not in the map is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from huitong.planes.gateway.engine import envoy
from huitong.planes.gateway.engine.envoy.wire import encode
from huitong.planes.gateway.engine.store import Item
from huitong.planes.gateway.rules import PREFIX

READ_METHODS = ("GET", "HEAD")
#: the shape of what is compiled: another number compiles everything anew after an upgrade
FORM = 1


@dataclass(frozen=True)
class ApiGrant:
    """One grant for the gateway. ``clients``: each with the networks it may come from, none =
    anywhere. ``ends`` is aware; ``per_second`` is shared by all clients, 0 = no more today."""

    id: int
    clients: Mapping[str, tuple[str, ...]]
    ends: datetime
    per_second: int


@dataclass(frozen=True)
class Api:
    """One mounted API: ``code`` is the entry's code and its address; by ``mount`` the shaping
    service finds its source."""

    code: str
    mount: int
    grants: tuple[ApiGrant, ...] = ()

    @property
    def path(self) -> str:
        return PREFIX + self.code

    def only(self, grants: Iterable[int]) -> Api:
        """The same API with these of its grants."""
        ids = frozenset(grants)
        return replace(self, grants=tuple(grant for grant in self.grants if grant.id in ids))

    def allows(self) -> set[tuple[int, str, tuple[str, ...], datetime]]:
        """Who may call it by which grant, from where and until when."""
        return {
            (grant.id, client, networks, grant.ends)
            for grant in self.grants
            for client, networks in grant.clients.items()
        }

    def text(self) -> str:
        """The API as text, which an item is marked with; read again by `of`."""
        grants = [
            [g.id, {c: list(of) for c, of in g.clients.items()}, g.ends.isoformat(), g.per_second]
            for g in sorted(self.grants, key=lambda g: g.id)
        ]
        value = {"form": FORM, "code": self.code, "mount": self.mount, "grants": grants}
        return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def of(cls, text: str) -> Api:
        """The API of a text. Raises ValueError, KeyError, TypeError for another text."""
        value = json.loads(text)
        grants = tuple(
            ApiGrant(
                number, {c: tuple(n) for c, n in clients.items()}, datetime.fromisoformat(at), rate
            )
            for number, clients, at, rate in value["grants"]
        )
        return cls(value["code"], value["mount"], grants)


@dataclass(frozen=True)
class Gateway:
    """The settings of the gateways. ``shaping``: a Unix socket; ``proof``: the header value that
    proves a gateway to the shaping service; ``proxies``: the addresses whose X-Forwarded-For
    names the caller."""

    listen: str
    jwks: str
    issuer: str
    audience: str
    shaping: str
    proof: str
    access_log: str
    proxies: tuple[str, ...] = ()


def gateway_items(gateway: Gateway) -> list[Item]:
    """The items every call passes."""
    cluster = envoy.socket_cluster("shaping", gateway.shaping)
    listener = envoy.listener(
        gateway.listen,
        jwks=gateway.jwks,
        issuer=gateway.issuer,
        audience=gateway.audience,
        protected=PREFIX,
        access_log=gateway.access_log,
        headers={"x-huitong-proof": gateway.proof},
        proxies=gateway.proxies,
    )
    return [
        Item("cluster", "shaping", encode("cluster", cluster)),
        Item("listener", "gateway", encode("listener", listener)),
    ]


def ends_item(moments: Iterable[datetime], horizon: datetime) -> Item:
    """The refusal of ended grants, and of everything from the horizon on."""
    near = sorted({moment.astimezone(UTC) for moment in moments if moment < horizon})
    body = encode("filter", envoy.ends(near, horizon))
    mark = [moment.isoformat() for moment in (horizon, *near)]
    return Item("filter", envoy.ENDS, body, json.dumps(mark))


def ends_of(text: str) -> tuple[datetime, set[datetime]]:
    """The horizon and the ends an `ends_item` was compiled from, by its mark."""
    horizon, *near = map(datetime.fromisoformat, json.loads(text))
    return horizon, set(near)


def api_item(api: Api) -> Item:
    """The item of an API. Of several grants for one client the youngest counts: it was decided
    with knowledge of the others."""
    clients: dict[str, tuple[envoy.Policy, tuple[str, ...]]] = {}
    for grant in sorted(api.grants, key=lambda g: g.id):
        policy = envoy.Policy(grant.id, grant.per_second, grant.ends)
        clients |= {client: (policy, networks) for client, networks in grant.clients.items()}
    value = envoy.scope(
        api.path,
        cluster="shaping",
        methods=READ_METHODS,
        clients=clients,
        headers={"x-huitong-mount": str(api.mount)},
    )
    return Item("scope", api.path, encode("scope", value), api.text(), api.mount)


def fact(kind: str, name: int | str, value: Mapping[str, Any], mount: int = 0) -> Item:
    """An item for the shaping service."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return Item(kind, str(name), text.encode(), mount=mount)
