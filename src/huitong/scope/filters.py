"""Row filter: a small tree over items with typed literals. Never SQL text, so nothing can be
smuggled in (A8, A30)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from huitong.scope import reading
from huitong.scope.literals import Literal, literal_family, literal_from_json, literal_to_json
from huitong.scope.reading import ScopeError

# far above any grant, far below what could hurt a parser or a planner
DEEPEST, MOST_NODES, MOST_VALUES = 12, 200, 1000
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")


@dataclass(frozen=True)
class Compare:
    """``item op value``; ``op`` is one of `COMPARISONS`. Text is ordered by code point."""

    op: str
    item: str
    value: Literal


@dataclass(frozen=True)
class OneOf:
    """The item is one of ``values``."""

    item: str
    values: tuple[Literal, ...]


@dataclass(frozen=True)
class Between:
    """``low ≤ item ≤ high``, both ends included."""

    item: str
    low: Literal
    high: Literal


@dataclass(frozen=True)
class Prefix:
    """The text starts with ``value``: division 3206 and everything below it."""

    item: str
    value: str


@dataclass(frozen=True)
class IsNull:
    """Nothing was recorded for the item."""

    item: str


@dataclass(frozen=True)
class Not:
    of: Filter


@dataclass(frozen=True)
class And:
    of: tuple[Filter, ...]


@dataclass(frozen=True)
class Or:
    of: tuple[Filter, ...]


Filter = Compare | OneOf | Between | Prefix | IsNull | Not | And | Or
Leaf = Compare | OneOf | Between | Prefix | IsNull


def leaves(tree: Filter | None) -> Iterator[Leaf]:
    """Every comparison in the tree, left to right."""
    if isinstance(tree, And | Or):
        for part in tree.of:
            yield from leaves(part)
    elif isinstance(tree, Not):
        yield from leaves(tree.of)
    elif tree is not None:
        yield tree


def items_of(tree: Filter | None) -> tuple[str, ...]:
    """The items the tree looks at, each once, in order of appearance."""
    return tuple(dict.fromkeys(leaf.item for leaf in leaves(tree)))


def literals_of(leaf: Leaf) -> tuple[Literal, ...]:
    """The values a comparison holds."""
    if isinstance(leaf, OneOf):
        return leaf.values
    if isinstance(leaf, Between):
        return (leaf.low, leaf.high)
    return () if isinstance(leaf, IsNull) else (leaf.value,)


def conjuncts(tree: Filter | None) -> tuple[Filter, ...]:
    """The parts that must all hold; none for no filter."""
    if tree is None:
        return ()
    if isinstance(tree, And):
        return tuple(part for branch in tree.of for part in conjuncts(branch))
    return (tree,)


def all_of(*parts: Filter | None) -> Filter | None:
    """Join conditions by "and": flat, each condition once; no filter at all when there is none."""
    flat = tuple(dict.fromkeys(c for part in parts for c in conjuncts(part)))
    if not flat:
        return None
    return flat[0] if len(flat) == 1 else And(flat)


# -- JSON ------------------------------------------------------------------------------------------


def filter_to_json(tree: Filter) -> dict[str, Any]:
    """The form stored in grants and sent through the API; `filter_from_json` reads it back
    equal."""
    match tree:
        case And(of):
            return {"op": "and", "of": [filter_to_json(p) for p in of]}
        case Or(of):
            return {"op": "or", "of": [filter_to_json(p) for p in of]}
        case Not(of):
            return {"op": "not", "of": filter_to_json(of)}
        case OneOf(item, values):
            return {"op": "in", "item": item, "values": [literal_to_json(v) for v in values]}
        case Between(item, low, high):
            return {
                "op": "between",
                "item": item,
                "low": literal_to_json(low),
                "high": literal_to_json(high),
            }
        case Prefix(item, value):
            return {"op": "prefix", "item": item, "value": literal_to_json(value)}
        case IsNull(item):
            return {"op": "is_null", "item": item}
        case Compare(op, item, value):
            return {"op": op, "item": item, "value": literal_to_json(value)}


def filter_from_json(value: Any, path: str = "row_filter") -> Filter:
    """Read a filter. Raises `ScopeError` with the path of the first fault."""
    tree = _read(value, path, depth=1)
    if sum(1 for _ in leaves(tree)) > MOST_NODES:
        raise ScopeError(path, f"条件过多，最多 {MOST_NODES} 个")
    return tree


def _read(value: Any, path: str, *, depth: int) -> Filter:
    if depth > DEEPEST:
        raise ScopeError(path, f"条件嵌套过深，最多 {DEEPEST} 层")
    op = reading.read_text(
        reading.read_object(value, path, required=("op",), optional=MEMBERS)["op"], f"{path}.op"
    )
    if op not in SHAPE:
        raise ScopeError(f"{path}.op", f"不认识的条件“{op}”，可用：{'、'.join(SHAPE)}")
    members = reading.read_object(value, path, required=("op", *SHAPE[op]))
    if op in ("and", "or"):
        parts = reading.read_list(
            members["of"],
            f"{path}.of",
            lambda v, at: _read(v, at, depth=depth + 1),
            most=MOST_NODES,
        )
        if not parts:
            raise ScopeError(f"{path}.of", "至少要有一个条件")
        return And(parts) if op == "and" else Or(parts)
    if op == "not":
        return Not(_read(members["of"], f"{path}.of", depth=depth + 1))
    return _read_leaf(op, members, path)


def _read_leaf(op: str, members: dict[str, Any], path: str) -> Leaf:
    item = reading.read_text(members["item"], f"{path}.item", most=200)
    if op == "is_null":
        return IsNull(item)
    if op == "in":
        values = reading.read_list(
            members["values"], f"{path}.values", literal_from_json, most=MOST_VALUES
        )
        if not values:
            raise ScopeError(f"{path}.values", "至少要有一个值")
        if len({literal_family(v) for v in values}) > 1:
            raise ScopeError(f"{path}.values", "各个值的类型应当一致")
        return OneOf(item, values)
    if op == "between":
        low, high = (
            literal_from_json(members["low"], f"{path}.low"),
            literal_from_json(members["high"], f"{path}.high"),
        )
        if literal_family(low) != literal_family(high):
            raise ScopeError(f"{path}.high", "上下限的类型应当一致")
        return Between(item, low, high)
    value = literal_from_json(members["value"], f"{path}.value")
    if op == "prefix":
        if not isinstance(value, str) or not value:
            raise ScopeError(f"{path}.value", "开头的文字应为非空文字")
        return Prefix(item, value)
    return Compare(op, item, value)


SHAPE: dict[str, tuple[str, ...]] = {
    "and": ("of",),
    "or": ("of",),
    "not": ("of",),
    **dict.fromkeys(COMPARISONS, ("item", "value")),
    "in": ("item", "values"),
    "between": ("item", "low", "high"),
    "prefix": ("item", "value"),
    "is_null": ("item",),
}
MEMBERS = ("of", "item", "value", "values", "low", "high")
