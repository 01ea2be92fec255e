"""The procedure of an application and of a grant (A18-A23, A26, A28, A30), as tables.

An application form may ask for several resources; each has a case of its own. Under the State
Council's decree an application has another table (`decree`).
"""

from __future__ import annotations

from datetime import date

from huitong.kernel.actor import BUREAU, CONSUMER, PROVIDER, SYSTEM
from huitong.kernel.actor import Post as P
from huitong.kernel.procedure import (
    End,
    Procedure,
    State,
    Tone,
    WatchRule,
    clock,
    limit,
    opens,
    route,
    state,
    step,
    watch,
)


class S(State):
    """States of an application for one resource."""

    DRAFT = state("draft", "填写中", private=True, editable=True)
    SEALED = state("sealed", "待本部门负责人提交", private=True)
    SUBMITTED = state("submitted", "待受理")
    TO_COMPLETE = state("to_complete", "待补正", editable=True, tone=Tone.WARNING)
    WITH_PLATFORM = state("with_platform", "平台审核中")
    WITH_PROVIDER = state("with_provider", "提供部门审核中")
    EXTENDING = state("extending", "延长答复时限待同意")
    GRANTED = state("granted", "已授权", end=End.GRANTED)
    REFUSED = state("refused", "不予授权", end=End.REFUSED)
    DECLINED = state("declined", "不予受理", end=End.REFUSED)
    WITHDRAWN = state("withdrawn", "已撤回", end=End.WITHDRAWN, private=True)


class G(State):
    """States of a grant."""

    ACTIVE = state("active", "有效", end=End.RUNNING_ON)
    NOTICED = state("noticed", "拟收回，待答复", tone=Tone.WARNING)
    TO_SETTLE = state("to_settle", "拟收回，待提供部门决定", tone=Tone.WARNING)
    PLATFORM_TO_SETTLE = state("platform_settle", "拟收回，待平台决定", tone=Tone.WARNING)
    SUSPENDED = state("suspended", "已暂停", tone=Tone.WARNING)
    HELD = state("held", "已暂停，待平台决定", tone=Tone.WARNING)
    REVOKED = state("revoked", "已收回", end=End.REVOKED)
    RETURNED = state("returned", "已退回", end=End.WITHDRAWN)
    EXPIRED = state("expired", "已到期", end=End.LAPSED)
    # of what was granted elsewhere and is brought in (`intake`)
    TO_AGREE = state("to_agree", "补录，待提供部门同意", tone=Tone.WARNING)
    DISAGREED = state("disagreed", "补录未获同意", end=End.REFUSED)


#: states in which data are had under a grant: who is told that it may be taken back still uses it
LIVE = frozenset({G.ACTIVE, G.NOTICED, G.TO_SETTLE, G.PLATFORM_TO_SETTLE})
#: those of them in which it may be taken back for disuse, and that is not settled
IN_QUESTION = LIVE - {G.ACTIVE}
#: states in which it is stopped and may go on
PAUSED = frozenset({G.SUSPENDED, G.HELD})
#: states of a grant that has not ended
RUNNING = LIVE | PAUSED
#: and of one that its provider has not agreed to yet: no data are had under it
UNENDED = RUNNING | {G.TO_AGREE}
SETTLING = route("authority", provider=G.TO_SETTLE, platform=G.PLATFORM_TO_SETTLE)
#: what a notice of disuse leaves in the case, until it is settled or falls
NOTICE = ("disuse", "reply")

#: states in which the consumer may still withdraw
UNDECIDED = {S.DRAFT, S.SEALED, S.SUBMITTED, S.WITH_PLATFORM, S.WITH_PROVIDER}
DECIDING = route("authority", platform=S.WITH_PLATFORM, provider=S.WITH_PROVIDER)
#: what a form that goes back for correction has been through no more
SEAL = ("scan", "scan_doubts")

#: what comes of a decision, as its confirmation says
GRANTED = "授权立即生效，使用部门可按授权范围取得数据；此后只能暂停或收回。"
CLOSED = "使用部门会看到理由类别和具体理由；结论不能更改，使用部门可重新申请。"
AGREED = "授权立即生效，使用部门可按所列范围取得数据；此后只能暂停或收回。"
DISAGREED = "授权不会生效；更正后大数据管理局可以重新补录，使用部门也可以重新申请。"
#: what comes of a stop
STOPPED = "使用部门立即不能再取得数据。"
#: what comes of a notice of disuse, and of settling it
NOTIFIED = "使用部门在答复期内照常使用；答复后或期满，再决定收回或保留，不会自动收回。"
RECLAIMED = STOPPED + "收回后不能恢复，仍需使用的须重新申请。"
LEFT = "使用部门照常使用；未使用的期限从今天重新计算。"

