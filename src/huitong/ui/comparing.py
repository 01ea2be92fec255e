"""Comparisons line by line: what is the same, what was added, removed, changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Difference(StrEnum):
    """How the last column of a line stands to the one before it; the value is its class."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


#: said in words and by a sign, never by colour alone
WORDS = {
    Difference.SAME: "相同",
    Difference.ADDED: "新增",
    Difference.REMOVED: "删除",
    Difference.CHANGED: "修改",
}
SIGNS = {
    Difference.SAME: "＝",
    Difference.ADDED: "＋",
    Difference.REMOVED: "－",
    Difference.CHANGED: "≠",
}
TONES = {
    Difference.SAME: "neutral",
    Difference.ADDED: "success",
    Difference.REMOVED: "danger",
    Difference.CHANGED: "warning",
}


@dataclass(frozen=True)
class Line:
    """A line of ``<c-compare>``: what it is about, a cell for each column, how they differ."""

    label: str
    cells: tuple[str, ...]
    difference: Difference
    #: instead of the usual word
    note: str = ""

    @property
    def words(self) -> str:
        return self.note or WORDS[self.difference]

    @property
    def sign(self) -> str:
        return SIGNS[self.difference]

    @property
    def tone(self) -> str:
        return TONES[self.difference]

    @property
    def is_same(self) -> bool:
        return self.difference is Difference.SAME


def line(label: str, before: str, after: str) -> Line:
    """Two values side by side; empty is none."""
    if before == after:
        difference = Difference.SAME
    elif not before:
        difference = Difference.ADDED
    elif not after:
        difference = Difference.REMOVED
    else:
        difference = Difference.CHANGED
    return Line(label, (before, after), difference)


def lines(before: Mapping[str, str], after: Mapping[str, str]) -> list[Line]:
    """Two sets of named values, in the order of the later one; what it has no more comes where it
    was."""
    return [
        line(label, before.get(label, ""), after.get(label, "")) for label in woven(before, after)
    ]


def woven(before: Iterable[str], after: Iterable[str]) -> list[str]:
    """The names of both, in the order of the later; each that is gone follows what it followed."""
    old, names = list(before), list(after)
    for place, name in enumerate(old):
        if name not in names:
            previous = next((one for one in reversed(old[:place]) if one in names), None)
            names.insert(names.index(previous) + 1 if previous else 0, name)
    return names


def different(rows: Iterable[Line]) -> int:
    return sum(not row.is_same for row in rows)
