"""An entry as people read it: who, what, and field by field what changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from huitong.audit.rules.findings import KINDS

#: what the kernel's own facts are called; other names stand as they are
FIELDS = {
    "state": "状态",
    "parties": "当事方",
    "facts": "事实",
    "due_on": "到期日",
    "given": "提交内容",
    "reasons": "理由",
    "title": "名称",
    "number": "编号",
    "ended_at": "终止时间",
    "expires_at": "到期时间",
    "valid_from": "有效期起",
    "valid_to": "有效期止",
    "opinion": "意见",
    "scope": "范围",
    "items": "信息项",
    "first": "起始条号",
    "digest": "文件摘要（SHA-256）",
    "entries": "条目数",
    "size": "台账大小",
    "case": "事项",
}

#: a moment as the ledger writes it
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")

#: what the objects of acts are called, by the label of their model
OBJECTS = {
    "kernel.case": "事项",
    "audit.package": "导出文件",
    "work.reacted": "后续动作",
    "work.attachment": "附件",
    "work.notice": "消息",
    "work.copy": "抄送",
    "work.urging": "催办",
    "organizations.body": "机构",
    "organizations.person": "人员",
    "organizations.posting": "任职",
    "organizations.duty": "职责",
    "organizations.matter": "事项目录",
    "organizations.token": "令牌",
    "organizations.taskforce": "工作专班",
    "organizations.division": "行政区划",
    "catalog.informationsystem": "信息系统",
    "catalog.database": "数据库",
    "catalog.scan": "扫描",
    "catalog.entry": "目录",
    "publishing.mount": "挂接",
    "access.applicationsystem": "应用系统",
    "access.form": "申请表",
    "access.application": "申请",
    "access.grant": "授权",
    "access.credential": "凭证",
    "access.deliveryfact": "交付记录",
    "tables.schedule": "交换任务",
    "tables.run": "交换执行",
    "gateway.call": "接口调用",
    "files.download": "文件下载",
}

#: through which door an act came (`Actor.via`, up to a colon)
DOORS = {"page": "页面", "api": "接口", "cli": "命令行", "job": "平台自动"}


def local(moment: str) -> str:
    """A moment of the ledger in Chinese time."""
    return (
        datetime.fromisoformat(moment)
        .astimezone(ZoneInfo("Asia/Shanghai"))
        .strftime("%Y-%m-%d %H:%M:%S")
    )


def door_words(via: str) -> str:
    door, _, rest = via.partition(":")
    return f"{DOORS.get(door, door)}（{rest}）" if rest else DOORS.get(door, door)


@dataclass(frozen=True)
class Change:
    label: str
    old: str
    new: str


def changes(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    states: Mapping[str, str],
    titles: Mapping[str, str] | None = None,
) -> list[Change]:
    """List the changes of an act, field by field; ``states`` gives the words for the states of a
    case, ``titles`` those for the fields of its form."""
    labels = FIELDS | dict(titles or {})

    def words(name: str, facts: Mapping[str, Any]) -> str:
        value = facts.get(name)
        if name == "state":
            return states.get(str(value), str(value or ""))
        return worded(value, labels)

    names = [
        name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)
    ]
    return [
        Change(labels.get(name, name), words(name, before), words(name, after)) for name in names
    ]


def worded(value: Any, titles: Mapping[str, str]) -> str:
    """A recorded value as text: moments in local time, lists and facts spelt out; the record
    itself is shown below it anyway."""
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case str() if MOMENT.fullmatch(value):
            return local(value)
        case list():
            return "、".join(worded(one, titles) for one in value)
        case dict():
            return "；".join(
                f"{titles.get(name, name)}：{text}"
                for name, one in value.items()
                if (text := worded(one, titles))
            )
    return str(value)


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
