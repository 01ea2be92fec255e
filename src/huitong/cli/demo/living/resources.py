"""What the departments of the demonstration have in their catalogs, read from `data/`: invented,
plausible, the same at every start."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pypinyin import Style, lazy_pinyin

from huitong.catalog.rules import ItemRow, Level, ShareClass, ShareMode
from huitong.scope.literals import ItemType

DATA = Path(__file__).parent / "data"
LISTED = "、"
#: items whose values are codes of a national list that comes with the platform
CODED = {
    "性别": "人的性别代码（GB/T 2261.1-2003）第1版",
    "婚姻状况": "婚姻状况代码（GB/T 2261.2-2003）第1版",
    "民族": "民族代码（GB/T 3304-1991）第1版",
}
#: what an item holds, by how its name ends or begins: type, length
KINDS: tuple[tuple[str, ItemType, int | None], ...] = (
    (r"开放时间|首班时间|末班时间|接待时间|预报时效|办理时间$", ItemType.TEXT, 60),
    (r"时间$", ItemType.TIME, None),
    (r"(日期|有效期至|所属期起|所属期止|期限)$", ItemType.DATE, None),
    (r"^(是否|.*标志$)", ItemType.TRUTH, None),
    (
        r"(金额|标准|总投资|投资额?|价格?|价|税额|收入|支出|资产|负债|余额|总额|资本|缴费|年薪|原值"
        r"|票价|外资|债权数额|零售额|利润总额|交易额|保证金|损失|支付|出资额|月缴存额)$",
        ItemType.MONEY,
        None,
    ),
    (
        r"(经度|纬度|浓度|指数|系数|比例|增速|气温|湿度|气压|雨量|水位|流量|率|面积|长度|宽度)$",
        ItemType.NUMBER,
        12,
    ),
    (r"(人数|户数|数量|数|床位|车位|人次|批次|记分|次数|张数)$", ItemType.INTEGER, 10),
    (r"(内容|依据|事实|意见|情况|指南|范围|原因|事由|来历|问题|项目描述)$", ItemType.MEMO, None),
    (r"(统一社会信用代码|身份号码|证件号码)$", ItemType.TEXT, 18),
    (r"行政区划代码$", ItemType.TEXT, 6),
    (r"(地址|住所|坐落|地点|场所|位置)$", ItemType.TEXT, 200),
    (r"(编号|号|代码|编码|文号|号码)$", ItemType.TEXT, 40),
)
#: the item that tells rows apart, and the one that concerns its own department only
KEY, INTERNAL = "记录编号", "入库时间"
#: of a person, and in no list that is open to all; and why the rest is
NEVER_PUBLIC = ("citizen_number", "bank_card", "mobile")
PUBLIC = "属于依法应当公示的登记事项，各部门办理业务均需核对。"


@dataclass(frozen=True)
class Department:
    """A department of the demonstration: its short name, systems, office, and the beginning of
    its tables and accounts."""

    short_name: str
    systems: tuple[str, ...]
    office: str
    prefix: str


@dataclass(frozen=True)
class Resource:
    """One entry of a department."""

    department: Department
    name: str
    items: tuple[ItemRow, ...]
    category: str
    themes: tuple[str, ...]
    industry: str
    share_class: ShareClass
    modes: tuple[ShareMode, ...]
    cycle: str

    @property
    def shared(self) -> list[str]:
        """The names of its items that others may have."""
        return [i.name for i in self.items if i.share_class is not ShareClass.NOT_SHARED]

    @property
    def table(self) -> str:
        return f"{self.department.prefix}_{initials(self.name)}"[:60]


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def listed(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(LISTED) if part)


@cache
def departments() -> dict[str, Department]:
    """By short name."""
    return {
        r["body"]: Department(r["body"], listed(r["systems"]), r["office"], r["prefix"])
        for r in rows("bodies")
    }


@cache
def resources() -> tuple[Resource, ...]:
    groups = {r["group"]: listed(r["items"]) for r in rows("groups")}
    result = []
    for r in rows("resources"):
        share_class = ShareClass(r["share"])
        names = dict.fromkeys(_spread((KEY, *listed(r["items"]), "@every"), groups))
        result.append(
            Resource(
                departments()[r["body"]],
                r["name"],
                tuple(_items(list(names), share_class)),
                r["class"],
                listed(r["themes"]),
                r["industry"],
                share_class,
                tuple(ShareMode(mode) for mode in listed(r["modes"])),
                r["cycle"],
            )
        )
    return tuple(result)


def _spread(names: tuple[str, ...], groups: dict[str, tuple[str, ...]]) -> Iterator[str]:
    for name in names:
        yield from groups[name[1:]] if name.startswith("@") else (name,)


def _items(names: list[str], share_class: ShareClass) -> Iterator[ItemRow]:
    columns: dict[str, int] = {}
    for name in names:
        column = initials(name)
        columns[column] = columns.get(column, 0) + 1
        if columns[column] > 1:
            column = f"{column}{columns[column]}"
        item = _item(name, column, share_class)
        sign = item.recognition
        if sign and share_class is ShareClass.UNCONDITIONAL:
            if sign.kind in NEVER_PUBLIC:
                continue
            yield item.model_copy(update={"declined": PUBLIC})
        elif sign:
            yield item.model_copy(update={"level": sign.level, "mask": sign.mask})
        else:
            yield item


def _item(name: str, column: str, share_class: ShareClass) -> ItemRow:
    kind, length = next(
        ((kind, length) for pattern, kind, length in KINDS if re.search(pattern, name)),
        (ItemType.TEXT, 100),
    )
    withheld = name == INTERNAL and share_class is ShareClass.CONDITIONAL
    return ItemRow(
        name=name,
        column=column,
        type=kind,
        length=length,
        nullable=name != KEY,
        is_key=name == KEY,
        level=Level.TWO,
        code_list=CODED.get(name, ""),
        share_class=ShareClass.NOT_SHARED if withheld else share_class,
        mask="",
    )


@cache
def initials(name: str) -> str:
    """A name by the initials of its pinyin, as many departments name their columns."""
    letters = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()
    return re.sub(r"[^a-z0-9]", "", letters)
