"""Addresses that come with a request, where somebody could have written another."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

ROOTS = ("/", "http://", "https://")


def inside(request: HttpRequest, address: str) -> str:
    """The address, if it lies in this site and is as secure as the request; else empty.

    It begins at the root or with the scheme: a bare word is none, and `redirect` would take it for
    the name of a page.
    """
    own = address.startswith(ROOTS) and url_has_allowed_host_and_scheme(
        address, {request.get_host()}, require_https=request.is_secure()
    )
    return address if own else ""
