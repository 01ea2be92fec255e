"""Proof 1, the other doors: the toy procedure has its API, command, clock, to-do, docs and
matrix, and nothing was written for it."""

from __future__ import annotations

import json
from datetime import date

import pytest
from tests.architecture.test_tables import TABLES
from tests.toy.rules import ROOM

from huitong.cli.commands import do, procedures
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry
from huitong.organizations import actions as organizations

pytestmark = pytest.mark.django_db
ASK = {"purpose": "区县协调会", "on": "2026-12-01"}


@pytest.fixture
def api(cast, client):
    """Call the API as somebody of the cast: ``api("housing_operator", "post", path, body)``."""
    tokens = {}

    def call(who, method, path, body=None, **headers):
        if who not in tokens:
            tokens[who] = organizations.create_token(getattr(cast, who), label="测试")["token"]
        return getattr(client, method)(
            f"/api{path}",
            data=json.dumps(body) if body is not None else None,
            content_type="application/json",
            headers={"Authorization": f"Bearer {tokens[who]}", **headers},
        )

    return call


def test_the_api_carries_a_case_from_its_opening_to_its_end(api, cast):
    opening = api(
        "housing_operator", "post", "/do/room.ask_room", ASK | {"lender": cast.body("civil").pk}
    )
    assert opening.status_code == 200, opening.content
    case = opening.json()["case"]
    assert case["state"] == "draft" and case["actions"] == []
    case_page = api("housing_manager", "get", f"/cases/{case['id']}").json()
    assert [(a["verb"], a["href"]) for a in case_page["actions"]] == [
        ("send", f"/api/cases/room/{case['id']}/send")
    ]
    sent = api("housing_manager", "post", f"/cases/room/{case['id']}/send", {}).json()["case"]
    assert sent["state"] == "asked" and date.fromisoformat(sent["due_on"]) > date.today()
    waiting = api("civil_manager", "get", "/cases?waiting=true").json()
    assert [c["id"] for c in waiting["items"]] == [case["id"]]
    assert (
        api("civil_manager", "post", f"/cases/room/{case['id']}/lend", {"opinion": "同意"}).json()[
            "case"
        ]["state"]
        == "lent"
    )
    entries = api("housing_operator", "get", f"/cases/{case['id']}/entries").json()["items"]
    assert [(e["verb"], e["article"]) for e in entries] == [
        ("room.ask_room", "A20"),
        ("room.send", "A20"),
        ("room.lend", "A22"),
    ]


def test_the_api_refuses_with_one_error_body(api, cast):
    wrong = api(
        "housing_operator",
        "post",
        "/do/room.ask_room",
        ASK | {"lender": cast.body("civil").pk, "purpose": "会", "seats": 999},
    )
    assert wrong.status_code == 422 and set(wrong.json()["fields"]) == {"purpose", "seats"}
    opening = api(
        "housing_operator", "post", "/do/room.ask_room", ASK | {"lender": cast.body("civil").pk}
    ).json()["case"]["id"]
    for who, status in (
        ("housing_operator", 403),
        ("civil_manager", 404),
        ("stranger_manager", 404),
    ):
        refused = api(who, "post", f"/cases/room/{opening}/send", {})
        assert (
            refused.status_code == status
            and refused.json()["status"] == status
            and refused.json()["detail"]
        ), who
    for who, verb in (("housing_manager", "send"), ("civil_manager", "lend")):
        assert api(who, "post", f"/cases/room/{opening}/{verb}", {}).status_code == 200
    late = api("civil_manager", "post", f"/cases/room/{opening}/lend", {})
    assert late.status_code == 409 and late.json()["article"] == "A22"


def test_a_repeated_call_with_the_same_key_does_nothing_twice(api, cast):
    body = ASK | {"lender": cast.body("civil").pk}
    first, again = (
        api(
            "housing_operator", "post", "/do/room.ask_room", body, **{"Idempotency-Key": "k-1"}
        ).json()
        for _ in range(2)
    )
    assert (
        again["replayed"]
        and again["case"]["id"] == first["case"]["id"]
        and Case.objects.filter(kind="room").count() == 1
    )
    other = api(
        "housing_operator",
        "post",
        "/do/room.ask_room",
        body | {"purpose": "别的会"},
        **{"Idempotency-Key": "k-1"},
    )
    assert other.status_code == 422


def test_the_command_does_the_same(cast, capsys):
    assert (
        do.perform(
            "room.ask_room",
            [
                "--as",
                "housing_operator",
                "--lender",
                str(cast.body("civil").pk),
                "--purpose",
                "区县协调会",
                "--on",
                "2026-12-01",
            ],
        )
        == 0
    )
    case = json.loads(capsys.readouterr().out)["case"]["id"]
    for who, status in (("housing_operator", 403), ("civil_manager", 404)):
        assert do.perform("room.send", ["--as", who, "--case", str(case)]) == 1
        assert json.loads(capsys.readouterr().err)["status"] == status
    assert do.perform("room.send", ["--as", "housing_manager", "--case", str(case)]) == 0
    capsys.readouterr()
    assert (
        do.perform(
            "room.refuse",
            ["--as", "civil_manager", "--case", str(case), "--reasons", "当日已有安排"],
        )
        == 0
    )
    assert json.loads(capsys.readouterr().out)["case"]["state"] == "refused"
    assert Entry.objects.filter(case=case, actor__via__startswith="cli").count() == 3


def test_the_commands_help_names_article_seat_and_options(capsys):
    with pytest.raises(SystemExit):
        do.perform("room.refuse", ["--help"])
    text = capsys.readouterr().out
    assert "A22" in text and "提供部门负责人" in text and "--reasons" in text


def test_docs_clock_and_matrix_are_read_from_the_table():
    text = procedures.section(ROOM)
    assert (
        "| 提交借用 | `send` | A20 | 使用部门负责人 | 草稿 | 待答复 |" in text
        and "asked: 待答复 (A22 clock)" in text
    )
    assert ROOM in TABLES, "tests/architecture/test_tables.py checks every cell of it"
