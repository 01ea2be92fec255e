"""The chapters of the story as people click it; `test_story.py` runs them in order."""

from __future__ import annotations

import json

from tests.installation import Installation

from huitong.catalog.rules import Reviewer, checklist
from huitong.kernel.laws import article_words
from huitong.kernel.workdays import today

UPDATING = {"更新责任人": "孙秀", "培训日期": "2026-03-16", "更新方法": "业务系统每日写入前置库"}
UPDATED = {
    "业务更新周期": "每日",
    "数据更新周期": "每日",
    "联系处室": "信息中心",
    "联系人": "值班员",
    "联系电话": "0513-85512345",
}
#: what the secrecy review found none of (A3)
CLEARED = ("国家秘密", "工作秘密")
#: what a reviewer ticks before passing an entry (A10, A12)
LOOKED = {
    who: tuple(f"{row.label}（{article_words(row.article)}）" for row in checklist(who, today()))
    for who in Reviewer
}


def front(city: Installation, name: str) -> dict[str, str]:
    """A front-end database as its administrator would tell it to the clerk."""
    fronts = json.loads((city.folder / "run" / "fronts.json").read_text())
    one = next(row for row in fronts if row["dbname"] == name)
    return {
        "主机": one["host"],
        "端口": str(one["port"]),
        "数据库名": one["dbname"],
        "账号": one["username"],
        "密码": one["password"],
    }
