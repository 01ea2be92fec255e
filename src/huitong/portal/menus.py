"""The menu of an actor's posts, made of the lines the contexts' manifests name."""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import groupby
from typing import Any

from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.manifest import MenuLine, menu


def menu_for(actor: Actor, path: str) -> list[dict[str, Any]]:
    """The sections an actor sees, the line of the current page marked."""
    visible = _lines(actor.posts, actor.bureau)
    lit = [(own, line) for line, _ in visible for own in _addresses(line) if path.startswith(own)]
    _, current = max(lit, key=lambda pair: len(pair[0]), default=("", None))
    return [
        {
            "label": section.label,
            "items": [
                {
                    "label": line.label,
                    "url": url,
                    "icon": line.icon,
                    "letter": line.letter,
                    "active": line == current,
                }
                for line, url in lines
            ],
        }
        for section, lines in groupby(visible, key=lambda pair: pair[0].section)
    ]


@cache
def _addresses(line: MenuLine) -> tuple[str, ...]:
    """What the addresses of pages reached from the line begin with."""
    return tuple(reverse(page) for page in (line.page, *line.under))


@lru_cache(maxsize=200)
def _lines(posts: frozenset[Post], bureau: bool) -> list[tuple[MenuLine, str]]:
    """The lines for these posts with their addresses: they change with the code alone."""
    return [
        (line, reverse(line.page))
        for line in menu()
        if line.posts & posts and (bureau or not line.bureau)
    ]
