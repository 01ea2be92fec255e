"""How alike two names of data are: by the pairs of characters they share."""

from __future__ import annotations

import re

#: from which share of common pairs on two demands seem to be for the same
ALIKE = 0.5
#: what names of data end in, whatever they are of
GENERAL = re.compile(r"信息|数据|资料|明细|记录|情况|名单|清单|目录")


def pairs(text: str) -> set[str]:
    """The pairs of neighbouring characters, signs, spaces and general words left out."""
    plain = "".join(sign for sign in GENERAL.sub(" ", text.casefold()) if sign.isalnum())
    return {plain[n : n + 2] for n in range(len(plain) - 1)} or ({plain} if plain else set())


def likeness(one: str, other: str) -> float:
    """From 0 to 1: the share of the shorter one's pairs that the other has."""
    a, b = pairs(one), pairs(other)
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0
