"""The classification of resources: 类 and 项 as dated rows (A7).

They are rows of ``data/categories.csv``: one that no longer stands keeps its name for what bears
it, and its number is never given to another.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple, cast

from huitong.catalog.rules.vocabulary import ClassKind
from huitong.kernel import shipped
from huitong.kernel.actor import Labelled


class Standing(NamedTuple):
    """First and last day of a category, and who says so."""

    in_force: date
    until: date | None
    source: str


_ROWS = {row["class"] + row["item"]: row for row in shipped.rows("catalog", "categories")}
STANDING: Mapping[str, Standing] = {
    value: Standing(*shipped.span(row), row["source"]) for value, row in _ROWS.items()
}


class _Category(Labelled):
    """类 and 项， three digits."""

    @property
    def kind(self) -> ClassKind:
        return ClassKind(self.value[0])

    def stands(self, on: date) -> bool:
        """Whether it may be chosen on a day."""
        first, last, _ = STANDING[self.value]
        return shipped.stands(first, last, on)


#: every category there is or was, in the order of the table
Category: type[_Category] = cast("Any", _Category)(
    "Category", [(f"C{value}", (value, row["name"])) for value, row in _ROWS.items()]
)
#: the themes entries are browsed by (A20)
THEMES = tuple(c for c in Category if c.kind is ClassKind.THEME)


def categories_on(on: date) -> list[_Category]:
    """The categories that may be chosen on a day."""
    return [category for category in Category if category.stands(on)]
