"""Real Envoy and a real database: a call gets exactly what its grant lets through (A28, A30)."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import quote, unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huitong.planes.gateway.compile import Api, api_item
from huitong.planes.gateway.engine import recording
from huitong.planes.gateway.engine.envoy import grant_of
from huitong.planes.gateway.engine.envoy.wire import decode
from huitong.planes.gateway.engine.shaping import Service
from huitong.planes.gateway.rules import Verdict, verdict
from huitong.planes.gateway.tests.door import CODE, Door, grant, items_of


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
    headers = door.call(subject="housing", params={"limit": 1}).headers
    assert set(headers) <= {
        "content-type",
        "content-length",
        "cache-control",
        "x-content-type-options",
        "server",
        "date",
        "x-request-id",
        "x-grant-number",
        "x-grant-purpose",
    }
    assert headers["cache-control"] == "no-store" and headers["server"] == "huitong"


def test_what_is_handed_out_says_for_what_it_may_be_used(door: Door):
    answer = door.call(subject="housing", params={"limit": 1})
    assert answer.headers["x-grant-number"].startswith("SH")
    assert unquote(answer.headers["x-grant-purpose"]) == "核"
    refused = door.call(subject="housing", params={"limit": 0})
    assert refused.status_code == 422 and "x-grant-number" not in refused.headers


def test_paging_by_key_reaches_every_row_once(door: Door):
    ids, after = [], None
    while True:
        page = door.call(
            subject="housing", params={"limit": 100} | ({"after": after} if after else {})
        ).json()
        ids += [row["id"] for row in page["items"]]
        if not page["more"]:
            break
        after = page["after"]
    assert ids == list(range(2, 501, 2))


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
    headers = {
        "x-matter-code": quote("婚姻登记"),
        "operator-id": number,
        "desk": number,
        "x-huitong-said": "W10=",
    }
    answer = door.call(subject="careful", headers=headers)
    assert answer.status_code == 200 and recording.HEADER not in answer.headers
    end = next(line for line in door.evidence(answer) if line["kind"] == "DownstreamEnd")
    matter, operator, desk = recording.decode(end["said"])
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
        number not in str(recording.decode(json.loads(line).get("said")))
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
        recording.decode(end["said"])[0]["value"] == "ZZ-999"
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


def test_of_two_grants_for_one_client_the_youngest_counts(door: Door):
    """Ten is younger than nine, whatever their order as text."""
    for older, younger in ((7, 9), (9, 10), (99, 100)):
        api = Api(CODE, 5, (grant(younger, "housing"), grant(older, "housing", "housing-next")))
        value = decode("scope", api_item(api).body)
        [route] = value["route_configuration"]["virtual_hosts"][0]["routes"]
        tree = route["typed_per_filter_config"]["envoy.filters.http.rbac"]["rbac"]["matcher"]
        served = {
            client: grant_of(match["action"]["typed_config"]["name"])
            for client, match in tree["matcher_tree"]["exact_match_map"]["map"].items()
        }
        assert served == {"housing": str(younger), "housing-next": str(older)}


def test_the_shaping_service_believes_only_its_gateway(door: Door):
    statuses = []
    Service(door.place)(
        {"HTTP_X_HUITONG_GRANT": "7", "HTTP_X_HUITONG_MOUNT": "5", "HTTP_X_HUITONG_PROOF": "guess"},
        lambda status, headers: statuses.append(status),
    )
    assert statuses == ["403 Forbidden"]


def test_the_same_grants_give_the_same_bytes(door: Door):
    apis = [Api(CODE, 5, (grant(7, "a"), grant(3, "b"))), Api("1/2", 6)]
    turned = [replace(api, grants=api.grants[::-1]) for api in reversed(apis)]
    same = [items_of(of, door.gateway, door.horizon) for of in (apis, turned)]
    assert same[0] == same[1]
