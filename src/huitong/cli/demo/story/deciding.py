"""The end of chapter three: granted, granted in part, refused (A22, A23)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from huitong.access import queries as access
from huitong.cli.demo.story.cataloging import Resources
from huitong.cli.demo.story.play import Story

#: the divisions of Nantong, retired codes included
NANTONG = {"op": "prefix", "item": "登记机关区划代码", "value": {"text": "3206"}}
#: fewer items than asked: what checking a marriage needs
GRANTED = [
    "登记号",
    "男方姓名",
    "男方身份证号",
    "女方姓名",
    "女方身份证号",
    "登记日期",
    "登记类型",
    "登记机关区划代码",
    "婚姻状态",
]


@dataclass
class Shares:
    """Results of the chapter: grants by name, and the systems that hold credentials."""

    grant: dict[str, int] = field(default_factory=dict)
    grant_case: dict[str, int] = field(default_factory=dict)
    system: dict[str, int] = field(default_factory=dict)
    form: int = 0
    #: the case that was refused
    refused: int = 0


def decide(story: Story, shares: Shares, published: Resources, cases: dict[int, int]) -> None:
    def give(name: str, who: str, article: str, text: str, values: dict[str, Any]) -> None:
        case = cases[published.mount[name]]
        story.act(article, who, text, "application.grant", values, case=case)
        grant = story.retry(
            lambda: (
                access.application_facts(story.actor(who), _case(case)).facts["application"].grant
            )
        )
        shares.grant[name], shares.grant_case[name] = grant.pk, grant.case_id

    give(
        "division-file",
        "dsj_manager",
        "A23",
        "平台授权“行政区划代码”（文件），结果告知民政局",
        {"opinion": "同意"},
    )
    give(
        "division-api",
        "dsj_manager",
        "A23",
        "平台授权“行政区划代码”（接口）",
        {"opinion": "同意", "per_second": 50},
    )
    api = cases[published.mount["marriage-api"]]
    application = story.retry(
        lambda: access.application_facts(story.actor("mz_manager"), _case(api)).facts["application"]
    )
    simulation = story.do(
        "mz_manager",
        "access.simulate",
        {"application": application.pk, "items": GRANTED, "row_filter": NANTONG},
        key="simulate",
    )
    sample = (simulation.result or {}).get("rows", [])[:1]
    story.report(
        "A22",
        story.who("mz_manager"),
        "授权前模拟：住建局将看到什么",
        "　".join(map(str, sample[0])) if sample else "（此前已看过）",
    )
    narrowed = {
        "items": GRANTED,
        "row_filter": NANTONG,
        "opinion": "仅限南通登记机关的记录",
        "ground": "more_than_needed",
        "cites": "登记机关、未列入授权的信息项",
        "reasons": "公租房资格审核只需核对本市登记的婚姻状况，其余信息项不是办理该事项所必需。",
    }
    give(
        "marriage-api",
        "mz_manager",
        "A22",
        "部分授权“婚姻登记信息”（接口）：减少信息项、脱敏、仅南通",
        {**narrowed, "per_second": 20},
    )
    give("marriage-table", "mz_manager", "A22", "部分授权“婚姻登记信息”（数据库表）", narrowed)
    shares.refused = cases[published.mount["insurance-api"]]
    reasons = "申请用途为“内部研究参考”，与所列职责“住房保障资格审核”无关，不符合实施细则第三十条。"
    story.act(
        "A22",
        "rs_manager",
        "不予授权“社会保险参保信息”，说明具体理由",
        "application.refuse",
        {"ground": "outside_duty", "cites": "使用目的", "reasons": reasons},
        case=shares.refused,
        outcome=f"不予授权：{reasons}",
    )


def _case(pk: int) -> Any:
    from huitong.kernel.case import Case

    return Case.objects.get(pk=pk)
