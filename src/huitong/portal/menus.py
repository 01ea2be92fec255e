"""The menu of an actor's posts, made of the lines the contexts' manifests name."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import Any

from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.manifest import MenuLine, menu


def menu_for(actor: Actor, path: str) -> list[dict[str, Any]]:
    """The sections an actor sees, the line of the current page marked."""
    visible = _lines(actor.posts, actor.bureau)
    current = max((url for _, url in visible if path.startswith(url)), key=len, default="")
    return [
        {
            "label": section.label,
            "items": [
                {
                    "label": line.label,
                    "url": url,
                    "icon": line.icon,
                    "letter": line.letter,
                    "active": url == current,
                }
                for line, url in lines
            ],
        }
        for section, lines in groupby(visible, key=lambda pair: pair[0].section)
    ]


@lru_cache(maxsize=200)
def _lines(posts: frozenset[Post], bureau: bool) -> list[tuple[MenuLine, str]]:
    """The lines for these posts with their addresses: they change with the code alone."""
    return [
        (line, reverse(line.page))
        for line in menu()
        if line.posts & posts and (bureau or not line.bureau)
    ]
