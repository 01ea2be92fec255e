"""One wrong character in a question (A20): what may have been meant.

Who types by pinyin chooses a wrong character of the same sound (结昏登记); who types by strokes, or
from memory, any other, one too many or one too few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

from huitong.ui.pinyin import readings

#: shorter questions are mended only by a character of the same sound: every other is too near
SHORTEST = 3
#: who writes more has not mistyped a name
LONGEST = 20


def corrected(question: str, texts: Iterable[str]) -> str:
    """The part of the texts that differs from the question by one character and stands in most of
    them, one of the same sound before any other; empty where there is none.

    >>> corrected("结昏登记", ["结婚登记信息", "登记机关"])
    '结婚登记'
    """
    if len(question) > LONGEST:
        return ""
    sounds = _sounds(question)
    alike, near = Counter[str](), Counter[str]()
    for text in texts:
        for part in set(_parts(text, len(question))):
            if part == question:
                return ""
            if len(part) == len(question) and _sound_alike(sounds, _sounds(part)):
                alike[part] += 1
            elif len(question) >= SHORTEST and _by_one(question, part):
                near[part] += 1
    best = alike.most_common(1) or near.most_common(1)
    return best[0][0] if best else ""


def _parts(text: str, length: int) -> Iterator[str]:
    for size in (length, length + 1, length - 1):
        for start in range(len(text) - size + 1):
            yield text[start : start + size]


def _sounds(text: str) -> list[frozenset[str]]:
    """How each character can be read; what is none is read in no way."""
    return [_sound(sign) for sign in text]


@lru_cache(10_000)
def _sound(sign: str) -> frozenset[str]:
    return frozenset(readings(sign).split("/")) - {""}


def _sound_alike(one: list[frozenset[str]], other: list[frozenset[str]]) -> bool:
    return all(a & b for a, b in zip(one, other, strict=True))


def _by_one(one: str, other: str) -> bool:
    """Whether one character differs, is missing or is too many; the ends stand as they are where
    one is missing or too many."""
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) == 1
    short, long = sorted((one, other), key=len)
    return (
        short[0] == long[0]
        and short[-1] == long[-1]
        and any(long[:at] + long[at + 1 :] == short for at in range(1, len(long) - 1))
    )
