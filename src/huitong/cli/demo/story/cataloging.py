"""Chapter one: from a database to published entries (A3, A7-A12)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from huitong.catalog import queries as catalog
from huitong.cli.demo.fronts import Front
from huitong.cli.demo.story.play import Story

CONTACT = {"contact_office": "信息中心", "contact_name": "值班员", "contact_phone": "0513-12345"}
USUAL: dict[str, Any] = {
    "format": "database",
    "format_detail": "PostgreSQL",
    "open_class": "3",
    "open_mode": "none",
    "update_cycle": "2",
    "data_cycle": "2",
    "standard": "民政业务数据元（演示）",
    **CONTACT,
}
#: the secrecy review of every submission: no state secrets, no work secrets (A3)
CLEARED = ["state", "work"]
#: what stays a draft, for whoever looks at the desk afterwards
LEFT_AS_DRAFTS = {
    "婚姻登记机关名录": "南通市各婚姻登记机关的名称、地址和办公时间（演示数据，系虚构）。",
    "收养登记机关名录": "南通市各收养登记机关的名称、地址和办公时间（演示数据，系虚构）。",
}
#: how often a clerk asks for a scan before giving up
SCANS = 5


@dataclass
class Resources:
    """Objects the story has created so far, by name."""

    database: dict[str, int] = field(default_factory=dict)
    entry: dict[str, int] = field(default_factory=dict)
    mount: dict[str, int] = field(default_factory=dict)


#: what the conditions of personal data rest on
_LAW = "中华人民共和国个人信息保护法"
TERMS = [
    {"shape": shape, "text": text, "document": _LAW, "article": article}
    for shape, text, article in (
        ("partial_items", "不提供与办理事项无关的信息项", "第六条"),
        ("masked", "姓名、身份证号脱敏", "第五十一条"),
        ("", "限于履行法定职责、办理所列事项", "第三十四条"),
    )
]


def play(story: Story, fronts: dict[str, Front]) -> Resources:
    story.chapter("一、编目：从数据库到目录（第七条至第十二条）")
    resources = Resources()
    civil_affairs(story, resources, fronts["front_mz"])
    human_resources(story, resources, fronts["front_rs"])
    return resources


def civil_affairs(story: Story, resources: Resources, front: Front) -> None:
    system = story.act(
        "A7",
        "mz_operator",
        "登记信息系统“婚姻登记管理系统”",
        "catalog.register_system",
        {"name": "婚姻登记管理系统", "summary": "办理婚姻登记业务的系统（演示）"},
        key="mz-system",
    ).entry.object_id
    other = story.act(
        "A7",
        "mz_operator",
        "登记信息系统“民政综合业务系统”",
        "catalog.register_system",
        {"name": "民政综合业务系统", "summary": "管理区划地名、办理收养登记等业务的系统（演示）"},
        key="mz-other",
    ).entry.object_id
    resources.database["mz"] = register(
        story, "mz_operator", front, "民政局前置库", int(system), key="mz-db"
    )
    drafts = scan(story, "mz_operator", resources.database["mz"], key="mz-scan")
    story.check(
        "dept_secret_archive" not in drafts and len(drafts) >= 3,
        "扫描应得到三份草稿，涉密表应被拒绝",
    )
    resources.entry = {
        "marriage": drafts["marriage_registration"],
        "division": drafts["administrative_division"],
        "adoption": drafts["adoption_registration"],
    }
    story.expect_refusal(
        "A3",
        "mz_operator",
        "登记一份涉密资源",
        "entry.draft",
        {"name": "涉密档案登记簿", "classified": True},
    )

    complete(
        story,
        "mz_operator",
        resources.entry["marriage"],
        "完善“婚姻登记信息”：有条件共享，脱敏后提供",
        {
            **USUAL,
            "name": "婚姻登记信息",
            "summary": "南通市各婚姻登记机关办理结婚、离婚登记形成的登记信息（演示数据，系虚构）。",
            "system": int(system),
            "category": "101",
            "themes": ["201"],
            "industry": "S",
            "share_class": "2",
            "shapes": ["partial_items", "masked"],
            "condition": "仅限住房保障、公积金等需核实婚姻状况的事项使用，姓名、身份证号脱敏",
            "sharing_terms": TERMS,
            "share_modes": ["api", "table"],
            "usage": ["frequent", "timely"],
        },
        withheld=("mobile",),
    )
    review(
        story,
        resources.entry["marriage"],
        "婚姻登记信息",
        returned={"summary": "请写明登记信息覆盖的年份范围。"},
        mended={
            "summary": (
                "南通市各婚姻登记机关 1981 年以来办理结婚、离婚登记形成的登记信息（演示数据，系虚构）。"
            )
        },
    )
    complete(
        story,
        "mz_operator",
        resources.entry["division"],
        "完善“行政区划代码”：无条件共享",
        {
            **USUAL,
            "name": "行政区划代码",
            "summary": "南通市市、县（市）区、乡镇（街道）、村（社区）四级行政区划代码和名称。",
            "system": int(other),
            "category": "103",
            "themes": ["209"],
            "industry": "S",
            "share_class": "1",
            "share_modes": ["api", "file", "table"],
            "usage": ["frequent"],
            "open_class": "1",
            "open_mode": "download",
        },
    )
    review(story, resources.entry["division"], "行政区划代码")
    complete(
        story,
        "mz_operator",
        resources.entry["adoption"],
        "完善“收养登记信息”：不予共享",
        {
            **USUAL,
            "name": "收养登记信息",
            "summary": "南通市收养登记机关办理收养登记形成的登记信息（演示数据，系虚构）。",
            "system": int(other),
            "category": "101",
            "industry": "S",
            "share_class": "3",
            "share_modes": [],
        },
    )
    story.act(
        "A8",
        "mz_operator",
        "登记不予共享的依据：民法典第一千一百一十条，收养秘密",
        "entry.add_ground",
        {
            "kind": "law",
            "document": "中华人民共和国民法典",
            "article": "第一千一百一十条",
            "quotation": "收养人、送养人要求保守收养秘密的，其他人应当尊重其意愿，不得泄露。",
        },
        case=case_of(story, resources.entry["adoption"]),
        key="ground",
    )
    review(story, resources.entry["adoption"], "收养登记信息")
    for name, summary in LEFT_AS_DRAFTS.items():
        story.do(
            "mz_operator", "entry.draft", {"name": name, "summary": summary}, key=f"left:{name}"
        )
    story.report(
        "A7", story.who("mz_operator"), "另起两份目录草稿，留待完善", "、".join(LEFT_AS_DRAFTS)
    )


def human_resources(story: Story, resources: Resources, front: Front) -> None:
    system = story.do(
        "rs_operator", "catalog.register_system", {"name": "社会保险业务系统"}, key="rs-system"
    ).entry.object_id
    resources.database["rs"] = register(
        story, "rs_operator", front, "人社局前置库", int(system), key="rs-db"
    )
    resources.entry["insurance"] = scan(
        story, "rs_operator", resources.database["rs"], key="rs-scan"
    )["social_insurance"]
    complete(
        story,
        "rs_operator",
        resources.entry["insurance"],
        "完善“社会保险参保信息”：有条件共享",
        {
            **USUAL,
            "name": "社会保险参保信息",
            "summary": "南通市社会保险参保登记和缴费状态信息（演示数据，系虚构）。",
            "system": int(system),
            "category": "203",
            "themes": ["203"],
            "industry": "S",
            "share_class": "2",
            "shapes": ["masked"],
            "condition": "仅限社会救助类事项使用，姓名、身份证号脱敏",
            # every item is given: of the conditions all but the first
            "sharing_terms": TERMS[1:],
            "share_modes": ["api"],
            "usage": ["frequent"],
            "standard": "社会保险数据元（演示）",
        },
    )
    review(
        story,
        resources.entry["insurance"],
        "社会保险参保信息",
        clerk="rs_operator",
        chief="rs_manager",
    )


def register(story: Story, who: str, front: Front, name: str, system: int, key: str) -> int:
    registration = story.act(
        "A13",
        who,
        f"登记并连接{name}（{front.host}:{front.port}/{front.dbname}，只读账号）",
        "catalog.register_database",
        {
            "name": name,
            "host": front.host,
            "port": front.port,
            "dbname": front.dbname,
            "username": front.username,
            "password": front.password,
            "schema_name": "public",
            "role": "source",
            "tls": "prefer",
            "system": system,
        },
        key=key,
        outcome="连接成功，密码已加密保存",
    )
    return int(registration.entry.object_id)


def scan(story: Story, who: str, database: int, key: str) -> dict[str, int]:
    """Table → drafted entry."""
    actor = story.actor(who)

    def ended(begun: int) -> Any:
        now = catalog.scan_for(actor, begun)
        return None if now.is_running else now

    for attempt in range(SCANS):
        begun = int(
            story.do(
                who, "catalog.scan_database", {"database": database}, key=f"{key}-{attempt}"
            ).entry.object_id
        )
        result = story.until("扫描结束", lambda begun=begun: ended(begun))  # type: ignore[misc]
        # a scan ends at once when the department's database goes down; the clerk asks for another
        if not result.error:
            break
    story.check(not result.error, f"扫描失败：{result.error}")
    drafts = {
        row["table"].rpartition(".")[2]: row["entry"] for row in result.tables if row.get("entry")
    }
    story.report(
        "A7",
        story.who(who),
        "扫描数据库，逐表生成目录草稿",
        f"{len(drafts)} 份草稿；{result.refused} 张涉密表被拒绝且不留内容（第三条）",
    )
    return drafts


def complete(
    story: Story,
    who: str,
    entry: int,
    text: str,
    values: dict[str, Any],
    withheld: tuple[str, ...] = (),
) -> None:
    case = case_of(story, entry)
    items = story.retry(
        lambda: [
            row.model_dump()
            for row in catalog.items_of(catalog.entry_for(story.actor(who), entry).draft)
        ]
    )
    for item in items:
        item |= {"level": "2", "share_class": "1", "mask": ""}
        if suggested := (item.get("suggestion") or {}).get("mask"):
            item["mask"] = suggested
            item["level"] = item["suggestion"].get("level", item["level"])
        if item["column"] in withheld:
            item["share_class"] = "3"
    story.act("A7", who, text, "entry.edit", {**values, "items": items}, case=case, key="edit")


def review(
    story: Story,
    entry: int,
    name: str,
    clerk: str = "mz_operator",
    chief: str = "mz_manager",
    returned: dict[str, str] | None = None,
    mended: dict[str, Any] | None = None,
) -> None:
    case = case_of(story, entry)
    story.act(
        "A12",
        clerk,
        f"提交“{name}”",
        "entry.submit",
        {"cleared": CLEARED},
        case=case,
        key="submit-1",
    )
    story.act(
        "A12",
        chief,
        f"部门审核通过“{name}”",
        "entry.pass_department",
        {"cleared": CLEARED, "reasons": "内容完整"},
        case=case,
        key="pass-1",
    )
    if returned:
        story.act(
            "A10",
            "dsj_operator",
            f"退回“{name}”，在字段上写明意见",
            "entry.return_bureau",
            {"ground": "unclear", "remarks": returned},
            case=case,
            key="return",
        )
        story.act("A10", clerk, "按意见修改", "entry.edit", mended, case=case, key="mend")
        story.act(
            "A12",
            clerk,
            f"再次提交“{name}”",
            "entry.submit",
            {"cleared": CLEARED},
            case=case,
            key="submit-2",
        )
        story.act(
            "A12",
            chief,
            "部门再次审核通过",
            "entry.pass_department",
            {"cleared": CLEARED, "reasons": "已按意见修改"},
            case=case,
            key="pass-2",
        )
    story.act(
        "A10",
        "dsj_operator",
        f"审核“{name}”并赋码",
        "entry.pass_bureau",
        {"reasons": "规范"},
        case=case,
        key="bureau",
    )
    story.act("A10", clerk, f"发布“{name}”", "entry.publish", case=case, key="publish")
    code = story.retry(lambda: catalog.entry_for(story.actor(clerk), entry).code)
    story.say(f"      → 资源代码 {code}")


def case_of(story: Story, entry: int) -> int:
    from huitong.kernel.actor import Actor

    return story.retry(lambda: catalog.entry_for(Actor.system("演示"), entry).case_id)
