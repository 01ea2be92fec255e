"""The items of an entry: their types against the columns, their masks, names and keys (A8,
A10, A13)."""

from __future__ import annotations

import re
from collections import Counter

from huitong.catalog.rules.checks.basics import CHINESE, EMPTY_NAMES
from huitong.catalog.rules.checks.findings import Faults
from huitong.catalog.rules.facts import EntryFacts
from huitong.catalog.rules.vocabulary import (
    DOUBTFUL,
    FITTING,
    MASKS,
    ShareClass,
    ShareMode,
    family_of,
)
from huitong.scope.columns import mask_fault
from huitong.scope.literals import ItemType
from huitong.scope.masks import named


def item_against_column(e: EntryFacts) -> Faults:
    for item in e.items:
        family = family_of(item.column_type) if item.column_type else "other"
        if item.type not in FITTING[family] | DOUBTFUL[family]:
            yield (
                f"items.{item.name}",
                f"数据类型“{item.type.label}”与来源列类型 {item.column_type} 不符",
            )


def item_doubtful(e: EntryFacts) -> Faults:
    for item in e.items:
        if item.column_type and item.type in DOUBTFUL[family_of(item.column_type)]:
            yield (
                f"items.{item.name}",
                f"来源列类型为 {item.column_type}，登记为“{item.type.label}”，值可能不合要求",
            )


def item_too_short(e: EntryFacts) -> Faults:
    for item in e.items:
        size = re.search(r"\((\d+)\)", item.column_type)
        if item.type is ItemType.TEXT and item.length and size and item.length < int(size[1]):
            yield f"items.{item.name}", f"登记长度 {item.length} 小于来源列长度 {size[1]}"


def mask_unfit(e: EntryFacts) -> Faults:
    """A mask takes a text apart: of a list or an object it would show a bracket, or part of the
    wrong member."""
    for item in e.items:
        if item.mask and item.mask not in MASKS[item.type]:
            yield (
                f"items.{item.name}",
                f"{item.type.label}不能用“{named(item.mask).label}”遮盖一部分，只能整项不提供内容（置空）",
            )
        elif item.mask and (fault := mask_fault(named(item.mask), item.column_type)):
            yield f"items.{item.name}", fault


def item_name_unclear(e: EntryFacts) -> Faults:
    for item in e.items:
        if not CHINESE.search(item.name):
            yield f"items.{item.name}", "信息项名称没有中文"
        elif EMPTY_NAMES.match(item.name):
            yield f"items.{item.name}", "信息项名称没有说明是什么"


def items_twice(e: EntryFacts) -> Faults:
    for title, values in (
        ("名称", [i.name for i in e.items]),
        ("列名", [i.column for i in e.items if i.column]),
    ):
        for value, count in Counter(values).items():
            if count > 1:
                yield "items", f"信息项{title}“{value}”重复 {count} 次"


def no_key(e: EntryFacts) -> Faults:
    if ShareMode.TABLE in e.share_modes and e.items and not any(i.is_key for i in e.items):
        yield "items", "库表方式没有主键，无法按行更新和核对"


def key_withheld(e: EntryFacts) -> Faults:
    if ShareMode.TABLE in e.share_modes:
        for item in e.items:
            if item.is_key and (item.mask or item.share_class is ShareClass.NOT_SHARED):
                yield f"items.{item.name}", "主键脱敏或不予共享后，库表交换无法按行更新"
