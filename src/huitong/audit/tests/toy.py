"""A toy procedure whose acts stand in the ledger."""

from __future__ import annotations

from datetime import date

from huitong.kernel.actor import CONSUMER, Post
from huitong.kernel.procedure import End, Procedure, State, opens, state, step

CITIZEN = "320602199001011234"


class S(State):
    DRAFT = state("draft", "草稿", private=True, editable=True)
    SUBMITTED = state("submitted", "已提交", end=End.COMPLETED)


TOY = Procedure(
    "toy",
    "示例",
    "nantong-2020",
    date(2020, 2, 19),
    (
        opens("draft", "A20", CONSUMER(Post.OPERATOR), S.DRAFT),
        step("submit", "A20", CONSUMER(Post.OPERATOR), {S.DRAFT}, S.SUBMITTED),
    ),
)
