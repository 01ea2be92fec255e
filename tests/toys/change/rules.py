"""A change: counted from the day the law was published, extended once with the bureau's consent."""

from datetime import date

from huitong.kernel.actor import BUREAU, PROVIDER, Post
from huitong.kernel.procedure import End, Procedure, State, clock, limit, opens, state, step


class S(State):
    """Where a change stands."""

    UPDATING = state("updating", "更新中")
    ASKED = state("asked", "待同意延期")
    UPDATED = state("updated", "已更新", end=End.COMPLETED)


CHANGE = Procedure(
    kind="change",
    label="法规变更",
    law="nantong-2020",
    in_force=date(2020, 2, 19),
    prefix="BG",
    steps=(
        opens("register", "A11", PROVIDER(Post.OPERATOR), S.UPDATING, label="登记变更"),
        step(
            "ask_extension",
            "D",
            PROVIDER(Post.OPERATOR),
            {S.UPDATING},
            S.ASKED,
            label="申请延期",
            optional=True,
            reasons=True,
            final=True,
        ),
        step(
            "agree",
            "D",
            BUREAU(Post.MANAGER),
            {S.ASKED},
            S.UPDATING,
            label="同意延期",
            extends="update",
            final=True,
        ),
        step(
            "disagree",
            "D",
            BUREAU(Post.MANAGER),
            {S.ASKED},
            S.UPDATING,
            label="不同意延期",
            final=True,
        ),
        step(
            "update",
            "A11",
            PROVIDER(Post.MANAGER),
            {S.UPDATING},
            S.UPDATED,
            label="确认更新",
            final=True,
        ),
    ),
    clocks=(
        clock(
            "update",
            limit("A11"),
            {S.UPDATING, S.ASKED},
            label="更新目录",
            since="published_on",
            extension=limit("D", "catalog_update_extension"),
            owner=PROVIDER(Post.MANAGER),
        ),
        clock("answer", limit("A23"), {S.ASKED}, label="答复延期"),
    ),
)
