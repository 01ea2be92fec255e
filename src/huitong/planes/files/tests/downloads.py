"""The file, tokens and recorded deliveries for tests of downloads."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode

from django.test import Client
from tests.sharing import Sharing, scan_png

from huitong.access import queries as access_queries
from huitong.organizations import actions as organizations

CONTENT = scan_png()
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def content_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def personal(sharing: Sharing, who: str) -> dict[str, str]:
    token = organizations.create_token(getattr(sharing.cast, who), label="测试接口")["token"]
    return {"HTTP_AUTHORIZATION": f"Bearer {token}"}


def oauth(credential: dict[str, Any]) -> dict[str, str]:
    form = {
        "grant_type": "client_credentials",
        "client_id": credential["client_id"],
        "client_secret": credential["client_secret"],
    }
    answer = (
        Client()
        .post("/oauth/token", urlencode(form), content_type="application/x-www-form-urlencoded")
        .json()
    )
    return {"HTTP_AUTHORIZATION": f"Bearer {answer['access_token']}"}


def reported(grant: Any) -> list[tuple[str, str]]:
    return [(fact.status, fact.detail["receiver"]) for fact in access_queries.deliveries_of(grant)]
