"""Real Envoy and a real database: a call gets exactly what its grant lets through, and nothing
without one (A28, A30)."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey

from huitong.planes.gateway.compile import Api, ApiGrant, Gateway, compile
from huitong.planes.gateway.engine import log, recording
from huitong.planes.gateway.engine.process import FILES, bootstrap, folder, put
from huitong.planes.gateway.engine.shaping import Service
from huitong.planes.gateway.rules import Verdict, verdict

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
    said: int = 0

    def say(self, *apis: Api) -> None:
        """Make Envoy serve these, and wait until it does: each configuration has an address of
        its own that tells."""
        self.put(self.gateway, *apis)
        assert self.until(422, path=f"/apis/said/{self.said}", subject="said")

    def put(self, gateway: Gateway, *apis: Api) -> None:
        self.said += 1
        said = Api(f"said/{self.said}", 5, (grant(99, "said"),))
        for name, text in sorted(
            compile([*apis, said], gateway).items(), key=lambda pair: FILES.index(pair[0])
        ):
            put(self.place / "conf" / name, text)

    def token(
        self, subject: str, key: ECKey | None = None, header: dict | None = None, **claims: object
    ) -> str:
        told = {
            "iss": "huitong",
            "aud": "huitong-gateway",
            "sub": subject,
            "exp": int(time.time()) + 60,
            **claims,
        }
        return jwt.encode(header or {"alg": "ES256", "kid": "k1"}, told, key or self.key)

    def call(
        self, path: str = f"/apis/{CODE}", subject: str = "", **more: object
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token(subject)}"} if subject else {}
        with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", trust_env=False) as client:
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


def grant(
    number: int, *clients: str, ends: float = 3600, rate: int = 1000, networks: tuple[str, ...] = ()
) -> ApiGrant:
    return ApiGrant(
        number,
        dict.fromkeys(clients, networks),
        NOW - timedelta(hours=1),
        datetime.now(UTC) + timedelta(seconds=ends),
        rate,
    )


def usual() -> tuple[Api, Api]:
    return Api(CODE, 5, (grant(7, "housing", "housing-next"), grant(99, "careful"))), Api(
        CODE + "2", 6, (grant(8, "other"),)
    )


@pytest.fixture(scope="module")
def source(embedded_postgres) -> str:
    with psycopg.connect(embedded_postgres.superuser_url, autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS gateway_source WITH (FORCE)")
        server.execute("CREATE DATABASE gateway_source")
    url = embedded_postgres.superuser_url.rsplit("/", 1)[0] + "/gateway_source"
    with psycopg.connect(url) as db:
        db.execute(
            "CREATE TABLE people (id bigint PRIMARY KEY, name text, secret text, region text)"
        )
        db.execute(
            "INSERT INTO people"
            " SELECT n, '张三丰' || n, 'top', CASE WHEN n % 2 = 0 THEN '320613' ELSE '310101' END"
            " FROM generate_series(1, 500) n"
        )
    return url


@pytest.fixture(scope="module")
def door(source: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    place = folder(Path(tempfile.mkdtemp(prefix="gw")))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    key = ECKey.generate_key("P-256", {"kid": "k1", "use": "sig", "alg": "ES256"})
    gateway = Gateway(
        f"127.0.0.1:{port}",
        json.dumps({"keys": [key.as_dict(private=False)]}),
        "huitong",
        "huitong-gateway",
        str(place / "shaping.sock"),
        "proof-of-the-gateway",
        str(place / "access.log"),
        str(place / "conf"),
    )
    here = Door(place, port, key, gateway)
    parts = psycopg.conninfo.conninfo_to_dict(source)
    address = {
        "host": parts["host"],
        "port": int(parts["port"]),
        "database": parts["dbname"],
        "user": parts["user"],
        "password": parts["password"],
        "tls": "disable",
    }
    careful = {
        "items": ["编号"],
        "control_parameters": [
            {"name": "x-matter-code", "title": "事项编码", "choices": ["ZJ-001", "婚姻登记"]},
            {"name": "operator_id", "title": "经办人身份证号", "required": False},
            {"name": "desk", "title": "窗口", "required": False},
        ],
    }
    scopes = {7: SCOPE, 8: SCOPE, 9: SCOPE, 99: careful, 100: {"items": "not a scope"}}
    put(
        place / "shaping.json",
        json.dumps(
            {
                "proof": "proof-of-the-gateway",
                "allowed": [f"127.0.0.1:{parts['port']}"],
                "doors": [],
                "mounts": [{"id": 5, "address": address, "schema": "public", "table": "people"}],
                "grants": [
                    {"id": n, "mount": 5, "scope": scope, "columns": COLUMNS, "key": ["id"]}
                    for n, scope in scopes.items()
                ],
            }
        ),
    )
    here.put(gateway, *usual())
    shaping = subprocess.Popen(
        [
            sys.executable,
            "-c",
            (
                "from pathlib import Path; from huitong.planes.gateway.engine.serve import serve;"
                f" serve(Path({str(place / 'shaping.json')!r}),"
                f" Path({str(place / 'shaping.sock')!r}), 4)"
            ),
        ],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])},
    )
    envoy = subprocess.Popen(
        [
            *bootstrap(place.parent)[:1],
            "-c",
            str(place / "bootstrap.json"),
            "-l",
            "error",
            "--concurrency",
            "1",
            "--file-flush-interval-msec",
            "50",
            "--disable-hot-restart",
        ]
    )
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            if (place / "shaping.sock").exists() and here.call(
                subject="housing"
            ).status_code == 200:
                break
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    yield here
    for process in (envoy, shaping):
        process.terminate()
        process.wait(10)
    shutil.rmtree(place.parent)


@pytest.fixture
def changing(door: Door) -> Iterator[Door]:
    """The same gateway for tests that give it other grants."""
    yield door
    door.say(*usual())


def test_granted_items_only_masked_and_row_filtered(door: Door):
    answer = door.call(subject="housing", params={"limit": 3})
    assert [row["id"] for row in answer.json()["items"]] == [2, 4, 6]
    assert (answer.json()["count"], answer.json()["more"], type(answer.json()["after"])) == (
        3,
        True,
        str,
    )
    assert [set(row) for row in answer.json()["items"]] == [{"id", "name", "region"}] * 3
    assert all(
        row["name"].startswith("张*") and "三" not in row["name"] for row in answer.json()["items"]
    )
    assert {row["region"] for row in answer.json()["items"]} == {"320613"}


def test_an_answer_says_nothing_of_the_machinery(door: Door):
    said = door.call(subject="housing", params={"limit": 1}).headers
    assert set(said) <= {
        "content-type",
        "content-length",
        "cache-control",
        "x-content-type-options",
        "server",
        "date",
        "x-request-id",
    }
    assert said["cache-control"] == "no-store" and said["server"] == "huitong"


def test_paging_by_key_reaches_every_row_once(door: Door):
    seen, after = [], None
    while True:
        page = door.call(
            subject="housing", params={"limit": 100} | ({"after": after} if after else {})
        ).json()
        seen += [row["id"] for row in page["items"]]
        if not page["more"]:
            break
        after = page["after"]
    assert seen == list(range(2, 501, 2))


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"name": "张三丰2"}, "name"),
        ({"secret": "top"}, "secret"),
        ({"limit": "0"}, "limit"),
        ({"id": "1 OR 1=1"}, "id"),
        ({"id.like": "1"}, "id.like"),
        ({"nothing": "1"}, "nothing"),
        ({"region.prefix": "3' OR ''='"}, ""),
        ({"region": "\0"}, "region"),
        ({"limit": "1" * 5000}, "limit"),
        ({"limit": "²"}, "limit"),
        ({"after": "x"}, "after"),
        ({"id.prefix": "1"}, "id.prefix"),
    ],
)
def test_a_caller_asks_only_of_what_is_shown_in_the_clear(door: Door, params, field):
    answer = door.call(subject="housing", params=params)
    if field:
        assert answer.status_code == 422 and any(field in name for name in answer.json()["fields"])
    else:
        assert answer.json()["items"] == []


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


def test_headers_that_pretend_to_be_ours_change_nothing(door: Door):
    headers = {
        "x-huitong-grant": "99",
        "x-huitong-mount": "6",
        "x-huitong-client": "root",
        "x-huitong-proof": "guess",
    }
    assert door.call(subject="stranger", headers=headers).status_code == 403
    assert (
        "name"
        in door.call(subject="housing", headers=headers, params={"limit": 1}).json()["items"][0]
    )


def test_control_parameters_are_demanded_on_each_call(door: Door):
    assert door.call(subject="careful").status_code == 422
    assert door.call(subject="careful", headers={"x-matter-code": "ZZ"}).status_code == 403
    assert door.call(subject="careful", headers={"x-matter-code": "ZJ-001"}).status_code == 200
    assert (
        door.call(subject="careful", headers={"x-matter-code": quote("婚姻登记")}).status_code
        == 200
    )


def test_what_a_call_says_for_itself_reaches_the_evidence(door: Door):
    """The log kept `x-matter-code` whatever the API took; now it keeps what the service read, in
    plain only where that may be."""
    number = "11010519491231002X"
    said = {
        "x-matter-code": quote("婚姻登记"),
        "operator-id": number,
        "desk": number,
        "x-huitong-said": "W10=",
    }
    answer = door.call(subject="careful", headers=said)
    assert answer.status_code == 200 and recording.HEADER not in answer.headers
    end = next(line for line in door.evidence(answer) if line["kind"] == "DownstreamEnd")
    matter, operator, desk = recording.read(end["said"])
    assert (matter["name"], matter["value"], operator["name"], desk["name"]) == (
        "x-matter-code",
        "婚姻登记",
        "operator_id",
        "desk",
    )
    assert "value" not in operator and "value" not in desk, (
        "a number that is a citizen's is kept in plain nowhere"
    )
    assert (
        operator["digest"]
        == desk["digest"]
        == recording.digest(number, door.gateway.proof.encode())
    )
    log_text = (door.place / "access.log").read_text(encoding="utf-8")
    assert number not in log_text and all(
        number not in str(recording.read(json.loads(line).get("said")))
        for line in log_text.splitlines()
    )


def test_a_matter_that_is_not_the_grants_is_refused_in_words_and_on_record(door: Door):
    answer = door.call(subject="careful", headers={"x-matter-code": "ZZ-999"})
    body = answer.json()
    assert (answer.status_code, body["code"], body["who"]) == (
        403,
        "matter_not_granted",
        "使用部门",
    )
    assert "不是该授权载明的事项" in body["fields"]["x-matter-code"][0] and "items" not in body
    end = next(line for line in door.evidence(answer) if line["kind"] == "DownstreamEnd")
    assert (
        recording.read(end["said"])[0]["value"] == "ZZ-999"
        and verdict(end["status"], end["details"]) == Verdict.NOT_GRANTED
    )
    for headers, status in (
        ({}, 422),
        ({"x-matter-code": "ZJ-001,ZZ"}, 403),
        ({"x-matter-code": "%00"}, 403),
        ({"X-Matter-Code": "ZJ-001"}, 200),
        ({"matter-code": "ZJ-001"}, 422),
        ({"x-matter-code": "ZJ-001", "desk": "窗" * 2}, 200),
    ):
        sent = {name: quote(value, safe="%,") for name, value in headers.items()}
        assert door.call(subject="careful", headers=sent).status_code == status, headers


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.sampled_from(
            [
                "/",
                "//",
                "..",
                ".",
                "%2e%2e",
                "%2f",
                "%252f",
                ";x",
                "apis",
                "307001",
                "000001",
                "000001" + "2",
                "?",
                "#",
                "\\",
                "%00",
                "%5c",
            ]
        ),
        max_size=9,
    )
)
def test_no_spelling_of_a_path_reaches_what_was_not_granted(door: Door, parts):
    """``other`` may call only the longer code; whatever way it writes the path, it never gets
    the shorter one's rows."""
    target = "/" + "".join(parts)
    assert door.raw(target, "other") != 200 or target.split("?")[0].split("#")[0].endswith(
        CODE + "2"
    )


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
        said = [line for line in wire.makefile("rb") if line.startswith(b"HTTP/1.1 ")]
    assert [line.split()[1] for line in said] == [b"422"] * calls, (
        "refused by the shaping service, for the limit of no rows, not by the rate"
    )


