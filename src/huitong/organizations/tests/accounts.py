"""Password requests and their release, for tests of accounts."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.test import Client
from tests.cast import Cast

from huitong.kernel.actor import Actor
from huitong.organizations import actions
from huitong.organizations.models import AccountChange

# -- passwords -------------------------------------------------------------------------------------


def can_sign_in(username: str, password: str) -> bool:
    cache.clear()
    client = Client()
    client.post("/account/login/", {"login": username, "password": password})
    return bool(
        client.get("/me/").headers.get("Location", "/account/password/change/")
        == "/account/password/change/"
    )


def ask_for_password(cast: Cast, who: str = "housing_manager") -> dict[str, Any]:
    return actions.reset_password(cast.system_admin, person=cast.person(who).pk)


def release(cast: Cast, by: Actor | None = None) -> dict[str, Any]:
    return actions.release_change(
        by or cast.security_admin, change=AccountChange.objects.get(settled_at=None).pk
    )
