"""Facets of the catalog: what may be chosen of an entry's facts, and how many entries each choice
would leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import chain
from typing import Any, NamedTuple

from django.db.models import CharField, Count, F, Func, QuerySet, Value
from django.db.models.functions import Cast

from huitong.catalog.models import Entry
from huitong.catalog.rules import (
    Category,
    Format,
    Industry,
    OpenClass,
    Origin,
    ShareClass,
    ShareMode,
)
from huitong.organizations import queries as organizations
from huitong.ui.rules import is_key


@dataclass(frozen=True)
class Filters:
    """What was chosen: values of each facet, order. Unknown values find nothing rather than
    everything."""

    body: tuple[str, ...] = ()
    theme: tuple[str, ...] = ()
    industry: tuple[str, ...] = ()
    share_class: tuple[str, ...] = ()
    share_mode: tuple[str, ...] = ()
    format: tuple[str, ...] = ()
    open_class: tuple[str, ...] = ()
    origin: tuple[str, ...] = ()
    sort: str = ""

    @classmethod
    def from_query(cls, values: Callable[[str], Iterable[str]]) -> Filters:
        """From ``request.GET.getlist``: any number of values per facet."""
        chosen = {
            f.name: tuple(dict.fromkeys(v for v in values(f.name) if v))
            for f in fields(cls)
            if f.name != "sort"
        }
        return cls(**chosen, sort=next(iter(values("sort")), ""))


@dataclass(frozen=True)
class FacetValue:
    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Facet:
    """One facet: its values by falling count; chosen ones stay even at zero."""

    name: str
    label: str
    values: tuple[FacetValue, ...]


class Unnest(Func):
    function = "unnest"
    set_returning = True


class FacetField(NamedTuple):
    """A facet: its label, the field whose values it counts, what a value is called, and whether
    one entry has several."""

    label: str
    field: str
    called: Callable[[str], str]
    several: bool = False

    @property
    def lookup(self) -> str:
        return f"{self.field}__overlap" if self.several else f"{self.field}__in"

    @property
    def value(self) -> Any:
        """The expression that is counted."""
        return Unnest(F(self.field)) if self.several else Cast(F(self.field), CharField())


FACETS = {
    "body": FacetField("提供部门", "body", lambda v: v),
    "theme": FacetField("主题", "current__themes", lambda v: Category(v).label, several=True),
    "industry": FacetField("行业", "current__industry", lambda v: Industry(v).label),
    "share_class": FacetField("共享类型", "current__share_class", lambda v: ShareClass(v).label),
    "share_mode": FacetField(
        "共享方式", "current__share_modes", lambda v: ShareMode(v).label, several=True
    ),
    "format": FacetField("资源格式", "current__format", lambda v: Format(v).label),
    "origin": FacetField("采集来源", "current__origin", lambda v: Origin(v).label),
    "open_class": FacetField("开放类型", "current__open_class", lambda v: OpenClass(v).label),
}
#: where the values of a facet stand in a row of those of all
PLACES = {name: place for place, name in enumerate(FACETS)}
#: the facets shown beside a list: at most six
OFFERED = ("body", "theme", "industry", "share_class", "share_mode", "format")


def narrowed(rows: QuerySet[Entry], chosen: Filters, but: str = "") -> QuerySet[Entry]:
    for name, kind in FACETS.items():
        if (values := getattr(chosen, name)) and name != but:
            options = [v for v in values if is_key(v)] if name == "body" else list(values)
            rows = rows.filter(**{kind.lookup: options})
    return rows


def counts_of(matching: QuerySet[Entry], chosen: Filters) -> dict[str, dict[str, int]]:
    """All facets in one query."""
    parts = []
    for name in OFFERED:
        rows = narrowed(matching, chosen, but=name).order_by()
        counted = rows.annotate(facet=Value(name, CharField()), value=FACETS[name].value)
        parts.append(
            counted.values("facet", "value")
            .annotate(n=Count("pk"))
            .values_list("facet", "value", "n")
        )
    counts: dict[str, dict[str, int]] = {name: {} for name in OFFERED}
    for name, value, n in parts[0].union(*parts[1:], all=True):
        if value:
            counts[name][value] = n
    return counts


def tally_of(
    rows: Iterable[Sequence[Any]], chosen: Filters
) -> tuple[dict[str, dict[str, int]], int]:
    """All facets of a few entries, given by the values of `FACETS`, and how many of them hold."""
    options = {name: set(values) for name in FACETS if (values := getattr(chosen, name))}
    holding: list[Sequence[Any]] = []
    missing: dict[str, list[Sequence[Any]]] = {}
    for row in rows:
        missed = [name for name, among in options.items() if among.isdisjoint(_values(name, row))]
        if not missed:
            holding.append(row)
        elif len(missed) == 1:
            missing.setdefault(missed[0], []).append(row)
    counts = {
        # a facet counts what the others leave
        name: dict(
            Counter(
                chain.from_iterable(_values(name, row) for row in holding + missing.get(name, []))
            )
        )
        for name in OFFERED
    }
    return counts, len(holding)


def _values(name: str, row: Sequence[Any]) -> Sequence[str]:
    """The values an entry has of a facet; ``row`` holds those of `FACETS`."""
    value = row[PLACES[name]]
    return value or () if FACETS[name].several else (str(value),) if value else ()


def added(
    shared: dict[str, dict[str, int]], others: dict[str, dict[str, int]]
) -> dict[str, dict[str, int]]:
    return {name: dict(Counter(shared[name]) + Counter(others[name])) for name in OFFERED}


def facets_of(counts: dict[str, dict[str, int]], chosen: Filters) -> list[Facet]:
    keys = {int(v) for v in {*counts["body"], *chosen.body} if is_key(v)}
    bodies = organizations.body_names(keys)
    return [_facet(name, counts[name], getattr(chosen, name), bodies) for name in OFFERED]


def _facet(
    name: str, counts: dict[str, int], chosen: tuple[str, ...], bodies: dict[int, str]
) -> Facet:
    kind = FACETS[name]

    def title(value: str) -> str:
        try:
            return bodies.get(int(value), value) if name == "body" else kind.called(value)
        except ValueError:
            return value

    every = sorted(
        counts.items() | {(v, 0) for v in chosen if v not in counts},
        key=lambda pair: (-pair[1], pair[0]),
    )
    return Facet(name, kind.label, tuple(FacetValue(v, title(v), n, v in chosen) for v, n in every))
