"""Bring the gateway in line with the live grants: read facts, compile, put the files in place. Safe
to run at any time.

Closing never waits for opening: routes of revoked grants are removed first, by the grants alone. An
object that cannot be used is left out by itself (`faults` names them). A missed run only delays:
Envoy continues with the files it has, and closes each grant at its end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from django.conf import settings

from huitong.access import actions
from huitong.access import queries as access
from huitong.access.rules import AUDIENCE, Fault, LiveGrant
from huitong.access.rules.signing import public
from huitong.catalog import queries as catalog
from huitong.kernel.actor import Actor
from huitong.organizations import queries as organizations
from huitong.planes.gateway import queries
from huitong.planes.gateway.compile import (
    Api,
    ApiGrant,
    Gateway,
    compile,
    grants_in,
    routes,
    version_of,
)
from huitong.planes.gateway.engine import admin
from huitong.planes.gateway.engine.process import FILES, alone, folder, put
from huitong.planes.gateway.rules import PLANE
from huitong.publishing.rules import Mode

#: codes that may be part of an address; for one that may not, Envoy refuses all routes
CODE = re.compile(r"[\w.-]+(?:/[\w.-]+)*", re.ASCII)


@dataclass
class Offer:
    """The grants and APIs the gateway is to serve, and the faults of those left out."""

    live: list[LiveGrant] = field(default_factory=list)
    apis: list[Api] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def reconcile() -> list[str]:
    """Bring the configuration in line with the grants; returns the names of the files that
    changed."""
    place = folder(settings.DATA)
    # from reading to writing: a slower run must not restore what a faster one has just removed
    with alone(place):
        return _reconcile(place)


def faults() -> list[Fault]:
    """The objects left out now, and why, for the doctor. Writes nothing."""
    place, offer = folder(settings.DATA), _offer()
    access.sources(platform(), {g.mount for g in offer.live}, offer.faults)
    state, written = admin.route_state(place), version_of(_read(place / "conf" / "routes.json"))
    if state is not None and written and state.version != written:
        offer.faults.append(
            Fault("网关", "尚未采用最近写入的配置，原因见 logs/gateway.log；收回授权可能还没有生效")
        )
    return offer.faults


def platform() -> Actor:
    """The platform, on behalf of this plane."""
    return organizations.platform("接口平面")


def _reconcile(place: Path) -> list[str]:
    offer, table = _offer(), place / "conf" / "routes.json"
    changed = _close(place, offer.apis, table)
    # the shaping service learns of a grant before the gateway lets it through
    changed += ["shaping.json"] if put(place / "shaping.json", _facts(offer)) else []
    if opened := {grant.id for api in offer.apis for grant in api.grants} - access.serving(PLANE):
        actions.report_serving(platform(), plane=PLANE, grants=sorted(opened))
    previous, before = _read(table), admin.route_state(place)
    compiled = compile(offer.apis, _gateway(place))
    written = [name for name in FILES if put(place / "conf" / name, compiled[name])]
    if (
        "routes.json" in written
        and admin.wait_for_version(place, version_of(compiled["routes.json"]), before) is False
    ):
        put(table, previous)  # routes Envoy refuses must not block the next closing
        raise RuntimeError(
            "Envoy refused the new routes; those before stay in force: see the gateway's log"
        )
    _confirm(place, _read(table))
    return [*changed, *(name for name in written if name not in changed)]


def _close(place: Path, apis: Iterable[Api], table: Path) -> list[str]:
    """Remove routes that are no longer granted; wait until Envoy uses the rest."""
    current = _read(table)
    served = grants_in(current)
    fewer = [replace(api, grants=tuple(g for g in api.grants if g.id in served)) for api in apis]
    text, before = (
        routes([api for api in fewer if api.grants], settings.GATEWAY_PROOF),
        admin.route_state(place),
    )
    if not served or not put(table, text):
        return []
    admin.wait_for_version(place, version_of(text), before)
    _confirm(place, text)
    return ["routes.json"]


def _confirm(place: Path, text: str) -> None:
    """Record which grants are no longer served, once Envoy uses routes without them."""
    if not (stopped := access.serving(PLANE) - grants_in(text)):
        return
    state = admin.route_state(place)
    if state is not None and state.version == version_of(text):
        actions.report_stopped(
            platform(), plane=PLANE, grants=sorted(stopped), version=state.version
        )


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _offer() -> Offer:
    """The APIs of the live grants, without those for which Envoy would refuse them all."""
    offer = Offer()
    offer.live = [
        grant for grant in access.live_grants(faults=offer.faults) if grant.mode == Mode.API
    ]
    spent = queries.spent_today(
        {grant.grant: grant.per_day for grant in offer.live if grant.per_day}
    )
    offer.apis, offer.live = apis_of(offer.live, spent, offer.faults)
    return offer


def apis_of(
    live: Iterable[LiveGrant], spent: Collection[int], faults: list[Fault]
) -> tuple[list[Api], list[LiveGrant]]:
    """The APIs with their grants, and the grants that have an address of their own; the others go
    to ``faults``."""
    usable, mounts = [], dict[str, set[int]]()
    for grant in live:
        if not CODE.fullmatch(grant.entry_code):
            faults.append(
                Fault(f"目录“{grant.entry_name}”", "没有可作为接口地址的编码", "提供部门经办人")
            )
        else:
            usable.append(grant)
            mounts.setdefault(grant.entry_code, set()).add(grant.mount)
    apis: dict[int, list[LiveGrant]] = {}
    for grant in usable:
        if len(mounts[grant.entry_code]) == 1:
            apis.setdefault(grant.mount, []).append(grant)
    faults += [
        Fault(f"接口地址 {code}", f"被 {len(of)} 个挂接同时使用：{sorted(of)}")
        for code, of in mounts.items()
        if len(of) > 1
    ]
    usable = [grant for of in apis.values() for grant in of]
    return [
        Api(of[0].entry_code, mount, tuple(_grant(g, g.grant in spent) for g in of))
        for mount, of in apis.items()
    ], usable


def _grant(live: LiveGrant, spent: bool) -> ApiGrant:
    clients = {c.client_id: tuple(sorted(c.networks)) for c in live.credentials}
    return ApiGrant(
        live.grant, clients, live.valid_from, live.valid_to, 0 if spent else live.per_second
    )


def _gateway(place: Path) -> Gateway:
    jwks = json.dumps(public(settings.OAUTH_KEYS), sort_keys=True)
    return Gateway(
        listen=settings.GATEWAY_LISTEN,
        jwks=jwks,
        issuer=settings.PUBLIC_URL,
        audience=AUDIENCE,
        shaping=str(place / "shaping.sock"),
        proof=settings.GATEWAY_PROOF,
        access_log=str(place / "access.log"),
        folder=str(place / "conf"),
        proxies=tuple(settings.PROXIES),
    )


def _facts(offer: Offer) -> str:
    """The facts for the shaping service, as JSON, with the sources' passwords: the file is for our
    account only. A source that cannot be read is not in it; calls of its grants are answered so."""
    guard, sources = (
        catalog.guard(),
        access.sources(platform(), {grant.mount for grant in offer.live}, offer.faults),
    )
    facts = {
        "proof": settings.GATEWAY_PROOF,
        "recording_key": queries.recording_key().hex(),
        "allowed": [str(a) for a in settings.ALLOWED_NETWORKS],
        "doors": [[door.host, door.port, sorted(door.databases)] for door in guard.doors],
        "mounts": [
            {"id": m, "address": asdict(of.address), "schema": of.schema, "table": of.table}
            for m, of in sorted(sources.items())
        ],
        "grants": [_grant_facts(g) for g in sorted(offer.live, key=lambda g: g.grant)],
    }
    return json.dumps(facts, sort_keys=True, ensure_ascii=False)


def _grant_facts(grant: LiveGrant) -> dict[str, Any]:
    return {
        "id": grant.grant,
        "mount": grant.mount,
        "scope": dict(grant.scope),
        "key": list(grant.key),
        "token_keys": {name: key.hex() for name, key in access.token_keys(grant).items()},
        "columns": {
            i.name: {"column": i.column, "type": i.type, "sql_type": i.sql_type}
            for i in grant.items
        },
        "headers": access.delivery_headers(grant),
    }
