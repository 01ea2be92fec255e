"""How the words of a question are compared with an entry (A20): folded alike, whole or by their
parts.

One home for what "an entry holds this word" means; the search index and SQL both ask it here, so
that they answer alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from huitong.ui.rules import PUNCTUATION, visible

LONGEST_QUESTION = 200  # characters
MOST_WORDS = 8
#: what stands between the words of a question, once folded (the full-width comma and semicolon are
#: ASCII by then)
BETWEEN = re.compile(rf"[\s{re.escape(PUNCTUATION)}]+")
#: between an entry's own words and those of its context; white space, so that it stands in no
#: folded text
APART = "\x1f"


def folded(text: str) -> str:
    """Full-width forms, capitals and white space told apart no longer: ``ＧＰＳ　轨迹`` is ``gps 轨迹``;
    nothing unseen."""
    narrow = visible(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()))
    return " ".join(narrow.replace("\0", " ").split())


def plain(question: str) -> str:
    """The question, folded; what is too long or cannot be kept is left out."""
    return folded(question[:LONGEST_QUESTION].encode("utf-8", "ignore").decode())


def words_of(question: str) -> list[str]:
    """The words asked for."""
    return list(dict.fromkeys(word for word in BETWEEN.split(plain(question)) if word))[:MOST_WORDS]


def words_for(
    name: str, summary: str, items: Iterable[tuple[str, str]], context: Iterable[str]
) -> str:
    """The text an entry is found by, one piece a line: name first, summary, items with their
    columns; after `APART` where it stands.

    ``context`` (system, category) is shared with other entries, so what is found only there counts
    less.
    """
    own = [name, summary, *(piece for item in items for piece in item)]
    parts = [
        "\n".join(piece for piece in map(folded, pieces) if piece) for pieces in (own, context)
    ]
    return APART.join(parts)


def ways_of(word: str) -> list[list[str]]:
    """In which ways an entry may hold a word: whole, or all the Chinese words it is made of (信息婚姻登记
    → 信息, 婚姻, 登记), in any order.

    Lone characters stand everywhere, so a word cut into such is held only whole.
    """
    import rjieba  # its dictionary takes 33 MB: only where something is searched

    parts = [part for part in rjieba.cut(word) if part.strip()]
    return [[word], parts] if len(parts) > 1 and all(len(part) > 1 for part in parts) else [[word]]
