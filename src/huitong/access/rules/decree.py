"""The procedures of an application and of a grant under the State Council's decree
(政务数据共享条例), as tables.

An application differs from the Nantong rules in four things. The answer's limit follows from the
share class of the resource, whoever answers; that of a conditional one may be extended once, the
bureau consenting. What is incomplete is returned once, with a list of everything missing, and the
limit stands meanwhile. Nothing is refused for being incomplete: the grounds of the decree have
none. What was granted is provided within a limit of its own.

A grant differs in who may stop it at once: its provider, and the platform, too. The decree says
nothing of disuse and of the granted period: those steps go on under the local rule (A26).

The numbers of the decree's articles have not been checked against its text, so steps cite the
decree as a whole.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from huitong.access.rules.procedures import (
    CLOSED,
    DECIDING,
    GRANT,
    GRANTED,
    LIVE,
    NOTICE,
    SEAL,
    STOPPED,
    UNDECIDED,
    G,
    S,
)
from huitong.kernel.actor import BUREAU, CONSUMER, PROVIDER
from huitong.kernel.actor import Post as P
from huitong.kernel.procedure import Procedure, Step, WatchRule, clock, limit, opens, step, watch

#: by the law's own word for the resource: the fact of a case that says which answer it waits for
UNCONDITIONAL, CONDITIONAL = ("sharing", "unconditional"), ("sharing", "conditional")
#: whether the list of what is missing may still be given, and an extension still be applied for
FIRST_RETURN, RETURNED = ("returned", ""), ("returned", "True")
EXTENDABLE = ("extendable", "True")

# fmt: off
APPLICATION_UNDER_DECREE = Procedure(
    kind="application", label="共享申请", law="national-2025", in_force=date(2025, 8, 1),
    prefix="SQ",
    steps=(
        # verb         article  who                      from               to
        opens("draft",     "D", CONSUMER(P.OPERATOR),  S.DRAFT, label="填写申请"),
        step("seal",       "D", CONSUMER(P.OPERATOR),  {S.DRAFT, S.TO_COMPLETE}, S.SEALED,
             label="上传盖章件并送审", scan=True),
        step("complete",   "D", CONSUMER(P.OPERATOR),  {S.TO_COMPLETE},   S.SEALED,
             label="补正后送审"),
        step("submit",     "D", CONSUMER(P.MANAGER),   {S.SEALED},        S.SUBMITTED,
             label="提交申请", scan=True, final=True,
             effect="提交后申请表和盖章件不能再修改；申请表所载的使用承诺自此由本部门作出。",
             undoable="changes the case and its form only; nobody acts before they are told"),
        step("send_back",  "D", CONSUMER(P.MANAGER),   {S.SEALED},        S.DRAFT,
             label="退回修改", only=FIRST_RETURN, reopens="form", forgets=SEAL,
             ground=True, reasons=True),
        step("send_back",  "D", CONSUMER(P.MANAGER),   {S.SEALED},        S.TO_COMPLETE,
             label="退回修改", only=RETURNED, reopens="form", forgets=SEAL,
             ground=True, reasons=True),
        step("accept",     "D", BUREAU(P.OPERATOR),    {S.SUBMITTED},     DECIDING,
             label="受理", final=True,
             undoable="changes the case only; the decision's limit begins anew with the next"),
        step("return_for_completion", "D", BUREAU(P.OPERATOR), {S.SUBMITTED}, S.TO_COMPLETE,
             label="退回补正", only=FIRST_RETURN, reopens="submitted_form", final=True,
             effect="须补正的内容只告知这一次；补正期间受理时限暂停计算。"),
        step("decline",    "D", BUREAU(P.OPERATOR),    {S.SUBMITTED},     S.DECLINED,
             label="不予受理", ground=True, reasons=True, danger=True, effect=CLOSED),
        step("grant",      "D", PROVIDER(P.MANAGER),   {S.WITH_PROVIDER}, S.GRANTED,
             label="同意授权", final=True, effect=GRANTED),
        step("refuse",     "D", PROVIDER(P.MANAGER),   {S.WITH_PROVIDER}, S.REFUSED,
             label="不予授权", ground=True, reasons=True, danger=True, effect=CLOSED),
        # who has applied for more time may decide all the same: what was applied for falls away
        step("grant",      "D", PROVIDER(P.MANAGER),   {S.EXTENDING},     S.GRANTED,
             label="同意授权", optional=True, final=True, effect=GRANTED),
        step("refuse",     "D", PROVIDER(P.MANAGER),   {S.EXTENDING},     S.REFUSED,
             label="不予授权", optional=True, ground=True, reasons=True, danger=True,
             effect=CLOSED),
        step("ask_extension", "D", PROVIDER(P.MANAGER), {S.WITH_PROVIDER}, S.EXTENDING,
             label="申请延长答复时限", only=EXTENDABLE, optional=True, reasons=True, final=True,
             effect="每件申请只能申请延长一次；市大数据管理局答复前，原时限照常计算。"),
        step("consent",    "D", BUREAU(P.MANAGER),     {S.EXTENDING},     S.WITH_PROVIDER,
             label="同意延长", extends="answer_conditional", final=True,
             effect="使用部门会收到延长的天数、理由和新的期限。"),
        step("deny",       "D", BUREAU(P.MANAGER),     {S.EXTENDING},     S.WITH_PROVIDER,
             label="不同意延长", reasons=True, final=True, effect="原答复时限不变。"),
        step("grant",      "D", BUREAU(P.MANAGER),     {S.WITH_PLATFORM}, S.GRANTED,
             label="同意授权", final=True, effect=GRANTED),
        step("refuse",     "D", BUREAU(P.MANAGER),     {S.WITH_PLATFORM}, S.REFUSED,
             label="不予授权", ground=True, reasons=True, danger=True, effect=CLOSED),
        step("withdraw",   "D", CONSUMER(P.OPERATOR),  UNDECIDED | {S.TO_COMPLETE, S.EXTENDING},
             S.WITHDRAWN, label="撤回申请", reopens="form", optional=True, danger=True,
             effect="这一项不再办理；仍需要的，须重新申请。"),
        opens("bring_in",  "D", BUREAU(P.MANAGER),     S.GRANTED, label="补录原申请",
              at_once="a part of confirming what is brought in, which is confirmed"),
    ),
    clocks=(
        clock("acceptance", limit("D", "form_check", "规范性审查"), {S.SUBMITTED},
              stands={S.TO_COMPLETE, S.SEALED}, label="受理"),
        clock("answer_unconditional", limit("D", "answer_unconditional"),
              {S.WITH_PLATFORM, S.WITH_PROVIDER}, only=UNCONDITIONAL, label="无条件共享的答复"),
        clock("answer_conditional", limit("D", "answer_conditional"),
              {S.WITH_PLATFORM, S.WITH_PROVIDER, S.EXTENDING}, only=CONDITIONAL,
              extension=limit("D", "answer_extension", "答复期限的延长"), label="有条件共享的答复"),
    ),
)


#: steps of a grant that rest on the local rule alone: disuse, and the period a grant is used in
LOCAL = frozenset({"give_notice", "answer_notice", "end_answering", "keep_running", "reclaim",
                   "give_back", "expire"})


def _cited(row: Step) -> Step:
    """A step of a grant as the decree has it: cited from it, but for what only the city rules."""
    return row if row.verb in LOCAL else replace(row, article="D")


GRANT_UNDER_DECREE = replace(
    GRANT, law="national-2025", in_force=date(2025, 8, 1),
    steps=(
        *(_cited(row) for row in GRANT.steps),
        # whoever granted it: what the platform stops, the platform lets go on
        step("suspend",    "D", BUREAU(P.MANAGER), LIVE, G.HELD, forgets=NOTICE,
             label="暂停授权", ground=True, reasons=True, optional=True, danger=True,
             effect=STOPPED + "由市大数据管理局恢复或取消。"),
    ),
)
# fmt: on

#: what was granted and has not arrived yet: the limit ends with the first delivery of any plane
UNPROVIDED = watch(
    WatchRule(
        "grant_unprovided",
        "授权后尚未提供服务",
        limit("D", "provide", "提供共享服务"),
        PROVIDER(P.MANAGER),
        remedy="请核对接口、库表或文件能否使用，并与使用部门完成一次实际取数；首次送达后自动办结。",
    )
)
