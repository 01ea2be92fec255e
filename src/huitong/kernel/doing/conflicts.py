"""What only the database could see, as a refusal a person can act on."""

from __future__ import annotations

from django.db import DatabaseError, DataError

from huitong.kernel.procedure import AgainstRules, Malformed, Problem

#: of a value no column takes, whichever layer meets it
UNSTORABLE = "有内容过长、超出范围，或含有不能保存的字符。"


def refused_by_database(wrong: DatabaseError, article: str) -> Problem | None:
    """The refusal a database error comes to; None for a fault of ours."""
    state = str(getattr(wrong.__cause__, "sqlstate", "") or "")
    if state in ("23505", "23P01", "40001", "40P01"):
        return AgainstRules(
            "与刚刚完成的另一操作冲突，没有任何改动。",
            article=article,
            remedy="请刷新页面，核对后再办。",
        )
    if state == "23503":
        return Malformed({"": "所指的内容不存在。"}, article=article)
    if isinstance(wrong, DataError):
        return Malformed({"": UNSTORABLE}, article=article)
    return None
