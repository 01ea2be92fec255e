"""Compile live grants into Envoy's configuration: the same bytes for the same grants.

One route per API, selected by an exact path. Each grant is a policy of the route's access control:
these clients, inside this time window (Envoy's own clock closes it, even while the platform is
down), at this rate. What has no policy is refused.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from huitong.planes.gateway.engine import envoy
from huitong.planes.gateway.rules import PREFIX

#: the name of the route table, also in Envoy's statistics
ROUTES = "apis"
READ_METHODS = ("GET", "HEAD")


@dataclass(frozen=True)
class ApiGrant:
    """One grant for the gateway. ``clients``: each with the networks it may come from, none =
    anywhere. Moments are aware; ``per_second`` is shared by all clients, 0 = no more today."""

    id: int
    clients: Mapping[str, tuple[str, ...]]
    starts: datetime
    ends: datetime
    per_second: int


@dataclass(frozen=True)
class Api:
    """One mounted API: ``code`` is the entry's code and its address; by ``mount`` the shaping
    service finds its source."""

    code: str
    mount: int
    grants: tuple[ApiGrant, ...] = ()


@dataclass(frozen=True)
class Gateway:
    """The settings of a gateway. ``shaping``: a Unix socket; ``proof``: the header value that
    proves the gateway to the shaping service; ``proxies``: the addresses whose X-Forwarded-For
    names the caller."""

    listen: str
    jwks: str
    issuer: str
    audience: str
    shaping: str
    proof: str
    access_log: str
    folder: str
    proxies: tuple[str, ...] = ()


def compile(apis: Iterable[Api], gateway: Gateway) -> dict[str, str]:
    """The files of Envoy's configuration folder: name → JSON text. They are renamed into place,
    clusters and routes before the listener."""
    return {
        "clusters.json": _text(
            envoy.discovery(
                "cluster.v3.Cluster", [envoy.socket_cluster("shaping", gateway.shaping)]
            )
        ),
        "routes.json": routes(apis, gateway.proof),
        "listener.json": _text(
            envoy.discovery(
                "listener.v3.Listener",
                [
                    envoy.listener(
                        gateway.listen,
                        route_table=ROUTES,
                        jwks=gateway.jwks,
                        issuer=gateway.issuer,
                        audience=gateway.audience,
                        protected=PREFIX,
                        access_log=gateway.access_log,
                        folder=gateway.folder,
                        proxies=gateway.proxies,
                    )
                ],
            )
        ),
    }


def routes(apis: Iterable[Api], proof: str) -> str:
    """The file of routes and policies. It needs no source, key or address, so that a revocation
    waits for none."""
    table = envoy.route_table(
        ROUTES, [_route(api, proof) for api in sorted(apis, key=lambda a: a.code)]
    )
    return _text(envoy.discovery("route.v3.RouteConfiguration", [table]))


def version_of(text: str) -> str:
    """The version of a file, by which Envoy confirms it; "" without one."""
    match = re.match(r'\{"version_info":"(\w+)"', text)
    return match[1] if match else ""


def grants_in(text: str) -> set[int]:
    """The grants that a ``routes.json`` lets through; none in any other text."""
    try:
        [table] = json.loads(text)["resources"]
        leaves = (
            table["virtual_hosts"][0]
            .get("matcher", {})
            .get("matcher_tree", {})
            .get("prefix_match_map", {})
            .get("map", {})
        )
        return {int(name) for leaf in leaves.values() for name in envoy.policies_of(leaf)}
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return set()


def _route(api: Api, proof: str) -> dict[str, Any]:
    """The route of an API. Of several grants for one client the youngest counts: it was decided
    with knowledge of the others."""
    policies, rates, served = {}, {}, set[str]()
    for grant in sorted(api.grants, key=lambda g: g.id, reverse=True):
        if clients := {
            client: networks for client, networks in grant.clients.items() if client not in served
        }:
            policies[str(grant.id)] = _policy(grant, clients)
            rates[str(grant.id)] = grant.per_second
            served |= clients.keys()
    return envoy.route(
        f"{PREFIX}{api.code}",
        cluster="shaping",
        policies=policies,
        rates=rates,
        headers={
            "x-huitong-proof": proof,
            "x-huitong-mount": str(api.mount),
            "x-huitong-grant": envoy.MATCHED_POLICY,
            "x-huitong-client": envoy.TOKEN_SUBJECT,
        },
    )


def _policy(grant: ApiGrant, clients: Mapping[str, tuple[str, ...]]) -> Mapping[str, Any]:
    return envoy.policy(
        methods=READ_METHODS,
        subjects=clients,
        starts=_moment(grant.starts),
        ends=_moment(grant.ends),
    )


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(value: Mapping[str, Any]) -> str:
    """The JSON text with its digest as version, which Envoy reports when it uses it."""
    body = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f'{{"version_info":"{hashlib.sha256(body.encode()).hexdigest()[:16]}",{body[1:]}\n'
