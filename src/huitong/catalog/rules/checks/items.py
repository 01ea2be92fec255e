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


#: what the end or beginning of a name says of the values: the types that suit, and in words
NAMED_TYPES: tuple[tuple[re.Pattern[str], frozenset[ItemType], str], ...] = tuple(
    (re.compile(pattern), frozenset(ItemType(letter) for letter in letters), words)
    for pattern, letters, words in (
        (r"(日期|年月日)$", "DTCM", "日期"),
        (r"(时间|时刻)$", "TDCMNI", "时间"),
        (r"(金额|价款|单价|总价|余额|费用)$", "YNBFI", "金额"),
        (r"(数量|人数|户数|次数|件数|个数|面积|年龄)$", "NIBF", "数值"),
        (r"(号码|编号|证号|文号|代码|编码|电话|手机号)$", "CMG", "字符，否则开头的 0 会丢失"),
        (r"^是否", "LCIN", "是或否"),
    )
)
#: identifiers of a fixed length, and the standard that says so; a longer column holds them too
STANDARD_LENGTHS: tuple[tuple[re.Pattern[str], int, str], ...] = tuple(
    (re.compile(pattern), length, words)
    for pattern, length, words in (
        (
            r"(公民身份号码|居民身份证号码?|^身份证(件)?号码?)$",
            18,
            "公民身份号码 18 位（GB 11643）",
        ),
        (r"统一社会信用代码$", 18, "统一社会信用代码 18 位（GB 32100）"),
        (r"行政区划代码$", 6, "行政区划代码 6 位（GB/T 2260）"),
        (r"(手机号码?|移动电话号码?)$", 11, "手机号码 11 位"),
    )
)
#: items whose values mean nothing without their list
CODED = re.compile(r"(性别|民族|婚姻状况|学历|政治面貌|国籍|证件类型|行政区划)(代码)?$")


def item_type_against_name(e: EntryFacts) -> Faults:
    """A number keeps no leading zero, a date is no amount. What the source itself holds as a
    number is one."""
    for item in e.items:
        family = family_of(item.column_type) if item.column_type else ""
        for pattern, types, words in NAMED_TYPES:
            if pattern.search(item.name) and item.type not in types:
                if family not in ("integer", "decimal") or ItemType.TEXT not in types:
                    yield f"items.{item.name}", f"登记为“{item.type.label}”，按名称应为{words}"
                break


def item_shorter_than_standard(e: EntryFacts) -> Faults:
    for item in e.items:
        for pattern, length, standard in STANDARD_LENGTHS:
            short = item.length is not None and item.length < length
            if short and item.type is ItemType.TEXT and pattern.search(item.name):
                yield (f"items.{item.name}", f"登记长度 {item.length}，{standard} 规定 {length} 位")


def code_without_list(e: EntryFacts) -> Faults:
    """A key that is a code is the list itself."""
    if e.dictionary:
        return
    for item in e.items:
        if CODED.search(item.name) and not (item.dictionary or item.code_list or item.is_key):
            yield f"items.{item.name}", "是代码项，却没有写明引用的代码表"


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
        elif EMPTY_NAMES.fullmatch(item.name):
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
