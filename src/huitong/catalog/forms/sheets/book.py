"""What a file says: entries, and what is to be said of its cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from huitong.catalog.forms.sheets.layout import Heading, Sheet
from huitong.connectors.sheets import letters
from huitong.ui.rules import is_key


@dataclass(frozen=True)
class Fault:
    """What is wrong, or worth a look, at a place of the clerk's file: sheet, row and column as
    Excel shows them. ``grave``: it keeps the file from being taken over."""

    sheet: str
    row: int
    column: int | None
    heading: str
    message: str
    grave: bool = True

    @property
    def cell(self) -> str:
        """The address Excel shows: F12; of what has no column in the file its row."""
        where = f"第 {self.row} 行"
        return where if self.column is None else f"{letters(self.column)}{self.row}"


@dataclass
class Row:
    """A row as read: where it stands, the texts of its cells, their values; names of its faults."""

    row: int
    texts: dict[str, str]
    values: dict[str, Any] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)


@dataclass
class Record:
    """An entry as the file has it: the row it stands in, its number there, what the platform wrote
    beside it at an export. ``values`` by element, of the columns and sheets there are; ``rows``: of
    each element with a sheet of its own, where its members stand."""

    row: int
    no: str
    key: str
    mark: str
    code: str
    values: dict[str, Any]
    wrong: bool = False
    rows: dict[str, list[int]] = field(default_factory=dict)

    @property
    def entry(self) -> int | None:
        """The entry of the platform it is; None for a new one."""
        return int(self.key) if is_key(self.key) else None

    @property
    def name(self) -> str:
        return str(self.values.get("name") or "")


@dataclass
class Book:
    """What a file says: its entries, what must be mended, what was put right by itself, what was
    left out. ``places``: where the columns of each of our sheets stand; by the sheet's title in the
    file, ``heads``: the row of its headings, ``asides``: where an earlier copy said what was wrong.
    ``marked``: it carries a marking of
    classified matter (A3), and nothing of it may be kept."""

    records: list[Record] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    mended: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    places: dict[str, dict[str, int]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    heads: dict[str, int] = field(default_factory=dict)
    asides: dict[str, int] = field(default_factory=dict)
    marked: bool = False

    def fault(self, sheet: Sheet, row: int, name: str, message: str, *, grave: bool = True) -> None:
        """Note what is wrong at a cell: by the name of its column, or the whole row."""
        heading = sheet.by_name.get(name)
        self.faults.append(
            Fault(
                self.titles.get(sheet.name, sheet.name),
                row,
                self.places.get(sheet.name, {}).get(name),
                heading.label if heading else "",
                message,
                grave,
            )
        )

    @property
    def in_order(self) -> list[Fault]:
        """The faults, the grave ones first, each kind as one reads the file."""
        sheets = list(self.titles.values())
        return sorted(
            self.faults,
            key=lambda f: (
                not f.grave,
                sheets.index(f.sheet) if f.sheet in sheets else 0,
                f.row,
                -1 if f.column is None else f.column,
            ),
        )

    @property
    def grave(self) -> list[Fault]:
        return [fault for fault in self.faults if fault.grave]

    def mend(self, sheet: Sheet, row: int, heading: Heading, message: str) -> None:
        """Note what was put right by itself."""
        place, title = self.places[sheet.name].get(heading.name), self.titles[sheet.name]
        self.mended.append(Fault(title, row, place, heading.label, message, grave=False))
