"""A campaign of the bureau: each body reports, its manager confirms, and the last one ends it."""

from datetime import date

from huitong.kernel.actor import BUREAU, PROVIDER, SYSTEM, Post
from huitong.kernel.procedure import End, InCase, Procedure, State, clock, opens, state, step


class S(State):
    """Where a campaign stands."""

    RUNNING = state("running", "进行中")
    DONE = state("done", "已完成", end=End.COMPLETED)


class T(State):
    """Where the part of one body stands."""

    OPEN = state("open", "待填报")
    REPORTED = state("reported", "待确认")
    CONFIRMED = state("confirmed", "已确认", end=End.COMPLETED)


CAMPAIGN = Procedure(
    kind="campaign",
    label="普查",
    law="nantong-2020",
    in_force=date(2020, 2, 19),
    prefix="PC",
    steps=(
        opens("launch", "A11", BUREAU(Post.OPERATOR), S.RUNNING, label="发起普查"),
        step(
            "finish",
            "A11",
            SYSTEM(Post.OPERATOR),
            {S.RUNNING},
            S.DONE,
            label="全部完成",
            after_children=True,
        ),
    ),
)

PART = Procedure(
    kind="campaign_part",
    label="普查填报",
    law="nantong-2020",
    in_force=date(2020, 2, 19),
    prefix="PT",
    steps=(
        opens("assign", "A11", BUREAU(Post.OPERATOR), T.OPEN, label="下达任务", final=True),
        step("report", "A11", PROVIDER(Post.OPERATOR), {T.OPEN}, T.REPORTED, label="填报"),
        step(
            "confirm",
            "A11",
            PROVIDER(Post.MANAGER),
            {T.REPORTED},
            T.CONFIRMED,
            label="确认",
            final=True,
        ),
    ),
    clocks=(clock("part", InCase("until", "A11"), {T.OPEN, T.REPORTED}, label="填报"),),
)
