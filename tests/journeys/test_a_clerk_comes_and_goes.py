"""A clerk arrives, works by page, API and command, lends the post, changes bodies with a merger,
and leaves: all in the ledger."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from tests.cast import PASSWORD, Cast

from huitong.cli.commands import do
from huitong.kernel.actor import Post
from huitong.kernel.ledger import Entry
from huitong.kernel.workdays import today
from huitong.organizations import queries
from huitong.organizations.models import Matter, Person


def shown_once(page: str, pattern: str) -> str:
    """The secret on a page that shows it once."""
    return next(
        value for value in re.findall(r'value="([^"]+)"', page) if re.fullmatch(pattern, value)
    )


def test_a_clerk_comes_and_goes(
    cast: Cast, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    system, security, housing = (
        cast.client("system_admin"),
        cast.client("security_admin"),
        cast.body("housing").pk,
    )
    page = system.post(
        "/sys/people/add/", {"username": "lin.fang", "name": "林芳", "mobile": "13912345678"}
    ).content.decode()
    clerk_pk = Person.objects.get(username="lin.fang").pk
    waiting = Person.objects.get(pk=clerk_pk).changes.get().pk
    once = shown_once(page, r"[\w+=%-]{8}") + shown_once(
        security.post(f"/sec/changes/{waiting}/release/").content.decode(), r"[\w+=%-]{8}"
    )
    assert (
        security.post(
            "/sec/appoint/", {"person": clerk_pk, "body": housing, "post": "manager"}
        ).status_code
        == 302
    )

    clerk = Client()
    assert clerk.post("/account/login/", {"login": "lin.fang", "password": once}).status_code == 302
    assert clerk.get("/")["Location"] == "/account/password/change/"
    clerk.post(
        "/account/password/change/",
        {"oldpassword": once, "password1": PASSWORD, "password2": PASSWORD},
    )
    token = shown_once(
        clerk.post("/me/tokens/add/", {"label": "日常", "days": "30"}).content.decode(), r"ht_.+"
    )

    # one duty by page, one by API, one by command: the same act, the same ledger
    assert (
        clerk.post("/sys/duties/add/", {"body": housing, "text": "负责房屋租赁管理"}).status_code
        == 302
    )
    api = Client(headers={"Authorization": f"Bearer {token}"})
    given = {"body": housing, "text": "负责物业服务监督"}
    assert (
        api.post(
            "/api/do/organizations.add_duty", json.dumps(given), content_type="application/json"
        ).status_code
        == 200
    )
    monkeypatch.setenv("HUITONG_TOKEN", token)
    assert (
        do.perform("organizations.add_duty", ["--body", str(housing), "--text", "负责白蚁防治管理"])
        == 0
    )
    capsys.readouterr()
    doors = Entry.objects.filter(verb="organizations.add_duty", person=clerk_pk).order_by("seq")
    assert [entry.actor["via"] for entry in doors] == ["page", "api", "cli"]

    until = (today() + timedelta(10)).isoformat()
    answer = clerk.post(
        "/me/deputies/add/",
        {"deputy": cast.housing_operator.person, "post": "manager", "valid_to": until},
    )
    assert answer.status_code == 302
    assert queries.actor_for(cast.person("housing_operator")).has(Post.MANAGER)

    # Housing is merged into Natural Resources' stand-in: the clerk goes along, the old token does
    # not
    assert (
        system.post(
            "/sys/bodies/succession/",
            {
                "kind": "merge",
                "predecessors": [housing, cast.body("hr").pk],
                "document": "通委办〔2026〕1号",
                "successors": [cast.body("finance").pk],
                "on": today().isoformat(),
            },
        ).status_code
        == 302
    )
    assert queries.actor_for(Person.objects.get(pk=clerk_pk)).body == cast.body("finance").pk
    assert queries.actor_for(cast.person("housing_operator")).has(Post.MANAGER), (
        "the deputy goes along too"
    )
    assert api.get("/api/bodies").status_code == 401
    assert Matter.objects.get(code="ZJ-001").duty.body_id == cast.body("finance").pk

    address = f"/hand-over/{clerk_pk}/{cast.body('finance').pk}/"
    assert (
        "将发生的变化"
        in security.post(address, {"reasons": "调离", "preview": "1"}).content.decode()
    )
    assert security.post(address, {"reasons": "调离", "confirm": "1"}).status_code == 302
    assert system.post(f"/sys/people/{clerk_pk}/disable/", {"reasons": "调离"}).status_code == 302
    assert clerk.get("/me/")["Location"].startswith("/account/login/")
    assert not queries.actor_for(cast.person("housing_operator")).has(Post.MANAGER), (
        "what was lent ends with the lender"
    )

    verbs = set(Entry.objects.values_list("verb", flat=True))
    assert {
        f"organizations.{verb}"
        for verb in (
            "add_person",
            "appoint",
            "sign_in",
            "change_password",
            "create_token",
            "add_duty",
            "deputize",
            "succeed",
            "hand_over",
            "disable_person",
        )
    } <= verbs
    recorded = str(list(Entry.objects.values("before", "after", "actor", "reasons")))
    assert (
        once not in recorded
        and PASSWORD not in recorded
        and token not in recorded
        and "13912345678" not in recorded
    )
