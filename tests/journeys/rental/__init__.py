"""The steps of `test_housing_checks_marriage_for_public_rental.py`, by page, by API, by command."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.test import Client
from tests.sharing import Sharing

from huitong.organizations import actions as organizations

ROOT = Path(__file__).parents[3]


def text(response: Any) -> str:
    return response.content.decode()


def opened(client: Client, url: str) -> str:
    """A page that opens, says nothing inline, and holds one heading."""
    response = client.get(url, follow=True)
    page = text(response)
    assert response.status_code == 200, page[-3000:]
    assert len(re.findall(r"<h1[ >]", page)) == 1 and " style=" not in page
    return page


def once(page: str) -> str:
    return re.search(r'name="_once"[^>]*value="([^"]+)"', page)[1]  # type: ignore[index]


def api(sharing: Sharing, who: str) -> Any:
    """``call(url, given=None, status=200)``: GET, or POST what is given, with a token of this
    person."""
    token = organizations.create_token(getattr(sharing.cast, who), label="接口")["token"]
    client = Client(headers={"Authorization": f"Bearer {token}"})

    def call(url: str, given: Any = None, status: int = 200) -> Any:
        answer = (
            client.get(f"/api{url}")
            if given is None
            else client.post(f"/api{url}", given, content_type="application/json")
        )
        assert answer.status_code == status, answer.content.decode()
        return answer.json()

    return call
