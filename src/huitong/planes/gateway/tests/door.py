"""A running gateway in front of a running shaping service."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

from huitong.planes.gateway.compile import (
    Api,
    ApiGrant,
    Gateway,
    api_item,
    ends_item,
    gateway_items,
)
from huitong.planes.gateway.engine.store import Item, Store
from huitong.planes.gateway.rules import HORIZON

CODE = "307001/000001"
NOW = datetime.now(UTC)
SCOPE = {
    "items": ["编号", "姓名", "区划"],
    "row_filter": {"op": "prefix", "item": "区划", "value": {"text": "3206"}},
    "masks": {"姓名": {"kind": "name"}},
}
COLUMNS = {
    item: {"column": column, "type": kind, "sql_type": sql}
    for item, column, kind, sql in (
        ("编号", "id", "I", "bigint"),
        ("姓名", "name", "C", "text"),
        ("区划", "region", "C", "text"),
    )
}


@dataclass
class Door:
    """A running gateway in front of a running shaping service, with the key its tokens are
    signed with."""

    place: Path
    port: int
    key: ECKey
    gateway: Gateway
    horizon: datetime = NOW + HORIZON

    @property
    def store(self) -> Store:
        return Store(self.place)

    def say(self, *apis: Api) -> None:
        """Make Envoy serve these, and wait until it has taken them."""
        self.put(self.gateway, *apis)

    def put(self, gateway: Gateway, *apis: Api) -> None:
        items, store = items_of(apis, gateway, self.horizon), self.store
        removed = store.made_of("scope").keys() - {item.name for item in items}
        serial = store.write(items, [("scope", name) for name in removed])
        until = time.monotonic() + 20
        while not any(n.connected and n.serial >= serial for n in store.nodes().values()):
            assert time.monotonic() < until, store.nodes()
            time.sleep(0.01)
        time.sleep(0.02)  # from Envoy's main thread to those that answer

    def token(
        self, subject: str, key: ECKey | None = None, header: dict | None = None, **claims: object
    ) -> str:
        payload = {
            "iss": "huitong",
            "aud": "huitong-gateway",
            "sub": subject,
            "exp": int(time.time()) + 60,
            **claims,
        }
        return jwt.encode(header or {"alg": "ES256", "kid": "k1"}, payload, key or self.key)

    def call(
        self, path: str = f"/apis/{CODE}", subject: str = "", **more: object
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token(subject)}"} if subject else {}
        # the certificates of the world, which are not looked at here, take 25 ms to read
        address = f"http://127.0.0.1:{self.port}"
        with httpx.Client(base_url=address, trust_env=False, verify=False) as client:
            return client.request(
                str(more.pop("method", "GET")),
                path,
                headers=headers | dict(more.pop("headers", {})),
                **more,
            )

    def until(self, status: int, **how: object) -> bool:
        """Whether a call comes to be answered so, soon."""
        end = time.monotonic() + 20
        while self.call(**how).status_code != status:
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def evidence(self, answer: httpx.Response) -> list[dict]:
        """The lines of one call, once the last is written."""
        end, number = time.monotonic() + 10, answer.headers["x-request-id"]
        while time.monotonic() < end:
            lines = [
                json.loads(line)
                for line in (self.place / "access.log").read_text(encoding="utf-8").splitlines()
                if number in line
            ]
            if any(line["kind"] == "DownstreamEnd" for line in lines):
                return lines
            time.sleep(0.05)
        raise AssertionError(f"no evidence of {number}")

    def raw(self, target: str, subject: str) -> int:
        """The status for a request target sent byte for byte, as no polite client would."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as wire:
            wire.sendall(
                f"GET {target} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer"
                f" {self.token(subject)}\r\nConnection: close\r\n\r\n".encode()
            )
            return int(wire.makefile("rb").readline().split()[1])


def items_of(apis: Iterable[Api], gateway: Gateway, horizon: datetime) -> list[Item]:
    """Everything a gateway goes by, in the order in which it is sent."""
    ordered = sorted(apis, key=lambda api: api.code)
    ends = {grant.ends for api in ordered for grant in api.grants}
    return [*gateway_items(gateway), ends_item(ends, horizon), *map(api_item, ordered)]


def gateway_at(place: Path, port: int, key: ECKey) -> Gateway:
    """A gateway of a folder that believes tokens signed with this key."""
    return Gateway(
        f"127.0.0.1:{port}",
        json.dumps({"keys": [key.as_dict(private=False)]}),
        "huitong",
        "huitong-gateway",
        str(place / "shaping.sock"),
        "proof-of-the-gateway",
        str(place / "access.log"),
    )


def grant(
    number: int, *clients: str, ends: float = 3600, rate: int = 1000, networks: tuple[str, ...] = ()
) -> ApiGrant:
    return ApiGrant(
        number, dict.fromkeys(clients, networks), datetime.now(UTC) + timedelta(seconds=ends), rate
    )


def usual() -> tuple[Api, Api]:
    return Api(CODE, 5, (grant(7, "housing", "housing-next"), grant(99, "careful"))), Api(
        CODE + "2", 6, (grant(8, "other"),)
    )
