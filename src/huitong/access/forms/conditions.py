"""Conditions on the data rows of a decision: a grid of item, relation and value, and the row filter
they make together (A22)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from huitong.publishing.rules import ItemColumn
from huitong.scope import ItemType
from huitong.scope.literals import FAMILIES, LABELS, literal_from_json
from huitong.scope.reading import ScopeError
from huitong.ui.grid_fields import GridField
from huitong.ui.grids import Choice, Column

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
#: what stands for an item that can be compared with nothing, among the families of literals
OPAQUE = "opaque"
#: the families that can be compared with something
COMPARED = frozenset(FAMILIES.values()) - {""}
#: the words of a truth, and of its contrary
YES, NO = ("是", "true", "1", "真"), ("否", "false", "0", "假")


class ConditionField(GridField):
    """The conditions on the rows of these items, row by row; see `filter_of`."""

    def __init__(self, items: Sequence[ItemColumn], **about: Any) -> None:
        self.types = {item.name: ItemType(item.type) for item in items}
        columns = (
            Column(
                "item",
                "信息项",
                "wide",
                choices=tuple(
                    Choice(name, f"{name}（{LABELS[kind]}）", kind=FAMILIES[kind] or OPAQUE)
                    for name, kind in self.types.items()
                ),
                counts=True,
            ),
            Column(
                "op",
                "关系",
                "wide",
                choices=tuple(_relation(op, words) for op, words in OPERATORS.items()),
                start="eq",
                by="item",
                counts=True,
            ),
            Column("value", "值", "wide", longest=500),
        )
        super().__init__(columns, most=MOST, judge=self.fault, required=False, **about)

    def fault(self, row: Mapping[str, Any]) -> dict[str, str]:
        """What is wrong with the value of a row beside its item and its relation."""
        if len(row) < 3 or row["op"] in ALONE:
            return {}
        literals = _literals(self.types[row["item"]], row["op"], row["value"])
        if not literals:
            return {"value": "请填写条件的值"}
        for literal in literals:
            if literal.get("truth", "") is None:
                return {"value": "请填“是”或“否”"}
            try:
                literal_from_json(literal, "")
            except ScopeError as wrong:
                return {"value": wrong.message}
        return {}

    def filter_of(self, rows: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
        """The row filter of several conditions, None for none of them."""
        parts = [self._condition(row["item"], row["op"], row["value"]) for row in rows]
        if not parts:
            return None
        return parts[0] if len(parts) == 1 else {"op": "and", "of": parts}

    def _condition(self, item: str, op: str, value: str) -> dict[str, Any]:
        if op in ALONE:
            none = {"op": "is_null", "item": item}
            return none if op == "is_null" else {"op": "not", "of": none}
        literals = _literals(self.types[item], op, value)
        if op == "in":
            return {"op": "in", "item": item, "values": literals}
        return {"op": op, "item": item, "value": literals[0]}


def _relation(op: str, words: str) -> Choice:
    """An operator, called by what its brackets say too, beside the families it can compare."""
    fits = None if op in ALONE else frozenset({"text"} if op == "prefix" else COMPARED)
    return Choice(op, words, tuple(re.findall("（(不?[早晚]于)）", words)), fits)


def _literals(kind: ItemType, op: str, text: str) -> list[dict[str, Any]]:
    """The values of a cell as literals of the item's type; a truth that is neither is None."""
    texts = re.split(r"[,，、]", text) if op == "in" else [text]
    family = "text" if op == "prefix" else FAMILIES[kind] or "text"
    family = "number" if family == "float" else family
    return [_literal(family, part) for part in map(str.strip, texts) if part]


def _literal(family: str, text: str) -> dict[str, Any]:
    if family == "truth":
        return {"truth": True if text in YES else False if text in NO else None}
    return {family: text}
