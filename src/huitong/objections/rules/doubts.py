"""What a doubt is about, what it must say, and how it may go on, plain (A29)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from huitong.kernel.actor import Labelled
from huitong.kernel.procedure import Tone


class Doubt(Labelled):
    """What somebody doubts."""

    CATALOG = "catalog", "目录内容"
    RESOURCE = "resource", "资源挂接"
    AUTHORIZATION = "authorization", "授权"
    USE = "use", "数据使用"
    CONTENT = "content", "数据内容"


class Finding(Labelled):
    """What the verification came to."""

    RIGHT = "right", "核对无误"
    WRONG = "wrong", "确有错误"

    @property
    def tone(self) -> Tone:
        return Tone.INFO if self is Finding.RIGHT else Tone.WARNING


class Satisfaction(Labelled):
    """Whether an answer settles a doubt: chosen, for a tick is forgotten and this is final."""

    YES = "yes", "满意"
    NO = "no", "不满意"

    @classmethod
    def of(cls, satisfied: bool | None) -> Satisfaction | None:
        """As it is kept; None while nobody has evaluated."""
        return None if satisfied is None else cls.YES if satisfied else cls.NO

    @property
    def tone(self) -> Tone:
        return Tone.SUCCESS if self is Satisfaction.YES else Tone.WARNING


#: kinds that are about data under a grant of the asker's body
UNDER_A_GRANT = frozenset({Doubt.AUTHORIZATION, Doubt.USE, Doubt.CONTENT})
#: what only a doubt about content says, and what of it must be said
CONTENT_NEEDS: Mapping[str, str] = {
    "delivery": "写明是哪一次交付的数据：接口填请求编号，库表填执行编号，文件填校验值",
    "item": "写明是哪个信息项",
    "locator": "写明是哪一条记录（脱敏后的标识）",
    "held": "写明收到的值",
}


def doubt_faults(
    kind: Doubt, given: Mapping[str, Any], *, granted: bool, items: Collection[str]
) -> dict[str, str]:
    """What is wrong with a doubt, by field. ``granted``: it is about a grant of the asker's;
    ``items``: the information items the entry has."""
    if kind in UNDER_A_GRANT and not granted:
        return {"kind": f"对{kind.label}的疑义须从本部门的授权提出，请打开该授权或收到数据的页面"}
    if kind is Doubt.CONTENT:
        wrong = {name: words for name, words in CONTENT_NEEDS.items() if not given.get(name)}
    else:
        idle = ("delivery", "item", "locator", "held", "believed")
        wrong = {name: "只有对数据内容的疑义才填写" for name in idle if given.get(name)}
    item = given.get("item")
    if item and "item" not in wrong and item not in items:
        names = "、".join(list(items)[:12])
        wrong["item"] = f"该目录没有这个信息项，可以填：{names}"
    return wrong


def again_fault(*, satisfied: bool | None, is_second: bool, raised_again: bool) -> str:
    """Why a doubt cannot be raised again; empty when it can."""
    if is_second:
        return "该疑义已是再次提出，不能第三次提出；仍有分歧的，请提出争议协商"
    if raised_again:
        return "该疑义已再次提出过，不能重复提出"
    return "" if satisfied is False else "只有评价为不满意的答复，才能再次提出"


def planned_fault(planned: date, today: date, latest: date) -> dict[str, str]:
    """What keeps a correction from being promised by this day; ``latest``: the city's limit."""
    if today <= planned <= latest:
        return {}
    return {"planned_on": f"应在今天至 {latest} 之间；{latest} 是本市设定的更正期限"}


def corrected_fault(corrected: date, reported: date, today: date) -> dict[str, str]:
    if reported <= corrected <= today:
        return {}
    return {"corrected_on": f"应在 {reported} 至今天之间"}


def version_fault(
    version: int | None, by_entry: bool, published: Collection[int]
) -> dict[str, str]:
    """What is wrong with the version that corrected; ``by_entry``: its body settles a doubt about
    the catalog, so one must be named; ``published``: those since the doubt was raised."""
    if version in published or (version is None and not by_entry):
        return {}
    return {"version": "请选择提出疑义之后发布的目录版本；还没有发布的，请先更新目录"}


def evaluation_fault(verdict: Satisfaction, words: str) -> dict[str, str]:
    if verdict is Satisfaction.YES or words.strip():
        return {}
    return {"evaluation": "不满意的，请写明还有什么疑义"}


def assign_fault(
    body: int, asker: int, declined: Collection[int], valid: Collection[int], words: str
) -> dict[str, str]:
    """What keeps the bureau from sending a doubt to this body: one that said it is not its duty is
    asked again only with words why."""
    if body == asker:
        return {"body": "不能转交给提出疑义的部门"}
    if body not in valid:
        return {"body": "没有这个部门，或已撤并"}
    if body in declined and not words.strip():
        return {"words": "该部门已答复“不属本部门职责”，再次转交须写明依据"}
    return {}
