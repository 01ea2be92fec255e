"""A consultation: the bureau asks two bodies and itself, each says its opinion, in any order."""

from datetime import date

from huitong.kernel.actor import BUREAU, CONSUMER, PROVIDER, SYSTEM, Post
from huitong.kernel.procedure import End, Procedure, State, clock, joint, limit, opens, state, step


class S(State):
    """Where a consultation stands."""

    COLLECTING = state("collecting", "征求意见中")
    CONCLUDING = state("concluding", "待形成结论")
    CONCLUDED = state("concluded", "已有结论", end=End.COMPLETED)


THREE = (PROVIDER(Post.MANAGER), CONSUMER(Post.MANAGER), BUREAU(Post.MANAGER))

CONSULTATION = Procedure(
    kind="consultation",
    label="会商",
    law="nantong-2020",
    in_force=date(2020, 2, 19),
    prefix="HS",
    steps=(
        opens("convene", "A27", BUREAU(Post.OPERATOR), S.COLLECTING, label="发起会商", final=True),
        *joint("advise", "A27", THREE, {S.COLLECTING}, S.CONCLUDING, label="提出意见", final=True),
        step(
            "close_collecting",
            "A27",
            SYSTEM(Post.OPERATOR),
            {S.COLLECTING},
            S.CONCLUDING,
            label="逾期截止",
            optional=True,
        ),
        step(
            "conclude",
            "A27",
            BUREAU(Post.OPERATOR),
            {S.CONCLUDING},
            S.CONCLUDED,
            label="结论",
            final=True,
        ),
    ),
    clocks=(
        clock("advice", limit("A22"), {S.COLLECTING}, label="提出意见", lapses="close_collecting"),
    ),
)
