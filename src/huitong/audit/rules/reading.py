"""An entry as people read it: who, what, and field by field what changed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from huitong.audit.rules.findings import KINDS
from huitong.kernel import shipped
from huitong.kernel.actor import PARTIES, Labelled, bodies_of

#: a moment as the ledger writes it
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")

#: what the objects of acts are called, by the label of their model
OBJECTS = {
    "kernel.case": "事项",
    "kernel.watch": "持续时限",
    "kernel.limit": "时限",
    "kernel.calendaryear": "节假日安排",
    "kernel.adoptedlaw": "采用的规则",
    "audit.package": "导出文件",
    "work.reacted": "后续动作",
    "work.attachment": "附件",
    "work.notice": "消息",
    "work.copy": "抄送",
    "work.urging": "催办",
    "work.comment": "留言",
    "work.follow": "关注",
    "work.preference": "消息设置",
    "work.digest": "每日汇总",
    "work.savedview": "列表视图",
    "organizations.body": "机构",
    "organizations.person": "人员",
    "organizations.posting": "任职",
    "organizations.duty": "职责",
    "organizations.matter": "事项目录",
    "organizations.token": "访问令牌",
    "organizations.accountchange": "账号变更",
    "organizations.taskforce": "工作专班",
    "documents.document": "制度文件",
    "organizations.division": "行政区划",
    "catalog.informationsystem": "信息系统",
    "catalog.database": "数据库",
    "catalog.scan": "扫描",
    "catalog.entry": "目录",
    "catalog.changeset": "变更集",
    "catalog.checkreport": "检查报告",
    "catalog.coderule": "编码规范",
    "catalog.codelist": "数据字典",
    "catalog.coverageconfirmed": "覆盖情况确认",
    "catalog.datum": "数源数据",
    "catalog.entryfollow": "目录关注",
    "catalog.groundkind": "不予共享的依据类别",
    "catalog.leftout": "不编目的说明",
    "catalog.requirement": "检查规则",
    "catalog.standard": "数据标准",
    "catalog.synonymgroup": "同义词",
    "publishing.mount": "挂接",
    "access.applicationsystem": "使用数据的信息系统",
    "access.intake": "授权补录",
    "access.form": "申请表",
    "access.application": "申请",
    "access.grant": "授权",
    "access.credential": "凭证",
    "access.deliveryfact": "交付记录",
    "demands.demand": "需求",
    "disputes.dispute": "争议",
    "objections.objection": "疑义",
    "tables.schedule": "交换任务",
    "tables.run": "交换执行",
    "gateway.call": "接口调用",
    "files.download": "文件下载",
}


def object_words(label: str) -> str:
    """What the object of an act is called; nothing for nothing."""
    return OBJECTS.get(label, "其他对象") if label else ""


#: through which door an act came (`Actor.via`, up to a colon)
DOORS = {
    "page": "页面",
    "api": "接口",
    "cli": "命令行",
    "job": "平台自动",
    "oauth": "接口令牌",
    "sign-in": "登录页",
}


def local(moment: str) -> str:
    """A moment of the ledger in Chinese time."""
    return (
        datetime.fromisoformat(moment)
        .astimezone(ZoneInfo("Asia/Shanghai"))
        .strftime("%Y-%m-%d %H:%M:%S")
    )


def door_words(via: str) -> str:
    door, _, rest = via.partition(":")
    words = DOORS.get(door, "其他")
    return words if not rest or rest.isascii() else f"{words}（{rest}）"


# -- what changed ----------------------------------------------------------------------------------


class Words(NamedTuple):
    """What a fact is called, and what it holds: a ``name`` of something technical, ``names`` of
    such, the ``number`` of a row of ours, a ``body``."""

    label: str
    holds: str


def _table() -> tuple[dict[str, Words], dict[tuple[str, str], str]]:
    rows = shipped.rows("audit", "ledger_words")
    return (
        {r["key"]: Words(r["words"], r["holds"]) for r in rows if not r["value"]},
        {(r["key"], r["value"]): r["words"] for r in rows if r["value"]},
    )


FACTS, VALUES = _table()
#: what acts are called that nobody can do any more, but the ledger keeps
PAST_VERBS = {value: words for (key, value), words in VALUES.items() if key == "verb"}
#: a value that is a word of the code, not of people
CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
#: what is said of a fact that has no name here
UNNAMED = "其他内容"


@dataclass(frozen=True)
class Reader:
    """How the facts of one act are put into words: the ``titles`` of its form's fields, the words
    of their ``choices`` and of the ``states`` of its case, the names of ``bodies``."""

    titles: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    bodies: Mapping[int, str] = field(default_factory=dict)

    def label(self, name: str) -> str:
        if not name.isascii():
            return name  # an item, or whatever else people named
        words = FACTS.get(name)
        return self.titles.get(name) or (words.label if words else UNNAMED)

    def rows(self, name: str, value: Any, above: str = "") -> Iterator[tuple[str, str]]:
        """A fact as labelled rows: what it is made of stands in rows of its own."""
        label = f"{above}：{self.label(name)}" if above else self.label(name)
        if name == "parties" and isinstance(value, dict):
            for party, held in value.items():
                role = PARTIES[party].label if party in PARTIES else UNNAMED
                yield f"{label}：{role}", "、".join(map(self._body, bodies_of(held)))
            return
        holds = FACTS[name].holds if name in FACTS else ""
        if isinstance(value, dict) and holds != "names":
            inner = "" if name in ("given", "facts") and not above else label
            for part, one in value.items():
                yield from self.rows(part, one, inner)
        elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
            for number, one in enumerate(value, 1):
                yield f"{label}（第 {number} 项）", self.text(name, one)
        else:
            yield label, self.text(name, value)

    def text(self, name: str, value: Any) -> str:
        """One value in words; nothing for nothing."""
        if value is None or value in ("", [], {}):
            return ""
        match value:
            case bool():
                return "是" if value else "否"
            case list():
                return "、".join(filter(None, (self.text(name, one) for one in value)))
            case dict() if name in FACTS and FACTS[name].holds == "names":
                return "；".join(f"“{part}” {one}" for part, one in value.items())
            case dict():
                parts = (
                    f"{label}：{text}"
                    for part, one in value.items()
                    for label, text in self.rows(part, one)
                    if text
                )
                return "；".join(parts)
            case int():
                return self._number(name, value)
        return self._words(name, str(value))

    def _number(self, name: str, value: int) -> str:
        chosen = self.choices.get(name, {}).get(str(value))
        holds = FACTS[name].holds if name in FACTS else ""
        if chosen:
            return chosen
        if holds == "body":
            return self._body(value)
        return f"{value} 号" if holds == "number" else str(value)

    def _body(self, body: int) -> str:
        return self.bodies.get(body) or f"{body} 号"

    def _words(self, name: str, value: str) -> str:
        if MOMENT.fullmatch(value):
            return local(value)
        if name == "state" and value in self.states:
            return self.states[value]
        own = self.choices.get(name, {}).get(value) or VALUES.get((name, value))
        if own:
            return own
        if name in FACTS and FACTS[name].holds in ("name", "names"):
            return f"“{value}”"
        if CODE.fullmatch(value):
            return labels().get(value) or f"“{value}”"
        return value


@cache
def labels() -> Mapping[str, str]:
    """The words of our closed vocabularies, where a value means one thing in all of them."""
    words: dict[str, set[str]] = {}
    kinds = [Labelled]
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        for member in kind:
            words.setdefault(member.value, set()).add(member.label)
    return {value: next(iter(texts)) for value, texts in words.items() if len(texts) == 1}


@dataclass(frozen=True)
class Change:
    label: str
    old: str
    new: str


def changes(
    before: Mapping[str, Any], after: Mapping[str, Any], reader: Reader | None = None
) -> list[Change]:
    """List what an act changed, each fact that differs as a labelled row."""
    reader = reader or Reader()
    old, new = _labelled(reader, before), _labelled(reader, after)
    return [
        Change(label, old.get(label, ""), new.get(label, ""))
        for label in dict.fromkeys([*old, *new])
        if old.get(label, "") != new.get(label, "")
    ]


def _labelled(reader: Reader, facts: Mapping[str, Any]) -> dict[str, str]:
    """All rows of the facts; labels that come again are numbered."""
    rows: dict[str, str] = {}
    counts = Counter[str]()
    for name, value in _once(facts).items():
        for label, text in reader.rows(name, value):
            counts[label] += 1
            rows[f"{label}（{counts[label]}）" if counts[label] > 1 else label] = text
    return rows


def _once(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of an act without those of its case, or of its own, that repeat what was given."""
    given = facts.get("given") or {}

    def rest(some: Mapping[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in some.items() if k not in given or given[k] != v}

    own = rest(facts)
    return own | {"facts": rest(own["facts"])} if isinstance(own.get("facts"), dict) else own


def fault_words(fault: Mapping[str, Any]) -> tuple[str, str]:
    """A fault an inspection kept, in words: what, where."""
    places = {
        "leaf": "第 {} 条",
        "entry": "台账第 {} 号",
        "size": "共 {} 条时的检查点",
        "file": "文件 {}",
    }
    return KINDS[fault["kind"]], "，".join(
        words.format(fault[name]) for name, words in places.items() if name in fault
    )