# fmt: off
APPLICATION = Procedure(
    kind="application", label="共享申请", law="nantong-2020", in_force=date(2020, 2, 19),
    prefix="SQ",
    steps=(
        # verb         article  who                      from               to
        opens("draft",     "A20", CONSUMER(P.OPERATOR),  S.DRAFT, label="填写申请"),
        step("seal",       "A20", CONSUMER(P.OPERATOR),  {S.DRAFT},         S.SEALED,
             label="上传盖章件并送审", scan=True),
        step("submit",     "A20", CONSUMER(P.MANAGER),   {S.SEALED},        S.SUBMITTED,
             label="提交申请", scan=True, final=True,
             effect="提交后申请表和盖章件不能再修改；申请表所载的使用承诺自此由本部门作出。",
             undoable="changes the case and its form only; nobody acts before they are told"),
        step("send_back",  "A20", CONSUMER(P.MANAGER),   {S.SEALED},        S.DRAFT,
             label="退回修改", reopens="form", forgets=SEAL, ground=True, reasons=True),
        step("accept",     "A21", BUREAU(P.OPERATOR),    {S.SUBMITTED},     DECIDING,
             label="受理", final=True,
             undoable="changes the case only; the decision's limit begins anew with the next"),
        step("decline",    "A21", BUREAU(P.OPERATOR),    {S.SUBMITTED},     S.DECLINED,
             label="不予受理", ground=True, reasons=True, danger=True, effect=CLOSED),
        step("grant",      "A22", PROVIDER(P.MANAGER),   {S.WITH_PROVIDER}, S.GRANTED,
             label="同意授权", final=True, effect=GRANTED),
        step("refuse",     "A22", PROVIDER(P.MANAGER),   {S.WITH_PROVIDER}, S.REFUSED,
             label="不予授权", ground=True, reasons=True, danger=True, effect=CLOSED),
        step("grant",      "A23", BUREAU(P.MANAGER),     {S.WITH_PLATFORM}, S.GRANTED,
             label="同意授权", final=True, effect=GRANTED),
        step("refuse",     "A23", BUREAU(P.MANAGER),     {S.WITH_PLATFORM}, S.REFUSED,
             label="不予授权", ground=True, reasons=True, danger=True, effect=CLOSED),
        step("withdraw",   "A20", CONSUMER(P.OPERATOR),  UNDECIDED,         S.WITHDRAWN,
             label="撤回申请", reopens="form", optional=True, danger=True,
             effect="这一项不再办理；仍需要的，须重新申请。"),
        opens("bring_in",  "A19", BUREAU(P.MANAGER),     S.GRANTED, label="补录原申请",
              at_once="a part of confirming what is brought in, which is confirmed"),
    ),
    clocks=(
        clock("acceptance", limit("A21"), {S.SUBMITTED}, label="受理"),
        clock("decision",   limit("A22"), {S.WITH_PROVIDER}, label="提供部门审核"),
        clock("platform_decision", limit("A23"), {S.WITH_PLATFORM}, label="平台审核"),
    ),
)

