"""How an entry comes about and how a published one is updated: compile → department review →
bureau review → publish (A7, A10, A11, A12).

An update is another case of the same table: it begins from what is published. Who reviews inside a
department is its own management rule (A12); two people at least is ours. So is that the bureau may
enter for a department (代录): what it typed is the department's draft, which goes the department's
way, and whoever typed it does not review it at the bureau.
"""

from __future__ import annotations

from datetime import date

from huitong.kernel.actor import BUREAU, ENTERER, PROVIDER, Party, Post
from huitong.kernel.procedure import (
    AgainstRules,
    End,
    Procedure,
    State,
    Tone,
    clock,
    limit,
    opens,
    state,
    step,
)


class EntryState(State):
    """Where an entry stands."""

    DRAFT = state(
        "draft",
        "草稿",
        private=True,
        editable=True,
        stage=1,
        notice="由本部门经办人编制，提交后由负责人审核。",
    )
    ENTERING = state(
        "entering",
        "代录中",
        editable=True,
        stage=1,
        notice="市大数据管理局正在代为录入，录完交本部门确认；本部门也可以随时接手编制，或删除草稿。",
    )
    IN_DEPARTMENT = state(
        "in_department",
        "部门审核",
        private=True,
        stage=2,
        notice="已送本部门负责人审核，通过后再由市大数据管理局审核；审核期间内容不可修改。",
    )
    RETURNED = state(
        "returned",
        "退回修改",
        private=True,
        editable=True,
        tone=Tone.WARNING,
        stage=1,
        notice="已退回修改，意见显示在编制人员的表单旁；改好后重新提交。",
    )
    WITH_BUREAU = state(
        "with_bureau",
        "市级审核",
        stage=3,
        notice="本部门已审核通过，正由市大数据管理局作规范性审核；审核期间内容不可修改。",
    )
    TO_PUBLISH = state("to_publish", "待发布", stage=4, notice="审核已通过，等待发布。")
    PUBLISHED = state(
        "published",
        "已发布",
        end=End.COMPLETED,
        stage=5,
        notice="已发布，各部门可以检索；内容不可在此修改。",
    )
    DISCARDED = state(
        "discarded", "已删除", end=End.WITHDRAWN, private=True, stage=1, notice="已删除，仅供查看。"
    )


S, P = EntryState, Post

