"""From what an entry allows to what is asked to what is granted: each hand may take away, none
may add (A8, A22, A30)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from huitong.kernel.procedure import Malformed
from huitong.publishing.rules import ItemColumn, Mode
from huitong.scope import (
    Filter,
    ItemType,
    Mask,
    Scope,
    ScopeError,
    narrow,
    own_filter,
    peeks,
    peeks_through,
    widens,
)
from huitong.scope.columns import Column, check_comparable, mask_fault
from huitong.scope.evaluate import check_types
from huitong.scope.filters import all_of, filter_from_json
from huitong.scope.masks import mask_from_json, stricter

#: how many calls a second a grant allows when the decision names none
CALLS_PER_SECOND = 20
MOST_PER_SECOND = 1000


def read_json(value: Any) -> Any:
    """Forms and the command line send structures as JSON text."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    try:
        return json.loads(text) if text[:1] in "[{" and text else text or None
    except ValueError:
        raise ValueError("不是有效的 JSON") from None


Filtered = Annotated[
    dict[str, Any] | None,
    BeforeValidator(read_json),
    Field(
        title="数据行条件",
        description=(
            '如 {"op": "prefix", "item": "登记机关代码", "value": {"text": "3206"}}；不填为不限。'
        ),
    ),
]
Masked = Annotated[
    dict[str, Any] | None,
    BeforeValidator(read_json),
    Field(
        title="加严脱敏",
        description='信息项 → 脱敏方式，如 {"男方姓名": {"kind": "blank"}}；不填按目录规定。',
    ),
]


def _listed(value: Any) -> Any:
    items = read_json(value)
    return (
        [w.strip() for w in re.split(r"[,，、]", items) if w.strip()]
        if isinstance(items, str)
        else items
    )


Items = Annotated[
    list[str] | None,
    Field(title="信息项", description="不填为全部可提供的信息项。", max_length=1600),
    BeforeValidator(_listed),
]


def check_filter(
    given: Mapping[str, Any] | None, columns: Sequence[ItemColumn], field: str = "row_filter"
) -> Filter | None:
    """A row filter over items of this mount, each literal fitting its item. Raises `Malformed`
    on ``field``."""
    if not given:
        return None
    with _named(field):
        tree = filter_from_json(given, "")
        check_types(Scope((), tree), {c.name: ItemType(c.type) for c in columns})
        check_comparable(
            tree, {c.name: Column(c.column, ItemType(c.type), c.sql_type) for c in columns}
        )
        return tree


def check_masks(given: Mapping[str, Any] | None, columns: Sequence[ItemColumn]) -> None:
    """Masks a decision adds must fit the columns they are laid on. Raises `Malformed` on
    ``masks``."""
    types = {c.name: c.sql_type for c in columns}
    for item, mask in (given or {}).items():
        if mask and item in types and (fault := mask_fault(_mask(item, mask), types[item])):
            raise Malformed({"masks": f"信息项“{item}”的{fault}"}, article="A8")


def asked_scope(base: Scope, items: Sequence[str] | None, row_filter: Filter | None) -> Scope:
    """What is asked: some items of what the entry allows, perhaps of some rows only, chosen by what
    the entry shows.

    Raises `Malformed` on ``items``, and on ``row_filter`` when it looks at items the entry hides or
    masks: the rows chosen would tell their values.
    """
    _check_items(items, base.items, "目录没有提供信息项")
    if hidden := peeks(base, row_filter):
        raise Malformed(
            {
                "row_filter": (
                    f"目录不提供明文的信息项不能作为数据行条件（按它选出的行会透露它的值）：{'、'.join(hidden)}"
                )
            },
            article="A8",
        )
    chosen = base.items if items is None else tuple(i for i in base.items if i in set(items))
    return narrow(base, Scope(chosen, row_filter, comparison_only=base.comparison_only))