GRANT = Procedure(
    kind="grant", label="使用授权", law="nantong-2020", in_force=date(2020, 2, 19), prefix="SH",
    steps=(
        opens("issue",     "A22", PROVIDER(P.MANAGER), G.ACTIVE, label="生成授权",
              at_once="a part of granting an application, which is confirmed"),
        opens("issue",     "A23", BUREAU(P.MANAGER),   G.ACTIVE, label="生成授权",
              at_once="a part of granting an application, which is confirmed"),
        # what an older platform granted, or a paper: who decides today agrees before data flow
        opens("bring_in",  "A19", BUREAU(P.MANAGER),
              route("footing", live=G.ACTIVE, asked=G.TO_AGREE, over=G.EXPIRED),
              label="补录授权",
              at_once="a part of confirming what is brought in, which is confirmed"),
        step("agree",      "A22", PROVIDER(P.MANAGER), {G.TO_AGREE}, G.ACTIVE,
             label="同意补录的授权", final=True, effect=AGREED),
        step("disagree",   "A22", PROVIDER(P.MANAGER), {G.TO_AGREE}, G.DISAGREED,
             label="不同意补录的授权", reasons=True, danger=True, effect=DISAGREED),
        # disuse: told, heard, then decided by whoever granted; the data flow meanwhile
        step("give_notice", "A26", PROVIDER(P.MANAGER), {G.ACTIVE}, G.NOTICED,
             label="告知拟收回（未使用）", reasons=True, optional=True, final=True,
             only=("authority", "provider"), effect=NOTIFIED),
        step("give_notice", "A26", BUREAU(P.MANAGER),  {G.ACTIVE}, G.NOTICED,
             label="告知拟收回（未使用）", reasons=True, optional=True, final=True,
             only=("authority", "platform"), effect=NOTIFIED),
        step("answer_notice", "A26", CONSUMER(P.OPERATOR), {G.NOTICED}, SETTLING,
             label="答复拟收回", reasons=True, final=True, effect="答复后不能修改，由授权的一方决定。"),
        step("end_answering", "A26", SYSTEM(P.OPERATOR), {G.NOTICED}, SETTLING,
             label="答复期满", optional=True),
        step("keep_running", "A26", PROVIDER(P.MANAGER), {G.TO_SETTLE}, G.ACTIVE,
             label="保留授权", reasons=True, final=True, forgets=NOTICE, effect=LEFT),
        step("keep_running", "A26", BUREAU(P.MANAGER), {G.PLATFORM_TO_SETTLE}, G.ACTIVE,
             label="保留授权", reasons=True, final=True, forgets=NOTICE, effect=LEFT),
        step("reclaim",    "A26", PROVIDER(P.MANAGER), {G.TO_SETTLE}, G.REVOKED,
             label="收回未使用的授权", reasons=True, danger=True, effect=RECLAIMED),
        step("reclaim",    "A26", BUREAU(P.MANAGER),   {G.PLATFORM_TO_SETTLE}, G.REVOKED,
             label="收回未使用的授权", reasons=True, danger=True, effect=RECLAIMED),
        # what the platform granted (A23) its provider may stop at once (A28), but only the platform
        # takes it back
        step("suspend",    "A28", PROVIDER(P.MANAGER), LIVE,
             route("authority", provider=G.SUSPENDED, platform=G.HELD), forgets=NOTICE,
             label="暂停授权", ground=True, reasons=True, optional=True, danger=True,
             effect=STOPPED + "恢复授权后可继续使用。"),
        step("resume",     "A28", PROVIDER(P.MANAGER), {G.SUSPENDED}, G.ACTIVE,
             label="恢复授权", reasons=True, final=True, effect="使用部门立即可以继续取得数据。"),
        step("resume",     "A28", BUREAU(P.MANAGER),   {G.HELD},      G.ACTIVE,
             label="恢复授权", reasons=True, final=True, effect="使用部门立即可以继续取得数据。"),
        # disuse has its own way (A26); whatever else it is taken back for, the duty of who uses it
        # was failed or its security is at risk
        step("revoke",     "A28", PROVIDER(P.MANAGER), LIVE | {G.SUSPENDED}, G.REVOKED,
             label="收回授权", ground=True, reasons=True, optional=True, danger=True,
             only=("authority", "provider"), effect=STOPPED + "收回后不能恢复。"),
        step("revoke",     "A28", BUREAU(P.MANAGER),   UNENDED, G.REVOKED,
             label="取消授权", ground=True, reasons=True, optional=True, danger=True,
             effect=STOPPED + "取消后不能恢复。"),
        step("give_back",  "A26", CONSUMER(P.OPERATOR), UNENDED, G.RETURNED,
             label="退回授权", optional=True, danger=True,
             effect="本部门立即不能再取得数据；仍需使用的，须重新申请。"),
        step("expire",     "A26", SYSTEM(P.OPERATOR),  UNENDED, G.EXPIRED,
             label="到期终止", optional=True),
    ),
    clocks=(
        clock("answer", limit("C", "answer_disuse"), {G.NOTICED}, label="答复拟收回",
              lapses="end_answering"),
        # a stop is for a time: past its day who stopped and the bureau hear so, nothing happens by
        # itself
        clock("suspension", limit("C", "suspension"), PAUSED, label="暂停后恢复或收回"),
    ),
)
# fmt: on

#: how long before its end a grant may be applied for again, and its consumer is told so (A26)
RENEWAL = limit("C", "renewal", "到期前告知再次申请")

REMEDY = (
    "请核实是否仍需使用；不再需要的，可以告知使用部门拟收回，由其答复后再决定"
    "（季节性应用等特殊情况除外）。"
)
#: a grant nobody has used, by who granted it and so decides; every delivery starts the limit again
#: (A26)
UNUSED = {
    "provider": watch(
        WatchRule(
            "grant_unused",
            "授权未使用",
            limit("A26", "unused", "超期未使用"),
            PROVIDER(P.MANAGER),
            idle=True,
            remedy=REMEDY,
        )
    ),
    "platform": watch(
        WatchRule(
            "platform_grant_unused",
            "平台授权未使用",
            limit("A26", "unused", "超期未使用"),
            BUREAU(P.MANAGER),
            idle=True,
            remedy=REMEDY,
        )
    ),
}

#: how a plane and what became of a delivery are called on pages
PLANES = {"gateway": "接口", "tables": "库表", "files": "文件", "comparison": "比对"}
OUTCOMES = {
    "delivered": ("已送达", "success"),
    "cut": ("下载中断", "warning"),
    "refused": ("已拒绝", "danger"),
    "failed": ("未成功", "danger"),
    "paused": ("已暂停", "warning"),
}
