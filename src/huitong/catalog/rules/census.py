"""The yearly census of the catalog (全面普查): every body looks through its entries once a year, its
manager signs, the bureau accepts (A11).
"""

from __future__ import annotations

from datetime import date

from huitong.kernel.actor import BUREAU, PROVIDER, SYSTEM, Labelled, Post
from huitong.kernel.procedure import End, InCase, Procedure, State, Tone, clock, opens, state, step


class CensusOutcome(Labelled):
    """What a body says of an entry, or of a resource that has none."""

    UNCHANGED = "unchanged", "无变化"
    CHANGE = "change", "需更新"
    RETIRE = "retire", "拟撤销发布"
    MISSING = "missing", "应编未编"


#: what can be said of an entry that is there
OF_ENTRIES = (CensusOutcome.UNCHANGED, CensusOutcome.CHANGE, CensusOutcome.RETIRE)


class CensusState(State):
    """Where a year's census stands."""

    RUNNING = state("running", "普查中", notice="各部门正在核对本部门目录。")
    DONE = state("done", "已结束", end=End.COMPLETED, notice="普查已结束，结果见普查报告。")
    CALLED_OFF = state("called_off", "已撤销", end=End.WITHDRAWN, notice="普查已撤销。")


class CensusPartState(State):
    """Where one body stands with it."""

    OPEN = state("open", "核对中", stage=1, notice="由本部门经办人逐项核对目录。")
    SIGNING = state("signing", "待签核", stage=2, notice="已核对完，等待本部门负责人签核。")
    WITH_BUREAU = state("with_bureau", "待验收", stage=3, notice="已签核，等待大数据管理局验收。")
    RETURNED = state(
        "returned",
        "退回重核",
        tone=Tone.WARNING,
        stage=1,
        notice="已退回，意见写在目录旁，改好后重新提交。",
    )
    ACCEPTED = state(
        "accepted", "已验收", end=End.COMPLETED, stage=4, notice="大数据管理局已验收。"
    )
    UNFINISHED = state(
        "unfinished",
        "未完成",
        end=End.LAPSED,
        tone=Tone.DANGER,
        stage=4,
        notice="普查结束时没有完成，列入普查报告。",
    )
    CALLED_OFF = state("called_off", "已撤回", end=End.WITHDRAWN, stage=4, notice="已撤回。")


C, S, P = CensusState, CensusPartState, Post
AT_WORK = frozenset({S.OPEN, S.RETURNED})

# fmt: off
CENSUS = Procedure(
    kind="census", label="目录普查", law="nantong-2020", in_force=date(2020, 2, 19), prefix="PC",
    steps=(
        opens("launch",   "A11", BUREAU(P.OPERATOR), C.RUNNING, label="发起目录普查", final=True,
              effect="每个部门收到一件待办，到期前两次提醒。"),
        step("ask_also",  "A11", BUREAU(P.OPERATOR), {C.RUNNING}, C.RUNNING,
             label="补充部门", optional=True),
        step("close",     "A11", BUREAU(P.MANAGER), {C.RUNNING}, C.DONE,
             label="结束普查", optional=True, danger=True, reasons=True,
             effect="没有完成的部门记为“未完成”，形成普查报告。"),
        step("cancel",    "A11", BUREAU(P.OPERATOR), {C.RUNNING}, C.CALLED_OFF,
             label="撤销普查", optional=True, danger=True, reasons=True,
             effect="各部门的任务一并撤回，不形成报告。"),
        step("finish",    "A11", SYSTEM(P.OPERATOR), {C.RUNNING}, C.DONE,
             label="全部验收", after_children=True),
    ),
)

CENSUS_PART = Procedure(
    kind="census_part", label="普查本部门目录", law="nantong-2020", in_force=date(2020, 2, 19),
    prefix="PB",
    steps=(
        opens("assign",       "A11", SYSTEM(P.OPERATOR), S.OPEN, label="下达普查任务"),
        step("answer",        "A11", PROVIDER(P.OPERATOR), {S.OPEN}, S.OPEN,
             label="核对目录", optional=True),
        step("answer",        "A11", PROVIDER(P.OPERATOR), {S.RETURNED}, S.RETURNED,
             label="核对目录", optional=True),
        step("add_missing",   "A11", PROVIDER(P.OPERATOR), {S.OPEN}, S.OPEN,
             label="登记应编未编的资源", optional=True),
        step("add_missing",   "A11", PROVIDER(P.OPERATOR), {S.RETURNED}, S.RETURNED,
             label="登记应编未编的资源", optional=True),
        step("drop_missing",  "A11", PROVIDER(P.OPERATOR), {S.OPEN}, S.OPEN,
             label="移出误登记的资源", optional=True),
        step("drop_missing",  "A11", PROVIDER(P.OPERATOR), {S.RETURNED}, S.RETURNED,
             label="移出误登记的资源", optional=True),
        step("submit",        "A11", PROVIDER(P.OPERATOR), AT_WORK, S.SIGNING, label="提交签核"),
        step("sign",          "A11", PROVIDER(P.MANAGER), {S.SIGNING}, S.WITH_BUREAU,
             label="签核", final=True),
        step("send_back",     "A11", PROVIDER(P.MANAGER), {S.SIGNING}, S.RETURNED,
             label="退回经办人", danger=True, reasons=True),
        step("question",      "A11", BUREAU(P.OPERATOR), {S.WITH_BUREAU}, S.WITH_BUREAU,
             label="提出意见", optional=True),
        step("accept",        "A11", BUREAU(P.OPERATOR), {S.WITH_BUREAU}, S.ACCEPTED,
             label="验收", final=True),
        step("return_part",   "A11", BUREAU(P.OPERATOR), {S.WITH_BUREAU}, S.RETURNED,
             label="退回重核", danger=True, reasons=True),
        step("call_off",      "A11", BUREAU(P.OPERATOR), AT_WORK | {S.SIGNING, S.WITH_BUREAU},
             S.CALLED_OFF, label="撤回任务", optional=True, danger=True, reasons=True),
        step("call_off",      "A11", SYSTEM(P.OPERATOR), AT_WORK | {S.SIGNING, S.WITH_BUREAU},
             S.CALLED_OFF, label="撤回任务", optional=True, danger=True, reasons=True),
        step("leave",         "A11", SYSTEM(P.OPERATOR), AT_WORK | {S.SIGNING}, S.UNFINISHED,
             label="记为未完成", optional=True),
    ),
    clocks=(
        clock("census", InCase("ends_on", "A11"), AT_WORK | {S.SIGNING}, label="完成普查",
              since="begins_on"),
    ),
)
# fmt: on
