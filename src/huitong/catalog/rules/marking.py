"""Where in a text the words of a question stand, to be marked for the eye (A20)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from huitong.catalog.rules.finding import Way, folded


class Piece(NamedTuple):
    """A part of a text, and whether it is what was asked for."""

    text: str
    marked: bool


def texts_of(ways: Iterable[Iterable[Way]]) -> list[str]:
    """What is to be marked: every text by which an entry may hold a word, the longest first."""
    texts = {folded(text) for of_word in ways for way in of_word for texts in way for text in texts}
    return sorted(texts - {""}, key=lambda text: (-len(text), text))


def pieces_of(text: str, texts: Iterable[str]) -> list[Piece]:
    """The text in pieces; what is folded alike (full width, capitals) is found alike.

    >>> [piece.text for piece in pieces_of("婚姻登记信息", ["登记"]) if piece.marked]
    ['登记']
    """
    alike, places = _folded(text)
    marks = [False] * len(text)
    for each in texts:
        at = alike.find(each)
        while at >= 0:
            for place in range(places[at], places[at + len(each) - 1] + 1):
                marks[place] = True
            at = alike.find(each, at + 1)
    return list(_pieces(text, marks))


def beginning_at(text: str, texts: Iterable[str], most: int) -> str:
    """So many characters of a text, with the first of what was asked for among them."""
    if len(text) <= most:
        return text
    alike, places = _folded(text)
    first = min((at for each in texts if (at := alike.find(each)) >= 0), default=0)
    start = places[first] if places else 0
    if start < most * 2 // 3:
        return f"{text[: most - 1]}…"
    start -= most // 4
    end = start + most - 2
    return f"…{text[start:end]}{'…' if end < len(text) else ''}"


#: a page of results has thousands of signs, and few that differ
_sign = lru_cache(10_000)(folded)


def _folded(text: str) -> tuple[str, Sequence[int]]:
    """The text folded sign by sign, and where each sign of it came from."""
    signs = [*map(_sign, text)]
    alike = "".join(signs)
    if all(map(len, signs)) and len(alike) == len(text):
        return alike, range(len(text))
    return alike, [place for place, sign in enumerate(signs) for _ in sign]


def _pieces(text: str, marks: list[bool]) -> Iterator[Piece]:
    start = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or marks[end] != marks[start]:
            yield Piece(text[start:end], marks[start])
            start = end
