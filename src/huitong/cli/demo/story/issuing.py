"""Before all else: what the city rests on, its rules, standards and interpretations (A4, A7, A12,
A35)."""

from __future__ import annotations

from datetime import date
from typing import Any

from huitong.cli.demo.story.play import Story

#: what stands in each document; invented, as an office would write it
CITY: tuple[dict[str, Any], ...] = (
    {
        "kind": "code_rule",
        "title": "南通市政务信息资源目录编码规范",
        "document_number": "通数据〔2020〕6号",
        "in_force": date(2020, 4, 1),
        "articles": ["A7"],
        "wording": (
            "资源代码由分类代码、提供部门序号和顺序号组成。\n\n"
            "审核通过时赋码，一经赋码不再变更，撤销后不再用于其他资源。"
        ),
    },
    {
        "kind": "standard",
        "title": "政务数据通用数据项标准",
        "document_number": "通数据〔2021〕11号",
        "in_force": date(2021, 7, 1),
        "articles": ["A9"],
        "wording": (
            "公民身份号码按 GB 11643，统一社会信用代码按 GB 32100，性别代码按 GB/T 2261.1。\n\n"
            "日期写作八位数字的年月日；姓名不加空格。"
        ),
    },
    {
        "kind": "interpretation",
        "title": "关于答复时限起算日的解释",
        "document_number": "通数据〔2022〕4号",
        "in_force": date(2022, 5, 16),
        "articles": ["A22", "A23"],
        "wording": (
            "实施细则第二十二条所称“收到申请后”，自平台转交之日的次日起计算工作日；"
            "最后一日为休息日的，顺延至其后第一个工作日。"
        ),
    },
)
OWN: dict[str, Any] = {
    "kind": "own_rules",
    "title": "南通市民政局政务信息资源目录管理办法",
    "document_number": "通民办〔2021〕9号",
    "in_force": date(2021, 3, 1),
    "wording": (
        "业务处室编制目录，办公室负责人审核，信息中心发布和更新。\n\n"
        "法律法规修订或职能变化的，业务处室自公布之日起十个工作日内提出目录变更。"
    ),
}


def play(story: Story) -> None:
    """Each is drafted by one person and published by another."""
    story.chapter(
        "〇、制度：管理制度、数据标准、解释和部门管理办法（第四条、第十二条、第三十五条）"
    )
    for words in CITY:
        _issue(story, "dsj", "city_document", words)
    _issue(story, "mz", "body_document", OWN)


def _issue(story: Story, body: str, kind: str, words: dict[str, Any]) -> None:
    key = words["title"]
    case = story.do(f"{body}_operator", f"{kind}.draft", words, key=key).entry.case
    story.do(f"{body}_operator", f"{kind}.submit", case=case)
    done = story.do(f"{body}_manager", f"{kind}.publish", case=case)
    outcome = "经办人起草，负责人审核发布"
    story.report(done.entry.article, story.who(f"{body}_manager"), f"发布《{key}》", outcome)
