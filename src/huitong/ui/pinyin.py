"""Finds names as people type them: in characters, by pinyin, by its initials."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from pypinyin import Style, lazy_pinyin


class Spelled(NamedTuple):
    """A name in lower case, its pinyin without tones and blanks, and the initials of it."""

    name: str
    pinyin: str
    initials: str


@lru_cache(maxsize=4096)
def spelled(name: str) -> Spelled:
    """How a name is spelled, worked out once."""
    plain = name.lower()
    return Spelled(
        plain,
        "".join(lazy_pinyin(plain)).replace(" ", ""),
        "".join(lazy_pinyin(plain, style=Style.FIRST_LETTER)).replace(" ", ""),
    )


def rank(typed: str, name: str) -> int | None:
    """How well a name answers what was typed, 0 best; None when it does not.

    >>> rank("gxsq", "共享申请"), rank("shenqing", "共享申请"), rank("审核", "共享申请")
    (2, 5, None)
    """
    word, keys = typed.strip().lower().replace(" ", ""), spelled(name)
    if not word:
        return None
    answers = (
        keys.name.startswith(word),
        word in keys.name,
        keys.initials.startswith(word),
        keys.pinyin.startswith(word),
        word in keys.initials,
        len(word) > 2 and word in keys.pinyin,
    )
    return next((place for place, answer in enumerate(answers) if answer), None)
