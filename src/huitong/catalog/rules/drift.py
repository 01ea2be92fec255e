"""What changed in the table an entry comes from, since its body last agreed to how it looks (A7,
A11). Reported only: what is taken over, a clerk decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from huitong.catalog.rules.facts import ItemRow
from huitong.catalog.rules.proposals import short
from huitong.connectors import TableFound
from huitong.kernel.actor import Labelled

COMMENT = 200  # characters of a comment


class DriftKind(Labelled):
    """In which way a table changed."""

    TABLE_MISSING = "table_missing", "表已不存在或无权读取"
    COLUMN_MISSING = "column_missing", "列已不存在或无权读取"
    COLUMN_NEW = "column_new", "新增列"
    TYPE_CHANGED = "type_changed", "列类型变更"
    COMMENT_CHANGED = "comment_changed", "说明变更"
    EMPTIED = "emptied", "数据已清空"


class DriftState(Labelled):
    """What became of a change."""

    OPEN = "open", "待处理"
    ADOPTED = "adopted", "已带入目录"
    DISMISSED = "dismissed", "不带入"
    PASSED = "passed", "已自行恢复"


#: what a clerk can only note: nothing of it belongs into an entry
NOTED_ONLY = frozenset({DriftKind.TABLE_MISSING, DriftKind.EMPTIED})


@dataclass(frozen=True)
class Shape:
    """A table as it looked: its comment, how many rows, and of each column type and comment.
    Nothing of what stands in it. ``missing``: its body knows that it is there no more."""

    columns: Mapping[str, Mapping[str, str]]
    comment: str = ""
    rows: int = -1
    missing: bool = False

    @classmethod
    def of(cls, table: TableFound) -> Shape:
        columns = {
            c.name: {"type": c.type[:80], "comment": c.comment[:COMMENT]} for c in table.columns
        }
        return cls(columns, table.comment[:COMMENT], table.rows_estimate)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Shape:
        missing = stored.get("missing", False)  # kept of those settled since it is looked for
        return cls(stored["columns"], stored["comment"], stored["rows"], missing)

    def as_json(self) -> dict[str, Any]:
        members = {"columns": dict(self.columns), "comment": self.comment, "rows": self.rows}
        return members | ({"missing": True} if self.missing else {})


@dataclass(frozen=True)
class Change:
    """One thing that changed; ``item``: what an item of the column would be now."""

    kind: DriftKind
    column: str = ""
    before: str = ""
    after: str = ""
    item: dict[str, Any] = field(default_factory=dict)

    @property
    def adoptable(self) -> bool:
        """Whether there is anything of it to take into an entry."""
        whole = self.kind is DriftKind.COMMENT_CHANGED and not self.column
        return self.kind not in NOTED_ONLY and not whole


def first_shape(table: TableFound, items: Sequence[ItemRow]) -> Shape:
    """What is agreed of a table whose entry was made before shapes were kept: as it looks now,
    except where its items say otherwise."""
    now = Shape.of(table)
    columns = dict(now.columns)
    for item in items:
        if item.column and item.column not in columns:
            columns[item.column] = {"type": item.column_type, "comment": ""}
        elif item.column and item.column_type:
            columns[item.column] = {**columns[item.column], "type": item.column_type}
    return Shape(columns, now.comment, now.rows)


def shape_of_items(items: Sequence[ItemRow]) -> Shape:
    """What is agreed of a table nobody has looked at and that is missing now."""
    return Shape({i.column: {"type": i.column_type, "comment": ""} for i in items if i.column})


def changes(agreed: Shape, table: TableFound | None, items: Sequence[ItemRow] = ()) -> list[Change]:
    """What is different now; ``items`` are those the table would propose. None = no such table any
    more."""
    if table is None:
        return [] if agreed.missing else [Change(DriftKind.TABLE_MISSING)]
    now, proposed = Shape.of(table), {i.column: i.model_dump(mode="json") for i in items}
    result = [
        Change(DriftKind.COLUMN_MISSING, name, column["type"])
        for name, column in agreed.columns.items()
        if name not in now.columns
    ]
    for name, column in now.columns.items():
        item = proposed.get(name, {})
        if (before := agreed.columns.get(name)) is None:
            item |= {"source_comment": column["comment"]}
            result.append(Change(DriftKind.COLUMN_NEW, name, "", column["type"], item))
            continue
        if before["type"] != column["type"]:
            result.append(
                Change(DriftKind.TYPE_CHANGED, name, before["type"], column["type"], item)
            )
        if before["comment"] != column["comment"]:
            result.append(
                Change(DriftKind.COMMENT_CHANGED, name, before["comment"], column["comment"], item)
            )
    if agreed.comment != now.comment:
        result.append(Change(DriftKind.COMMENT_CHANGED, "", agreed.comment, now.comment))
    if agreed.rows > 0 and now.rows == 0:
        result.append(Change(DriftKind.EMPTIED, "", str(agreed.rows), "0"))
    return result


def met_again(agreed: Shape, rows: int | None) -> Shape:
    """The same after the table was looked at, which has so many rows, None where it is missing: one
    that is filled again can be emptied again, one that is there again can be missed again. What
    fell to nothing stays what it was until somebody has noted it."""
    if rows is None:
        return agreed
    return replace(agreed, rows=rows if rows > 0 else agreed.rows, missing=False)


def settled(agreed: Shape, change: Change) -> Shape:
    """What is agreed once a change is settled, taken over or not."""
    columns = {name: dict(column) for name, column in agreed.columns.items()}
    comment, rows, missing = agreed.comment, agreed.rows, agreed.missing
    match change.kind:
        case DriftKind.TABLE_MISSING:
            missing = True
        case DriftKind.COLUMN_MISSING:
            columns.pop(change.column, None)
        case DriftKind.COLUMN_NEW:
            columns[change.column] = {
                "type": change.after,
                "comment": change.item.get("source_comment", ""),
            }
        case DriftKind.TYPE_CHANGED:
            columns[change.column]["type"] = change.after
        case DriftKind.COMMENT_CHANGED if change.column:
            columns[change.column]["comment"] = change.after
        case DriftKind.COMMENT_CHANGED:
            comment = change.after
        case DriftKind.EMPTIED:
            rows = 0
    return Shape(columns, comment, rows, missing)


def taken_over(items: Sequence[ItemRow], chosen: Sequence[Change]) -> list[ItemRow]:
    """The items with these changes in them: a new column is an item at its strictest, a missing
    one goes, a changed one keeps what people said of it."""
    rows = list(items)
    for change in chosen:
        match change.kind:
            case DriftKind.COLUMN_MISSING:
                rows = [row for row in rows if row.column != change.column]
            case DriftKind.COLUMN_NEW if all(row.column != change.column for row in rows):
                rows.append(_named_apart(_item_of(change), rows))
            case DriftKind.TYPE_CHANGED | DriftKind.COMMENT_CHANGED:
                rows = [_changed(r, change) if r.column == change.column else r for r in rows]
    return rows


def _item_of(change: Change) -> ItemRow:
    return ItemRow(**{k: v for k, v in change.item.items() if k in ItemRow.model_fields})


def _named_apart(item: ItemRow, rows: Sequence[ItemRow]) -> ItemRow:
    if all(row.name != item.name for row in rows):
        return item
    return item.model_copy(update={"name": f"{item.name[:60]}({item.column})"[:100]})


def _changed(row: ItemRow, change: Change) -> ItemRow:
    if change.kind is DriftKind.TYPE_CHANGED and change.item:
        now = _item_of(change)
        return row.model_copy(
            update={"type": now.type, "length": now.length, "column_type": now.column_type}
        )
    named_so = row.name in (short(change.before), change.column)
    if change.kind is DriftKind.COMMENT_CHANGED and change.column and named_so:
        return row.model_copy(update={"name": (short(change.after) or row.name)[:100]})
    return row
