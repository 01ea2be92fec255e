"""Borrowing another department's meeting room: asked by one body, decided by the other within
the limit of A22."""

from datetime import date

from huitong.kernel.actor import CONSUMER, PROVIDER, Labelled, Post
from huitong.kernel.procedure import Procedure, limit, opens, step


class S(Labelled):
    """Where a request for a room stands."""

    DRAFT = "draft", "草稿"
    ASKED = "asked", "待答复"
    LENT = "lent", "已同意"
    REFUSED = "refused", "不同意"


ROOM = Procedure(
    kind="room",
    label="借用会议室",
    law="nantong-2020",
    in_force=date(2020, 2, 19),
    prefix="HY",
    steps=(
        opens("ask_room", "A20", CONSUMER(Post.OPERATOR), S.DRAFT, label="拟借用会议室"),
        step("send", "A20", CONSUMER(Post.MANAGER), {S.DRAFT}, S.ASKED, label="提交借用"),
        step("lend", "A22", PROVIDER(Post.MANAGER), {S.ASKED}, S.LENT, label="同意借用"),
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
    clocks={S.ASKED: limit("A22")},
)
