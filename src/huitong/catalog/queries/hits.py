"""The entries a search came to, page by page: places out of the index, rows by their keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

from huitong.catalog.models import Entry
from huitong.catalog.queries import index
from huitong.catalog.queries.index import Opened, Window
from huitong.catalog.queries.matching import Question
from huitong.catalog.queries.reach import visible_to
from huitong.kernel.actor import Actor
from huitong.kernel.statements import Statement
from huitong.ui.lists.paging import Term

#: large, and read by nobody who looks through results
UNREAD = ("current__words", "current__content")
#: entries fetched at a time for a file
CHUNK = 500
#: id of an entry and how well it meets the words
Ranked = tuple[int, int]
#: the rank of what is not ranked
LAST = 4

ROWS = Statement(
    lambda actor, entries: (
        visible_to(actor)
        .filter(current__isnull=False, pk__any=entries)
        .select_related("body", "unit", "current__system", "current__case")
        .defer(*UNREAD)
        .order_by()
    ),
    entries=list,
)


class Hits:
    """A source of a list (`ui.lists.sources.Source`). What weighs most stands first, as far as
    it is ranked; then, or where another order is asked for at once, the index's own.

    A place is the number of a ranked entry, or the index's place of another.
    """

    def __init__(
        self,
        actor: Actor,
        opened: Opened,
        question: Question,
        order: str,
        ranked: Callable[[], list[Ranked]],
    ) -> None:
        self.actor, self.opened, self.question, self.order = actor, opened, question, order
        self._ranked = ranked

    @cached_property
    def ranked(self) -> list[Ranked]:
        return self._ranked()

    def terms(self, order: Sequence[str]) -> list[Term]:
        return [Term(self.order)]

    def place(self, terms: Sequence[Term], row: Any) -> tuple[Any, ...]:
        return (row.place,)

    def window(
        self, terms: Sequence[Term], values: Sequence[Any] | None, first: int, most: int
    ) -> list[Entry]:
        """An entry that may not be seen any more is passed over: the index is half a second
        behind."""
        place, backwards = values[0] if values else None, terms[0].down
        rows: list[Entry] = []
        while missing := most - len(rows):
            part = self._places(place, backwards, first, missing)
            rows += self._rows(part)
            if len(part) < missing:
                break
            place, first = part[-1][0], 0
        return rows

    def _rows(self, part: Sequence[tuple[Any, int, int]]) -> list[Entry]:
        entries: dict[int, Any] = {
            entry.pk: entry for entry in ROWS(self.actor, entries=[pk for _, pk, _ in part])
        }
        for place, pk, rank in part:
            if pk in entries:
                entries[pk].place, entries[pk].rank = place, rank
        return [entries[pk] for _, pk, _ in part if pk in entries]

    def _places(
        self, place: Any, backwards: bool, first: int, most: int
    ) -> list[tuple[Any, int, int]]:
        """Place, id and rank of the next entries."""
        ranked = [((n,), pk, rank) for n, (pk, rank) in enumerate(self.ranked)]
        within = isinstance(place, list | tuple)
        if backwards:
            if within:
                return ranked[: place[0]][::-1][first : first + most]
            rest = self._rest(place, True, first, most)
            missing = most - len(rest)
            return rest + (ranked[::-1][:missing] if missing else [])
        start = (place[0] + 1 if within else 0) + first
        part = ranked[start : start + most] if within or place is None else []
        if len(part) == most:
            return part
        skipped = max(start - len(ranked), 0) if within or place is None else first
        behind = None if within else place
        return part + self._rest(behind, False, skipped, most - len(part))

    def _rest(
        self, behind: Any, backwards: bool, first: int, most: int
    ) -> list[tuple[Any, int, int]]:
        without = tuple(pk for pk, _ in self.ranked)
        if without and self.matched <= len(without):
            return []
        part = Window(self.order, behind, backwards, first, most, without)
        return [(at, pk, LAST) for at, pk in index.window_of(self.opened, self.question, part)]

    @property
    def matched(self) -> int:
        return index.tally_of(self.opened, self.question).matched

    def count(self, most: int) -> int:
        return min(self.matched, most)

    def every(self, terms: Sequence[Term], most: int) -> Iterator[Entry]:
        values: tuple[Any, ...] | None = None
        while most > 0 and (rows := self.window(terms, values, 0, min(CHUNK, most))):
            yield from rows
            most -= len(rows)
            values = self.place(terms, rows[-1])

    def chosen(self, keys: Sequence[str]) -> list[Entry]:
        return list(ROWS(self.actor, entries=[int(key) for key in keys]))
