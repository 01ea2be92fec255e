"""Rules of the table plane: states of a run, cycles, times between attempts (A13, A14, A30)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from huitong.catalog.rules.vocabulary import Cycle
from huitong.kernel.actor import Labelled

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Days(Protocol):
    """The methods used of `kernel.workdays.Calendar`."""

    def after(self, start: date, working_days: int) -> Any: ...
    def after_months(self, start: date, amount: int) -> Any: ...


class RunState(Labelled):
    """The state of a run. ``FAILED`` is retried; ``PAUSED`` waits until somebody has acted."""

    QUEUED = "queued", "等待执行"
    RUNNING = "running", "执行中"
    DELIVERED = "delivered", "已送达"
    FAILED = "failed", "失败，将自动重试"
    PAUSED = "paused", "失败，待处理"


ACTIVE = (RunState.QUEUED, RunState.RUNNING)
KINDS: Mapping[str, str] = {
    RunState.QUEUED: "neutral",
    RunState.RUNNING: "info",
    RunState.DELIVERED: "success",
    RunState.FAILED: "warning",
    RunState.PAUSED: "danger",
}


class Trigger(Labelled):
    """The reason a run was queued."""

    GRANT = "grant", "授权生效"
    CYCLE = "cycle", "按周期"
    RETRY = "retry", "自动重试"
    PERSON = "person", "人工执行"
    CORRECTION = "correction", "数据更正推送"


#: stages the engine reports, in order
STAGES: Mapping[str, str] = {
    "checking": "核对表结构",
    "copying": "传输数据",
    "applying": "写入目标表",
    "reconciling": "两侧对账",
}


@dataclass(frozen=True)
class Every:
    """A promise of freshness: working days, months or minutes; all zero = once only."""

    working_days: int = 0
    months: int = 0
    minutes: int = 0


#: the entry's data cycle (A7, A14) → how often its tables are moved. Minutes for 实时 and the day for
#: 不定期 are ours
EVERY: Mapping[str, Every] = {
    Cycle.REAL_TIME: Every(minutes=10),
    Cycle.DAILY: Every(1),
    Cycle.WEEKLY: Every(5),
    Cycle.MONTHLY: Every(months=1),
    Cycle.QUARTERLY: Every(months=3),
    Cycle.HALF_YEARLY: Every(months=6),
    Cycle.YEARLY: Every(months=12),
    Cycle.IRREGULAR: Every(1),
    Cycle.NEVER: Every(),
}
#: moves by day begin before offices open; ours
HOUR = time(5, 0, tzinfo=SHANGHAI)
#: seconds until a failed run is tried again, by failures in a row; ours
BACK_OFF = (15, 60, 300, 900, 3600, 14400)
#: attempts, ten seconds apart, to learn from the target the outcome of a run that was cut off; ours
PATIENCE = 30


def next_after(moment: datetime, cycle: str, calendar: Days) -> datetime | None:
    """The moment the copy is due again after a delivery; None for data that is never updated."""
    every = EVERY.get(cycle, EVERY[Cycle.DAILY])
    if every.minutes:
        return moment + timedelta(minutes=every.minutes)
    day = moment.astimezone(SHANGHAI).date()
    if every.months:
        return datetime.combine(calendar.after_months(day, every.months).on, HOUR)
    return (
        datetime.combine(calendar.after(day, every.working_days).on, HOUR)
        if every.working_days
        else None
    )


def retry_after(moment: datetime, failures: int) -> datetime:
    return moment + timedelta(seconds=BACK_OFF[min(failures, len(BACK_OFF)) - 1])


def late_words(minutes: int) -> str:
    """The delay in words; empty for less than ten minutes, which a queue may need."""
    if minutes < 10:
        return ""
    return (
        f"{minutes} 分钟"
        if minutes < 120
        else f"{minutes // 60} 小时"
        if minutes < 2880
        else f"{minutes // 1440} 天"
    )


def take_words(start: datetime | None, end: datetime | None) -> str:
    """The time between two moments, in words."""
    if start is None or end is None:
        return ""
    seconds = (end - start).total_seconds()
    return (
        f"{seconds:.1f} 秒" if seconds < 60 else f"{int(seconds // 60)} 分 {int(seconds % 60)} 秒"
    )


#: refusals of the plane itself, beside those of the engine (`engine.problems.FAULTS`): code →
#: cause, who, remedy
OWN_PROBLEMS: Mapping[str, tuple[str, str, str]] = {
    "grant_ended": (
        "授权已终止或暂停，不再写入数据",
        "使用部门",
        "如需继续使用，请查看授权状态或重新申请。",
    ),
    "target_taken": (
        "另一项有效授权已使用同一目标表",
        "使用部门",
        "请退回其中一项授权，或重新申请并填写另外的送达表名。",
    ),
    "no_address": (
        "数据源或前置库的登记已不可用",
        "平台运维员",
        "请核对数据源、前置库的登记和挂接状态。",
    ),
    "unexpected": ("平台内部出错，没有写入任何数据", "平台运维员", "请查看平台日志；将自动重试。"),
}


def problem_words(problem: Mapping[str, Any]) -> str:
    """The side and the cause of a problem, in one phrase."""
    return f"{problem['side']}：{problem['cause']}" if problem["side"] else str(problem["cause"])


def volume_words(bytes: int) -> str:
    """A volume in the units of Django's ``filesizeformat``, which the pages use."""
    return f"{bytes / 1024:.1f} KB" if bytes < 1024 * 1024 else f"{bytes / 1024 / 1024:.1f} MB"


def own_problem(code: str, detail: str = "") -> dict[str, str | bool]:
    """A problem of the plane, in the shape of `engine.DeliveryProblem.as_body`."""
    cause, who, remedy = OWN_PROBLEMS[code]
    return {
        "code": code,
        "side": "",
        "cause": cause,
        "detail": detail,
        "who": who,
        "remedy": remedy,
        "paused": code != "unexpected",
    }
