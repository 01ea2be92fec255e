"""What a release ships as dated rows (limits of a law, grounds of decisions) beside what a city
has: which rows to add, which to end, which to leave to the city (A36).

A row in use is never edited. Where the city has a row of its own in the same line (say the limit
of one article), that row goes before a later one of a release until the city itself decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

Row = Mapping[str, Any]
#: columns that say something about a row and decide nothing
REMARKS = frozenset({"note", "confidence", "source"})
SINCE, UNTIL = "in_force", "until"


@dataclass
class Plan:
    """What to do with the shipped rows of one table; the rest is there already."""

    add: list[Row] = field(default_factory=list)
    end: list[Row] = field(default_factory=list)
    #: shipped rows not taken, each with the row of the city that stands in their place
    held: list[tuple[Row, Row]] = field(default_factory=list)

    @property
    def changes(self) -> bool:
        """Whether taking it would write anything."""
        return bool(self.add or self.end)


def plan(shipped: Iterable[Row], present: Iterable[Row], key: tuple[str, ...]) -> Plan:
    """Compare by natural key, of which the day a row comes into force is part."""
    rows, result = list(shipped), Plan()
    by_key = {_of(row, key): row for row in present}
    released = {_of(row, key): row for row in rows}
    own = [row for at, row in by_key.items() if at not in released or _differs(row, released[at])]
    for row in sorted(rows, key=lambda row: row[SINCE]):
        current = by_key.get(_of(row, key))
        if current is None:
            own_row = _in_force(own, row, key)
            result.held.append((row, own_row)) if own_row else result.add.append(row)
        elif _differs(current, row):
            result.held.append((row, current))
        elif row[UNTIL] and current[UNTIL] is None:
            result.end.append(row)
    return result


def _of(row: Row, key: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(row[name] for name in key)


def _differs(current: Row, row: Row) -> bool:
    """Whether two rows of one key decide something else: remarks and an end do not count."""
    return any(current[name] != row[name] for name in row.keys() - REMARKS - {UNTIL})


def _in_force(own: list[Row], row: Row, key: tuple[str, ...]) -> Row | None:
    """The city's own row in the line of this one that is in force when it begins."""
    line, begins = tuple(name for name in key if name != SINCE), row[SINCE]
    return next(
        (
            candidate
            for candidate in own
            if _of(candidate, line) == _of(row, line)
            and candidate[SINCE] <= begins <= (candidate[UNTIL] or date.max)
        ),
        None,
    )
