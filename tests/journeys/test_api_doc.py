"""docs/api.md is true: its examples are run, and answer what they say."""

from __future__ import annotations

import base64
import re
import shlex
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from tests.sharing import Sharing

from huitong.access import queries
from huitong.organizations import actions as organizations
from huitong.planes.gateway.engine.asking import OPERATORS

pytestmark = pytest.mark.django_db
PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
#: those of the gateway need one that runs: test_first_contact.py
EXAMPLES = [
    (line, status)
    for line, status in re.findall(r"^(curl .*?)\s+# (\d{3})$", PAGE, re.M)
    if "$GATEWAY" not in line
]
HOST = "http://huitong"


def curl(line: str, values: dict[str, str]) -> Any:
    """What the command would do: the few options of the page, and no others."""
    words = iter(shlex.split(Template(line).substitute(values))[1:])
    headers, body, given, address, method = {}, None, [], "", ""
    for word in words:
        match word:
            case "-X":
                method = next(words)
            case "-H":
                headers.update([next(words).split(": ", 1)])
            case "-d":
                body = next(words)
            case "-u":
                headers["Authorization"] = (
                    "Basic " + base64.b64encode(next(words).encode()).decode()
                )
            case "-G":
                method = "GET"
            case "--data-urlencode":
                given.append(tuple(next(words).split("=", 1)))
            case "-OJ":
                pass
            case _:
                address = word.removeprefix(HOST)
    assert address.startswith("/"), line
    kind = headers.pop("Content-Type", "application/x-www-form-urlencoded")
    url = address + (f"?{urlencode(given)}" if given else "")
    client = Client(headers=headers)
    return client.generic(
        method or ("POST" if body is not None else "GET"), url, body or "", content_type=kind
    )


def test_every_example_answers_what_the_page_says(sharing: Sharing, settings, tmp_path):
    settings.OAUTH_KEYS = tmp_path / "oauth"
    grant = sharing.granted(sharing.mount("division", "file"))
    application = queries.form_applications(sharing.applied(sharing.mount("marriage", "api")))[0]
    credential = sharing.credential()
    token = organizations.create_token(sharing.cast.bureau_operator, label="接口")["token"]
    values = {
        "HUITONG": HOST,
        "TOKEN": token,
        "CASE": str(application.case_id),
        "CLIENT_ID": credential["client_id"],
        "CLIENT_SECRET": credential["client_secret"],
        "GRANT": str(grant.pk),
    }
    assert len(EXAMPLES) >= 12
    answers = []
    for line, status in EXAMPLES:
        answer = curl(line, values)
        assert answer.status_code == int(status), f"{line}\n{_text(answer)[:500]}"
        if line.endswith('/oauth/token"') and status == "200":
            values["ACCESS_TOKEN"] = answer.json()["access_token"]
        answers.append(answer)
    first, again = (a.json() for a in answers[3:5])
    assert first["case"]["state"] == "with_provider" and again["replayed"]
    refusal = next(a.json() for a in answers if a.status_code == 409)
    fields = set(re.findall(r'"(\w+)":', re.search(r"```json\n(.*?)\n```", PAGE, re.S)[1]))
    assert set(refusal) == fields and refusal["article"] == "A21"
    assert set(next(a.json()["fields"] for a in answers if a.status_code == 422)) == {
        "ground",
        "reasons",
    }
    assert "Repr-Digest" in answers[-1].headers and answers[-1].getvalue()
    answers[-1].close()


def _text(answer: Any) -> str:
    return "" if answer.streaming else answer.content.decode()


def test_the_operators_of_the_gateway_are_those_of_the_page():
    assert set(re.search(r"`(eq [a-z ]+)`", PAGE)[1].split()) == OPERATORS
