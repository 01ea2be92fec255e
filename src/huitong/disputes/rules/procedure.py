"""The procedure of a dispute, as a table for each law (A27 and the decree's three levels).

Both begin alike: one body opens it, the bureau convenes, the three state their views side by side,
meet, and the two confirm what the minutes say. The rules of 2020 end there. Under the decree a
consultation that failed goes on to the authority of the level, and from there to the government.
"""

from __future__ import annotations

from datetime import date

from huitong.kernel.actor import BUREAU, CLAIMANT, RESPONDENT, SYSTEM
from huitong.kernel.actor import Post as P
from huitong.kernel.procedure import (
    Clock,
    End,
    Procedure,
    State,
    Step,
    Tone,
    clock,
    joint,
    limit,
    opens,
    route,
    state,
    step,
)


class DisputeState(State):
    """Where a dispute stands; the last five are the decree's."""

    DRAFT = state(
        "draft",
        "待本部门负责人提交",
        private=True,
        editable=True,
        notice="由经办人填写，本部门负责人提交。",
    )
    SUBMITTED = state(
        "submitted", "待召集协商", notice="由大数据管理局确定协商的时间和地点，通知双方。"
    )
    STATING = state(
        "stating", "各方陈述意见", notice="提出部门、对方部门和大数据管理局分别陈述意见。"
    )
    MEETING = state("meeting", "待协商", notice="协商后由大数据管理局记录会议纪要。")
    CONFIRMING = state(
        "confirming", "待双方确认纪要", notice="双方负责人确认会议纪要，或写明对纪要的意见。"
    )
    CONCLUDING = state("concluding", "待形成结果", notice="由大数据管理局负责人按纪要形成结果。")
    AGREED = state("agreed", "协商一致", end=End.COMPLETED)
    PARTLY = state("partly", "部分协商一致", end=End.COMPLETED)
    FAILED = state("failed", "协商未成", end=End.COMPLETED, tone=Tone.WARNING)
    WITHDRAWN = state("withdrawn", "已撤回", end=End.WITHDRAWN, private=True)
    WITH_AUTHORITY = state(
        "with_authority",
        "协商未成，待主管部门决定",
        tone=Tone.WARNING,
        notice="由大数据管理局负责人作为本级主管部门作出决定。",
    )
    ANSWERING = state(
        "answering",
        "主管部门已决定，待双方表态",
        notice="双方负责人表示接受，或写明理由、报请本级人民政府决定。",
    )
    WITH_GOVERNMENT = state(
        "with_government",
        "已报请本级人民政府决定",
        tone=Tone.WARNING,
        notice="政府作出决定后，由大数据管理局上传决定文件。",
    )
    SETTLED = state("settled", "按主管部门决定办结", end=End.COMPLETED)
    RULED = state("ruled", "按政府决定办结", end=End.COMPLETED)


S = DisputeState
CONSULTING = (S.SUBMITTED, S.STATING, S.MEETING, S.CONFIRMING, S.CONCLUDING)
#: the three whose views are heard, and the two who are at odds
THREE = (CLAIMANT(P.OPERATOR), RESPONDENT(P.OPERATOR), BUREAU(P.OPERATOR))
TWO = (CLAIMANT(P.MANAGER), RESPONDENT(P.MANAGER))
CLERK, HEAD, PLATFORM = BUREAU(P.OPERATOR), BUREAU(P.MANAGER), SYSTEM(P.OPERATOR)

CONCLUDED = "结果告知双方。协商一致的，原事项按结果接着办理；授权仍由依法有权决定的部门作出。"
OWN_WORDS = "changes one's own words only; the others read them before they meet"


def _amends(article: str) -> tuple[Step, ...]:
    """Until they meet, each may put their own words better."""
    return tuple(
        step("amend", article, seat, {where}, where, label="修改意见", optional=True,
             # of the bureau, which owes the next move there, nothing is handed to another
             at_once="" if (seat, where) == (CLERK, S.MEETING) else OWN_WORDS)
        for where in (S.STATING, S.MEETING) for seat in THREE
    )  # fmt: skip


