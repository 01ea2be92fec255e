"""The procedure of a doubt, as a table for each law (A29 and the decree's verification).

One clerk raises it, for a doubt is light; the body whose data they are verifies within its limit:
right, or wrong and corrected by a day, which its manager confirms. Who raised it says whether that
settles it.
"""

from __future__ import annotations

from datetime import date

from huitong.kernel.actor import BUREAU, CONSUMER, PROVIDER, SYSTEM
from huitong.kernel.actor import Post as P
from huitong.kernel.procedure import (
    Clock,
    End,
    InCase,
    LimitRef,
    Procedure,
    State,
    Step,
    Tone,
    clock,
    limit,
    opens,
    route,
    state,
    step,
)


class ObjectionState(State):
    """Where a doubt stands."""

    WITH_PROVIDER = state("with_provider", "待校核", notice="由提供部门核对数据，答复是否有误。")
    TO_ASSIGN = state(
        "to_assign", "待转交", notice="不属原部门职责，由大数据管理局转交数据来源部门校核。"
    )
    CORRECTING = state(
        "correcting",
        "确有错误，待更正",
        tone=Tone.WARNING,
        notice="由提供部门在承诺的日期前从源头更正。",
    )
    CONFIRMING = state(
        "confirming", "已更正，待负责人确认", notice="由提供部门负责人确认更正结果。"
    )
    ANSWERED = state("answered", "已答复，待评价", notice="由提出疑义的部门评价答复。")
    UPHELD = state("upheld", "数据无误", end=End.COMPLETED, tone=Tone.INFO)
    CORRECTED = state("corrected", "已更正", end=End.COMPLETED)
    WITHDRAWN = state("withdrawn", "已撤回", end=End.WITHDRAWN)


S = ObjectionState
#: states in which a body owes the verification or the correction
WITH_A_BODY = (S.WITH_PROVIDER, S.CORRECTING, S.CONFIRMING)
#: how it ends when it is evaluated, or nobody evaluates it in time
ENDS = route("finding", right=S.UPHELD, wrong=S.CORRECTED)
ASKER, CLERK, HEAD = CONSUMER(P.OPERATOR), PROVIDER(P.OPERATOR), PROVIDER(P.MANAGER)
DESK, PLATFORM = BUREAU(P.OPERATOR), SYSTEM(P.OPERATOR)

#: by when the day promised for a correction must be, counted from the day it is promised
CORRECTION = limit("C", "correct_objection", "更正有误的数据")

LIGHT = "a doubt is light: it changes nothing, and its clerk may withdraw it"


# fmt: off
def _steps(article: str) -> tuple[Step, ...]:
    return (
        # verb          article  who     from               to
        opens("report",    article, ASKER, S.WITH_PROVIDER, label="提出疑义", at_once=LIGHT),
        step("withdraw",   article, ASKER, {S.WITH_PROVIDER, S.TO_ASSIGN}, S.WITHDRAWN,
             label="撤回疑义", optional=True, danger=True,
             effect="不再校核；提供部门和大数据管理局会得到通知。"),
        step("uphold",     article, CLERK, {S.WITH_PROVIDER}, S.ANSWERED,
             label="核对无误", reasons=True, final=True,
             effect="理由告知提出疑义的部门，由其评价；仍有疑义的，可以再提出一次。"),
        step("admit",      article, CLERK, {S.WITH_PROVIDER}, S.CORRECTING,
             label="确有错误，将更正", final=True,
             effect="告知提出疑义的部门；须在承诺的日期前从源头更正，并经负责人确认。"),
        step("not_ours",   article, CLERK, {S.WITH_PROVIDER}, S.TO_ASSIGN,
             label="不属本部门职责", reasons=True, danger=True,
             effect="退给大数据管理局转交数据来源部门；本部门此后只能查看。"),
        step("correct",    article, CLERK, {S.CORRECTING},    S.CONFIRMING,
             label="已更正，送负责人确认"),
        step("send_back",  article, HEAD,  {S.CONFIRMING},    S.CORRECTING,
             label="退回重新更正", reasons=True),
        step("confirm",    article, HEAD,  {S.CONFIRMING},    S.ANSWERED,
             label="确认更正", final=True,
             effect="告知提出疑义的部门，并报告大数据管理局。"),
        step("assign",     article, DESK,  {S.TO_ASSIGN},     S.WITH_PROVIDER,
             label="转交部门校核", final=True, effect="该部门的校核时限自今日起算。"),
        step("evaluate",   article, ASKER, {S.ANSWERED},      ENDS,
             label="评价答复", final=True,
             effect="疑义办结；评价告知提供部门和大数据管理局。"),
        step("close_evaluation", article, PLATFORM, {S.ANSWERED}, ENDS, label="评价截止",
             optional=True),
    )


def _clocks(verification: LimitRef) -> tuple[Clock, ...]:
    return (
        clock("verify",   verification, {S.WITH_PROVIDER}, label="校核"),
        # neither law counts the days of a correction: its day is the one promised, no later than
        # the city has it (`CORRECTION`)
        clock("correct",  InCase("until", "C"), {S.CORRECTING, S.CONFIRMING}, label="更正"),
        clock("assign",   limit("C", "assign_objection", "转交疑义"), {S.TO_ASSIGN}, label="转交"),
        clock("evaluate", limit("C", "evaluate_objection", "评价疑义的答复"), {S.ANSWERED}, label="评价",
              lapses="close_evaluation"),
    )


OBJECTION = Procedure(
    kind="objection", label="疑义校核", law="nantong-2020", in_force=date(2020, 2, 19), prefix="YY",
    steps=_steps("A29"),
    # the rules say 及时 and no number: the days are the city's own
    clocks=_clocks(limit("C", "verify_objection", "校核疑义数据")),
)
OBJECTION_2025 = Procedure(
    kind="objection", label="疑义校核", law="national-2025", in_force=date(2025, 8, 1), prefix="YY",
    steps=_steps("D"),
    clocks=_clocks(limit("D", "verification", "数据校核的答复")),
)
# fmt: on
