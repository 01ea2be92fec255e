"""How the words of a question are compared with an entry (A20): folded alike, whole or by their
parts.

One home for what "an entry holds this word" means; the search index and SQL both ask it here, so
that they answer alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

from huitong.ui.pinyin import readings
from huitong.ui.rules import PUNCTUATION, visible

LONGEST_QUESTION = 200  # characters
MOST_WORDS = 8
#: characters of a name that are spelled, and ways to spell it that are kept
SPELLED, MOST_SPELLED = 40, 40
#: parts of a word that are looked for each for itself
MOST_PARTS = 12
EMPTY: Mapping[str, tuple[str, ...]] = MappingProxyType({})
#: what stands between the words of a question, once folded (the full-width comma and semicolon are
#: ASCII by then)
BETWEEN = re.compile(rf"[\s{re.escape(PUNCTUATION)}]+")
#: begins a question for entries by their items
ITEMS_ASKED = re.compile(r"^\s*(?:信息项|字段|数据项)\s*[:：]\s*")
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


def asked_words(question: str) -> tuple[bool, list[str]]:
    """Whether only items are asked for, and the words.

    >>> asked_words("信息项：出生日期")
    (True, ['出生日期'])
    """
    text = plain(question)
    of_items = ITEMS_ASKED.match(text)
    words = words_of(text[of_items.end() :] if of_items else text)
    return bool(of_items and words), words


def words_for(
    name: str, summary: str, items: Iterable[tuple[str, str]], context: Iterable[str]
) -> str:
    """The text an entry is found by, one piece a line: name first, summary, items with their
    columns, the name as it is typed in letters; after `APART` where it stands.

    ``context`` (system, category) is shared with other entries, so what is found only there counts
    less.
    """
    own = [name, summary, *(piece for item in items for piece in item), *spelled(folded(name))]
    parts = [
        "\n".join(piece for piece in map(folded, pieces) if piece) for pieces in (own, context)
    ]
    return APART.join(parts)


def spelled(name: str) -> list[str]:
    """A name in pinyin, and by its initials: as its characters are read most often, and with one of
    them read the other way.

    >>> spelled("银行")
    ['yinxing', 'yx', 'yinhang', 'yh']
    """
    syllables = [syllable.split("/")[:2] for syllable in readings(name[:SPELLED]).split()]
    usual = [syllable[0] for syllable in syllables]
    every = [usual]
    for place, syllable in enumerate(syllables):
        every += [[*usual[:place], other, *usual[place + 1 :]] for other in syllable[1:]]
    lines = [line for way in every for line in ("".join(way), "".join(part[0] for part in way))]
    return list(dict.fromkeys(lines))[:MOST_SPELLED] if syllables else []


#: a way an entry may hold a word: all of these, each by any of its texts
Way = Sequence[Sequence[str]]


def ways_of(word: str, synonyms: Mapping[str, Iterable[str]] = EMPTY) -> list[Way]:
    """In which ways an entry may hold a word: whole or by a word that means the same, or all the
    Chinese words it is made of (信息婚姻登记 → 信息, 婚姻, 登记), in any order; in simplified characters,
    too.

    Lone characters stand everywhere, so a word cut into such is held only whole.
    """
    import rjieba  # its dictionary takes 33 MB: only where something is searched

    def texts(part: str) -> list[str]:
        simple = simplified(part)
        return list(dict.fromkeys([part, simple, *synonyms.get(simple, ())]))

    parts = [part for part in rjieba.cut(simplified(word)) if part.strip()]
    whole = [texts(word)]
    if 1 < len(parts) <= MOST_PARTS and all(len(part) > 1 for part in parts):
        return [whole, [texts(part) for part in parts]]
    return [whole]


def simplified(text: str) -> str:
    """The text in simplified characters.

    >>> simplified("婚姻登記")
    '婚姻登记'
    """
    return text if text.isascii() else _to_simplified().convert(text)


@cache
def _to_simplified() -> Any:
    import opencc  # reads its dictionaries: only where something is searched

    return opencc.OpenCC("t2s")
