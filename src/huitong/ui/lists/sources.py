"""Where the rows of a list come from: a queryset, several of the same shape, or rows at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, cmp_to_key
from itertools import islice
from typing import Any, Protocol, runtime_checkable

from django.db.models import F, Q, QuerySet

from huitong.ui.lists.columns import at
from huitong.ui.lists.paging import Term, beyond, parts, terms_of

#: rows fetched at a time for a file
CHUNK = 500


@runtime_checkable
class Source(Protocol):
    """What a list needs of its rows."""

    def terms(self, order: Sequence[str]) -> list[Term]: ...

    def window(
        self, terms: Sequence[Term], values: Sequence[Any] | None, first: int, most: int
    ) -> list[Any]:
        """The rows in this order, behind these values, without the ``first`` of them."""

    def place(self, terms: Sequence[Term], row: Any) -> tuple[Any, ...]:
        """The values of a row by which it stands where it stands."""

    def count(self, most: int) -> int: ...

    def every(self, terms: Sequence[Term], most: int) -> Iterator[Any]: ...

    def chosen(self, keys: Sequence[str], field: str) -> list[Any]: ...


class Stored:
    """The rows of a queryset, or of one that is built when it is wanted."""

    def __init__(self, rows: QuerySet[Any] | Callable[[], QuerySet[Any]]) -> None:
        self._rows = rows

    @cached_property
    def rows(self) -> QuerySet[Any]:
        return self._rows if isinstance(self._rows, QuerySet) else self._rows()

    def terms(self, order: Sequence[str]) -> list[Term]:
        return terms_of(self.rows.model, order, list(self.rows.query.annotations))

    def window(
        self, terms: Sequence[Term], values: Sequence[Any] | None, first: int, most: int
    ) -> list[Any]:
        return self._window(self.rows, terms, values, first, most)

    def _window(
        self,
        rows: QuerySet[Any],
        terms: Sequence[Term],
        values: Sequence[Any] | None,
        first: int,
        most: int,
        *names: str,
    ) -> list[Any]:
        """The rows, or these ``names`` of them with what they are sorted by."""
        if rows.query.is_empty():
            return []
        whole = [(Q() if values is None else beyond(terms, values), list(terms))]
        carried = {_carried(term.field): F(term.field) for term in terms if "__" in term.field}
        columns = dict.fromkeys((*names, *(_own(term).field for term in terms)))
        window: list[Any] = []
        # the second part only where the first leaves room: of few rows it is found late
        for condition, order in whole if first else parts(terms, values):
            # each row carries what it is sorted by where that lies in another table
            ordered = rows.filter(condition).annotate(**carried)
            ordered = ordered.order_by(*(term.expression for term in order))
            ordered = ordered.values(*columns) if names else ordered
            window += ordered[first : first + most - len(window)]
            if len(window) == most:
                break
        return window

    def place(self, terms: Sequence[Term], row: Any) -> tuple[Any, ...]:
        names = [_carried(t.field) if "__" in t.field else t.field for t in terms]
        return tuple(row[n] if isinstance(row, dict) else getattr(row, n) for n in names)

    def count(self, most: int) -> int:
        rows = self.rows.order_by()
        grouped = rows.query.group_by is not None
        return int((rows if grouped else rows.values("pk"))[:most].count())

    def every(self, terms: Sequence[Term], most: int) -> Iterator[Any]:
        rows = self.rows.order_by(*(term.expression for term in terms))
        return rows[:most].iterator(chunk_size=CHUNK)

    def chosen(self, keys: Sequence[str], field: str) -> list[Any]:
        return list(self.rows.filter(**{f"{field}__in": keys}))


class Keyed(Stored):
    """The rows of a queryset, whose keys are put in order first; ``fetch`` brings the rows of a
    page with all they show, in any order. Sorting a hundred thousand rows costs little without
    what they show, and fetching can be a `Statement`, which is planned once.
    """

    def __init__(self, rows: QuerySet[Any], fetch: Callable[[list[int]], list[Any]]) -> None:
        super().__init__(rows)
        self.fetch = fetch

    def window(
        self, terms: Sequence[Term], values: Sequence[Any] | None, first: int, most: int
    ) -> list[Any]:
        bare = self.rows.select_related(None)
        carried = [_carried(term.field) for term in terms if "__" in term.field]
        places = self._window(bare, terms, values, first, most, "pk")
        fetched = {row.pk: row for row in self.fetch([place["pk"] for place in places])}
        rows = []
        for place in places:
            if (row := fetched.get(place["pk"])) is not None:
                rows.append(row)
                for name in carried:
                    setattr(row, name, place[name])
        return rows


def _own(term: Term) -> Term:
    """A term of rows that carry what they are sorted by."""
    return replace(term, field=_carried(term.field)) if "__" in term.field else term


def _carried(field: str) -> str:
    return f"sorted_by_{field}"


class United:
    """The rows of several querysets of the same columns (``values_list``), as one list."""

    def __init__(self, names: Sequence[str], *parts: QuerySet[Any]) -> None:
        some = [part for part in parts if not part.query.is_empty()]
        self.names, self.parts = list(names), some or parts[:1]

    def terms(self, order: Sequence[str]) -> list[Term]:
        return terms_of(None, order, ())

    def _union(
        self, terms: Sequence[Term], most: int, narrow: Callable[[QuerySet[Any]], QuerySet[Any]]
    ) -> QuerySet[Any]:
        """The first rows of all parts in order: of no part more than that many are looked at."""
        order = [f"{'-' if term.down else ''}{term.field}" for term in terms]
        own = [term.expression for term in terms]
        first, *others = (narrow(part).order_by(*own)[:most] for part in self.parts)
        if not others:  # what Django takes for a union of one is cut already
            return first
        return first.union(*others, all=True).order_by(*order)[:most]

    def window(
        self, terms: Sequence[Term], values: Sequence[Any] | None, first: int, most: int
    ) -> list[Any]:
        condition = beyond(terms, values) if values is not None else Q()
        union = self._union(terms, first + most, lambda part: part.filter(condition))
        return list(union[first:])

    def place(self, terms: Sequence[Term], row: Any) -> tuple[Any, ...]:
        return tuple(row[self.names.index(term.field)] for term in terms)

    def count(self, most: int) -> int:
        return int(self._union((), most, lambda part: part).count())

    def every(self, terms: Sequence[Term], most: int) -> Iterator[Any]:
        return self._union(terms, most, lambda part: part).iterator(chunk_size=CHUNK)

    def chosen(self, keys: Sequence[str], field: str) -> list[Any]:
        return []


class Held:
    """Rows at hand: few, computed, of no table."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self.rows = list(rows)

    def terms(self, order: Sequence[str]) -> list[Term]:
        return [Term(field.lstrip("-"), field.startswith("-"), nullable=True) for field in order]

    def place(self, terms: Sequence[Term], row: Any) -> tuple[Any, ...]:
        return tuple(at(row, term.field.replace("__", ".")) for term in terms)

    def window(
        self, terms: Sequence[Term], values: Sequence[Any] | None, first: int, most: int
    ) -> list[Any]:
        rows = list(self.every(terms, len(self.rows)))
        if values is not None:
            place = [_comparable(value) for value in values]
            rows = [row for row in rows if _compare(terms, self._values(terms, row), place) > 0]
        return rows[first : first + most]

    def _values(self, terms: Sequence[Term], row: Any) -> list[Any]:
        return [_comparable(value) for value in self.place(terms, row)]

    def count(self, most: int) -> int:
        return min(len(self.rows), most)

    def every(self, terms: Sequence[Term], most: int) -> Iterator[Any]:
        def compare(one: Any, other: Any) -> int:
            return _compare(terms, self._values(terms, one), self._values(terms, other))

        return islice(sorted(self.rows, key=cmp_to_key(compare)), most)

    def chosen(self, keys: Sequence[str], field: str) -> list[Any]:
        return []


def _comparable(value: Any) -> Any:
    """A value as a place in an address holds it, so that both compare."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def _compare(terms: Sequence[Term], one: Sequence[Any], other: Sequence[Any]) -> int:
    for term, left, right in zip(terms, one, other, strict=True):
        if left == right:
            continue
        if left is None or right is None:
            return 1 if (left is None) != term.nulls_first else -1
        return (1 if left > right else -1) * (-1 if term.down else 1)
    return 0


def source_of(rows: Any) -> Source:
    """The rows a view gives, whatever they are."""
    if isinstance(rows, QuerySet):
        return Stored(rows)
    return rows if isinstance(rows, Source) else Held(rows)
