"""The section of items: the grid, and what was recognised as personal in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from huitong.catalog import queries
from huitong.catalog.forms.rows import ITEM_COLUMNS
from huitong.catalog.forms.sections import SectionForm
from huitong.catalog.models import Entry, Item, Version
from huitong.catalog.rules import LONGEST, ItemRow, Level, Recognition, Section, Settled, ShareClass
from huitong.kernel.actor import Actor
from huitong.ui.grids import Row

COLUMNS = {column.name: column for column in ITEM_COLUMNS}


def adopted(recognition: Recognition, item: ItemRow | None = None) -> dict[str, str]:
    """As suggested: masked, graded, and so given under a condition (A8). A graver grade that
    somebody chose stays."""
    chosen = (
        recognition.level
        if item is None or item.is_untouched
        else max(item.level, recognition.level)
    )
    return {"mask": recognition.mask, "level": chosen, "share_class": ShareClass.CONDITIONAL}


#: what items get of which nothing personal was recognised, when a clerk opens them all at once
OPENED = {"mask": "", "level": Level.TWO, "share_class": ShareClass.UNCONDITIONAL}


def key_of(item: Mapping[str, Any]) -> str:
    """What a row goes by while its item is renamed: the scanned column, or the name where there is
    none."""
    return f"column:{item['column']}" if item["column"] else f"name:{item['name']}"


@dataclass(frozen=True)
class Recognised:
    """A row in which personal data was recognised, for the page: what, how the row would be when
    that is followed, and what was said of it."""

    key: str
    name: str
    number: int
    recognition: Recognition
    settled: Settled
    reason: str

    @property
    def words(self) -> dict[str, str]:
        """The cells of the row when the suggestion is followed."""
        values = adopted(self.recognition)
        return {name: COLUMNS[name].words(value) for name, value in values.items()}


class ItemsForm(SectionForm):
    """The section of items: dictionary and standard, the grid, and what the platform recognised.

    A suggestion is followed, or not, by key of its row (`key_of`): the button beside it, or all at
    once.
    """

    def __init__(self, actor: Actor, entry: Entry, data: Any = None) -> None:
        super().__init__(Section.ITEMS, actor, entry, data)
        self.grid = self.grids["items"]
        items: list[Item] = list(entry.draft.items.all())
        self.scanned = {item.column: item for item in items if item.column}
        self.reasons = {key_of(vars(item)): item.declined for item in items if item.declined}
        if data is not None:
            self._take(data)
        self.grid.note(self._notes)

    def _take(self, data: Any) -> None:
        """What was said of suggestions: into the cells of their rows, or kept as a reason."""
        what, _, about = data.get("settle", "").partition(":")
        for row in self.grid.filled:
            key = key_of(row.cells)
            self.reasons[key] = data.get(f"reason.{key}", self.reasons.get(key, "")).strip()
            if (item := self._item(row)) is None:
                continue
            if (recognition := item.recognition) is None:
                if what == "open_rest" and item.is_untouched:
                    _put(row, OPENED)
            elif (what == "adopt_all" and item.settled() is Settled.OPEN) or (
                what in ("adopt", "withhold") and about == key
            ):
                withheld = {"share_class": ShareClass.NOT_SHARED} if what == "withhold" else {}
                _put(row, adopted(recognition, item) | withheld)

    def _item(self, row: Row) -> ItemRow | None:
        """The row as an item; None while a cell of it cannot be read."""
        values: dict[str, Any] = {}
        try:
            for name, column in COLUMNS.items():
                values[name] = column.read(row.cells[name])
        except ValueError:
            return None
        values["length"] = None
        if (source := self.scanned.get(values["column"])) is not None:
            values |= {"column_type": source.column_type, "suggestion": source.suggestion}
        return ItemRow(**values, declined=self.reasons.get(key_of(values), ""))

    def _notes(self, cells: Mapping[str, str]) -> Mapping[str, str]:
        source = self.scanned.get(cells["column"])
        return {"column": source.column_type} if source and source.column_type else {}

    def given(self) -> dict[str, Any] | None:
        if (given := super().given()) is None:
            return None
        lengthless = [i["name"] for i in given["items"] if i["length"] and not _has_length(i)]
        if lengthless:
            self.ignored.append(f"长度（{'、'.join(lengthless[:5])}等没有长度的类型）")
        for item in given["items"]:
            item["declined"] = self.reasons.get(key_of(item), "")
        return given

    @property
    def recognised(self) -> list[Recognised]:
        """The rows that seem to hold personal data, the open ones first."""
        rows = []
        for row in self.grid.filled:
            if (item := self._item(row)) is None or (recognition := item.recognition) is None:
                continue
            settled = item.settled(self.draft.share_class) or Settled.OPEN
            rows.append(
                Recognised(
                    key_of(row.cells), item.name, row.number, recognition, settled, item.declined
                )
            )
        return sorted(rows, key=lambda recognition: recognition.settled is not Settled.OPEN)

    @property
    def identifiers(self) -> list[tuple[str, str]]:
        """The items that hold a body's code, and the sign: no personal data."""
        items = [self._item(row) for row in self.grid.filled]
        return [(item.name, item.identifies) for item in items if item and item.identifies]

    @property
    def opened_words(self) -> str:
        """The cells of a row that is opened, as JSON for the script."""
        return json.dumps({n: COLUMNS[n].words(v) for n, v in OPENED.items()}, ensure_ascii=False)

    @property
    def untouched(self) -> int:
        """How many rows hold nothing personal and nobody has graded yet."""
        items = [self._item(row) for row in self.grid.filled]
        return sum(bool(i and i.is_untouched and not i.recognition) for i in items)

    def compare(self, given: dict[str, Any], now: Version) -> None:
        super().compare(given, now)
        typed, stand = (
            {row["name"]: row for row in rows}
            for rows in (given["items"], [i.model_dump() for i in queries.items_of(now)])
        )
        other = [
            name
            for name in typed.keys() & stand.keys()
            if any(
                COLUMNS[n].words(typed[name][n]) != COLUMNS[n].words(stand[name][n])
                for n in COLUMNS
            )
        ]
        for difference, names in (
            ("现在有而您没有", stand.keys() - typed.keys()),
            ("您有而现在没有", typed.keys() - stand.keys()),
            ("内容不同", other),
        ):
            if names:
                self.add_error(None, f"信息项中{difference}的：{'、'.join(sorted(names))}。")


def _put(row: Row, values: Mapping[str, Any]) -> None:
    row.cells |= {name: COLUMNS[name].words(value) for name, value in values.items()}


def _has_length(item: Mapping[str, Any]) -> bool:
    return bool(LONGEST[item["type"]])
