"""Make the gateway do what the live grants say: fetch facts, compile, put the files in place. Safe to run at any time.

A missed run only delays: Envoy goes on with what it has, and closes each grant at its end by itself.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from django.conf import settings

from huitong.access import queries as access
from huitong.access.rules import AUDIENCE, LiveGrant
from huitong.access.rules.signing import public
from huitong.catalog import queries as catalog
from huitong.kernel.actor import Actor
from huitong.planes.gateway import queries
from huitong.planes.gateway.compile import Api, ApiGrant, Gateway, compile
from huitong.planes.gateway.engine.process import FILES, alone, folder, put
from huitong.publishing.rules import Mode


def reconcile() -> list[str]:
    """Bring the configuration in line with the grants; returns the names of the files that changed."""
    place = folder(settings.DATA)
    with alone(place):  # from reading to writing: a slower run must not put back what a faster one has just taken away
        return _reconcile(place)


def _reconcile(place: Path) -> list[str]:
    live = [grant for grant in access.live_grants() if grant.mode == Mode.API]
    spent = queries.spent_today({grant.grant: grant.per_day for grant in live if grant.per_day})
    apis: dict[int, list[LiveGrant]] = {}
    for grant in live:
        apis.setdefault(grant.mount, []).append(grant)
    compiled = compile([Api(of[0].entry_code, mount, tuple(_grant(g, g.grant in spent) for g in of)) for mount, of in apis.items()], _gateway(place))
    # the shaping service learns of a grant before the gateway lets it through; at its end Envoy's files follow at once
    changed = ["shaping.json"] if put(place / "shaping.json", _facts(live)) else []
    return changed + [name for name in FILES if put(place / "conf" / name, compiled[name])]


def _grant(live: LiveGrant, spent: bool) -> ApiGrant:
    clients = {c.client_id: tuple(sorted(c.networks)) for c in live.credentials}
    return ApiGrant(live.grant, clients, live.valid_from, live.valid_to, 0 if spent else live.per_second)


def _gateway(place: Path) -> Gateway:
    jwks = json.dumps(public(settings.OAUTH_KEYS), sort_keys=True)
    return Gateway(listen=settings.GATEWAY_LISTEN, jwks=jwks, issuer=settings.PUBLIC_URL, audience=AUDIENCE, shaping=str(place / "shaping.sock"),
                   proof=settings.GATEWAY_PROOF, access_log=str(place / "access.log"), folder=str(place / "conf"), proxies=tuple(settings.PROXIES))


def _facts(live: list[LiveGrant]) -> str:
    """What the shaping service may serve; with the sources' passwords, hence a file for our account only."""
    guard, sources = catalog.guard(), access.sources(Actor.system("接口平面"))
    wanted = sorted({grant.mount for grant in live})
    told = {
        "proof": settings.GATEWAY_PROOF, "allowed": [str(a) for a in settings.ALLOWED_NETWORKS],
        "doors": [[door.host, door.port, sorted(door.databases)] for door in guard.doors],
        "mounts": [{"id": m, "address": asdict(sources[m].address), "schema": sources[m].schema, "table": sources[m].table} for m in wanted],
        "grants": [{"id": g.grant, "mount": g.mount, "scope": dict(g.scope), "key": list(g.key),
                    "token_keys": {name: key.hex() for name, key in access.token_keys(g).items()},
                    "columns": {i.name: {"column": i.column, "type": i.type, "sql_type": i.sql_type} for i in g.items}}
                   for g in sorted(live, key=lambda g: g.grant)],
    }
    return json.dumps(told, sort_keys=True, ensure_ascii=False)