def test_of_two_grants_for_one_client_the_youngest_counts(door: Door):
    """Ten is younger than nine, whatever their order as text."""
    for older, younger in ((7, 9), (9, 10), (99, 100)):
        routes = compile(
            [Api(CODE, 5, (grant(younger, "housing"), grant(older, "housing", "housing-next")))],
            door.gateway,
        )["routes.json"]
        policies = json.loads(routes)["resources"][0]["virtual_hosts"][0]["matcher"][
            "matcher_tree"
        ]["prefix_match_map"]["map"][f"/apis/{CODE}"]["matcher"]["matcher_list"]["matchers"][0][
            "on_match"
        ]["action"]["typed_config"]["typed_per_filter_config"]["envoy.filters.http.rbac"]["rbac"][
            "rules"
        ]["policies"]
        assert {
            name: [client in json.dumps(said) for client in ('"housing"', '"housing-next"')]
            for name, said in policies.items()
        } == {str(younger): [True, False], str(older): [False, True]}


def test_each_client_comes_from_its_own_networks_only(changing: Door):
    """A token stolen from one credential is not good from the networks of another of the same
    system."""

    def from_where(**networks: tuple[str, ...]) -> dict[str, int]:
        changing.say(Api(CODE, 5, (ApiGrant(7, networks, NOW, NOW + timedelta(hours=1), 1000),)))
        return {
            who: changing.call(subject=who, params={"limit": 1}).status_code for who in networks
        }

    here, elsewhere = ("127.0.0.0/8",), ("192.0.2.0/24",)
    assert from_where(one=here, two=elsewhere) == {"one": 200, "two": 403}
    assert from_where(one=elsewhere, two=()) == {"one": 403, "two": 200}


