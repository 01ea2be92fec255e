"""Borrowing another department's meeting room: asked by one body, decided by the other within
the limit of A22."""

from datetime import date

from huitong.kernel.actor import CONSUMER, PROVIDER, Post
from huitong.kernel.procedure import End, Procedure, State, clock, limit, opens, state, step


class S(State):
    """Where a request for a room stands."""

    DRAFT = state("draft", "草稿", private=True, editable=True)
    ASKED = state("asked", "待答复")
    LENT = state("lent", "已同意", end=End.GRANTED)
    REFUSED = state("refused", "不同意", end=End.REFUSED)


ROOM = Procedure(
    kind="room",
    label="借用会议室",
    law="nantong-2020",
    in_force=date(2020, 2, 19),
    prefix="HY",
    steps=(
        opens("ask_room", "A20", CONSUMER(Post.OPERATOR), S.DRAFT, label="拟借用会议室"),
        step(
            "send",
            "A20",
            CONSUMER(Post.MANAGER),
            {S.DRAFT},
            S.ASKED,
            label="提交借用",
            final=True,
            undoable="changes the case only",
        ),
        step(
            "lend", "A22", PROVIDER(Post.MANAGER), {S.ASKED}, S.LENT, label="同意借用", final=True
        ),
        step(
            "refuse",
            "A22",
            PROVIDER(Post.MANAGER),
            {S.ASKED},
            S.REFUSED,
            label="不同意借用",
            danger=True,
            reasons=True,
        ),
    ),
    clocks=(clock("answer", limit("A22"), {S.ASKED}, label="答复"),),
)
