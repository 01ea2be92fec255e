"""Addresses of pages by their names, found once: a page names about a hundred, most of them again
and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django import urls
from django.core.signals import setting_changed
from django.urls.base import get_script_prefix, get_urlconf
from django.utils.http import urlencode

#: so many addresses are kept; those of cases and entries come and go
MOST = 10_000


def reverse(
    name: str,
    args: Sequence[Any] = (),
    *,
    query: Mapping[str, Any] | None = None,
    fragment: str = "",
) -> str:
    """As `django.urls.reverse`. Raises `NoReverseMatch`."""
    address = _path(name, tuple(args), get_urlconf(), get_script_prefix())
    if query and (text := urlencode(query, doseq=True)):
        address = f"{address}?{text}"
    return f"{address}#{fragment}" if fragment else address


@lru_cache(MOST)
def _path(name: str, args: tuple[Any, ...], urlconf: str | None, prefix: str) -> str:
    return urls.reverse(name, urlconf, args)


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "ROOT_URLCONF":
        _path.cache_clear()


setting_changed.connect(_forget)