def test_a_token_is_taken_from_the_header_alone(door: Door):
    assert door.call(params={"access_token": door.token("housing"), "limit": 1}).status_code == 401


def test_a_refusal_is_evidence_of_a_refusal_whatever_the_caller_says_it_speaks(door: Door):
    for answer, found in (
        (
            door.call(subject="stranger", headers={"content-type": "application/grpc"}),
            Verdict.NOT_GRANTED,
        ),
        (door.call(headers={"content-type": "application/grpc"}), Verdict.NO_TOKEN),
    ):
        line = door.evidence(answer)[-1]
        assert "items" not in answer.text and verdict(line["status"], line["details"]) == found


def test_a_grown_log_is_turned_over_and_envoy_writes_on_in_a_new_one(door: Door):
    path = door.place / "access.log"
    door.evidence(door.call(subject="stranger"))
    old = log.turn(path, door.place / "admin.sock", size=1)
    assert old is not None
    answer = door.call(subject="stranger")
    assert door.evidence(answer) and answer.headers["x-request-id"] not in old.read_text()
    assert log.identity(old) != log.identity(path)
    old.unlink()


def test_every_call_leaves_evidence_denied_ones_too_and_no_query(door: Door):
    answer = door.call(subject="stranger", params={"idno": "320613199001010011"})
    lines = door.evidence(answer)
    assert [line["kind"] for line in lines] == ["DownstreamStart", "DownstreamEnd"]
    assert lines[-1]["client"] == "stranger" and lines[-1]["status"] == 403
    assert "320613199001010011" not in json.dumps(lines)


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


def test_the_shaping_service_believes_only_its_gateway(door: Door):
    said = []
    Service(door.place / "shaping.json")(
        {"HTTP_X_HUITONG_GRANT": "7", "HTTP_X_HUITONG_MOUNT": "5", "HTTP_X_HUITONG_PROOF": "guess"},
        lambda status, headers: said.append(status),
    )
    assert said == ["403 Forbidden"]


def test_the_same_grants_give_the_same_bytes(door: Door):
    apis = [Api(CODE, 5, (grant(7, "a"), grant(3, "b"))), Api("1/2", 6)]
    assert compile(apis, door.gateway) == compile(list(reversed(apis)), door.gateway)
