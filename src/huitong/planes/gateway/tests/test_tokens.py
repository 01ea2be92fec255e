"""Nobody is served without a token of ours, in one place of the call (A28)."""

from __future__ import annotations

import time

import pytest
from joserfc.jwk import ECKey

from huitong.planes.gateway.tests.door import CODE, Door


def test_a_stranger_is_refused_and_nobody_comes_without_a_token(door: Door):
    assert door.call().status_code == 401
    assert door.call(subject="stranger").status_code == 403
    assert door.call(subject="other").status_code == 403
    assert door.call(subject="housing", method="POST").status_code == 403
    assert door.call("/apis/", subject="housing").status_code == 403
    body = door.call(subject="stranger").json()
    assert body["code"] == "not_granted" and body["remedy"] and body["request_id"]


def test_forged_and_stale_tokens_are_refused(door: Door):
    strange = ECKey.generate_key("P-256", {"kid": "k1"})
    unsigned = (
        "eyJhbGciOiJub25lIn0"
        ".eyJpc3MiOiJodWl0b25nIiwic3ViIjoiaG91c2luZyIsImF1ZCI6Imh1aXRvbmctZ2F0ZXdheSJ9."
    )
    for token in (
        door.token("housing", strange),
        door.token("housing", exp=int(time.time()) - 60),
        door.token("housing", iss="me"),
        door.token("housing", aud="another"),
        unsigned,
        door.token("housing")[:-4] + "AAAA",
    ):
        assert door.call(headers={"Authorization": f"Bearer {token}"}).status_code in (401, 403)


@pytest.mark.parametrize(
    ("scheme", "status"),
    [
        ("bearer ", 200),
        ("BEARER ", 200),
        ("beArer  ", 200),
        ("Basic ", 401),
        ("", 401),
        ("xBearer ", 401),
        ("Bearer", 401),
    ],
)
def test_the_scheme_of_a_token_is_read_in_any_case(door: Door, scheme: str, status: int):
    """``Authorization: bearer …`` is what many clients send (RFC 9110, 11.1: scheme names know
    no case)."""
    assert (
        door.call(
            headers={"Authorization": f"{scheme}{door.token('housing')}"}, params={"limit": 1}
        ).status_code
        == status
    )


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("region=%FF", "region"),
        ("region=%ED%A0%80", "region"),
        ("region=%CD%A8%D6%DD", "region"),
        ("%B1%E0%BA%C5=1", "���"),
    ],
)
def test_a_query_that_is_not_utf8_is_refused(door: Door, query: str, field: str):
    """A client that writes GBK: its words would become others, and the rows found those of
    another question."""
    answer = door.call(f"/apis/{CODE}?{query}", subject="housing")
    assert answer.status_code == 422 and any(field in name for name in answer.json()["fields"])
    assert "UTF-8" in answer.json()["detail"]


def test_a_token_is_taken_from_the_header_alone(door: Door):
    assert door.call(params={"access_token": door.token("housing"), "limit": 1}).status_code == 401
