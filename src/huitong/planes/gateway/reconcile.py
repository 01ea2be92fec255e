"""Bring the gateway in line with the live grants: read facts, compile, put items in place. Safe to
run at any time, for all mounts or for those something happened to.

Closing never waits for opening: what is no longer granted is removed first, by the grants alone. An
object that cannot be used is left out by itself (`faults` names them). A missed run only delays:
gateways continue with what they have, and close each grant at its end.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from huitong.access import actions
from huitong.access import queries as access
from huitong.access.rules import AUDIENCE, Fault, LiveGrant
from huitong.access.rules.signing import public
from huitong.catalog import queries as catalog
from huitong.kernel.actor import Actor
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations
from huitong.planes.gateway import queries
from huitong.planes.gateway.compile import (
    Api,
    ApiGrant,
    Gateway,
    api_item,
    ends_item,
    ends_of,
    fact,
    gateway_items,
)
from huitong.planes.gateway.engine import former
from huitong.planes.gateway.engine.envoy import ENDS
from huitong.planes.gateway.engine.process import alone, folder, in_turn
from huitong.planes.gateway.engine.store import Item, Node, Store
from huitong.planes.gateway.rules import HORIZON, PLANE
from huitong.publishing.rules import Mode

#: codes that may be part of an address
CODE = re.compile(r"[\w.-]+(?:/[\w.-]+)*", re.ASCII)
#: seconds a gateway may need to take a configuration, and seconds between two looks
PATIENCE_S, AGAIN_S = 3.0, 0.005
#: mounts looked at in one pass: with twenty grants each a third of a second
SHARE = 10


@dataclass
class Offer:
    """The grants and APIs the gateway is to serve, and the faults of those left out."""

    live: list[LiveGrant] = field(default_factory=list)
    apis: list[Api] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def reconcile(mounts: Collection[int] | None = None) -> list[str]:
    """Bring the configuration in line with the grants, of these mounts or of all; returns the
    kinds of items that changed."""
    place, changed = folder(settings.DATA), list[str]()
    with closing(Store(place)) as store:
        # from reading to writing: a slower run must not restore what a faster one has just removed;
        # share by share, so that a revocation does not wait for all other grants
        problems = []
        for some in in_turn(place, _shares(store, mounts)):
            try:
                changed += _Run(store, some).run()
            except Exception as wrong:  # whatever it is, the other shares are closed all the same
                problems.append(wrong)
        if mounts is None:
            with alone(place):
                changed += _settle(store)
            former.remove(place)
    if problems:
        raise problems[0]
    return list(dict.fromkeys(changed))


def faults() -> list[Fault]:
    """The objects left out now, and why, for the doctor. Writes nothing but an empty store."""
    offer = _offer()
    access.sources(platform(), {g.mount for g in offer.live}, offer.faults)
    with closing(Store(folder(settings.DATA))) as store:
        late = _connected(store) and _wait(store, store.serial()) is None
        nodes = store.nodes().values()
    if late:
        what = "尚未采用最近写入的配置，收回授权可能还没有生效；原因见 logs/control.log 和 logs/gateway.log"
        offer.faults.append(Fault("网关", what, "平台运维员"))
    for node in nodes:
        offer.faults += [
            Fault(f"网关 {node.name}", f"不接受配置 {what}，仍按原配置运行：{why}", "平台运维员")
            for what, why in node.refused.items()
        ]
    return offer.faults


def _shares(store: Store, mounts: Collection[int] | None) -> list[set[int]]:
    """The mounts in sets of a size that is looked at in a fraction of a second, those of one
    entry together."""
    together = access.mounts_in_use(Mode.API, mounts)
    others = (store.mounts() if mounts is None else set(mounts)).difference(*together)
    shares = [set[int]()]
    for some in [*together, *({mount} for mount in sorted(others))]:
        if len(shares[-1]) >= SHARE:
            shares.append(set())
        shares[-1] |= some
    return shares


def platform() -> Actor:
    """The platform, on behalf of this plane."""
    return organizations.platform("接口平面")


class _Run:
    """One pass over some mounts."""

    def __init__(self, store: Store, mounts: Collection[int]) -> None:
        self.store, self.mounts = store, mounts
        self.changed: list[str] = []

    def run(self) -> list[str]:
        offer = _offer(self.mounts)
        self._close(offer.apis)
        # the shaping service learns of a grant before the gateway lets it through
        self._write(*self._facts(offer))
        if opened := _grants(offer.apis) - access.serving(PLANE, self.mounts):
            actions.report_serving(platform(), plane=PLANE, grants=sorted(opened))
        self._open(offer.apis)
        return self.changed

    def _close(self, apis: Iterable[Api]) -> None:
        """Remove what is no longer granted, grants and their clients; wait until the gateways go
        by the rest."""
        offered = {api.path: api for api in apis}
        fewer, removed = [], []
        for path, served in _served(self.store, self.mounts).items():
            api = offered.get(path)
            left = api.only(_grants([served])) if api is not None else None
            if left is None or not left.grants:
                removed.append(("scope", path))
            elif served.allows() - left.allows():
                fewer.append(api_item(left))
        serial = self._write(fewer, removed)
        if serial and _wait(self.store, serial) is False:
            # a gateway that refuses to go by less goes by nothing there
            serial = self._write((), [("scope", item.name) for item in fewer])
            _wait(self.store, serial)
        _confirm(self.store, self.mounts)

    def _open(self, apis: list[Api]) -> None:
        marks = self.store.made_of("scope", self.mounts)
        items = [api_item(api) for api in apis if marks.get(api.path) != api.text()]
        if text := self.store.made_of("filter").get(ENDS):
            horizon, near = ends_of(text)
            if more := _ends(apis) - near:  # none is dropped before every ended grant is closed
                items.append(ends_item(near | more, horizon))
        _wait(self.store, self._write(items))
        _confirm(self.store, self.mounts)

    def _write(self, items: Iterable[Item], removed: Iterable[tuple[str, str]] = ()) -> int:
        """Put items in place and note their kinds; returns the serial, 0 for no change."""
        put, away = list(items), list(removed)
        if serial := self.store.write(put, away):
            self.changed += [change.kind for change in self.store.changes(serial - 1)]
        return serial

    def _facts(self, offer: Offer) -> tuple[list[Item], list[tuple[str, str]]]:
        """The items for the shaping service, with the sources' passwords: the store is for our
        account only. A source that cannot be read is not among them; calls of its grants are
        answered so."""
        guard, sources = (
            catalog.guard(),
            access.sources(platform(), {grant.mount for grant in offer.live}, offer.faults),
        )
        service = {
            "proof": settings.GATEWAY_PROOF,
            "recording_key": queries.recording_key().hex(),
            "allowed": [str(a) for a in settings.ALLOWED_NETWORKS],
            "doors": [[door.host, door.port, sorted(door.databases)] for door in guard.doors],
        }
        items = [fact("service", "shaping", service)]
        for mount, of in sorted(sources.items()):
            value = {"address": asdict(of.address), "schema": of.schema, "table": of.table}
            items.append(fact("mount", mount, value, mount))
        items += [fact("grant", g.grant, _grant_facts(g), g.mount) for g in offer.live]
        names = {(item.kind, item.name) for item in items}
        present = {
            (kind, name)
            for kind in ("mount", "grant")
            for name in self.store.made_of(kind, self.mounts)
        }
        return items, sorted(present - names)


def _served(store: Store, mounts: Collection[int] | None = None) -> dict[str, Api]:
    """The APIs in place, by path; one of another version counts as one with no grants."""
    served = {}
    for path, text in store.made_of("scope", mounts).items():
        try:
            served[path] = Api.of(text)
        except (ValueError, KeyError, TypeError):
            served[path] = Api(path, 0)
    return served


def _settle(store: Store) -> list[str]:
    """What waits until all mounts have been looked at: the listener (an earlier one goes on with
    what it had), the horizon, ends nothing in place has any more; and to confirm what an
    interrupted run closed."""
    ends = _ends(_served(store).values())
    items = [ends_item(ends, _horizon()), *gateway_items(_gateway(store.path.parent))]
    serial = store.write(items)
    _wait(store, serial)
    _confirm(store)
    return [change.kind for change in store.changes(serial - 1)] if serial else []


def _confirm(store: Store, mounts: Collection[int] | None = None) -> None:
    """Record which grants are no longer served, once the gateways go by items without them."""
    served = _grants(_served(store, mounts).values())
    if not (stopped := access.serving(PLANE, mounts) - served):
        return
    if again := store.made_of("scope", access.mounts_of(stopped)).keys() & _refused(store):
        # what a gateway refuses it may still serve as it was: now it goes by nothing there
        _wait(store, store.write((), [("scope", path) for path in again]))
        if again & _refused(store):
            return
    serial, nodes = store.serial(), _connected(store)
    if nodes and all(node.serial >= serial for node in nodes):
        actions.report_stopped(platform(), plane=PLANE, grants=sorted(stopped), version=str(serial))


def _wait(store: Store, serial: int) -> bool | None:
    """Wait until every connected gateway has taken a step: True when all have, False when one has
    refused a part of it, None when none is connected or one is late."""
    if not serial:
        return True
    until = time.monotonic() + PATIENCE_S
    while True:
        nodes = _connected(store)
        if nodes and all(node.serial >= serial for node in nodes):
            return not _refused(store) & {change.name for change in store.changes(serial - 1)}
        if not nodes or time.monotonic() > until:
            return None
        time.sleep(AGAIN_S)


def _connected(store: Store) -> list[Node]:
    return [node for node in store.nodes().values() if node.connected]


def _refused(store: Store) -> set[str]:
    """The names of items that a connected gateway refuses."""
    return {what.partition(" ")[2] for node in _connected(store) for what in node.refused}


def _ends(apis: Iterable[Api]) -> set[datetime]:
    return {grant.ends for api in apis for grant in api.grants}


def _grants(apis: Iterable[Api]) -> set[int]:
    return {grant.id for api in apis for grant in api.grants}


def _horizon() -> datetime:
    """The moment from which gateways close that nobody has told of a later one. It moves by the
    day, so that nothing is sent because a second has passed."""
    begin = datetime.combine(today(), clock.min, timezone.get_default_timezone())
    return begin + timedelta(1) + HORIZON


def _offer(mounts: Collection[int] | None = None) -> Offer:
    """The APIs of the live grants."""
    offer = Offer()
    offer.live = access.live_grants(faults=offer.faults, mode=Mode.API, mounts=mounts)
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
    return ApiGrant(live.grant, clients, live.valid_to, 0 if spent else live.per_second)


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
        proxies=tuple(settings.PROXIES),
    )


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
