"""When a grant may be applied for again, for how long, and what must be named anew (A26)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from huitong.access.rules.answers import period_fault
from huitong.access.rules.procedures import LIVE, G
from huitong.kernel.procedure import AgainstRules

#: what a form is filled in with as long as it can still be chosen
CHOSEN = {"duty": "履职依据", "matter": "办理事项", "system": "使用数据的信息系统"}
#: of these, what no form can do without
NEEDED = ("duty", "system")


def state_fault(state: str) -> AgainstRules | None:
    """Why a grant in a state cannot be applied for again: it is neither in force nor run out."""
    if state in LIVE | {G.EXPIRED}:
        return None
    return AgainstRules(
        f"该授权{G(state).label}，不能再次申请。",
        article="A26",
        remedy="已暂停的，请先与提供部门核实；已收回、已退回的，仍需使用请重新填写申请。",
    )


def early_fault(valid_to: date, offered_until: date) -> AgainstRules | None:
    """Why a grant cannot be applied for again yet: it ends after those that can."""
    if valid_to <= offered_until:
        return None
    return AgainstRules(
        f"该授权有效期至 {valid_to}，还不到再次申请的时候。",
        article="A26",
        remedy="即将到期时会告知；现在需要别的数据或更大范围的，请另行申请。",
    )


def running_fault(form: str) -> AgainstRules:
    """That a grant is applied for again already, in a form of this number."""
    return AgainstRules(
        f"该授权已经再次申请，申请表 {form} 正在办理。",
        article="A26",
        remedy="请在该申请表中继续办理；不再需要的，先撤回。",
    )


def next_period(valid_from: date, valid_to: date, on: date) -> tuple[date, date]:
    """The period that follows on that of a grant, as long as it was; never one that is over."""
    begins = max(valid_to + timedelta(1), on)
    return begins, begins + (valid_to - valid_from)


def grounds_fault(
    grounds: Collection[str], period: tuple[date, date], valid_to: date, ended: bool, on: date
) -> dict[str, str]:
    """What of a form for a grant that ran or runs until a day cannot be gone on with, by field:
    what must be chosen anew, a period that is over or runs beside the grant's own."""
    faults = {
        name: f"原来的{CHOSEN[name]}现已不能选用，请选择" for name in NEEDED if name not in grounds
    }
    faults |= period_fault(*period, on)
    if period[0] <= valid_to and not ended:
        faults["period_from"] = f"现授权有效期至 {valid_to}，再次申请的期限从其后开始"
    return faults
