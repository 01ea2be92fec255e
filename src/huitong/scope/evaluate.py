"""Applies a scope to rows in Python, with the same verdicts as `huitong.scope.sql`.

Whatever leaves a source is cut and masked by SQL, which is tested against this; `narrowing` asks
here what a comparison lets through.

SQL's logic of three values is kept: a comparison with nothing is neither true nor false, and only
true lets a row through.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from huitong.scope import masks
from huitong.scope.filters import (
    And,
    Between,
    Compare,
    Filter,
    IsNull,
    Leaf,
    Not,
    OneOf,
    Or,
    Prefix,
    leaves,
    literals_of,
)
from huitong.scope.literals import ItemType, Literal, Unreadable, as_value, fits, literal_family
from huitong.scope.reading import ScopeError
from huitong.scope.scope import Scope

Row = Mapping[str, Any]


def shape(
    scope: Scope,
    rows: Iterable[Row],
    types: Mapping[str, ItemType],
    keys: Mapping[str, bytes] | None = None,
) -> Iterator[dict[str, Any]]:
    """The rows as the consumer may see them: filtered, cut to the items, masked. Streaming, one row
    in memory.

    Rows whose values a filter cannot read are withheld. Raises `ScopeError` for a comparison-only
    scope or a missing key.
    """
    if scope.comparison_only:
        raise ScopeError("comparison_only", "该授权只允许比对，不得提供数据")
    check_types(scope, types)
    for row in rows:
        if admits(scope.row_filter, row, types):
            yield {item: _output(scope, item, row.get(item), keys) for item in scope.items}


def _output(scope: Scope, item: str, value: Any, keys: Mapping[str, bytes] | None) -> Any:
    mask = scope.masks.get(item)
    if mask is None:
        return value
    return masks.apply(mask, None if value is None else as_value(value, ItemType.TEXT), keys)


def admits(tree: Filter | None, row: Row, types: Mapping[str, ItemType]) -> bool:
    """Whether a row passes. Nothing recorded, or a value that cannot be read, does not pass."""
    try:
        return (
            verdict(tree, lambda leaf: holds(leaf, as_value(row.get(leaf.item), types[leaf.item])))
            is True
        )
    except Unreadable:
        return False


def check_types(scope: Scope, types: Mapping[str, ItemType]) -> None:
    """Every item named must be known, every literal must fit its item. Raises `ScopeError`."""
    for item in scope.items:
        if item not in types:
            raise ScopeError("items", f"没有信息项“{item}”")
    for leaf in leaves(scope.row_filter):
        if leaf.item not in types:
            raise ScopeError("row_filter", f"条件中的信息项“{leaf.item}”不存在")
        item_type = types[leaf.item]
        if isinstance(leaf, IsNull):
            continue
        if not all(fits(value, item_type) for value in literals_of(leaf)):
            raise ScopeError(
                "row_filter", f"信息项“{leaf.item}”是{item_type.label}，条件中的值类型不符"
            )


# -- logic -----------------------------------------------------------------------------------------


def verdict(tree: Filter | None, judge: Callable[[Leaf], bool | None]) -> bool | None:
    """Return True, False or None (unknown), as SQL has it."""
    match tree:
        case None:
            return True
        case Not(of):
            inner = verdict(of, judge)
            return None if inner is None else not inner
        case And(of):
            verdicts = [verdict(part, judge) for part in of]
            return False if False in verdicts else None if None in verdicts else True
        case Or(of):
            verdicts = [verdict(part, judge) for part in of]
            return True if True in verdicts else None if None in verdicts else False
        case _:
            return judge(tree)


def holds(leaf: Leaf, value: Any) -> bool | None:
    """Whether one comparison holds for a value already read by `as_value`."""
    if isinstance(leaf, IsNull):
        return value is None
    if value is None:
        return None
    match leaf:
        case Compare(op, _, literal):
            return TESTS[op](order(value, literal))
        case OneOf(_, literals):
            return any(order(value, literal) == 0 for literal in literals)
        case Between(_, low, high):
            return order(value, low) >= 0 and order(value, high) <= 0
        case Prefix(_, prefix):
            return str(value).startswith(prefix)


TESTS: dict[str, Callable[[int], bool]] = {
    "eq": lambda o: o == 0,
    "ne": lambda o: o != 0,
    "lt": lambda o: o < 0,
    "le": lambda o: o <= 0,
    "gt": lambda o: o > 0,
    "ge": lambda o: o >= 0,
}


def order(value: Any, literal: Literal) -> int:
    """Return -1, 0 or 1 as PostgreSQL orders the two: NaN above everything, floats compared as
    floats, text by code point."""
    # infinity, and years no literal can name
    if literal_family(literal) in ("date", "time") and isinstance(value, float):
        return 1 if value > 0 else -1
    other: Any = (
        float(literal) if isinstance(value, float) and isinstance(literal, Decimal) else literal
    )
    if isinstance(value, float | Decimal) and math.isnan(value):
        return 1  # a literal is never NaN
    if literal_family(literal) == "text" and not isinstance(value, str):
        raise Unreadable("不是文字")
    return int(value > other) - int(value < other)
