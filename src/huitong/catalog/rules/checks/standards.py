"""The items of an entry against the code lists and standards they cite (A9, A10)."""

from __future__ import annotations

from huitong.catalog.rules.checks.findings import Faults
from huitong.catalog.rules.facts import EntryFacts
from huitong.scope.literals import ItemType

#: types that hold any code, and those that hold codes which are numbers
WORDS = frozenset({ItemType.TEXT, ItemType.MEMO})
NUMBERS = frozenset({ItemType.NUMBER, ItemType.INTEGER})


def code_list_unfit(e: EntryFacts) -> Faults:
    """An item whose type or length cannot hold the codes it says it holds."""
    for item in e.items:
        if (cited := e.code_lists.get(item.code_list)) is None:
            continue
        if item.type not in WORDS | NUMBERS:
            yield f"items.{item.name}", f"{item.type.label}不能存“{cited.name}”的代码"
        elif item.type in NUMBERS and not cited.numeric:
            yield (
                f"items.{item.name}",
                f"“{cited.name}”的代码不都是数字或带前导零，{item.type.label}存不下",
            )
        elif item.length and item.length < cited.longest:
            yield (
                f"items.{item.name}",
                f"长度 {item.length} 存不下“{cited.name}”最长 {cited.longest} 位的代码",
            )


def code_list_ended(e: EntryFacts) -> Faults:
    for item in e.items:
        if (cited := e.code_lists.get(item.code_list)) is None or e.on is None:
            continue
        if cited.until and cited.until < e.on:
            yield f"items.{item.name}", f"数据字典“{cited.name}”已于 {cited.until} 停用"
        elif cited.newest != item.code_list:
            yield f"items.{item.name}", f"引用的是旧版数据字典，现行的是“{cited.newest}”"


def standard_ended(e: EntryFacts) -> Faults:
    for item in e.items:
        cited = e.standards.get(item.standard)
        if cited and cited.until and e.on and cited.until < e.on:
            yield f"items.{item.name}", f"数据标准 {cited.number} 已于 {cited.until} 废止"
