"""Narrowing of a scope: every hand it passes through may take away, none may add (A8, A18, A30)."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from huitong.scope import masks, parameters
from huitong.scope.evaluate import holds
from huitong.scope.filters import (
    And,
    Between,
    Compare,
    Filter,
    Leaf,
    OneOf,
    Or,
    Prefix,
    all_of,
    conjuncts,
    items_of,
    literals_of,
)
from huitong.scope.literals import Literal, literal_family
from huitong.scope.scope import Scope


def narrow(base: Scope, requested: Scope) -> Scope:
    """Return what both let through: never wider than either."""
    items = tuple(item for item in base.items if item in requested.items)
    merged = {
        item: masks.stricter(base.masks.get(item), requested.masks.get(item)) for item in items
    }
    return Scope(
        items=items,
        row_filter=all_of(base.row_filter, requested.row_filter),
        masks={item: mask for item, mask in merged.items() if mask},
        control_parameters=parameters.merge(base.control_parameters, requested.control_parameters),
        comparison_only=base.comparison_only or requested.comparison_only,
    )


def widens(base: Scope, requested: Scope) -> tuple[str, ...]:
    """Each way in which ``requested`` may let through more than ``base``, as a sentence; empty = it
    does not.

    A filter that is narrower in a way this cannot see counts as wider: the safe side.
    """
    sentences = []
    if extra := [item for item in requested.items if item not in base.items]:
        sentences.append(f"多出信息项：{'、'.join(extra)}")
    for item in requested.items:
        if item in base.items and masks.shows_more(requested.masks.get(item), base.masks.get(item)):
            sentences.append(f"信息项“{item}”应按“{base.masks[item].label}”脱敏")
    if base.row_filter is not None and not implies(requested.row_filter, base.row_filter):
        sentences.append("数据行的范围超出规定条件")
    by_name = {p.name: p for p in requested.control_parameters}
    sentences += [
        f"放宽了管控参数“{p.title}”"
        for p in base.control_parameters
        if parameters.looser(by_name.get(p.name), p)
    ]
    if base.comparison_only and not requested.comparison_only:
        sentences.append("只允许比对，不得提供数据")
    return tuple(sentences)


def peeks(base: Scope, tree: Filter | None) -> tuple[str, ...]:
    """Items a caller's own filter looks at although ``base`` hides or masks them.

    Rows chosen by a hidden value tell that value, so doors that take filters from consumers refuse
    when this is not empty.
    """
    return tuple(item for item in items_of(tree) if item not in base.items or item in base.masks)


def own_filter(base: Scope, requested: Scope) -> Filter | None:
    """Return the part of the requested row filter that is the requesting party's own: all that
    ``base`` does not demand already."""
    demanded = set(conjuncts(base.row_filter))
    return all_of(*(part for part in conjuncts(requested.row_filter) if part not in demanded))


def peeks_through(requested: Scope, decided: Scope, own: Filter | None) -> tuple[str, ...]:
    """Items the asking party's own filter looks at that were open to it when it asked and that the
    decision takes away or masks.

    An item nobody asked for, but which the asking party might have had in the clear, is none of
    these.
    """
    clear = {item for item in requested.items if item not in requested.masks}
    return tuple(item for item in peeks(decided, own) if item in clear)


# -- does one filter imply another? ----------------------------------------------------------------


@lru_cache(maxsize=4096)  # the same pairs meet again and again in nested filters
def implies(one: Filter | None, other: Filter | None) -> bool:
    """Whether surely every row that passes ``one`` passes ``other``. False also means: cannot
    tell."""
    if other is None or one == other:
        return True
    if one is None:
        return False
    if isinstance(other, And):
        return all(implies(one, part) for part in other.of)
    if isinstance(one, Or):
        return all(implies(part, other) for part in one.of)
    if isinstance(one, And) or isinstance(other, Or):
        by_part = isinstance(one, And) and any(implies(part, other) for part in one.of)
        return by_part or (isinstance(other, Or) and any(implies(one, part) for part in other.of))
    if isinstance(one, Compare | OneOf | Between | Prefix) and isinstance(
        other, Compare | OneOf | Between | Prefix
    ):
        return one.item == other.item and _leaf_implies(one, other)
    return False


def _leaf_implies(one: Leaf, other: Leaf) -> bool:
    if isinstance(one, Compare) and one.op == "eq":
        return _value_passes(one.value, other)
    if isinstance(one, OneOf):
        return all(_value_passes(value, other) for value in one.values)
    if isinstance(one, Prefix):
        return isinstance(other, Prefix) and one.value.startswith(other.value)
    return _range_implies(_range(one), _range(other))


def _value_passes(value: Literal, leaf: Leaf) -> bool:
    return _family(leaf) == literal_family(value) and _surely(leaf, value)


def _surely(leaf: Leaf, value: Literal) -> bool:
    """Whether this holds no matter if the item holds exact numbers or floats: two numbers can
    differ and be one float."""
    if isinstance(value, Decimal) and holds(leaf, float(value)) is not True:
        return False
    return holds(leaf, value) is True


def _family(leaf: Leaf) -> str:
    return next((literal_family(value) for value in literals_of(leaf)), "")


Bound = tuple[Literal, bool] | None  # value, and whether the value itself is included


def _range(leaf: Leaf) -> tuple[Bound, Bound] | None:
    match leaf:
        case Between(_, low, high):
            return (low, True), (high, True)
        case Compare("lt" | "le" as op, _, value):
            return None, (value, op == "le")
        case Compare("gt" | "ge" as op, _, value):
            return (value, op == "ge"), None
    return None


def _range_implies(one: tuple[Bound, Bound] | None, other: tuple[Bound, Bound] | None) -> bool:
    if one is None or other is None:
        return False
    return _inside(one[0], other[0], "gt") and _inside(one[1], other[1], "lt")


def _inside(bound: Bound, limit: Bound, op: str) -> bool:
    if limit is None:
        return True
    if bound is None or literal_family(bound[0]) != literal_family(limit[0]):
        return False
    if bound[0] == limit[0]:
        return limit[1] or not bound[1]
    return _surely(Compare(op, "", limit[0]), bound[0])
