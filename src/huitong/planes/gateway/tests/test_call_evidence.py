"""Every call leaves evidence, refused ones too (A30)."""

from __future__ import annotations

import json

from huitong.planes.gateway.engine import log
from huitong.planes.gateway.rules import Verdict, verdict
from huitong.planes.gateway.tests.door import Door


def test_a_refusal_is_evidence_of_a_refusal_whatever_the_caller_says_it_speaks(door: Door):
    for answer, expected in (
        (
            door.call(subject="stranger", headers={"content-type": "application/grpc"}),
            Verdict.NOT_GRANTED,
        ),
        (door.call(headers={"content-type": "application/grpc"}), Verdict.NO_TOKEN),
    ):
        line = door.evidence(answer)[-1]
        assert "items" not in answer.text and verdict(line["status"], line["details"]) == expected


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
