"""How two looks at a table are compared, and what becomes of what is settled (A7, A11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from huitong.catalog.rules import ItemRow
from huitong.catalog.rules.drift import (
    Change,
    DriftKind,
    Shape,
    changes,
    first_shape,
    met_again,
    settled,
    taken_over,
)
from huitong.catalog.rules.looks import LookCycle, next_look
from huitong.catalog.rules.proposals import propose
from huitong.connectors import ColumnFound, TableFound
from huitong.scope import ItemType


def column(name: str, declared: str = "text", comment: str = "") -> ColumnFound:
    return ColumnFound(name, declared, 0, True, comment, False, ItemType.TEXT)


def table(*columns: ColumnFound, comment: str = "登记", rows: int = 5) -> TableFound:
    return TableFound("public", "t", "table", comment, rows, True, columns, ())


BEFORE = table(column("a", comment="甲"), column("b"))
CHANGED: dict[str, tuple[TableFound | None, list[tuple[DriftKind, str]]]] = {
    "nothing": (BEFORE, []),
    "another order": (table(column("b"), column("a", comment="甲")), []),
    "more rows": (replace(BEFORE, rows_estimate=9), []),
    "rows unknown": (replace(BEFORE, rows_estimate=-1), []),
    "the table": (None, [(DriftKind.TABLE_MISSING, "")]),
    "a column less": (table(column("b")), [(DriftKind.COLUMN_MISSING, "a")]),
    "a column more": (table(*BEFORE.columns, column("c")), [(DriftKind.COLUMN_NEW, "c")]),
    "renamed": (
        table(column("a2", comment="甲"), column("b")),
        [(DriftKind.COLUMN_MISSING, "a"), (DriftKind.COLUMN_NEW, "a2")],
    ),
    "its type": (table(column("a", "integer", "甲"), column("b")), [(DriftKind.TYPE_CHANGED, "a")]),
    "its comment": (
        table(column("a", comment="乙"), column("b")),
        [(DriftKind.COMMENT_CHANGED, "a")],
    ),
    "the table's comment": (replace(BEFORE, comment="注销"), [(DriftKind.COMMENT_CHANGED, "")]),
    "emptied": (replace(BEFORE, rows_estimate=0), [(DriftKind.EMPTIED, "")]),
}


@pytest.mark.parametrize(("now", "kinds"), CHANGED.values(), ids=CHANGED)
def test_each_change_has_its_name_and_is_over_once_settled(
    now: TableFound | None, kinds: list[tuple[DriftKind, str]]
) -> None:
    agreed = Shape.of(BEFORE)
    changed = changes(agreed, now, propose(now).items if now else ())
    assert [(c.kind, c.column) for c in changed] == kinds
    assert Shape.read(agreed.as_json()) == agreed
    for change in changed:
        agreed = settled(agreed, change)
    assert changes(agreed, now) == [] and Shape.read(agreed.as_json()) == agreed


def test_a_table_filled_again_can_be_emptied_again() -> None:
    empty = replace(BEFORE, rows_estimate=0)
    (change,) = changes(Shape.of(BEFORE), empty)
    agreed = settled(Shape.of(BEFORE), change)
    assert changes(met_again(agreed, 0), empty) == []
    assert [c.kind for c in changes(met_again(agreed, 7), empty)] == [DriftKind.EMPTIED]


def test_a_table_that_is_there_again_can_be_missed_again() -> None:
    (change,) = changes(Shape.of(BEFORE), None)
    agreed = settled(Shape.of(BEFORE), change)
    assert changes(met_again(agreed, None), None) == []
    assert [c.kind for c in changes(met_again(agreed, -1), None)] == [DriftKind.TABLE_MISSING]


def test_what_people_said_of_an_item_stays_when_a_change_is_taken_over() -> None:
    now = table(
        column("a", "integer", "乙"), column("d", comment="甲"), column("e", comment="别名")
    )
    items = [
        ItemRow(name="甲", column="a", level="2", mask="", column_type="text"),
        ItemRow(name="丙", column="b"),
        ItemRow(name="由人命名", column="e", column_type="text"),
    ]
    agreed = Shape.of(table(column("a", comment="甲"), column("b"), column("e", comment="旧名")))
    rows = taken_over(items, changes(agreed, now, propose(now).items))
    assert [(r.name, r.column, str(r.level)) for r in rows] == [
        ("乙", "a", "2"),
        ("由人命名", "e", "4"),
        ("甲", "d", "4"),
    ]
    assert rows[0].column_type == "integer"
    again = taken_over(
        rows, [Change(DriftKind.COLUMN_NEW, "f", item={"name": "甲", "column": "f"})]
    )
    assert again[-1].name == "甲(f)", "two items of one name cannot be told apart"


def test_an_entry_of_before_is_compared_with_what_its_items_say() -> None:
    items = [
        ItemRow(name="甲", column="a", column_type="integer"),
        ItemRow(name="乙", column="old", column_type="date"),
        ItemRow(name="丙"),
    ]
    agreed = first_shape(BEFORE, items)
    assert [(c.kind, c.column, c.before) for c in changes(agreed, BEFORE)] == [
        (DriftKind.COLUMN_MISSING, "old", "date"),
        (DriftKind.TYPE_CHANGED, "a", "integer"),
    ]


def test_a_look_follows_the_other_on_the_same_day_of_the_month() -> None:
    first, days = date(2025, 12, 31), []
    day: date | None = date(2026, 1, 1)
    while day is not None and day < date(2026, 6, 1):
        day = next_look(LookCycle.MONTH, first, day)
        days.append(day)
    assert [str(d)[5:] for d in days] == ["01-31", "02-28", "03-31", "04-30", "05-31", "06-30"]
    assert next_look(LookCycle.QUARTER, first, date(2027, 1, 1)) == date(2027, 3, 31), "late, once"
    assert next_look(LookCycle.HALF, first, first) == date(2026, 6, 30)
    assert next_look(LookCycle.OFF, first, first) is None


@pytest.mark.parametrize(
    ("kind", "column", "adoptable"),
    [
        ("comment_changed", "name", True),
        ("comment_changed", "", False),  # of the table: an entry has a summary of its own
        ("column_new", "name", True),
        ("table_missing", "", False),
        ("emptied", "", False),
    ],
)
def test_what_changed_in_an_item_can_be_taken_over(kind: str, column: str, adoptable: bool):
    assert Change(DriftKind(kind), column).adoptable is adoptable
