"""The lists of one room, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def tabs(
    url: str, labels: Mapping[str, str], active: str, **elsewhere: str
) -> list[dict[str, Any]]:
    """What `c-tabs` draws: each list is ``?tab=`` of the address, unless it has a page of its own,
    ``elsewhere``."""
    return [
        {"label": label, "url": elsewhere.get(name, f"{url}?tab={name}"), "active": name == active}
        for name, label in labels.items()
    ]
