"""What the home page shows of the contexts that are there: figures and ways in, asked of their `queries`.

A context offers ``home_panels(actor)`` in its queries; the portal asks every one that has it. The keys of a panel:
see `panels`.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings

from huitong.kernel.actor import Actor


def panels(actor: Actor) -> list[dict[str, Any]]:
    """Panels of all contexts in the order of the map. Each: ``title``, ``figures`` [{label, value, unit, url}],
    ``links`` [{label, url, count}] under ``links_title``; each may be missing."""
    found: list[dict[str, Any]] = []
    for context in settings.CONTEXTS:
        if find_spec(f"{context}.queries") and (ask := getattr(import_module(f"{context}.queries"), "home_panels", None)):
            found += ask(actor)
    return found
