"""Live grants in, Envoy configuration out: pure, and the same bytes for the same grants.

One route per API, selected by an exact path. Each grant is a policy of the route's access control:
these clients, inside this time window (Envoy's own clock closes it, whether or not we live), at
this rate. Whatever has no policy is refused.
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

#: the name of the route table, by which Envoy's statistics know it too
ROUTES = "apis"
READ_METHODS = ("GET", "HEAD")


@dataclass(frozen=True)
class ApiGrant:
    """One grant as the gateway needs it. ``clients``: each with the networks it may come from,
    none = anywhere. Moments are aware; ``per_second`` is what all of them share, 0 = no more
    today."""

    id: int
    clients: Mapping[str, tuple[str, ...]]
    starts: datetime
    ends: datetime
    per_second: int


@dataclass(frozen=True)
class Api:
    """One mounted API: ``code`` is the entry's code, which is its address; ``mount`` what the
    shaping service looks up."""

    code: str
    mount: int
    grants: tuple[ApiGrant, ...] = ()


@dataclass(frozen=True)
class Gateway:
    """What the configuration needs beside the grants. ``shaping`` is a Unix socket; ``proof``
    the header value by which the shaping service knows its gateway; ``proxies`` are the
    addresses whose X-Forwarded-For names the caller."""

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
    """File name → JSON text, to be renamed into Envoy's configuration folder, clusters and
    routes before the listener."""
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
    """Who may call what, and nothing else: it needs no source, no key and no address, so that
    what takes away waits for none."""
    table = envoy.route_table(
        ROUTES, [_route(api, proof) for api in sorted(apis, key=lambda a: a.code)]
    )
    return _text(envoy.discovery("route.v3.RouteConfiguration", [table]))


def version_of(text: str) -> str:
    """The version by which Envoy confirms a file of ours; "" for one without."""
    found = re.match(r'\{"version_info":"(\w+)"', text)
    return found[1] if found else ""


def grants_in(text: str) -> set[int]:
    """The grants a ``routes.json`` of ours lets through; none in what is no such file."""
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
    """Of several grants that let the same client call one API the youngest counts: it was
    decided knowing the others."""
    policies, rates, seen = {}, {}, set[str]()
    for grant in sorted(api.grants, key=lambda g: g.id, reverse=True):
        if clients := {
            client: networks for client, networks in grant.clients.items() if client not in seen
        }:
            policies[str(grant.id)] = _policy(grant, clients)
            rates[str(grant.id)] = grant.per_second
            seen |= clients.keys()
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
    """With its own digest as version: the same content is the same bytes, and Envoy can say
    which it goes by."""
    body = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f'{{"version_info":"{hashlib.sha256(body.encode()).hexdigest()[:16]}",{body[1:]}\n'