# fmt: off
ENTRY = Procedure(
    kind="entry", label="目录编制", law="nantong-2020", in_force=date(2020, 2, 19), prefix="M",
    steps=(
        # verb                article  who                  from                to
        opens("draft",             "A7",  PROVIDER(P.OPERATOR), S.DRAFT, label="编制目录"),
        opens("update",            "A11", PROVIDER(P.OPERATOR), S.DRAFT, label="更新目录"),
        opens("enter_for",         "A7",  ENTERER(P.OPERATOR),  S.ENTERING, label="代录目录",
              reasons=True),
        opens("update_for",        "A11", ENTERER(P.OPERATOR),  S.ENTERING, label="代录更新",
              reasons=True),
        step("edit",               "A7",  PROVIDER(P.OPERATOR), {S.DRAFT},         S.DRAFT,
             label="修改内容", optional=True),
        step("edit",               "A10", PROVIDER(P.OPERATOR), {S.RETURNED},      S.RETURNED,
             label="修改内容", optional=True),
        step("edit",               "A7",  ENTERER(P.OPERATOR),  {S.ENTERING},      S.ENTERING,
             label="修改内容", optional=True),
        step("add_ground",         "A8",  PROVIDER(P.OPERATOR), {S.DRAFT},         S.DRAFT,
             label="登记不予共享依据", optional=True),
        step("add_ground",         "A8",  PROVIDER(P.OPERATOR), {S.RETURNED},      S.RETURNED,
             label="登记不予共享依据", optional=True),
        step("add_ground",         "A8",  ENTERER(P.OPERATOR),  {S.ENTERING},      S.ENTERING,
             label="登记不予共享依据", optional=True),
        step("drop_ground",        "A8",  PROVIDER(P.OPERATOR), {S.DRAFT},         S.DRAFT,
             label="撤下依据", optional=True),
        step("drop_ground",        "A8",  PROVIDER(P.OPERATOR), {S.RETURNED},      S.RETURNED,
             label="撤下依据", optional=True),
        step("drop_ground",        "A8",  ENTERER(P.OPERATOR),  {S.ENTERING},      S.ENTERING,
             label="撤下依据", optional=True),
        step("hand_over",          "A7",  ENTERER(P.OPERATOR),  {S.ENTERING},      S.DRAFT,
             label="交部门确认", final=True,
             effect="由提供部门经办人核对、修改并提交，部门负责人审核通过后才送市大数据管理局审核。"),
        step("take_over",          "A12", PROVIDER(P.OPERATOR), {S.ENTERING},      S.DRAFT,
             label="接手编制", optional=True),
        step("ask_entering",       "A12", PROVIDER(P.OPERATOR), {S.DRAFT, S.RETURNED},
             S.ENTERING, label="交回代录", optional=True, only=("entered", "bureau"), reasons=True,
             at_once="the department may take it over again at any time"),
        step("submit",             "A12", PROVIDER(P.OPERATOR), {S.DRAFT, S.RETURNED},
             S.IN_DEPARTMENT, label="提交审核",
             undoable="changes the case and its draft only, and stays inside the department"),
        step("discard",            "A12", PROVIDER(P.OPERATOR), {S.DRAFT, S.RETURNED},
             S.DISCARDED, label="删除草稿", optional=True, danger=True,
             effect="草稿不再出现在列表中，办理记录仍然保留；已发布的版本不受影响。"),
        step("discard",            "A12", PROVIDER(P.OPERATOR), {S.ENTERING},      S.DISCARDED,
             label="删除草稿", optional=True, danger=True,
             effect="代录的草稿不再出现在列表中，办理记录仍然保留；已发布的版本不受影响。"),
        step("discard",            "A7",  ENTERER(P.OPERATOR),  {S.ENTERING},      S.DISCARDED,
             label="删除草稿", optional=True, danger=True,
             effect="代录的草稿不再出现在列表中，办理记录仍然保留；已发布的版本不受影响。"),
        step("pass_department",    "A12", PROVIDER(P.MANAGER),  {S.IN_DEPARTMENT}, S.WITH_BUREAU,
             label="审核通过", final=True, only=("change", ""),
             undoable="changes the case and its draft only; the bureau is told later"),
        step("pass_department",    "A12", PROVIDER(P.MANAGER),  {S.IN_DEPARTMENT}, S.TO_PUBLISH,
             label="审核通过", final=True, only=("change", "contact"),
             effect="只更正了联系方式或备注，不再送市大数据管理局审核，可以直接发布。",
             undoable="changes the case and its draft only"),
        step("return_department",  "A12", PROVIDER(P.MANAGER),  {S.IN_DEPARTMENT}, S.RETURNED,
             label="退回修改", danger=True, reopens="entry", forgets=("secrecy", "change"),
             ground=True, reasons=True),
        step("pass_bureau",        "A10", BUREAU(P.OPERATOR),   {S.WITH_BUREAU},   S.TO_PUBLISH,
             label="审核通过并赋码", final=True, only=("updates", ""),
             effect="目录取得资源代码，代码不再变更。"),
        step("pass_bureau",        "A10", BUREAU(P.OPERATOR),   {S.WITH_BUREAU},   S.TO_PUBLISH,
             label="审核通过", final=True, only=("updates", "published"),
             effect="资源代码不变；提供部门发布后，新版本取代现行版本。"),
        step("return_bureau",      "A10", BUREAU(P.OPERATOR),   {S.WITH_BUREAU},   S.RETURNED,
             label="退回修改", danger=True, reopens="entry", forgets=("secrecy", "change"),
             ground=True, remarks=True),
        step("publish",            "A10", PROVIDER(P.OPERATOR), {S.TO_PUBLISH},    S.PUBLISHED,
             label="发布", final=True, only=("updates", ""),
             effect="各部门立即可以检索和申请；已发布的内容不可修改，只能以新版本变更。"),
        step("publish",            "A11", PROVIDER(P.OPERATOR), {S.TO_PUBLISH},    S.PUBLISHED,
             label="发布新版本", final=True, only=("updates", "published"),
             effect="新版本立即取代现行版本：收窄的内容对使用中的授权同时生效，放宽的内容不扩大任何授权。"),
    ),
    clocks=(
        # A10 wants it published promptly: how many days is the city's own
        clock("to_publish", limit("C", "to_publish", "审核通过后的发布"), {S.TO_PUBLISH}, label="发布"),
    ),
)
# fmt: on


def editable_to(party: Party) -> frozenset[State]:
    """The states in which this party's operator changes the draft."""
    rows = (row for row in ENTRY.rows("edit") if row.who.party == party.name)
    return frozenset(state for row in rows for state in row.origin)


#: where a draft is its department's to submit
TO_SUBMIT = tuple(state for state in EntryState if state in editable_to(PROVIDER))


class Overtaken(AgainstRules):
    """Somebody else changed the same elements after the entry was read that is now to be
    changed: nobody's words are lost unseen."""

    def __init__(self, who: str, when: str) -> None:
        super().__init__(
            f"您填写期间，{who}已于 {when} 修改了同一部分，您的内容尚未保存。",
            article="A12",
            who="提供部门经办人",
            remedy="请对照现在的内容核对后再保存，保存后以您填写的为准。",
        )
