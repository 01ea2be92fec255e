"""Whether two entries describe the same data (一数一源: one source for each datum, A10): by their
names and by the items they share."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from huitong.catalog.rules.checks.findings import Faults
from huitong.catalog.rules.facts import EntryFacts
from huitong.catalog.rules.finding import folded

#: words that tell no data from another, at the end of a name and at its beginning
ENDINGS = re.compile(
    r"(基本)?(信息|数据|资料|情况|明细|列表|清单|台账|名录|名单|目录|资源|记录|总表|汇总|库|表)+$"
)
BEGINNINGS = re.compile(r"^(江苏省|江苏|南通市|南通|全市|本市|市级|我市|市)")
#: items that stand in every second entry or say whose the data is: sharing them says nothing
_COMMON = """公民身份号码 身份证号 身份证号码 统一社会信用代码 企业名称 单位名称 机构名称 性别 民族
 序号 编号 名称 备注 状态 更新时间 创建时间 数据更新时间 入库时间 修改时间 操作时间 录入时间
 主键 联系人 联系电话 地址 行政区划 行政区划代码 所属区划 区划代码 填报单位 填报日期 姓名 类型 类别"""
COMMON_ITEMS = frozenset(_COMMON.split())
#: names so much alike are of the same data; or somewhat alike, with so many items in common
SAME_NAME, LIKE_NAME = 0.85, 0.5
#: so many of those that are near are named
NAMED = 10
#: so much of the items of both in common, and at least so many that tell something
SAME_ITEMS, LIKE_ITEMS, FEWEST = 0.75, 0.5, 3


@dataclass(frozen=True)
class Likeness:
    """How much two entries have in common: their names from 0 to 1, the items by number and as a
    share of the smaller entry's."""

    name: float
    common: int
    items: float

    @property
    def is_near(self) -> bool:
        """Whether somebody should look whether they are the same data."""
        return (
            self.name >= SAME_NAME
            or (self.name >= LIKE_NAME and self.common >= 2 and self.items >= LIKE_ITEMS)
            or (self.common >= FEWEST and self.items >= SAME_ITEMS)
        )

    @property
    def rank(self) -> tuple[float, float]:
        """By which the nearest come first."""
        return (-self.name, -self.items)

    @property
    def words(self) -> str:
        """What they have in common, in words."""
        parts = ["名称相近"] if self.name >= LIKE_NAME else []
        parts += [f"{self.common} 个信息项相同"] if self.common else []
        return "，".join(parts)


@lru_cache(32768)
def core(name: str) -> str:
    """What of a name tells its data from others.

    >>> core("南通市婚姻登记基本信息表")
    '婚姻登记'
    """
    text = re.sub(r"[\s（）()《》“”·、，,\-_]", "", folded(name))
    shorter = ENDINGS.sub("", BEGINNINGS.sub("", text))
    return shorter or text


def grams(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters of a text."""
    return frozenset(text[n : n + 2] for n in range(max(len(text) - 1, 1)) if text)


def telling(items: Iterable[str]) -> frozenset[str]:
    """The items that tell something of the data."""
    return frozenset(map(_folded, items)) - COMMON_ITEMS


#: the names of items come again and again
_folded = lru_cache(32768)(folded)


@dataclass(frozen=True)
class Features:
    """What of an entry is compared: the pairs of its name, and the items that tell something."""

    pairs: frozenset[str]
    items: frozenset[str]

    @classmethod
    def of(cls, name: str, items: Iterable[str]) -> Features:
        return cls(grams(core(name)), telling(items))

    def likeness(self, other: Features) -> Likeness:
        """How much two entries have in common."""
        pairs = len(self.pairs) + len(other.pairs)
        both = self.pairs and other.pairs
        alike = 2 * len(self.pairs & other.pairs) / pairs if both else 0.0
        common = len(self.items & other.items)
        share = common / min(len(self.items), len(other.items)) if common else 0.0
        return Likeness(alike, common, share)


def similar(e: EntryFacts) -> Faults:
    """The nearest published entries, of others or of one's own, that seem to be of the same data;
    why this one is another is said beside it."""
    own = Features.of(e.name, (item.name for item in e.items))
    alike = [(own.likeness(Features.of(n.name, n.items)), n) for n in e.neighbours]
    near = sorted((pair for pair in alike if pair[0].is_near), key=lambda pair: pair[0].rank)
    reason = f"；编制部门说明：{e.difference}" if e.difference else ""
    for number, (how, other) in enumerate(near[:NAMED], 1):
        whose = "本部门" if other.body == e.body else other.body
        more = f"，另有 {len(near) - NAMED} 项相似目录" if number == NAMED < len(near) else ""
        yield "name", f"与{whose}的“{other.name}”相似（{how.words}）{more}{reason}", other.entry
