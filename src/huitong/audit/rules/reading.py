"""An entry as people read it: who, what, and field by field what changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from huitong.audit.rules.offline import KINDS

#: what the kernel's own facts are called; other names stand as they are
FIELDS = {
    "state": "状态", "parties": "当事方", "facts": "事实", "due_on": "到期日", "given": "提交内容", "reasons": "理由", "title": "名称",
    "number": "编号", "first": "起始条号", "digest": "文件摘要（SHA-256）", "entries": "条目数", "size": "台账大小", "case": "事项",
}

#: through which door an act came (`Actor.via`, up to a colon)
DOORS = {"page": "页面", "api": "接口", "cli": "命令行", "job": "平台自动"}


def door_words(via: str) -> str:
    door, _, rest = via.partition(":")
    return f"{DOORS.get(door, door)}（{rest}）" if rest else DOORS.get(door, door)


@dataclass(frozen=True)
class Change:
    label: str
    old: str
    new: str


def changes(before: Mapping[str, Any], after: Mapping[str, Any], states: Mapping[str, str]) -> list[Change]:
    """What the act changed or added, field by field; ``states`` gives the words for the states of a case."""

    def said(name: str, facts: Mapping[str, Any]) -> str:
        value = facts.get(name)
        if name == "state":
            return states.get(str(value), str(value or ""))
        if value is None or value == "":
            return ""
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    names = [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
    return [Change(FIELDS.get(name, name), said(name, before), said(name, after)) for name in names]


def fault_words(fault: Mapping[str, Any]) -> tuple[str, str]:
    """A fault an inspection kept, in words: what, where."""
    places = {"leaf": "第 {} 条", "entry": "台账第 {} 号", "size": "共 {} 条时的检查点", "file": "文件 {}"}
    return KINDS[fault["kind"]], "，".join(words.format(fault[name]) for name, words in places.items() if name in fault)


def article_words(article: str) -> str:
    return f"第{article.removeprefix('A')}条" if article else ""
