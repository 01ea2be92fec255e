"""Every way a delivery fails, by name, with who must do what. In each nothing was changed at the
target."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from huitong.connectors.databases import named
from huitong.connectors.problems import FAULTS as CONNECTION_FAULTS
from huitong.connectors.problems import ConnectorProblem, Fault

PROVIDER, CONSUMER, PLATFORM = "提供部门", "使用部门", "平台运维员"

FAULTS: dict[str, Fault] = CONNECTION_FAULTS | {
    "no_key": Fault(
        "没有可用的主键，无法逐行更新",
        PROVIDER,
        "请为源表建立主键或非空唯一索引，并把主键列纳入授权信息项（可改用加密标识）。",
    ),
    "key_not_unique": Fault(
        "主键列的值有重复或为空", PROVIDER, "请清理源表中重复或为空的主键值，或更正登记的主键。"
    ),
    "source_table_missing": Fault(
        "源表不存在或已改名",
        PROVIDER,
        "任务已暂停。请恢复源表，或重新扫描并更新目录后由使用部门确认。",
    ),
    "source_column_missing": Fault(
        "源表缺少已授权的字段",
        PROVIDER,
        "任务已暂停。请恢复该字段，或重新扫描并更新目录后由使用部门确认。",
    ),
    "source_type_changed": Fault(
        "源表字段的类型已改变",
        PROVIDER,
        "任务已暂停。请恢复原类型，或重新扫描并更新目录后由使用部门确认。",
    ),
    "target_type_changed": Fault(
        "目标表字段的类型与授权内容不符",
        CONSUMER,
        "任务已暂停。请恢复目标表的字段类型，或删除目标表后重新执行。",
    ),
    "target_not_ours": Fault(
        "目标位置已有不是由平台建立的表",
        CONSUMER,
        "请更换目标表名，或移走该表后重新执行；平台不会覆盖它。",
    ),
    "target_refuses": Fault(
        "目标表上的约束或触发器拒绝写入",
        CONSUMER,
        "请检查使用部门自行添加的约束、唯一索引和触发器。",
    ),
    "source_locked": Fault(
        "源表被其他操作锁定", PROVIDER, "请等待或结束占用该表的操作，稍后自动重试。", again=True
    ),
    "source_changing": Fault(
        "源表在读取期间被清空、重建或改名",
        PROVIDER,
        "无需操作，稍后自动重试；经常发生时，请与交换时间错开，或改为在同一事务中增删改。",
        again=True,
    ),
    "target_moved": Fault(
        "目标表在写入期间被改名或替换",
        CONSUMER,
        "无需操作，稍后自动重试；请勿在交换时替换目标表。",
        again=True,
    ),
    "target_depended": Fault(
        "目标表中不再授权的字段被视图等对象引用，无法移除",
        CONSUMER,
        "请修改或删除引用该字段的视图后重新执行。",
    ),
    "target_locked": Fault(
        "目标表被其他操作锁定", CONSUMER, "请等待或结束占用该表的操作，稍后自动重试。", again=True
    ),
    "already_running": Fault(
        "同一目标表的另一次执行尚未结束", PLATFORM, "请等待其结束，无需操作。", again=True
    ),
    "invalid_text": Fault(
        "源数据含有无法识别的字符编码", PROVIDER, "请检查源库编码，更正无法识别的文字。"
    ),
    "target_encoding": Fault(
        "目标库的字符集容不下源数据中的文字", CONSUMER, "请把目标库改建为 UTF8 字符集后重新执行。"
    ),
    "wrong_type": Fault(
        "数据与字段类型不符，无法转换", PROVIDER, "请核对源数据和字段类型，更正不合规的值。"
    ),
    "rows_fell": Fault(
        "源数据行数比上次大幅减少，已停止发布",
        PROVIDER,
        "请核实源数据是否被误删；确属正常时，由提供部门确认后重新执行。",
    ),
    "mismatch": Fault(
        "两侧数据对账不一致，已回滚",
        CONSUMER,
        "请检查目标表上是否有改写数据的触发器或规则，主键是否已被删除而有重复的行，处理后重新执行。",
    ),
    "scope_unusable": Fault(
        "授权范围与源表不符", PLATFORM, "请检查授权的信息项、筛选条件和脱敏设置。"
    ),
    "different_work": Fault("同一执行编号已用于另一项内容", PLATFORM, "请用新的执行编号重新执行。"),
}

SIDES = {"source": "提供部门数据库", "target": "使用部门数据库", "": ""}


class DeliveryProblem(Exception):
    """A named failure; ``code`` is a key of `FAULTS`, ``side`` source, target or empty.

    ``paused``: trying again is useless until ``who`` has followed ``remedy``. ``detail`` never
    holds a row or a password.
    """

    def __init__(self, code: str, side: str = "", detail: str = "") -> None:
        fault = FAULTS[code]
        where = f"{SIDES[side]}：" if side else ""
        super().__init__(f"{where}{fault.cause}{f'（{detail}）' if detail else ''}")
        self.code, self.side, self.detail = code, side, detail
        self.cause, self.who, self.remedy, self.paused = (
            fault.cause,
            fault.who,
            fault.remedy,
            not fault.again,
        )

    def as_body(self) -> dict[str, str | bool]:
        """For pages and JSON."""
        return {
            "code": self.code,
            "side": SIDES[self.side],
            "cause": self.cause,
            "detail": self.detail,
            "who": self.who,
            "remedy": self.remedy,
            "paused": self.paused,
        }


#: SQLSTATE → code, by side
STATES = {
    "source": {"22021": "invalid_text", "22P05": "invalid_text", "55P03": "source_locked"},
    "target": {
        "22021": "invalid_text",
        "22P05": "target_encoding",
        "55P03": "target_locked",
        "2BP01": "target_depended",
        "42P07": "target_not_ours",
    },
}


@contextmanager
def errors_of(side: str) -> Iterator[None]:
    """Raise every driver or connector error within as a `DeliveryProblem` of this side."""
    try:
        yield
    except ConnectorProblem as problem:
        raise DeliveryProblem(problem.code, side, problem.detail) from problem
    except psycopg.Error as error:
        raise _problem_of(error, side) from error


class Undecided(DeliveryProblem):
    """The connection was lost while the target committed: only the target's record has the
    outcome."""


def _problem_of(error: psycopg.Error, side: str) -> DeliveryProblem:
    state = error.sqlstate or ""
    column = error.diag.column_name or error.diag.constraint_name or ""
    if side == "target" and (state[:2] in ("23", "09", "44") or state == "P0001"):
        return DeliveryProblem("target_refuses", side, column or f"SQLSTATE {state}")
    if state in STATES[side]:
        return DeliveryProblem(STATES[side][state], side, column)
    if state[:2] == "22":
        return DeliveryProblem("wrong_type", side, f"SQLSTATE {state}")
    problem = named(error)
    return DeliveryProblem(problem.code, side, problem.detail)
