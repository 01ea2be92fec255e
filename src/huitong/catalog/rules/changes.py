"""When a law or a function changes: who registers it, which entries it concerns, by when each body
has brought its catalog up to date (A11).

The limit counts from the day the change was made public: registered late, it may be over at birth.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from huitong.kernel.actor import BUREAU, PROVIDER, SYSTEM, Labelled, Post
from huitong.kernel.procedure import End, Procedure, State, clock, limit, opens, route, state, step


class ChangeKind(Labelled):
    """What was changed."""

    LAW = "law", "法律、法规"
    REGULATION = "regulation", "规章、政策文件"
    FUNCTION = "function", "行政管理职能"
    ORGANISATION = "organisation", "机构设置"


class Settlement(Labelled):
    """What became of an entry a change concerns."""

    UNCHANGED = "unchanged", "无需变更"
    CHANGED = "changed", "已发布新版本"
    WITHDRAW = "withdraw", "拟撤销发布"

    @property
    def wants_reasons(self) -> bool:
        """Whether it is settled by a person's word, and not by a version that is there to read."""
        return self is not Settlement.CHANGED


class ChangeState(State):
    """Where a registered change stands."""

    CHOOSING = state(
        "choosing", "待分办", stage=1, notice="大数据管理局正在核对涉及的目录和部门，随后分办。"
    )
    RUNNING = state("running", "更新中", stage=2, notice="有关部门正在更新本部门目录。")
    DONE = state(
        "done", "已完成", end=End.COMPLETED, stage=3, notice="有关部门都已处理完涉及的目录。"
    )
    CANCELLED = state(
        "cancelled", "已撤销", end=End.WITHDRAWN, stage=3, notice="登记有误，已撤销。"
    )


class PartState(State):
    """Where one body stands with a change."""

    OPEN = state("open", "待处理", stage=1, notice="由本部门经办人逐项处理涉及的目录。")
    SETTLED = state("settled", "已处理", end=End.COMPLETED, stage=2, notice="涉及的目录都已处理。")
    CALLED_OFF = state("called_off", "已撤回", end=End.WITHDRAWN, stage=2, notice="已撤回分办。")


C, S, P = ChangeState, PartState, Post

# fmt: off
CHANGE = Procedure(
    kind="catalog_change", label="法规职能变动", law="nantong-2020", in_force=date(2020, 2, 19),
    prefix="BD",
    steps=(
        # verb                 who                   from                      to
        opens("register", "A11", PROVIDER(P.OPERATOR),
              route("registrant", body=C.RUNNING, bureau=C.CHOOSING), label="登记法规职能变动", final=True,
              effect="更新时限自公布之日起计算，登记晚了也从公布之日算起。"),
        opens("register", "A11", BUREAU(P.OPERATOR),
              route("registrant", body=C.RUNNING, bureau=C.CHOOSING), label="登记法规职能变动", final=True,
              effect="分办前各部门不会收到通知；更新时限自公布之日起计算。"),
        step("include",  "A11", BUREAU(P.OPERATOR), {C.CHOOSING}, C.CHOOSING,
             label="列入涉及的目录", optional=True),
        step("include",  "A11", BUREAU(P.OPERATOR), {C.RUNNING}, C.RUNNING,
             label="列入涉及的目录", optional=True),
        step("exclude",  "A11", BUREAU(P.OPERATOR), {C.CHOOSING}, C.CHOOSING,
             label="不再列入", optional=True),
        step("send",     "A11", BUREAU(P.OPERATOR), {C.CHOOSING}, C.RUNNING,
             label="分办各部门", final=True,
             effect="每个涉及的部门收到一件待办，时限自公布之日起计算。"),
        step("cancel",   "A11", BUREAU(P.OPERATOR), {C.CHOOSING, C.RUNNING}, C.CANCELLED,
             label="撤销登记", optional=True, danger=True, reasons=True,
             effect="尚未办结的分办事项一并撤回。"),
        step("finish",   "A11", SYSTEM(P.OPERATOR), {C.RUNNING}, C.DONE,
             label="全部完成", after_children=True),
    ),
)

CHANGE_PART = Procedure(
    kind="catalog_change_part", label="更新本部门目录", law="nantong-2020",
    in_force=date(2020, 2, 19), prefix="GX",
    steps=(
        opens("assign",  "A11", SYSTEM(P.OPERATOR), S.OPEN, label="分办"),
        step("take_in",  "A11", PROVIDER(P.OPERATOR), {S.OPEN}, S.OPEN,
             label="补充涉及的目录", optional=True),
        step("take_in",  "A11", BUREAU(P.OPERATOR), {S.OPEN}, S.OPEN,
             label="补充涉及的目录", optional=True,
             at_once="the body has the matter already; an entry can be settled as unchanged"),
        step("settle",   "A11", PROVIDER(P.OPERATOR), {S.OPEN},
             route("rest", open=S.OPEN, none=S.SETTLED), label="处理",
             at_once="one entry of several; what was said of it can be changed until the last"),
        step("call_off", "A11", BUREAU(P.OPERATOR), {S.OPEN}, S.CALLED_OFF,
             label="撤回分办", optional=True, danger=True, reasons=True),
        step("call_off", "A11", SYSTEM(P.OPERATOR), {S.OPEN}, S.CALLED_OFF,
             label="撤回分办", optional=True, danger=True, reasons=True),
    ),
    clocks=(
        clock("update", limit("A11"), {S.OPEN}, label="更新目录", since="published_on"),
    ),
)
# fmt: on

#: what a document is called in full and not where it is cited
STATE = "中华人民共和国"
#: a year or an edition behind a name, in brackets
EDITION = re.compile(r"[（(〔\[【][^）)〕\]】]*[）)〕\]】]\s*$")
#: shorter than this a name would stand in too many texts
SHORTEST = 3


def names_of(document: str) -> tuple[str, ...]:
    """The ways a document is cited: as it is called, without the name of the state, without its
    edition; none that is too short to mean it."""
    whole = document.strip().strip("《》").strip()
    bare = EDITION.sub("", whole).strip().strip("《》")
    ways = (whole, bare, whole.removeprefix(STATE), bare.removeprefix(STATE))
    return tuple(dict.fromkeys(way for way in ways if len(way) >= SHORTEST))


def counts_from(published_on: date, registered_at: datetime) -> datetime:
    """From when a published version can have been made for the change: from the day after it was
    made public, or from its registration where that is earlier."""
    zone = registered_at.tzinfo
    return min(registered_at, datetime.combine(published_on + timedelta(1), time(), zone))
