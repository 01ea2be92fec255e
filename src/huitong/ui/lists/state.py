"""How a request wants a list: order, columns, size of page, and the addresses that change them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict

from huitong.ui.lists.columns import SIZES, Column, List
from huitong.ui.lists.files import FORMATS
from huitong.ui.lists.keeping import AS_DECLARED, View, keeper

#: the names in an address, each with its values
Query = dict[str, list[str]]
#: parameters that say where in a list one is; everything that changes the list forgets them
PLACES = ("after", "before", "page")


@dataclass(frozen=True)
class Heading:
    """A column as the head of the table shows it."""

    column: Column
    sort: str
    url: str


def _pair(name: str, value: str) -> str:
    """As it stands in an address; a page of a list has a hundred that differ in one of them."""
    return _short_pair(name, value) if len(value) < SHORT else urlencode({name: value})


@lru_cache(5_000)
def _short_pair(name: str, value: str) -> str:
    return urlencode({name: value})


#: characters; longer values are not remembered
SHORT = 100


class State:
    """What an address says of a list, what its reader keeps of it, and the addresses from there."""

    def __init__(self, request: HttpRequest, spec: List) -> None:
        self.request, self.spec, self.query = request, spec, request.GET
        sort = self.query.get("sort", "")
        self.sort = sort if sort.lstrip("-") in {c.key for c in spec.columns if c.sort} else ""

    # -- columns, sizes, orders --------------------------------------------------------------------

    @cached_property
    def own(self) -> QueryDict:
        """What the person last chose for this list."""
        return QueryDict(next((view.query for view in self._views if not view.name), ""))

    @cached_property
    def size(self) -> int:
        sizes = {str(size): size for size in self.sizes}
        own = sizes.get(self.own.get("size", ""), self.spec.size)
        return sizes.get(self.query.get("size", ""), own)

    @property
    def sizes(self) -> list[int]:
        return sorted({*SIZES, self.spec.size})

    @property
    def choices(self) -> list[tuple[Column, bool]]:
        """The columns one may choose, and whether each is there."""
        there = {column.key for column in self.columns}
        return [
            (c, c.key in there)
            for c in self.spec.columns
            if not (c.fixed or c.files_only or c.page_only)
        ]

    @cached_property
    def columns(self) -> list[Column]:
        """The columns of the page."""
        return [c for c in self.spec.columns if not c.files_only and self._chosen(c)]

    @property
    def file_columns(self) -> list[Column]:
        return [
            c for c in self.spec.columns if not c.page_only and (c.files_only or self._chosen(c))
        ]

    def _chosen(self, column: Column) -> bool:
        if column.fixed or column.page_only or column.files_only:
            return True
        if column.chosen:
            return f"-{column.key}" not in self._differences
        return column.key in self._differences

    @cached_property
    def cols(self) -> str:
        """How the columns differ from those shown at first: ``-kind,opened`` hides one and shows
        one, `AS_DECLARED` is those shown at first whatever one chose last."""
        return self.query.get("cols") or self.own.get("cols") or ""

    @cached_property
    def _differences(self) -> set[str]:
        return set(self.cols.split(","))

    @property
    def headings(self) -> list[Heading]:
        """The head of the table: how each column is sorted now, and what a click asks for."""
        headings = []
        for column in self.columns:
            key = column.key
            now = {key: "ascending", f"-{key}": "descending"}.get(self.sort, "none")
            turned = f"-{key}" if self.sort == key else key
            headings.append(Heading(column, now, self.url(sort=turned) if column.sort else ""))
        return headings

    @property
    def orders(self) -> list[tuple[str, str]]:
        """What the list can be sorted by, for the form: also where the head is folded away."""
        rows = [("", "默认顺序")]
        for column in self.spec.columns:
            if column.sort:
                rows += [(column.key, f"{column.label} ↑"), (f"-{column.key}", f"{column.label} ↓")]
        return rows

    # -- addresses ---------------------------------------------------------------------------------

    @cached_property
    def _present(self) -> Query:
        """What the address says, but for the place in the list; what is empty says nothing."""
        places = {*PLACES, self.spec.format_param}
        return {
            name: [value for value in values if value]
            for name, values in self.query.lists()
            if name not in places
        }

    def _with(self, **changes: str | None) -> Query:
        rest = {name: values for name, values in self._present.items() if name not in changes}
        return rest | {name: [value] for name, value in changes.items() if value}

    def url(self, **changes: str | None) -> str:
        """This list with something changed, from its first page; what is empty falls away."""
        return self._address(self._with(**changes))

    def only(self, **chosen: str) -> str:
        """This list with nothing but these in its address: where its tabs lead."""
        return self._address({name: [value] for name, value in chosen.items() if value})

    def _address(self, query: Query) -> str:
        """The address with this query; one that is empty would open one's default view instead."""
        if text := "&".join(
            _pair(name, value) for name, values in query.items() for value in values
        ):
            return f"?{text}"
        return "?view=" if any(view.default for view in self.views) else "?"

    @property
    def path(self) -> str:
        """The list as it stands, for coming back."""
        return f"{self.request.path}{self.url()}".removesuffix("?")

    @property
    def cleared(self) -> str:
        """The list without its conditions, not its default view."""
        names = (*self.spec.keep, "sort", "cols", "size")
        return self._address({n: self.query.getlist(n) for n in names if n in self.query})

    @property
    def exports(self) -> list[tuple[str, str]]:
        """The formats one may take the list in, and where."""
        return [
            (name, self.url(**{self.spec.format_param: kind, "cols": self.cols}))
            for kind, (name, _) in FORMATS.items()
        ]

    # -- views -------------------------------------------------------------------------------------

    @cached_property
    def _views(self) -> Sequence[View]:
        return keeper().views(self.request, self.spec.key)

    @property
    def keeps(self) -> str:
        """The address that keeps views of this list; empty where nobody keeps any."""
        return keeper().page

    @property
    def views(self) -> list[View]:
        return [view for view in self._views if view.name]

    @property
    def current(self) -> View | None:
        """The view one has opened, though it may have been changed since."""
        pk = self.query.get("view", "")
        return next((view for view in self.views if str(view.pk) == pk), None)

    @property
    def own_query(self) -> str:
        """What a view of this list keeps: everything in the address but the place."""
        return urlencode(self._with(view=None, cols=self.cols or AS_DECLARED), doseq=True)

    @property
    def changed(self) -> bool:
        """Whether the open view no longer shows what it keeps."""
        return self.current is not None and _stored(self.current.query) != _stored(self.own_query)

    @property
    def default(self) -> View | None:
        """The view to open instead, when the address says nothing at all."""
        if self.query or not self.keeps:
            return None
        return next((view for view in self.views if view.default), None)

    def opening(self, view: View) -> str:
        """The address that opens a view as it was kept, whatever columns one chose since."""
        cols = (
            {"cols": AS_DECLARED}
            if "cols" in self.own and "cols" not in QueryDict(view.query)
            else {}
        )
        query = QueryDict(view.query, mutable=True)
        query.update(cols | {"view": str(view.pk)})
        return f"{self.request.path}?{query.urlencode()}"

    @property
    def view_links(self) -> list[tuple[View, str]]:
        return [(view, self.opening(view)) for view in self.views]


def _stored(query: str) -> dict[str, list[str]]:
    """What a view keeps, in whatever order it stands there."""
    return {"cols": [AS_DECLARED]} | dict(QueryDict(query).lists())
