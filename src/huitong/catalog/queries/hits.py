"""The entries a search came to, page by page: places out of the index, rows by their keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import QuerySet

from huitong.catalog.models import Entry
from huitong.catalog.queries import index
from huitong.catalog.queries.commits import Opened
from huitong.catalog.queries.index import Window
from huitong.catalog.queries.indexing import BEGINNING
from huitong.catalog.queries.matching import Question
from huitong.catalog.queries.reach import visible_to
from huitong.catalog.queries.uses import uses
from huitong.kernel.actor import Actor
from huitong.kernel.statements import Statement
from huitong.ui.lists.paging import Term

#: what is read of an entry in a list
READ = (
    "code",
    "body__name",
    "body__short_name",
    "body__credit_code",
    "unit__name",
    "unit__short_name",
    "current__entry",
    "current__number",
    "current__name",
    "current__summary",
    "current__keywords",
    "current__related_codes",
    "current__category",
    "current__themes",
    "current__industry",
    "current__share_class",
    "current__share_modes",
    "current__data_cycle",
    "current__published_at",
    "current__system__name",
    "current__case__state",
)
#: entries fetched at a time for a file
CHUNK = 500
#: the rank of what is not ranked
LAST = 4


def listed(rows: QuerySet[Entry]) -> QuerySet[Entry]:
    """Entries with all that a list says of them, and no more: a page has twenty."""
    rows = rows.select_related("body", "unit", "current__system", "current__case").only(*READ)
    return rows.annotate(uses=uses())


ROWS = Statement(
    lambda actor, entries: listed(
        visible_to(actor).filter(current__isnull=False, pk__any=entries)
    ).order_by(),
    entries=list,
)


class Ranked(NamedTuple):
    """How well an entry meets the words: the less, the better."""

    pk: int
    rank: int
    published_at: datetime | None


def best_ranked(
    opened: Opened,
    question: Question,
    phrase: str,
    most: int,
    places: int,
    ranks: Callable[[list[int]], list[Ranked]],
) -> list[Ranked]:
    """The best hits by their rank, those of a rank as the index weighs them, as far as there are
    ``places``, then by date."""

    def best(opened: Opened, existing: Sequence[Ranked] = ()) -> list[Ranked]:
        by_key = {row.pk: row for row in existing}
        ids = index.best_of(opened, question, most)
        if unknown := [pk for pk in ids if pk not in by_key]:
            by_key |= {row.pk: row for row in ranks(unknown)}
        weights = {pk: place for place, pk in enumerate(ids[:places])}
        rows = [by_key[pk] for pk in ids if pk in by_key]
        rows.sort(key=lambda row: (row.published_at or BEGINNING, row.pk), reverse=True)
        return sorted(rows, key=lambda row: (row.rank, weights.get(row.pk, places)))

    def carried(rows: list[Ranked], before: Opened, opened: Opened) -> list[Ranked]:
        """How well an entry meets the words changes with the entry alone."""
        return best(opened, [row for row in rows if row.pk not in opened.changed])

    return opened.answer(("ranked", question, phrase, most), best, carried)


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
        matched: int,
        order: str,
        ranked: Callable[[], list[Ranked]],
    ) -> None:
        self.actor, self.opened, self.question, self.order = actor, opened, question, order
        self.matched, self._ranked = matched, ranked

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
        ranked = [((n,), row.pk, row.rank) for n, row in enumerate(self.ranked)]
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
        without = {row.pk for row in self.ranked}
        if without and self.matched <= len(without):
            return []
        part = Window(self.order, behind, backwards, first + most + len(without))
        places = index.window_of(self.opened, self.question, part)
        rest = [(at, pk, LAST) for at, pk in places if pk not in without]
        return rest[first : first + most]

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
