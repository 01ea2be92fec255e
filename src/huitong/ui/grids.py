"""Rows edited in a page as in a spreadsheet: columns as data, cells as they were typed, what is
wrong with each.

A view makes a grid of values or of what was posted, draws it with ``<c-grid :grid="grid" />`` and
reads it::

    grid = Grid.posted("items", COLUMNS, request.POST)   # or Grid.of("items", COLUMNS, values)
    if not grid.reshaped and (rows := grid.read()) is not None: …

Every cell is one text, whatever its column: a choice is its words. So rows can be pasted, what no
choice knows stays as typed with the error beside it, and a form is nothing but lists of the same
length, one a column (``items.name``, ``items.type`` …). Choices are drawn once for all rows. With
`js/grid.js` rows come and go in the page; without it by the same buttons and a reload.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from huitong.ui.rules import is_key

#: rows a button adds where there is no script
MORE = 10
#: faults named one by one; of more their number is said
NAMED = 20


def folded(text: str) -> str:
    """A word as it is compared: without width, case, spaces and what stands in brackets."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"\(.*?\)|[\s*:_]", "", plain)


@dataclass(frozen=True)
class Choice:
    """One choice of a column: its value, its words, other words for it ("" when an empty cell
    means it); ``fits``: the values, or the kinds, of the column `Column.by` beside which it can
    stand, all where that is None; ``kind``: what choices of other columns fit instead of its
    value."""

    value: str
    words: str
    also: tuple[str, ...] = ()
    fits: frozenset[str] | None = None
    kind: str = ""


@dataclass(frozen=True)
class Column:
    """One column. ``also``: what else it is called in the first row of a pasted table. ``start``:
    the value a new row begins with. ``by``: the column that limits its choices. ``counts``: a
    choice other than ``start`` makes a row, though nothing is typed. ``width``: narrow, short,
    usual or wide."""

    name: str
    label: str
    width: str = "usual"
    also: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    start: str = ""
    by: str = ""
    counts: bool = False
    required: bool = False
    longest: int = 0
    whole: tuple[int, int] | None = None

    @cached_property
    def _by_letter(self) -> Mapping[str, Choice]:
        values = {choice.value: choice for choice in reversed(self.choices) if choice.value}
        return values | {choice.words: choice for choice in reversed(self.choices)}

    @cached_property
    def _by_word(self) -> Mapping[str, Choice | None]:
        """Every way to say a choice → the choice; None where two are said so."""
        ways: dict[str, Choice | None] = {}
        for choice in self.choices:
            for text in (choice.value or choice.words, *choice.also, choice.words):
                way = folded(text)
                ways[way] = choice if ways.get(way, choice) == choice else None
        return ways

    def choice(self, text: str) -> Choice | None:
        """The choice a text says: to the letter, else by its words as they are compared."""
        return self._by_letter.get(text) or self._by_word.get(folded(text))

    @cached_property
    def words_of(self) -> Mapping[str, str]:
        return {choice.value: choice.words for choice in self.choices}

    def words(self, value: Any) -> str:
        """A value as its cell shows it."""
        if value is None:
            return ""
        text = str(int(value)) if isinstance(value, bool) else str(value)
        return self.words_of.get(text, text)

    def read(self, text: str) -> Any:
        """The value of a cell. Raises `ValueError` with what is wrong, in words."""
        if self.choices:
            if (choice := self.choice(text)) is None:
                raise ValueError(f"没有“{text}”这个选项" if text else f"请选择{self.label}")
            return choice.value
        if not text:
            if self.required:
                raise ValueError(f"请填写{self.label}")
            return None if self.whole else ""
        if self.whole:
            least, most = self.whole
            digits = unicodedata.normalize("NFKC", text).replace(",", "")
            if not re.fullmatch(r"[0-9]{1,12}", digits) or not least <= int(digits) <= most:
                raise ValueError(f"请填 {least} 至 {most} 的整数")
            return int(digits)
        if self.longest and len(text) > self.longest:
            raise ValueError(f"最多 {self.longest} 个字，现有 {len(text)} 个")
        return text


