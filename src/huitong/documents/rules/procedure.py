"""How a standing document comes about: its clerk drafts, its manager publishes; who drafted never
publishes (two people: ours)."""

from __future__ import annotations

from datetime import date

from huitong.documents.rules.kinds import Issuer, issued_by
from huitong.kernel.actor import BUREAU, PROVIDER, SYSTEM, Party, Post
from huitong.kernel.procedure import End, Procedure, State, Step, Tone, opens, state, step


class DocumentState(State):
    """Where a version of a document stands."""

    DRAFT = state(
        "draft", "草稿", private=True, editable=True, notice="由经办人起草，提交后由负责人审核。"
    )
    PROPOSED = state(
        "proposed", "待审核发布", private=True, notice="已送负责人审核；审核期间内容不可修改。"
    )
    RETURNED = state(
        "returned",
        "退回修改",
        private=True,
        editable=True,
        tone=Tone.WARNING,
        notice="已退回经办人修改，改好后重新提交。",
    )
    PUBLISHED = state(
        "published",
        "已发布",
        end=End.RUNNING_ON,
        notice="已发布，内容不再改动；需要改动的，起草新版本。",
    )
    REPLACED = state("replaced", "已被替代", end=End.LAPSED, notice="已有新版本或新文件替代。")
    REPEALED = state("repealed", "已废止", end=End.REVOKED, notice="已废止，仅供查阅。")
    DISCARDED = state("discarded", "已删除", end=End.WITHDRAWN, private=True)


S, P = DocumentState, Post
PUBLISHED_EFFECT = "内容不再改动，发布范围内的人员收到通知；需要改动的，起草新版本。"


def _table(
    kind: str, label: str, prefix: str, article: str, party: Party, issued_under: list[str]
) -> Procedure:
    """Drafted under ``article``; published under the article of the kind of document."""
    clerk, manager = party(P.OPERATOR), party(P.MANAGER)
    drafts = {S.DRAFT, S.RETURNED}

    def published(under: str) -> Step:
        only = ("under", under) if len(issued_under) > 1 else None
        return step(
            "publish", under, manager, {S.PROPOSED}, S.PUBLISHED, label="发布", final=True,
            only=only, effect=PUBLISHED_EFFECT,
        )  # fmt: skip

    # fmt: off
    return Procedure(
        kind=kind, label=label, law="nantong-2020", in_force=date(2020, 2, 19), prefix=prefix,
        steps=(
            # verb              who      from          to
            opens("draft",     article, clerk,   S.DRAFT, label=f"起草{label}"),
            opens("revise",    article, clerk,   S.DRAFT, label="起草新版本"),
            step("edit",       article, clerk,   {S.DRAFT},    S.DRAFT,
                 label="修改内容", optional=True),
            step("edit",       article, clerk,   {S.RETURNED}, S.RETURNED,
                 label="修改内容", optional=True),
            step("submit",     article, clerk,   drafts,       S.PROPOSED, label="提交审核"),
            step("discard",    article, clerk,   drafts,       S.DISCARDED,
                 label="删除草稿", optional=True, danger=True,
                 effect="草稿不再出现在列表中，办理记录仍然保留。"),
            *map(published, issued_under),
            step("send_back",  article, manager, {S.PROPOSED}, S.RETURNED,
                 label="退回修改", danger=True, reopens="document", forgets=("submitted",),
                 reasons=True),
            step("repeal",     article, manager, {S.PUBLISHED}, S.REPEALED,
                 label="废止", optional=True, danger=True, reasons=True,
                 effect="文件不再有效，仍可查阅，标注“已废止”；发布范围内的人员收到通知。"),
            step("supersede",  article, SYSTEM(P.OPERATOR), {S.PUBLISHED}, S.REPLACED,
                 label="由新文件替代", optional=True),
        ),
    )
    # fmt: on


CITY_DOCUMENT = _table(
    "city_document",
    "制度文件",
    "ZD",
    "A4",
    BUREAU,
    list(dict.fromkeys(kind.article for kind in issued_by(Issuer.BUREAU))),
)
BODY_DOCUMENT = _table("body_document", "部门管理办法", "GL", "A12", PROVIDER, ["A12"])
#: by who issues
TABLES = {Issuer.BUREAU: CITY_DOCUMENT, Issuer.BODY: BODY_DOCUMENT}
