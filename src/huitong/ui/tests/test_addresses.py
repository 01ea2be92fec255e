"""Where a page leads back to is written in the request, so anybody could have written it."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from huitong.ui.addresses import inside


@pytest.mark.parametrize("secure", [True, False])
@pytest.mark.parametrize(
    ("address", "safely", "plainly"),
    [
        ("/todo/?tab=own#record", True, True),
        ("https://testserver/todo/", True, True),
        ("http://testserver/todo/", False, True),
        ("", False, False),
        ("todo", False, False),
        ("portal:home", False, False),
        ("//evil.example/", False, False),
        ("/\\evil.example/", False, False),
        ("https://evil.example/", False, False),
        ("https://testserver@evil.example/", False, False),
        ("javascript:alert(1)", False, False),
        ("http:///evil.example/", False, False),
    ],
)
def test_only_addresses_of_this_site_lead_back(
    address: str, safely: bool, plainly: bool, secure: bool
) -> None:
    request = RequestFactory().get("/", secure=secure)
    assert inside(request, address) == (address if (safely if secure else plainly) else "")
