"""Bringing in what an older platform granted, or a paper (补录): the table it comes in, and the way
two people of the bureau take it (A19, A22)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict

from huitong.access.rules.scoping import CALLS_PER_SECOND, MOST_PER_SECOND
from huitong.catalog.rules import ShareClass
from huitong.kernel.actor import BUREAU, Labelled
from huitong.kernel.actor import Post as P
from huitong.kernel.procedure import EARLIEST, LATEST, End, Procedure, State, opens, state, step
from huitong.organizations.rules import Column, Register, at_most, boolean, day
from huitong.publishing.rules import Authority, Mode, MountState

#: rows of one table: its manager looks at each
MOST_ROWS = 2000


class B(State):
    """States of a table that is brought in."""

    PREPARED = state("prepared", "待负责人确认")
    CONFIRMED = state("confirmed", "已补录", end=End.COMPLETED)
    TURNED_DOWN = state("turned_down", "未予确认", end=End.REFUSED)
    DROPPED = state("dropped", "已放弃", end=End.WITHDRAWN)


CONFIRMED = (
    "平台决定的授权立即生效，提供部门会收到通知，可以暂停；提供部门决定的，由其负责人同意后才生效。"
    "此后只能暂停、收回或退回。"
)
AGAIN = "表中各行都不生效；更正后可以重新补录。"

# fmt: off
INTAKE = Procedure(
    kind="intake", label="授权补录", law="nantong-2020", in_force=date(2020, 2, 19), prefix="BL",
    steps=(
        opens("prepare", "A19", BUREAU(P.OPERATOR), B.PREPARED, label="补录授权"),
        step("confirm", "A19", BUREAU(P.MANAGER), {B.PREPARED}, B.CONFIRMED,
             label="确认补录", final=True, effect=CONFIRMED),
        step("turn_down", "A19", BUREAU(P.MANAGER), {B.PREPARED}, B.TURNED_DOWN,
             label="不予确认", reasons=True, danger=True, effect=AGAIN),
        step("drop", "A19", BUREAU(P.OPERATOR), {B.PREPARED}, B.DROPPED,
             label="放弃补录", optional=True, danger=True, effect=AGAIN),
    ),
)
# fmt: on


class Footing(Labelled):
    """What a row is once its table is confirmed; the route of a grant that is brought in."""

    LIVE = "live", "生效"
    ASKED = "asked", "待提供部门同意"
    OVER = "over", "已结束，只存档"


class OldGrant(BaseModel):
    """A grant of an older platform as a row of the table says it, everything it names by key. Only
    `queries.check_intake` makes one: no page, request or command can give it."""

    model_config = ConfigDict(frozen=True)

    row: int
    source: str
    number: str
    decided_on: date
    decided_by: str
    authority: str
    footing: str
    mount: int
    resource: str
    provider: int
    sharing: str
    consumer: int
    consumer_name: str
    system: int
    duty: int
    matter: int | None
    purpose: str
    scenario: str
    scope: dict[str, Any]
    per_second: int
    per_day: int | None
    valid_from: date
    valid_to: date
    target: int | None
    target_table: str
    contact: str
    phone: str
    paper: int | None
    note: str

    def title(self, what: str) -> str:
        """What a case of it is called: that it was brought in, and its old number, are read and
        searched for wherever cases are listed."""
        return f"{what}（补录，原编号 {self.number}）：{self.resource} → {self.consumer_name}"[:300]


# -- what a row may say ----------------------------------------------------------------------------

#: a fault of one row: its column, and what to do
Fault = tuple[str, str]


def faults_of_days(row: Mapping[str, Any], on: date) -> Iterator[Fault]:
    """What is wrong with the days of a row, and with whether they are over."""
    if row["decided_on"] > on:
        yield "decided_on", "不能晚于今日"
    if row["valid_from"] < row["decided_on"]:
        yield "valid_from", f"不能早于决定日期 {row['decided_on']}"
    if row["valid_to"] < row["valid_from"]:
        yield "valid_to", "不能早于“有效期自”"
    elif row["ended"] and row["valid_to"] >= on:
        yield "valid_to", "已结束的，请填实际终止的日期（早于今日）；仍在使用的，“是否已结束”填“否”"
    elif not row["ended"] and row["valid_to"] < on:
        yield (
            "valid_to",
            "有效期已过，不能作为使用中的授权补录：只存档的，“是否已结束”填“是”；仍需使用的，请重新申请",
        )


def faults_of_resource(
    row: Mapping[str, Any],
    sharing: str,
    mounted: str,
    *,
    own: bool,
    admitted: bool,
    confirmed: bool,
) -> Iterator[Fault]:
    """What is wrong with the resource of a row for its consumer, whose ``own`` it may be, who is
    ``admitted`` by the entry, whose duty is ``confirmed`` (A3, A8, A13)."""
    if own:
        yield "consumer", "这是该部门自己提供的资源，无需授权"
        return
    if sharing == ShareClass.NOT_SHARED:
        yield "code", "目录现为不予共享，不能补录（第八条）"
        return
    if row["ended"]:  # nothing leaves under it
        return
    if not admitted:
        yield "consumer", "目录现只提供给指定的部门，不含该部门（第八条）：请与提供部门协商"
    if mounted != MountState.ACTIVE:
        yield "code", f"该资源现在“{MountState(mounted).label}”：恢复后再补录"
    if sharing == ShareClass.CONDITIONAL and not confirmed:
        yield (
            "duty",
            "该职责未经市大数据管理局确认，不能据以使用有条件共享的数据（第三条）：请先核对确认",
        )


def way_of(row: Mapping[str, Any], today: Authority) -> tuple[Authority, Footing]:
    """Who answers for a row and what becomes of it: whoever must be asked today is asked, and
    whoever decided then answers for it (A18, A22)."""
    ways = {Authority(row["decided_by"]), today}
    authority = Authority.PROVIDER if Authority.PROVIDER in ways else Authority.PLATFORM
    if row["ended"]:
        return authority, Footing.OVER
    return authority, Footing.ASKED if authority == Authority.PROVIDER else Footing.LIVE


# -- the table -------------------------------------------------------------------------------------


def _between(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        # a number of thousands of digits is not even read
        whole = text.isascii() and text.isdigit() and len(text) <= 12
        if not whole or not least <= int(text) <= most:
            raise ValueError(f"“{text[:20]}”应为 {least} 至 {most} 的整数")
        return int(text)

    return read


def _day(text: str) -> date:
    """A day whose year every act takes: what is checked here can be confirmed."""
    read = day(text)
    if not EARLIEST <= read <= LATEST:
        raise ValueError(
            f"应在 {EARLIEST.year} 年至 {LATEST.year} 年之间，没有期限的请填确定的日期"
        )
    return read


def _at_least(least: int, most: int) -> Callable[[str], str]:
    longest = at_most(most)

    def read(text: str) -> str:
        if len(text) < least:
            raise ValueError(f"至少 {least} 个字")
        return longest(text)

    return read


def _mode(text: str) -> str:
    for mode in Mode:
        if text in (mode.value, mode.label):
            return mode.value
    raise ValueError(f"“{text[:20]}”应为：{'、'.join(mode.label for mode in Mode)}")


def _decider(text: str) -> str:
    ways = {"平台": Authority.PLATFORM, "提供部门": Authority.PROVIDER}
    ways |= {way.value: way for way in Authority}
    if text not in ways:
        raise ValueError(f"“{text[:20]}”应为：平台、提供部门")
    return ways[text].value


def _items(text: str) -> list[str]:
    for sign in ",，;；\n":
        text = text.replace(sign, "、")
    return list(dict.fromkeys(filter(None, map(str.strip, text.split("、")))))


GRANTS = Register(
    "grants",
    "授权",
    "A19",
    ("number",),
    (
        Column("number", "原编号", True, at_most(60)),
        Column("consumer", "使用部门", True, at_most(120)),
        Column("system", "使用数据的信息系统", True, at_most(120)),
        Column("duty", "履职依据", True, at_most(300)),
        Column("matter", "事项编码", read=at_most(40)),
        Column("code", "资源代码", True, at_most(60)),
        Column("mode", "方式", True, _mode),
        Column("items", "信息项", read=_items, default=None),
        Column("rows", "数据行条件", read=at_most(1000)),
        Column("purpose", "使用目的", True, _at_least(4, 500)),
        Column("scenario", "使用场景", read=at_most(500)),
        Column("valid_from", "有效期自", True, _day),
        Column("valid_to", "有效期至", True, _day),
        Column(
            "per_second",
            "每秒调用上限",
            read=_between(1, MOST_PER_SECOND),
            default=CALLS_PER_SECOND,
        ),
        Column("per_day", "每日调用上限", read=_between(1, 100_000_000), default=None),
        Column("decided_on", "决定日期", True, _day),
        Column("decided_by", "决定单位", True, _decider),
        Column("ended", "是否已结束", read=boolean, default=False),
        Column("target", "前置库", read=at_most(120)),
        Column("target_table", "送达表名", read=at_most(63)),
        Column("contact", "联系人", True, _at_least(2, 60)),
        Column("phone", "联系电话", True, _at_least(5, 40)),
        Column("paper", "扫描件", read=at_most(200)),
        Column("note", "备注", read=at_most(300)),
    ),
)
#: how each column is filled in, where its heading does not say it
HINTS = {
    "number": "旧平台或纸质授权的编号；同一来源内不能重复，已补录过的编号不会再次补录。",
    "consumer": "部门全称或简称，须已登记。",
    "system": "使用部门在本平台登记的信息系统名称。",
    "duty": "使用部门在“职责与事项”中登记的职责，逐字一致；使用有条件共享的数据须已确认。",
    "matter": "每次调用须说明事项的资源必填；须属于该项职责。",
    "code": "已发布并已挂接的目录的资源代码。",
    "items": "用顿号隔开；不填为目录可提供的全部信息项。不能超出目录。",
    "rows": "如：登记机关区划 开头 3206；多个条件用分号隔开，须同时满足。关系可用 = ≠ ≥ ≤ > < 开头 属于。",
    "valid_from": "如 2025-01-01，可以是过去的日期。",
    "valid_to": "已经过去的，须在“是否已结束”填“是”，只作存档，不再提供数据。",
    "per_second": f"接口方式；不填为 {CALLS_PER_SECOND}。",
    "per_day": "接口方式；不填为不限。",
    "decided_on": "原来作出授权决定的日期。",
    "decided_by": "原来由谁决定。目录规定由提供部门审核的，无论填什么，都须其负责人同意后才生效。",
    "ended": "填“是”的只作存档。",
    "target": "库表方式必填：使用部门登记的、用途为接收交换数据的前置库名称。",
    "target_table": "库表方式；不填与来源表同名。",
    "paper": "与表格一起上传的纸质授权扫描件的文件名，如 SQ-2024-017.pdf。",
}
#: what may be chosen in a column
CHOICES = {
    "mode": tuple(mode.label for mode in Mode),
    "decided_by": ("平台", "提供部门"),
    "ended": ("是", "否"),
}
