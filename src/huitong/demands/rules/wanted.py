"""What a demand says: how the answers of who fills it in are read and judged (A3, A24)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from pathlib import Path

from huitong.kernel.actor import Labelled
from huitong.kernel.procedure import Tone
from huitong.work.rules.stamped import FormKind

DEMAND_FORM = FormKind("demands", "A24", Path(__file__).parents[1] / "data" / "demand.typ")
#: so many items, and so long each
MOST_ITEMS, LONGEST_ITEM = 100, 60
#: to so many bodies one demand may be written
MOST_BODIES = 20


class Kind(Labelled):
    """What was said to a demand."""

    PROMISED = "promised", "属本部门职责，将发布"
    DEFERRED = "deferred", "暂时无法发布"
    NOT_OURS = "not_ours", "不属本部门职责"
    ANSWERED = "answered", "以目录答复"
    ASSIGNED = "assigned", "转交"
    UNMET = "unmet", "无部门掌握"

    @property
    def tone(self) -> Tone:
        return _TONES.get(self, Tone.NEUTRAL)


_TONES = {Kind.ANSWERED: Tone.SUCCESS, Kind.PROMISED: Tone.INFO, Kind.DEFERRED: Tone.WARNING}


def items_named(items: Iterable[str]) -> list[str]:
    """The items asked for, each once, as they were written. Raises ValueError for too many or too
    long ones."""
    named = list(dict.fromkeys(text for item in items if (text := item.strip())))
    if len(named) > MOST_ITEMS:
        raise ValueError(f"最多 {MOST_ITEMS} 项")
    if any(len(item) > LONGEST_ITEM for item in named):
        raise ValueError(f"每项最多 {LONGEST_ITEM} 个字，一行写一项")
    return named


def address_fault(
    addressed: Collection[int], own: int | None, valid: Collection[int]
) -> dict[str, str]:
    """What keeps a demand from going to these bodies."""
    if len(addressed) > MOST_BODIES:
        return {"addressed": f"一件需求最多向 {MOST_BODIES} 个部门提出；请分开提出"}
    if own in addressed:
        return {"addressed": "不能向本部门提出需求"}
    if not set(addressed) <= set(valid):
        return {"addressed": "没有这个部门，或已撤并；请改选，或由大数据管理局转交"}
    return {}


def planned_fault(planned: date, today: date, latest: date) -> dict[str, str]:
    """What keeps a body from promising to publish by this day: it lies between today and the end of
    what the law gives; once that is over, any day to come will do."""
    if planned < today:
        return {"planned_on": "不能早于今天"}
    if today <= latest < planned:
        words = f"最迟须于 {latest} 前发布；确因客观原因不能按期的，请办理“暂时无法发布”"
        return {"planned_on": words}
    return {}


def until_fault(until: date, today: date) -> dict[str, str]:
    return {} if until > today else {"until": "请填写今天以后的日期"}


def assign_fault(
    body: int,
    demander: int,
    declined: Collection[int],
    valid: Collection[int],
    words: str,
    others: Collection[int] = (),
) -> dict[str, str]:
    """What keeps the bureau from sending a demand to this body: one that said it is not its duty
    is asked again only with words why, one that has another part of it not at all."""
    if body in others:
        return {"body": "该部门已在答复这件需求的另一部分"}
    if body == demander:
        return {"body": "不能转交给提出需求的部门"}
    if body not in valid:
        return {"body": "没有这个部门，或已撤并"}
    if body in declined and not words.strip():
        return {"words": "该部门已答复“不属本部门职责”，再次转交须写明依据"}
    return {}
