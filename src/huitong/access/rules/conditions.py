"""Conditions on data rows as people write them: an item, a relation, a value; and the row filter
several make together (A22)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from huitong.publishing.rules import ItemColumn
from huitong.scope import ItemType
from huitong.scope.literals import FAMILIES

#: at most so many conditions, all of which must hold
MOST = 20
OPERATORS = {
    "eq": "等于",
    "ne": "不等于",
    "prefix": "以…开头",
    "in": "是其中之一（用逗号分开）",
    "ge": "不小于（不早于）",
    "le": "不大于（不晚于）",
    "gt": "大于（晚于）",
    "lt": "小于（早于）",
    "not_null": "有记录",
    "is_null": "没有记录",
}
#: operators that compare with nothing
ALONE = ("not_null", "is_null")
#: the words of a truth, and of its contrary
YES, NO = ("是", "true", "1", "真"), ("否", "false", "0", "假")
#: how a relation is written in the cell of a table
SIGNS = {
    ">=": "ge",
    "≥": "ge",
    "<=": "le",
    "≤": "le",
    "!=": "ne",
    "≠": "ne",
    ">": "gt",
    "<": "lt",
    "=": "eq",
    "开头": "prefix",
    "属于": "in",
}
WRITTEN = re.compile(f"(.+?)\\s*({'|'.join(SIGNS)})\\s*(.+)", re.DOTALL)


def filter_of(
    types: Mapping[str, ItemType], rows: Iterable[Mapping[str, Any]]
) -> dict[str, Any] | None:
    """The row filter of several conditions, None for none of them."""
    parts = [_condition(types, row["item"], row["op"], row["value"]) for row in rows]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else {"op": "and", "of": parts}


def written_filter(text: str, columns: Sequence[ItemColumn]) -> dict[str, Any] | None:
    """The row filter a cell states: conditions like 登记机关区划 开头 3206, one a line or set apart by
    a semicolon. Raises `ValueError` in words."""
    types = {column.name: ItemType(column.type) for column in columns}
    rows = []
    for part in filter(None, map(str.strip, re.split(r"[;；\n]", text))):
        if (match := WRITTEN.fullmatch(part)) is None:
            raise ValueError(f"“{part[:40]}”不是条件，应如：登记机关区划 开头 3206")
        if match[1] not in types:
            raise ValueError(f"没有“{match[1][:30]}”这个信息项，或它不能作为条件")
        rows.append({"item": match[1], "op": SIGNS[match[2]], "value": match[3]})
    if len(rows) > MOST:
        raise ValueError(f"最多 {MOST} 个条件")
    return filter_of(types, rows)


def literals(kind: ItemType, op: str, text: str) -> list[dict[str, Any]]:
    """The values of a cell as literals of the item's type; a truth that is neither is None."""
    texts = re.split(r"[,，、]", text) if op == "in" else [text]
    family = "text" if op == "prefix" else FAMILIES[kind] or "text"
    family = "number" if family == "float" else family
    return [_literal(family, part) for part in map(str.strip, texts) if part]


def _condition(types: Mapping[str, ItemType], item: str, op: str, value: str) -> dict[str, Any]:
    if op in ALONE:
        none = {"op": "is_null", "item": item}
        return none if op == "is_null" else {"op": "not", "of": none}
    values = literals(types[item], op, value)
    if op == "in":
        return {"op": "in", "item": item, "values": values}
    return {"op": op, "item": item, "value": values[0]}


def _literal(family: str, text: str) -> dict[str, Any]:
    if family == "truth":
        return {"truth": True if text in YES else False if text in NO else None}
    return {family: text}
