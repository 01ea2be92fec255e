"""Names as they are typed in letters: by pinyin, by initials, or by a mix of both.

The readings of a name stand in one line, a syllable per character, several readings of one
character divided by a stroke: ``nan/na tong shi min zheng ju``. `ui/static/ui/js/picker.js` reads
them in the browser as `spelled_from` does here.
"""

from __future__ import annotations

import os
import re
import unicodedata
from functools import cache, lru_cache

#: marks over letters, as a decomposed text has them
TONES = dict.fromkeys(range(0x300, 0x370))


@lru_cache(maxsize=65_536)
def readings(text: str) -> str:
    """The readings of a name; what is neither a Chinese character nor a letter or figure only
    divides."""
    parts = re.findall(r"[a-z0-9]+|[\u3400-\u9fff]", unicodedata.normalize("NFKC", text).lower())
    return " ".join(filter(None, map(_syllable, parts)))


@cache
def _syllable(part: str) -> str:
    if part.isascii():
        return part
    spoken = unicodedata.normalize("NFD", _table().get(ord(part), ""))
    bare = spoken.replace("u\u0308", "v").translate(TONES)  # ü is typed as v
    return "/".join(dict.fromkeys(bare.split(",")))


@cache
def _table() -> dict[int, str]:
    """The readings of every character, most usual first. pypinyin's phrases stay out: they are
    four times as large, and all readings are searched anyway."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")
    from pypinyin.pinyin_dict import pinyin_dict

    table: dict[int, str] = pinyin_dict
    return table


def letters(typed: str) -> str | None:
    """What was typed as letters and figures without blanks; None where anything else is in it."""
    bare = re.sub(r"[\s'’]", "", unicodedata.normalize("NFKC", typed).lower())
    return bare if re.fullmatch("[a-z0-9]{1,60}", bare) else None


def spelled_from(typed: str, line: str) -> int | None:
    """The first syllable of a line of `readings` from which on it spells what was typed; None
    where it does not.

    Every syllable gives one letter or more of its beginning. All ways are followed together: the
    time grows with the length of both, whatever they are.

    >>> spelled_from("tshi", "nan tong shi"), spelled_from("ngshi", "nan tong shi")
    (1, None)
    """
    at = 0
    for letter in typed:  # most names lack one of them
        if not (at := line.find(letter, at) + 1):
            return None
    ways: dict[int, int] = {}  # letters spelled so far: the syllable they began at
    best = None
    for place, syllable in enumerate(line.split()):
        further: dict[int, int] = {}
        for done, first in {0: place, **ways}.items():
            if typed[done] not in syllable:
                continue
            for reading in syllable.split("/"):
                end = done
                while end < len(typed) and reading[end - done : end - done + 1] == typed[end]:
                    end += 1
                    further[end] = min(first, further.get(end, first))
        if len(typed) in further:
            first = further.pop(len(typed))
            best = first if best is None else min(best, first)
        ways = further
    return best


def rank(typed: str, name: str) -> int | None:
    """How well a name answers what was typed, 0 best; None when it does not.

    >>> rank("gxsq", "共享申请"), rank("shenqing", "共享申请"), rank("审核", "共享申请")
    (2, 3, None)
    """
    word, plain = (re.sub(r"\s", "", text.lower()) for text in (typed, name))
    if not word:
        return None
    if word in plain:
        return 0 if plain.startswith(word) else 1
    first = spelled_from(spelled, readings(name)) if (spelled := letters(typed)) else None
    return None if first is None else 3 if first else 2
