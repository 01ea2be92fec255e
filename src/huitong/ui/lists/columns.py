"""What a list is made of: its columns, its order, its words when it is empty."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from huitong.ui.moments import moment

NOTHING = mark_safe('<span class="none">—</span>')
#: how many rows a page may have
SIZES = (20, 50, 100, 200)


@dataclass(frozen=True)
class Column:
    """One column.

    ``value`` is what a file holds and, where the template draws nothing else, the page: a path
    (``"case.title"``, keys and attributes alike) or a function of the row. ``sort`` names the
    fields of the queryset it is sorted by. ``fixed`` columns cannot be hidden, ``chosen`` ones
    are shown until somebody chooses otherwise. ``files_only`` stands in files alone, ``page_only``
    (buttons) on the page alone.
    """

    key: str
    label: str
    value: str | Callable[[Any], Any] = ""
    sort: tuple[str, ...] = ()
    chosen: bool = True
    fixed: bool = False
    num: bool = False
    css: str = ""
    files_only: bool = False
    page_only: bool = False

    def of(self, row: Any) -> Any:
        """The plain value of a row: text, number, date or None."""
        if callable(self.value):
            return self.value(row)
        return at(row, self.value or self.key)

    def html(self, row: Any) -> SafeString:
        """The value as a page shows it when its template says nothing else."""
        return drawn(self.of(row))

    @property
    def classes(self) -> str:
        return " ".join(filter(None, (self.css, "num" if self.num else "")))


def at(row: Any, path: str) -> Any:
    """What a path of keys and attributes leads to; None where it breaks off."""
    for name in path.split("."):
        if row is None:
            return None
        row = row.get(name) if isinstance(row, Mapping) else getattr(row, name, None)
    return row() if callable(row) else row


def drawn(value: Any) -> SafeString:
    """A plain value as markup."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return conditional_escape("是" if value else "否")
    if isinstance(value, datetime | date):
        return moment(value)
    if isinstance(value, int):
        return format_html("{}", f"{value:,}")
    return conditional_escape(value)


@dataclass(frozen=True)
class List:
    """A list as declared: ``key`` names it for what people keep of it, ``label`` for files.

    ``order`` are the fields it is sorted by at first, ending with one that is unique (``pk``);
    ``keep`` the parameters of the address that choose which list it is (tabs); ``empty`` the title
    and the next step when there is nothing yet. ``personal``: its files hold facts about people,
    so that taking one is recorded. ``name`` returns the title and the address of a row; ``filled``
    are fields the rows are sorted by that are never empty here, though their column may be.
    ``key_field`` is the column whose values are the keys of a queryset's rows (``row_key``).
    """

    key: str
    label: str
    columns: Sequence[Column]
    order: tuple[str, ...] = ("-pk",)
    unit: str = "条"
    size: int = 20
    keep: tuple[str, ...] = ()
    empty: tuple[str, str] = ("还没有记录", "")
    personal: bool = False
    format_param: str = "format"
    row_key: str | Callable[[Any], Any] = "pk"
    key_field: str = "pk"
    name: Callable[[Any], tuple[str, str]] | None = None
    numbered: bool = False
    filled: tuple[str, ...] = ()

    def without(self, *keys: str) -> List:
        """The same list without these columns, for tabs on which they say nothing."""
        return replace(self, columns=tuple(c for c in self.columns if c.key not in keys))

    def saying(self, empty: tuple[str, str]) -> List:
        """The same list with other words for when there is nothing yet."""
        return replace(self, empty=empty)

    def key_of(self, row: Any) -> str:
        """The key by which a row is chosen."""
        return str(self.row_key(row) if callable(self.row_key) else at(row, self.row_key))

    def name_of(self, row: Any) -> tuple[str, str]:
        """What a row is called, and its page."""
        if self.name is not None:
            return self.name(row)
        return str(self.columns[0].of(row) or self.key_of(row)), ""

    def order_by(self, sort: str) -> tuple[str, ...]:
        """The fields a sort stands for, its own order behind them; unknown sorts change nothing."""
        down, key = sort.startswith("-"), sort.lstrip("-")
        fields = next((c.sort for c in self.columns if c.key == key and c.sort), ())
        if not fields:
            return self.order
        turned = tuple(_turned(field) if down else field for field in fields)
        own = {field.lstrip("-") for field in turned}
        return turned + tuple(field for field in self.order if field.lstrip("-") not in own)


def _turned(field: str) -> str:
    return field[1:] if field.startswith("-") else f"-{field}"
