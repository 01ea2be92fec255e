"""Names as they are typed in letters: by pinyin, by initials, or by a mix of both.

The readings of a name stand in one line, a syllable per character, several readings of one
character divided by a stroke: ``nan/na tong shi min zheng ju``. What is typed becomes one regular
expression over such lines; `ui/static/ui/js/picker.js` makes the same in the browser.
"""

from __future__ import annotations

import os
import re
import unicodedata
from functools import cache, lru_cache

#: a letter typed may begin a syllable: the rest of the one before is left out
START, NEXT = r"(?:^|[ /])", r"(?:[a-z0-9/]* (?:[a-z0-9]+/)*)?"
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


def pattern(typed: str) -> re.Pattern[str] | None:
    """What finds the names that are meant by letters typed, to be searched in `readings`; None
    for anything but letters and figures."""
    letters = re.sub(r"[\s'’]", "", unicodedata.normalize("NFKC", typed).lower())
    if not letters or not re.fullmatch("[a-z0-9]{1,60}", letters):
        return None
    return re.compile(START + NEXT.join(letters))


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
    hit = spelled.search(readings(name)) if (spelled := pattern(typed)) else None
    return None if hit is None else 3 if hit.start() else 2
