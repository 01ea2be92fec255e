"""What the home page shows of the contexts that are there: figures and ways in, asked of their
`queries`.

A context offers ``home_panels(actor)`` in its queries; the portal asks every one that has it. The
keys of a panel: see `panels`.
"""

from __future__ import annotations

from typing import Any

from huitong.kernel import panels as kernel
from huitong.kernel.actor import Actor


def panels(actor: Actor) -> list[dict[str, Any]]:
    """Panels of all contexts in the order of the map. Each: ``title``, ``figures`` [{label,
    value, unit, url}], ``links`` [{label, url, count}] under ``links_title``; each may be
    missing."""
    return kernel.panels("home_panels", actor)
