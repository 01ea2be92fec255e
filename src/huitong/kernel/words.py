"""Words that are words: a reason nobody could act on or dispute is none (A21-A23)."""

from __future__ import annotations

import unicodedata

#: letters a reason has at least, and how many of them must differ: any reason, and one that goes
#: with a ground; ours
PLAIN, SPECIFIC = (2, 2), (6, 4)
#: letters that show nothing (Hangul fillers)
UNSEEN = frozenset("\u115f\u1160\u3164\uffa0")


def unworded(text: str, least: tuple[int, int] = PLAIN) -> str:
    """Why this is no reason anybody could act on or dispute; empty when it may be one. Only
    letters count, and those that differ."""
    letters = [
        c
        for c in unicodedata.normalize("NFKC", text).casefold()
        if unicodedata.category(c).startswith("L") and c not in UNSEEN
    ]
    if len(letters) >= least[0] and len(set(letters)) >= least[1]:
        return ""
    return f"须用文字写明，至少 {least[0]} 个字；标点、数字、空格和重复的字不算"
