"""Two versions of an entry side by side, element by element and item by item (A10, A11)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from huitong.catalog.models import Version
from huitong.catalog.queries.entries import facts_of
from huitong.catalog.rules import ELEMENTS, EntryFacts, ItemRow, ShareClass, sections, value_of
from huitong.kernel.workdays import day_of
from huitong.scope.masks import NAMED
from huitong.ui import comparing

#: what is said of an item beside its name, in this order
ITEM = (
    "列名",
    "类型",
    "长度",
    "主键",
    "可空",
    "分级",
    "共享",
    "脱敏",
    "数据字典",
    "数据标准",
    "代码表",
    "说明",
)


@dataclass(frozen=True)
class Comparison:
    """Elements and items of two versions, line by line, under what the columns are called."""

    columns: tuple[str, str]
    elements: list[comparing.Line]
    items: list[comparing.Line]

    @property
    def differences(self) -> list[comparing.Line]:
        """The lines in which they differ, elements first."""
        items = (replace(line, label=f"信息项“{line.label}”") for line in self.items)
        return [line for line in (*self.elements, *items) if not line.is_same]


def compare(columns: tuple[str, str], before: EntryFacts, after: EntryFacts) -> Comparison:
    """Two sets of facts side by side."""
    elements = comparing.lines(_elements(before), _elements(after))
    return Comparison(columns, elements, _items(before.items, after.items))


def compared(before: Version, after: Version, facts: EntryFacts | None = None) -> Comparison:
    """Two versions side by side; ``facts`` are those of the later one, where they are at hand."""
    columns = (label_of_version(before), label_of_version(after))
    return compare(columns, facts_of(before), facts or facts_of(after))


def against_published(version: Version, facts: EntryFacts | None = None) -> Comparison | None:
    """A version beside the one it shall replace; None where nothing is published yet."""
    current = version.entry.current
    return None if current in (None, version) else compared(current, version, facts)


def before_of(version: Version) -> dict[str, tuple[str, EntryFacts]]:
    """With what a reviewer compares a version: as it was returned in the round before, and the
    version it shall replace. Key → what it is called, what it says."""
    bases = {}
    returned = version.rounds.filter(number=version.round - 1).first()
    if returned is not None and (facts := facts_read(returned.content)) is not None:
        bases["round"] = (f"第 {returned.number} 次提交", facts)
    current = version.entry.current
    if current is not None and current != version:
        bases["published"] = (label_of_version(current), facts_of(current))
    return bases


def facts_read(content: Mapping[str, Any]) -> EntryFacts | None:
    """Facts as they were kept once; what there is no element for any more is left out. None where
    they mean nothing now."""
    with suppress(ValidationError):
        return EntryFacts(**{k: v for k, v in content.items() if k in EntryFacts.model_fields})
    return None


def unanswered(version: Version, after: EntryFacts) -> list[str]:
    """The fields a reviewer remarked on when they returned a version last, and that say the same
    still; ``after`` is what it says now."""
    returned = version.rounds.filter(number=version.round - 1).first()
    before = facts_read(returned.content) if returned is not None else None
    if before is None:
        return []
    fields = dict.fromkeys(
        version.remarks.filter(round=version.round - 1).values_list("field", flat=True)
    )
    return [field for field in fields if _answer(before, field) == _answer(after, field)]


def _answer(facts: EntryFacts, field: str) -> Any:
    name, _, item = field.partition(".")
    if item:
        return next((row for row in facts.items if row.name == item), None)
    return value_of(facts, name)


def label_of_version(version: Version) -> str:
    """What a version is called."""
    if version.published_at is None:
        return f"草稿（{version.state.label}）"
    return f"第 {version.number} 版（{day_of(version.published_at):%Y-%m-%d} 发布）"


def _elements(facts: EntryFacts) -> dict[str, str]:
    """The elements in words; what the platform fills in is no difference, and a ground left from
    an earlier class says nothing."""
    texts = {
        label: text
        for _, rows in sections(facts)
        for field, label, text in rows
        if field not in ("items", "grounds") and not ELEMENTS[field].filled_in
    }
    if facts.share_class == ShareClass.NOT_SHARED:
        grounds = (f"《{g.document}》{g.article}：{g.quotation}" for g in facts.grounds)
        texts[ELEMENTS["grounds"].label] = "\n".join(grounds)
    return texts


def _items(before: tuple[ItemRow, ...], after: tuple[ItemRow, ...]) -> list[comparing.Line]:
    """Item by item; of a changed one only what changed is spelt out."""
    old, new = ({item.name: _attributes(item) for item in items} for items in (before, after))
    return [_item(name, old.get(name), new.get(name)) for name in comparing.woven(old, new)]


def compared_item(old: ItemRow, new: ItemRow) -> comparing.Line:
    """One item as it was and as it is."""
    return _item(new.name, _attributes(old), _attributes(new))


def _item(name: str, old: dict[str, str] | None, new: dict[str, str] | None) -> comparing.Line:
    if old is None or new is None:
        return comparing.line(name, _sentence(old), _sentence(new))
    changed = [what for what in ITEM if old[what] != new[what]]
    if not changed:
        return comparing.line(name, _sentence(old), _sentence(new))
    cells = tuple(
        "\n".join(f"{what}：{texts[what] or '（无）'}" for what in changed) for texts in (old, new)
    )
    words = f"修改：{'、'.join(changed)}"
    return comparing.Line(name, cells, comparing.Difference.CHANGED, words)


def _sentence(texts: dict[str, str] | None) -> str:
    return (
        "，".join(text for what, text in texts.items() if text and what != "列名") if texts else ""
    )


def _attributes(item: ItemRow) -> dict[str, str]:
    mask = NAMED[item.mask][0] if item.mask in NAMED else ""
    texts = (
        item.column,
        item.type.label,
        f"长度 {item.length}" if item.length else "",
        "主键" if item.is_key else "",
        "可空" if item.nullable else "不可空",
        item.level.label,
        "不提供" if item.share_class is ShareClass.NOT_SHARED else "提供",
        f"脱敏：{mask}" if mask else "",
        item.code_list,
        item.standard,
        item.dictionary,
        item.remark,
    )
    return dict(zip(ITEM, texts, strict=True))