@dataclass
class Row:
    """The texts of one row by column, what is wrong with them, and what is noted under them."""

    cells: dict[str, str]
    faults: dict[str, list[str]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    number: int = 0

    def is_empty(self, columns: Sequence[Column]) -> bool:
        """Whether nothing was typed: choices alone do not make a row, unless they count."""
        return not any(
            self.cells[c.name] not in ("", c.words(c.start) if c.counts else "")
            for c in columns
            if c.counts or not c.choices
        )


@dataclass(frozen=True)
class Fault:
    """What is wrong with a cell; ``target`` is its id."""

    target: str
    text: str


#: says what is wrong with the values of a row that could be read, by column
Judge = Callable[[Mapping[str, Any]], Mapping[str, str]]


class Grid:
    """A table of rows under a name, with what was typed."""

    def __init__(
        self, name: str, columns: Sequence[Column], rows: Iterable[Row], most: int = 1600
    ) -> None:
        self.name, self.columns, self.most = name, tuple(columns), most
        self.rows = [*rows]
        #: the form only asked for other rows: nothing is to be saved
        self.reshaped = False
        #: what is wrong with the whole
        self.broken = ""
        self._number()

    @classmethod
    def of(
        cls,
        name: str,
        columns: Sequence[Column],
        values: Iterable[Mapping[str, Any]],
        *,
        blank: int = 3,
        most: int = 1600,
    ) -> Grid:
        """A grid of values that are kept, and a few empty rows."""
        rows = [Row({c.name: c.words(value[c.name]) for c in columns}) for value in values]
        return cls(name, columns, rows + [_empty(columns) for _ in range(blank)], most)

    @classmethod
    def posted(
        cls, name: str, columns: Sequence[Column], data: QueryDict, *, most: int = 1600
    ) -> Grid:
        """A grid of what a form sent; rows asked for by its buttons are there, those to be removed
        are gone."""
        lists = [data.getlist(f"{name}.{c.name}") for c in columns]
        if len({*map(len, lists)}) != 1 or not lists[0]:
            grid = cls(name, columns, [_empty(columns) for _ in range(3)], most)
            grid.broken = "表格没有完整送到，请刷新页面后重新填写。"
            return grid
        names = [c.name for c in columns]
        rows = [
            Row(dict(zip(names, map(str.strip, cells), strict=True)))
            for cells in zip(*lists, strict=True)
        ]
        grid = cls(name, columns, rows[: most + 1], most)
        if len(rows) > most:
            grid.broken = f"最多 {most} 行，现有 {len(rows)} 行。"
        target, _, what = data.get("rows", "").partition(":")
        if target == name:
            grid.reshape(what, {int(n) for n in data.getlist(f"{name}.tick") if is_key(n)})
        return grid

    def reshape(self, what: str, ticked: set[int]) -> None:
        """Add empty rows, or copy or remove the ticked ones (numbers from 1)."""
        self.reshaped = True
        if what == "add":
            self.rows += [_empty(self.columns) for _ in range(MORE)]
        elif what == "remove":
            self.rows = [r for r in self.rows if r.number not in ticked] or [_empty(self.columns)]
        elif what == "copy":
            self.rows = [
                copy
                for row in self.rows
                for copy in ([row, Row(dict(row.cells))] if row.number in ticked else [row])
            ]
        self.rows = self.rows[: self.most]
        self._number()

    def _number(self) -> None:
        for number, row in enumerate(self.rows, 1):
            row.number = number

    def note(self, notes: Callable[[Mapping[str, str]], Mapping[str, str]]) -> None:
        """Set what stands under the cells of each row, from the texts of the row."""
        for row in self.rows:
            row.notes = notes(row.cells)

    # -- reading -----------------------------------------------------------------------------------

    @property
    def filled(self) -> list[Row]:
        return [row for row in self.rows if not row.is_empty(self.columns)]

    def read(self, judge: Judge | None = None) -> list[dict[str, Any]] | None:
        """The values of every row that is not empty; None when a cell cannot be read, or ``judge``
        has something against one."""
        values = [self._read(row) for row in self.filled]
        if judge is not None:
            for row, cells in zip(self.filled, values, strict=True):
                for name, text in judge(cells).items():
                    row.faults.setdefault(name, []).append(text)
        return None if self.is_wrong else values

    def _read(self, row: Row) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for column in self.columns:
            try:
                values[column.name] = column.read(row.cells[column.name])
            except ValueError as wrong:
                row.faults.setdefault(column.name, []).append(str(wrong))
        beside_of = {column.name: column for column in self.columns}
        for column in self.columns:
            if not column.by or column.name not in values or column.by not in values:
                continue
            choice = column.choice(row.cells[column.name])
            other = beside_of[column.by].choice(row.cells[column.by])
            if not choice or not other or choice.fits is None:
                continue
            if (other.kind or other.value) not in choice.fits:
                beside = row.cells[column.by]
                row.faults.setdefault(column.name, []).append(f"{beside}不能选“{choice.words}”")
        return values

    def refuse(self, place: str, texts: Iterable[str]) -> bool:
        """Put what a verb said of ``3.name``, counted among the rows that are not empty, beside its
        cell. False where there is none."""
        at, _, column = place.partition(".")
        rows = self.filled
        if not at.isdecimal() or int(at) >= len(rows) or column not in rows[int(at)].cells:
            return False
        rows[int(at)].faults.setdefault(column, []).extend(texts)
        return True

    @property
    def is_wrong(self) -> bool:
        return bool(self.broken) or any(row.faults for row in self.rows)

    @property
    def faults(self) -> list[Fault]:
        """What is wrong, cell by cell."""
        labels = {c.name: c.label for c in self.columns}
        named = [
            Fault(f"{self.name}-{row.number}-{name}", f"第 {row.number} 行 {labels[name]}：{text}")
            for row in self.rows
            for name, texts in row.faults.items()
            for text in texts
        ]
        whole = [Fault("", self.broken)] if self.broken else []
        rest = [Fault("", f"另有 {len(named) - NAMED} 处。")] if len(named) > NAMED else []
        return whole + named[:NAMED] + rest

    # -- drawing -----------------------------------------------------------------------------------

    @property
    def is_small(self) -> bool:
        """Whether its columns are so few that they fit beside anything."""
        return len(self.columns) <= 5

    @property
    def blank_row(self) -> SafeString:
        """The row that new rows are made of."""
        return mark_safe(self._draw(_empty(self.columns)))  # noqa: S308 - every value is escaped

    @property
    def drawn(self) -> SafeString:
        """All rows. Made here and not by a template: two thousand cells should cost little."""
        return mark_safe("\n".join(map(self._draw, self.rows)))  # noqa: S308 - escaped

    def _draw(self, row: Row) -> str:
        return "".join(
            (
                f'<tr id="{self.name}-row-{row.number}"><th scope="row" class="grid-no">',
                f'<label><input type="checkbox" name="{self.name}.tick" value="{row.number}"',
                f' autocomplete="off" aria-label="选第 {row.number} 行"><span>{row.number}</span>',
                "</label></th>",
                *(self._cell(row, column) for column in self.columns),
                "</tr>",
            )
        )

    def _cell(self, row: Row, column: Column) -> str:
        name, key = column.name, f"{self.name}-{row.number}-{column.name}"
        faults, note = row.faults.get(name, ()), row.notes.get(name, "")
        about = [f"{key}-error"] * bool(faults) + [f"{key}-note"] * bool(note)
        attributes = [
            f' list="{self.name}-{name}"' if column.choices else "",
            ' inputmode="numeric"' if column.whole else "",
            ' aria-invalid="true"' if faults else "",
            f' aria-describedby="{" ".join(about)}"' if about else "",
        ]
        text = escape(row.cells[name])
        return "".join(
            (
                f'<td><input id="{key}" name="{self.name}.{name}" value="{text}"',
                f' autocomplete="off" aria-label="第 {row.number} 行 {column.label}"',
                *attributes,
                ">",
                f'<small class="cell-fault" id="{key}-error">{escape("；".join(faults))}</small>'
                if faults
                else "",
                f'<small id="{key}-note">{escape(note)}</small>' if note else "",
                "</td>",
            )
        )

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)


def _empty(columns: Sequence[Column]) -> Row:
    return Row({c.name: c.words(c.start) if c.choices else c.start for c in columns})
