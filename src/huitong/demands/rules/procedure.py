"""The procedure of a demand (A24, A25), as a table.

A body that is addressed owes an answer: that it will publish, why it cannot yet, or that the data
are not its duty; then the bureau finds who has them. A demand is answered by an entry alone. Of
several bodies each has a part of its own, with its own limits; the last one ends the whole.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from huitong.kernel.actor import BUREAU, CONSUMER, PROVIDER, SYSTEM
from huitong.kernel.actor import Post as P
from huitong.kernel.procedure import (
    End,
    InCase,
    Procedure,
    State,
    Tone,
    clock,
    limit,
    opens,
    route,
    state,
    step,
)


class DemandState(State):
    """Where a demand stands."""

    DRAFT = state(
        "draft",
        "填写中",
        private=True,
        editable=True,
        notice="由经办人填写、打印盖章，再送本部门负责人提交。",
    )
    SEALED = state("sealed", "待本部门负责人提交", private=True)
    TO_ASSIGN = state(
        "to_assign", "待转交", notice="由大数据管理局查明哪个部门掌握该数据，转交其答复。"
    )
    WITH_BODY = state("with_body", "待答复", notice="由收到需求的部门答复。")
    PROMISED = state(
        "promised", "待发布", notice="数据属该部门职责，目录发布、资源挂接后由其答复。"
    )
    DEFERRED = state(
        "deferred",
        "暂时无法发布",
        tone=Tone.WARNING,
        notice="情况已反馈需求部门，并报大数据管理局备案；到期由该部门再次答复。",
    )
    HANDED_OUT = state(
        "handed_out", "待各部门答复", notice="已分送各部门，由其分别答复；都办结后需求申请办结。"
    )
    ANSWERED = state("answered", "已有目录答复", end=End.COMPLETED)
    UNMET = state("unmet", "无部门掌握", end=End.REFUSED)
    CONCLUDED = state("concluded", "各部门都已办结", end=End.COMPLETED)
    WITHDRAWN = state("withdrawn", "已撤回", end=End.WITHDRAWN, private=True)


S = DemandState
#: states in which the demander may still withdraw
UNANSWERED = {
    S.DRAFT, S.SEALED, S.TO_ASSIGN, S.WITH_BODY, S.PROMISED, S.DEFERRED, S.HANDED_OUT
}  # fmt: skip
#: states in which a body owes an answer
WITH_A_BODY = {S.WITH_BODY, S.PROMISED, S.DEFERRED}
#: states in which a part may be withdrawn with its whole
ON_ITS_WAY = {S.TO_ASSIGN, *WITH_A_BODY}
#: what a form that goes back for correction has been through no more
SEAL = ("scan", "scan_doubts")
#: who gets it: the body that was addressed, several of them, or the bureau to find one
TO = route("goes_to", body=S.WITH_BODY, bodies=S.HANDED_OUT, bureau=S.TO_ASSIGN)

ANSWERED_EFFECT = "需求申请办结；需求部门收到通知，可据此申请使用，用途和依据已带入。"

# fmt: off
DEMAND = Procedure(
    kind="demand", label="需求申请", law="nantong-2020", in_force=date(2020, 2, 19), prefix="XQ",
    steps=(
        # verb         article  who                      from               to
        opens("draft",      "A24", CONSUMER(P.OPERATOR), S.DRAFT, label="填写需求"),
        opens("hand_out",   "A24", SYSTEM(P.OPERATOR),   S.WITH_BODY, label="分送部门"),
        step("edit",        "A24", CONSUMER(P.OPERATOR), {S.DRAFT},         S.DRAFT,
             label="修改需求", optional=True),
        step("print_form",  "A24", CONSUMER(P.OPERATOR), {S.DRAFT},         S.DRAFT,
             label="生成打印件", optional=True),
        step("seal",        "A24", CONSUMER(P.OPERATOR), {S.DRAFT},         S.SEALED,
             label="上传盖章件并送审", scan=True),
        step("submit",      "A24", CONSUMER(P.MANAGER),  {S.SEALED},        TO,
             label="提交需求", scan=True, final=True,
             effect="提交后需求内容和盖章件不能再修改。"),
        step("send_back",   "A24", CONSUMER(P.MANAGER),  {S.SEALED},        S.DRAFT,
             label="退回修改", reopens="demand", forgets=SEAL, reasons=True),
        step("promise",     "A25", PROVIDER(P.OPERATOR), {S.WITH_BODY, S.DEFERRED}, S.PROMISED,
             label="属本部门职责，将发布", final=True, forgets=("until",),
             effect="需求部门收到通知；须在时限内完成目录发布和资源挂接，再以目录答复。"),
        step("obstacle",    "A25", PROVIDER(P.OPERATOR), {S.WITH_BODY, S.DEFERRED}, S.DEFERRED,
             label="暂时无法发布", ground=True, reasons=True, danger=True,
             effect="情况反馈需求部门，并报大数据管理局备案；到期须再次答复。"),
        step("not_ours",    "A25", PROVIDER(P.OPERATOR), {S.WITH_BODY},     S.TO_ASSIGN,
             label="不属本部门职责", reasons=True, danger=True,
             effect="告知需求部门，需求退给大数据管理局另行转交；本部门此后只能查看。"),
        step("answer",      "A25", PROVIDER(P.OPERATOR), WITH_A_BODY,       S.ANSWERED,
             label="以目录答复", final=True, effect=ANSWERED_EFFECT),
        step("assign",      "A25", BUREAU(P.OPERATOR),   {S.TO_ASSIGN},     S.WITH_BODY,
             label="转交部门答复", final=True, effect="该部门的答复时限自今日起算。"),
        step("point",       "A24", BUREAU(P.OPERATOR),   {S.TO_ASSIGN},     S.ANSWERED,
             label="目录中已有", final=True, effect=ANSWERED_EFFECT),
        step("close",       "A25", BUREAU(P.OPERATOR),   {S.TO_ASSIGN},     S.UNMET,
             label="告知无部门掌握", reasons=True, danger=True,
             effect="需求申请办结，理由告知需求部门；仍需要的，可重新提出。"),
        step("withdraw",    "A24", CONSUMER(P.OPERATOR), UNANSWERED,        S.WITHDRAWN,
             label="撤回需求", reopens="demand", optional=True, danger=True,
             effect="需求不再办理，收到需求的部门会得到通知；仍需要的，须重新提出。"),
        step("withdraw",    "A24", SYSTEM(P.OPERATOR),   ON_ITS_WAY,        S.WITHDRAWN,
             label="撤回需求", reopens="demand", optional=True, danger=True),
        step("finish",      "A25", SYSTEM(P.OPERATOR),   {S.HANDED_OUT},    S.CONCLUDED,
             label="各部门都已办结", after_children=True),
    ),
    clocks=(
        # both count from the day the body received it: a demand that goes to another body, or comes
        # back from an obstacle, begins anew
        clock("obstacle", limit("A25", "obstacle", "暂时不能发布的反馈"), {S.WITH_BODY}, label="答复"),
        clock("publish",  limit("A25", "publish"), {S.WITH_BODY, S.PROMISED}, label="完成发布"),
        clock("deferred", InCase("until", "A25"), {S.DEFERRED}, label="再次答复", on="obstacle"),
        clock("assign",   limit("C", "assign_demand", "转交需求申请"), {S.TO_ASSIGN}, label="转交"),
    ),
)
# fmt: on

#: The decree is not recalled to say anything of data the catalog does not have: who asks, who
#: answers and by when goes on under the local rule, which each step cites. What differs comes from
#: its other tables: the entry that answers is published by the bureau, and what is then applied
#: for is answered by its limits.
DEMAND_UNDER_DECREE = replace(DEMAND, law="national-2025", in_force=date(2025, 8, 1))
