"""Conditions on the data rows of a decision: a grid of item, relation and value, and the row filter
they make together (A22)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from huitong.access.rules.conditions import ALONE, MOST, OPERATORS, filter_of, literals
from huitong.publishing.rules import ItemColumn
from huitong.scope import ItemType
from huitong.scope.literals import FAMILIES, LABELS, literal_from_json
from huitong.scope.reading import ScopeError
from huitong.ui.grid_fields import GridField
from huitong.ui.grids import Choice, Column

#: what stands for an item that can be compared with nothing, among the families of literals
OPAQUE = "opaque"
#: the families that can be compared with something
COMPARED = frozenset(FAMILIES.values()) - {""}


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
        values = literals(self.types[row["item"]], row["op"], row["value"])
        if not values:
            return {"value": "请填写条件的值"}
        for literal in values:
            if literal.get("truth", "") is None:
                return {"value": "请填“是”或“否”"}
            try:
                literal_from_json(literal, "")
            except ScopeError as wrong:
                return {"value": wrong.message}
        return {}

    def filter_of(self, rows: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
        """The row filter of several conditions, None for none of them."""
        return filter_of(self.types, rows)


def _relation(op: str, words: str) -> Choice:
    """An operator, called by what its brackets say too, beside the families it can compare."""
    fits = None if op in ALONE else frozenset({"text"} if op == "prefix" else COMPARED)
    return Choice(op, words, tuple(re.findall("（(不?[早晚]于)）", words)), fits)
