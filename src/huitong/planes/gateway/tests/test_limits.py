"""Periods, rates and networks of a grant, kept by Envoy itself (A26, A28)."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import timedelta

from huitong.planes.gateway.compile import Api, ApiGrant
from huitong.planes.gateway.tests.door import CODE, NOW, Door, grant, usual


def test_a_revoked_grant_is_refused_and_an_ended_one_by_envoys_own_clock(changing: Door):
    changing.say(Api(CODE, 5, (grant(99, "careful"),)))
    assert changing.call(subject="housing").status_code == 403
    changing.say(Api(CODE, 5, (grant(7, "housing", ends=4),)))
    assert changing.call(subject="housing", params={"limit": 1}).status_code == 200
    assert changing.until(403, subject="housing")


def test_a_rate_is_kept_per_grant_however_many_clients_share_it(changing: Door):
    def codes(*who: str, calls: int) -> list[int]:
        return [
            changing.call(subject=subject, params={"limit": 1}).status_code
            for _ in range(calls)
            for subject in who
        ]

    changing.say(Api(CODE, 5, (grant(7, "housing", rate=1), grant(9, "careful", rate=50))))
    assert {200, 429} == set(codes("housing", calls=8))
    assert set(codes("careful", calls=5)) == {200}, "one grant does not use up the rate of another"
    changing.say(
        Api(CODE, 5, (grant(7, "housing", "housing-next", rate=0), grant(9, "careful", rate=50)))
    )
    assert codes("housing", "housing-next", calls=2) == [200, 429, 429, 429], (
        "used up for today, and a second credential is no second rate"
    )
    assert set(codes("careful", calls=5)) == {200}


def test_a_high_rate_is_had_in_full(changing: Door):
    """All at once: what a thousand a second begins with, and a limit of the route's own would
    stop."""
    changing.say(Api(CODE, 5, (grant(7, "housing", rate=1000),)))
    calls = 260
    with socket.create_connection(("127.0.0.1", changing.port), 20) as wire:
        one = (
            f"HEAD /apis/{CODE}?limit=0 HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer"
            f" {changing.token('housing')}\r\n"
        )
        wire.sendall((f"{one}\r\n" * (calls - 1) + f"{one}Connection: close\r\n\r\n").encode())
        statuses = [line for line in wire.makefile("rb") if line.startswith(b"HTTP/1.1 ")]
    assert [line.split()[1] for line in statuses] == [b"422"] * calls, (
        "refused by the shaping service, for the limit of no rows, not by the rate"
    )


def test_each_client_comes_from_its_own_networks_only(changing: Door):
    """A token stolen from one credential is not good from the networks of another of the same
    system."""

    def from_where(**networks: tuple[str, ...]) -> dict[str, int]:
        changing.say(Api(CODE, 5, (ApiGrant(7, networks, NOW + timedelta(hours=1), 1000),)))
        return {
            who: changing.call(subject=who, params={"limit": 1}).status_code for who in networks
        }

    address, elsewhere = ("127.0.0.0/8",), ("192.0.2.0/24",)
    assert from_where(one=address, two=elsewhere) == {"one": 200, "two": 403}
    assert from_where(one=elsewhere, two=()) == {"one": 403, "two": 200}


def test_behind_a_proxy_of_ours_the_caller_it_names_counts_and_nobody_else_may_name_one(
    changing: Door,
):
    """TLS ends at nginx on the same host: every connection comes from 127.0.0.1."""

    def comes_to(status: int, forwarded: str) -> bool:
        return changing.until(
            status, subject="housing", headers=named | {"x-forwarded-for": forwarded}
        )

    apis = Api(CODE, 5, (grant(7, "housing", networks=("10.1.2.0/24",)),))
    named = {
        "x-forwarded-for": "10.1.2.3",
        "x-envoy-upstream-rq-timeout-ms": "1",
        "x-request-id": "mine",
    }
    changing.say(apis)
    assert changing.call(subject="housing", headers=named).status_code == 403, (
        "nobody is a proxy of ours unless the operator says so"
    )
    changing.put(replace(changing.gateway, proxies=("127.0.0.1", "::1")), apis)
    assert comes_to(200, "10.1.2.3")
    assert comes_to(403, "10.1.2.3, 10.9.9.9"), "what the caller itself wrote stands to the left"
    through = changing.call(subject="housing", headers=named)
    assert {line["ip"] for line in changing.evidence(through)} == {"10.1.2.3"}
    assert through.headers["x-request-id"] != "mine", (
        "many calls of one number would be one call in the evidence"
    )
    changing.say(*usual())
    assert changing.until(200, subject="careful", headers={"x-matter-code": "ZJ-001"})
