"""What the contexts have to show on a page that belongs to none of them, or to one below them:
asked by name, imported by nobody."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings


def panels(kind: str, *about: Any) -> list[dict[str, Any]]:
    """What the functions of this name in the contexts' ``queries`` answer to ``about``, in the
    order of the map: ``home_panels(actor)``, ``entry_panels(actor, entry)``,
    ``mount_panels(actor, mount)``. The page that asks says what a panel holds."""
    shown: list[dict[str, Any]] = []
    for context in settings.CONTEXTS:
        if find_spec(f"{context}.queries") and (
            ask := getattr(import_module(f"{context}.queries"), kind, None)
        ):
            shown += ask(*about)
    return shown