# fmt: off
def _consultation(article: str, failed: S) -> tuple[Step, ...]:
    """The rows both laws share; ``failed``: where it goes when nothing was agreed."""
    return (
        # verb         article  who                    from             to
        opens("draft",   article, CLAIMANT(P.OPERATOR), S.DRAFT, label="提出争议协商"),
        step("edit",     article, CLAIMANT(P.OPERATOR), {S.DRAFT},      S.DRAFT,
             label="修改争议内容", optional=True),
        step("submit",   article, CLAIMANT(P.MANAGER),  {S.DRAFT},      S.SUBMITTED,
             label="提交争议", final=True,
             effect="告知对方部门和大数据管理局；被争议的事项在此期间保持原状。"),
        step("convene",  article, CLERK,                {S.SUBMITTED},  S.STATING,
             label="召集协商", final=True, effect="通知双方；三方的意见在协商前相互可见。"),
        step("convene",  article, CLERK,                {S.STATING},    S.STATING,
             label="改期", optional=True, final=True),
        step("convene",  article, CLERK,                {S.MEETING},    S.MEETING,
             label="改期", optional=True),
        *joint("present", article, THREE,               {S.STATING},    S.MEETING,
               label="陈述意见", final=True, effect="其他两方立即可以看到；协商前仍可修改。"),
        *_amends(article),
        step("close_statements", article, PLATFORM,     {S.STATING},    S.MEETING,
             label="陈述截止", optional=True),
        step("record",   article, CLERK,                {S.MEETING},    S.CONFIRMING,
             label="记录会议纪要", final=True, effect="请双方负责人确认。"),
        # the day has come, and who has not stated their view in writing has said it there
        step("record",   article, CLERK,                {S.STATING},    S.CONFIRMING,
             label="记录会议纪要", optional=True, final=True, effect="请双方负责人确认。"),
        step("record",   article, CLERK,                {S.CONCLUDING}, S.CONFIRMING,
             label="修改会议纪要", optional=True, final=True, effect="请双方负责人重新确认。"),
        *joint("confirm", article, TWO,                 {S.CONFIRMING}, S.CONCLUDING,
               label="确认会议纪要", final=True),
        step("close_confirming", article, PLATFORM,     {S.CONFIRMING}, S.CONCLUDING,
             label="确认截止", optional=True),
        step("conclude", article, HEAD,                 {S.CONCLUDING},
             route("outcome", agreed=S.AGREED, partly=S.PARTLY, failed=failed),
             label="形成结果", final=True, effect=CONCLUDED),
    )


def _consultation_clocks() -> tuple[Clock, ...]:
    """No law counts these days: each is the city's own."""
    return (
        clock("convene", limit("C", "convene_dispute", "召集争议协商"), {S.SUBMITTED}, label="召集协商"),
        clock("present", limit("C", "state_dispute", "争议各方陈述意见"), {S.STATING}, label="陈述意见",
              lapses="close_statements"),
        clock("confirm", limit("C", "confirm_minutes", "确认协商纪要"), {S.CONFIRMING}, label="确认会议纪要",
              lapses="close_confirming"),
        clock("outcome", limit("C", "settle_dispute", "形成协商结果"), CONSULTING,
              label="形成结果", owner=HEAD),
    )


def _withdraw(article: str, *more: S) -> Step:
    return step("withdraw", article, CLAIMANT(P.OPERATOR), {S.DRAFT, *CONSULTING, *more},
                S.WITHDRAWN, label="撤回争议", optional=True, danger=True,
                effect="争议不再协商，原事项保持原状；对方部门和大数据管理局会得到通知。")


DISPUTE = Procedure(
    kind="dispute", label="争议协商", law="nantong-2020", in_force=date(2020, 2, 19), prefix="ZY",
    steps=(*_consultation("A27", S.FAILED), _withdraw("A27")),
    clocks=_consultation_clocks(),
)

#: where it goes when the two have answered the authority's decision
NEXT_LEVEL = route("escalates", no=S.SETTLED, yes=S.WITH_GOVERNMENT)

DISPUTE_2025 = Procedure(
    kind="dispute", label="争议协商", law="national-2025", in_force=date(2025, 8, 1), prefix="ZY",
    steps=(
        *_consultation("D", S.WITH_AUTHORITY),
        step("decide",  "D", HEAD,  {S.WITH_AUTHORITY}, S.ANSWERING, label="主管部门决定",
             final=True, effect="告知双方；任何一方不接受的，报请本级人民政府决定。"),
        *joint("answer", "D", TWO,  {S.ANSWERING},      NEXT_LEVEL,  label="对决定表态", final=True),
        step("close_answering", "D", PLATFORM, {S.ANSWERING}, NEXT_LEVEL, label="表态截止",
             optional=True),
        step("rule",    "D", CLERK, {S.WITH_GOVERNMENT}, S.RULED,    label="登记政府决定",
             scan=True, final=True, effect=CONCLUDED),
        _withdraw("D", S.WITH_AUTHORITY, S.ANSWERING, S.WITH_GOVERNMENT),
    ),
    clocks=(
        *_consultation_clocks(),
        clock("decide", limit("C", "decide_dispute", "主管部门决定争议"), {S.WITH_AUTHORITY},
              label="主管部门决定"),
        clock("answer", limit("C", "answer_decision", "对争议决定表态"), {S.ANSWERING}, label="对决定表态",
              lapses="close_answering"),
    ),
)
# fmt: on