def decided_scope(
    base: Scope,
    requested: Scope,
    mode: str,
    *,
    items: Sequence[str] | None = None,
    row_filter: Filter | None = None,
    masks: Mapping[str, Any] | None = None,
) -> Scope:
    """What is granted of what was asked: fewer items, fewer rows, stronger masks.

    Raises `Malformed` for anything wider, and for hiding an item by whose value the consumer has
    chosen its rows.
    """
    _check_items(items, requested.items, "未申请的信息项")
    remaining = (
        requested.items if items is None else tuple(i for i in requested.items if i in set(items))
    )
    given = {item: _mask(item, mask) for item, mask in (masks or {}).items() if mask}
    if strange := [item for item in given if item not in remaining]:
        raise Malformed({"masks": f"脱敏的信息项不在授权之列：{'、'.join(strange)}"}, article="A8")
    if weak := [item for item, mask in given.items() if looser(mask, requested.masks.get(item))]:
        raise Malformed(
            {"masks": f"脱敏方式比目录规定的宽松，或与其不可比较：{'、'.join(weak)}"}, article="A8"
        )
    chosen = {item: given.get(item) or requested.masks.get(item) for item in remaining}
    decided = narrow(
        requested,
        Scope(
            remaining,
            all_of(requested.row_filter, row_filter),
            {i: m for i, m in chosen.items() if m},
            requested.control_parameters,
            requested.comparison_only,
        ),
    )
    if wider := (*widens(base, decided), *widens(requested, decided)):
        raise Malformed({"items": "；".join(dict.fromkeys(wider))}, article="A30")
    own = own_filter(base, requested)
    if hidden := dict.fromkeys((*peeks(base, own), *peeks_through(requested, decided, own))):
        raise Malformed(
            {
                "row_filter": (
                    f"使用部门按“{'、'.join(hidden)}”选择数据行，脱敏或不提供后，选出的行仍会透露它的值；"
                    "请按明文提供，或不予授权并请使用部门去掉该条件后重新申请"
                )
            },
            article="A8",
        )
    if mode == Mode.FILE and decided != requested:
        raise Malformed(
            {"items": "文件整件提供，不能只授权一部分；请同意全部或不予授权"}, article="A13"
        )
    return decided


def lessened(
    requested: Scope,
    decided: Scope,
    mode: str,
    *,
    per_second: int,
    per_day: int | None,
    begins_later: bool,
    ends_sooner: bool,
) -> list[str]:
    """In what a decision gives less than was asked, in words; empty when it gives all. A quota
    nobody asked for is less too."""
    fewer = [item for item in requested.items if item not in decided.items]
    masked = [
        item for item in decided.items if decided.masks.get(item) != requested.masks.get(item)
    ]
    limited = mode == Mode.API and (per_second < CALLS_PER_SECOND or per_day is not None)
    reasons = [
        (bool(fewer), f"不提供{'、'.join(fewer)}"),
        (bool(masked), f"加严脱敏{'、'.join(masked)}"),
        (decided.row_filter != requested.row_filter, "限制数据行"),
        (begins_later, "推迟起期"),
        (ends_sooner, "缩短期限"),
        (limited, "限制调用频率或次数"),
    ]
    return [words for holds, words in reasons if holds]


def looser(mask: Mask, than: Mask | None) -> bool:
    """Would this mask show anything the other hides? From which length on a value is shown at
    all is joined, not compared."""
    joined = stricter(mask, than)
    if than is not None and mask.kind == than.kind == "partial" and joined is not None:
        return (joined.first, joined.last) != (mask.first, mask.last)
    return joined != mask


def _check_items(items: Sequence[str] | None, allowed: Sequence[str], problem: str) -> None:
    if items is None:
        return
    if not items:
        raise Malformed({"items": "请至少选择一个信息项"}, article="A20")
    if strange := [i for i in items if i not in allowed]:
        raise Malformed({"items": f"{problem}：{'、'.join(strange)}"}, article="A30")


def _mask(item: str, given: Any) -> Mask:
    with _named("masks"):
        return mask_from_json({"kind": given} if isinstance(given, str) else given, f"masks.{item}")


@contextmanager
def _named(field: str) -> Iterator[None]:
    """Within, a `ScopeError` leaves as `Malformed` on one field."""
    try:
        yield
    except ScopeError as wrong:
        raise Malformed(
            {field: f"{wrong.path}:{wrong.message}" if wrong.path else wrong.message}
        ) from None
