"""Facets of the catalog: what may be chosen of an entry's facts, and how many entries each choice
would leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from django.db.models import CharField, Count, F, Func, QuerySet, Value
from django.db.models.functions import Cast

from huitong.catalog.models import Entry
from huitong.catalog.rules import (
    Category,
    Cycle,
    Format,
    Industry,
    OpenClass,
    Origin,
    Shape,
    ShareClass,
    ShareMode,
    Usage,
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
    category: tuple[str, ...] = ()
    cycle: tuple[str, ...] = ()
    usage: tuple[str, ...] = ()
    shape: tuple[str, ...] = ()
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
    "cycle": FacetField("更新周期", "current__data_cycle", lambda v: Cycle(v).label),
    "category": FacetField("资源分类", "current__category", lambda v: Category(v).label),
    "origin": FacetField("采集来源", "current__origin", lambda v: Origin(v).label),
    "open_class": FacetField("开放类型", "current__open_class", lambda v: OpenClass(v).label),
    "usage": FacetField("使用特点", "current__usage", lambda v: Usage(v).label, several=True),
    "shape": FacetField("共享条件", "current__shapes", lambda v: Shape(v).label, several=True),
}
#: the facets open beside a list: at most six; the others are folded away
FIRST = ("body", "theme", "industry", "share_class", "share_mode", "format")


def narrowed(rows: QuerySet[Entry], chosen: Filters, but: str = "") -> QuerySet[Entry]:
    for name, kind in FACETS.items():
        if (values := getattr(chosen, name)) and name != but:
            options = [v for v in values if is_key(v)] if name == "body" else list(values)
            rows = rows.filter(**{kind.lookup: options})
    return rows


def counts_of(matching: QuerySet[Entry], chosen: Filters) -> dict[str, dict[str, int]]:
    """All facets in one query."""
    parts = []
    for name in FACETS:
        rows = narrowed(matching, chosen, but=name).order_by()
        counted = rows.annotate(facet=Value(name, CharField()), value=FACETS[name].value)
        parts.append(
            counted.values("facet", "value")
            .annotate(n=Count("pk"))
            .values_list("facet", "value", "n")
        )
    counts: dict[str, dict[str, int]] = {name: {} for name in FACETS}
    for name, value, n in parts[0].union(*parts[1:], all=True):
        if value:
            counts[name][value] = n
    return counts


def facets_of(counts: dict[str, dict[str, int]], chosen: Filters) -> list[Facet]:
    keys = {int(v) for v in {*counts["body"], *chosen.body} if is_key(v)}
    bodies = organizations.body_names(keys)
    return [_facet(name, counts[name], getattr(chosen, name), bodies) for name in FACETS]


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
