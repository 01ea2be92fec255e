"""An account under attack: sessions, tokens, registers of accounts and letters."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.cast import PASSWORD, Cast

from huitong.organizations import actions

pytestmark = pytest.mark.django_db


def test_signing_in_makes_a_new_session_and_ends_the_old_one(cast: Cast) -> None:
    person, client = cast.person("housing_operator"), Client()
    client.get("/account/login/")
    client.cookies["sessionid"] = "fixedbytheattacker0000000000000"
    client.post("/account/login/", {"login": person.username, "password": PASSWORD})
    assert client.cookies["sessionid"].value != "fixedbytheattacker0000000000000"
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    again = Client()
    again.post("/account/login/", {"login": person.username, "password": PASSWORD})
    assert again.get("/todo/").status_code == 200
    assert client.get("/todo/").status_code == 302, "one session each"


def test_a_token_cannot_turn_itself_into_the_account(cast: Cast) -> None:
    """A new password goes to the address on record: whoever stole a token must not be able to
    change it."""
    token = actions.create_token(cast.housing_operator, label="脚本", days=1)["token"]
    api = Client(headers={"Authorization": f"Bearer {token}"})
    person = cast.person("housing_operator")
    answer = api.post(
        "/api/do/organizations.edit_own_profile",
        {"mobile": person.mobile, "email": "evil@example.com"},
        "application/json",
    )
    assert answer.status_code == 403
    assert (
        api.post(
            "/api/do/organizations.edit_own_profile",
            {"mobile": "13900000000", "email": person.email},
            "application/json",
        ).status_code
        == 200
    )
    cast.let_in(actions.reset_password(cast.system_admin, person=person.pk))
    assert api.get("/api/cases").status_code == 401, (
        "a reset password voids the tokens made under the old one"
    )


def test_checking_a_register_is_not_for_everybody(cast: Cast) -> None:
    token = actions.create_token(cast.stranger_operator, label="脚本", days=1)["token"]
    file = SimpleUploadedFile("bodies.csv", "名称\n".encode())
    answer = Client(headers={"Authorization": f"Bearer {token}"}).post(
        "/api/imports/bodies", {"file": file, "dry_run": "true"}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("client_id", ["a\0b", "x" * 500, "é", "\r\nX: 1"])
def test_a_strange_client_is_refused_like_any_other(client_id: str) -> None:
    form = urlencode(
        {"grant_type": "client_credentials", "client_id": client_id, "client_secret": "x"}
    )
    answer = Client().generic(
        "POST", "/oauth/token", form, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 401 and answer.json()["error"] == "invalid_client"


def test_no_letter_is_promised_where_none_can_be_sent(settings: Any) -> None:
    """Resetting by mail is offered only where mail is set up; the administrator's way is always
    there."""

    for host, offered in (("", False), ("mail.example", True)):
        settings.EMAIL_HOST = host
        assert ("忘记密码" in Client().get("/account/login/").content.decode()) == offered
