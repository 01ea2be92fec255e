"""Limits in matters of security: dated rows, none of them law (GB/T 22239-2019 leaves the numbers
to us)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from huitong.kernel import shipped

#: what the parts of an article that sets several limits are called; their keys stand in
#: `kernel/data/limits.csv` and in the code that runs the clocks
PARTS = {
    "publish": "完成发布",
    "obstacle": "暂时不能发布的反馈",
    "unused": "超期未使用",
    "answer_unconditional": "无条件共享的答复",
    "answer_conditional": "有条件共享的答复",
    "answer_extension": "答复期限的延长",
    "provide": "提供共享服务",
    "catalog_update": "目录更新",
    "catalog_update_extension": "目录更新期限的延长",
    "verification": "数据校核的答复",
    "form_check": "规范性审查",
    "task_force": "登记工作专班",
    "to_publish": "审核通过后的发布",
    "assign_demand": "转交需求申请",
    "answer_disuse": "答复拟收回",
    "verify_objection": "校核疑义数据",
    "correct_objection": "更正有误的数据",
    "assign_objection": "转交疑义",
    "evaluate_objection": "评价疑义的答复",
    "convene_dispute": "召集争议协商",
    "state_dispute": "争议各方陈述意见",
    "confirm_minutes": "确认协商纪要",
    "settle_dispute": "形成协商结果",
    "decide_dispute": "主管部门决定争议",
    "answer_decision": "对争议决定表态",
    "renewal": "到期前告知再次申请",
    "suspension": "暂停后恢复或收回",
}


def part_words(name: str) -> str:
    """What a part is called; one named by people keeps the name they gave it."""
    return PARTS.get(name) or ("其他分项" if name.isascii() and name else name)


UNITS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


@dataclass(frozen=True)
class SecurityLimit:
    """An amount from a day on: a time of so many units (``span``), or a count per unit
    (``per``)."""

    in_force: date
    name: str
    amount: int
    unit: str
    source: str

    @property
    def per(self) -> timedelta:
        return UNITS[self.unit]

    @property
    def span(self) -> timedelta:
        return self.amount * self.per


@cache
def security_limits() -> tuple[SecurityLimit, ...]:
    return tuple(
        SecurityLimit(
            date.fromisoformat(r["in_force"]), r["name"], int(r["amount"]), r["unit"], r["source"]
        )
        for r in shipped.rows("organizations", "security_limits")
    )


def security_limit(name: str, on: date) -> SecurityLimit:
    """The row in force on this day, or the oldest before there was any. Raises LookupError for a
    name without rows."""
    rows = sorted(
        (row for row in security_limits() if row.name == name), key=lambda row: row.in_force
    )
    if not rows:
        raise LookupError(f"no limit is called {name!r}")
    return next((row for row in reversed(rows) if row.in_force <= on), rows[0])
