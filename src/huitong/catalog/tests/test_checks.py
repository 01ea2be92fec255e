"""Each check has a planted defect it catches and a near miss it lets pass (A3, A8, A10, A13)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from huitong.catalog.rules import (
    RULES,
    EntryFacts,
    GroundFacts,
    ItemRow,
    Neighbour,
    check,
    conditions,
    errors,
)
from huitong.catalog.rules.checks.titles import TITLES
from huitong.catalog.rules.leads import LeadOfItem
from huitong.kernel.laws import citation

KEY = {
    "name": "登记编号",
    "column": "reg_no",
    "is_key": True,
    "column_type": "character varying(30)",
    "length": 30,
}
NAME = {
    "name": "登记机关",
    "column": "office",
    "column_type": "character varying(50)",
    "length": 50,
}
PERSON = {
    "name": "男方姓名",
    "column": "m_name",
    "column_type": "character varying(50)",
    "length": 50,
}
#: what a clerk says of an item that may be read by all
GIVEN = {"level": "2", "share_class": "1", "mask": ""}
WELL: dict[str, Any] = {
    "name": "婚姻登记信息",
    "body": "市民政局",
    "origin": "own",
    "system": "婚姻登记系统",
    "summary": "全市婚姻登记机关办理的结婚、离婚登记信息。",
    "category": "101",
    "industry": "S",
    "format": "database",
    "items": [KEY, NAME],
    "standard": "MZ/T 044",
    "share_class": "1",
    "share_modes": ["table", "api"],
    "open_class": "3",
    "open_mode": "none",
    "update_cycle": "2",
    "data_cycle": "2",
    "contact_office": "婚姻管理处",
    "contact_phone": "0513-85512345",
}
CONDITIONAL = {
    "share_class": "2",
    "shapes": ["masked"],
    "condition": "用于住房保障。",
    "items": [KEY, NAME | {"mask": "name"}],
}
LAW = {"document": "个人信息保护法", "article": "第六条"}
TERMS = [{"shape": "masked", "text": "姓名脱敏"} | LAW, {"text": "用于住房保障"} | LAW]
STRUCK = {"on": date(2026, 11, 30), "by": "李静", "why": "没有法律依据"}
BASED = CONDITIONAL | {"sharing_terms": TERMS}
GROUND = {
    "kind": "law",
    "document": "个人信息保护法",
    "article": "第二十八条",
    "quotation": "敏感个人信息是……",
}


SEX = "人的性别代码（GB/T 2261.1-2003）第1版"
LIST = {"id": 1, "name": "人的性别代码", "number": 1, "newest": SEX, "longest": 2, "numeric": True}
STANDARD = {"id": 1, "number": "MZ/T 044", "name": "婚姻登记", "until": date(2026, 11, 30)}
CODED = {"items": [KEY, NAME | {"code_list": SEX, "standard": "MZ/T 044"}]}


def near(body: str, name: str, *items: str) -> Neighbour:
    """A published entry with items that stand in every second one."""
    return Neighbour(7, body, name, items or ("姓名", "序号"))


def facts(**changes: Any) -> EntryFacts:
    values = WELL | changes
    return EntryFacts(
        **{
            **values,
            "items": tuple(ItemRow(**GIVEN | i) for i in values["items"]),
            "grounds": tuple(GroundFacts(**g) for g in values.get("grounds", ())),
        }
    )


#: rule → field it names, a planted defect, a near miss
CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "classified": (
        "remark",
        {"remark": "其中部分为机密级"},
        {"remark": "不含涉密内容,不涉及国家秘密和商业秘密"},
    ),
    "missing_elements": (
        "share_modes",
        {"share_modes": []},
        {"share_class": "3", "share_modes": [], "grounds": [GROUND]},
    ),
    "category_ended": (
        "category",
        {"category": "301", "on": date(2026, 11, 29)},
        {"category": "301", "on": date(2026, 11, 28)},
    ),
    "no_ground": ("grounds", {"share_class": "3"}, {"share_class": "3", "grounds": [GROUND]}),
    "thin_ground": (
        "grounds",
        {"share_class": "3", "grounds": [GROUND | {"quotation": ""}]},
        {"share_class": "3", "grounds": [GROUND]},
    ),
    "no_shape": ("shapes", CONDITIONAL | {"shapes": []}, CONDITIONAL),
    "empty_shape": ("items", CONDITIONAL | {"items": [KEY, NAME]}, CONDITIONAL),
    "unnamed_condition": ("items", {"items": [KEY, NAME | {"mask": "name"}]}, CONDITIONAL),
    "condition_without_basis": (
        "sharing_terms",
        BASED | {"sharing_terms": [TERMS[0], TERMS[1] | {"article": ""}]},
        BASED,
    ),
    "struck_condition": ("sharing_terms", BASED | {"struck": [TERMS[1] | STRUCK]}, BASED),
    "not_the_lead": (
        "items.登记机关",
        {"leads": (LeadOfItem("登记机关", "登记机关", "市民政局"),)},
        {"leads": (LeadOfItem("登记机关", "登记机关", "市民政局"),), "origin": "system"},
    ),
    "no_condition_words": ("condition", CONDITIONAL | {"condition": ""}, {"condition": ""}),
    "personal_open": (
        "items.男方姓名",
        CONDITIONAL | {"items": [KEY, PERSON | {"mask": "name"}]},
        CONDITIONAL | {"items": [KEY, PERSON | {"mask": "name", "level": "3"}]},
    ),
    "personal_declined": (
        "items.男方姓名",
        {"items": [KEY, PERSON | {"declined": "登记员的姓名，依法公示。"}]},
        {"items": [KEY, PERSON]},
    ),
    "personal_unconditional": (
        "personal_reason",
        {"items": [KEY, PERSON], "personal_reason": "……"},
        {"items": [KEY, PERSON], "personal_reason": "依法向社会公示的登记内容，各部门均可查询。"},
    ),
    "sensitive_unconditional": (
        "items.登记机关",
        {"items": [KEY, NAME | {"level": "3"}]},
        {"items": [KEY, NAME | {"level": "2"}]},
    ),
    "open_but_not_shared": (
        "open_class",
        {"share_class": "3", "open_class": "1"},
        {"share_class": "3", "open_class": "3"},
    ),
    "open_mode": (
        "open_mode",
        {"open_class": "1", "open_mode": "none"},
        {"open_class": "1", "open_mode": "query"},
    ),
    "open_condition": (
        "open_condition",
        {"open_class": "2"},
        {"open_class": "2", "open_condition": "实名申请"},
    ),
    "wants_api": (
        "share_modes",
        {"usage": ["frequent"], "share_modes": ["table"]},
        {"usage": ["governance"], "share_modes": ["table"]},
    ),
    "wants_table": (
        "share_modes",
        {"usage": ["analysis"], "share_modes": ["api"]},
        {"usage": ["frequent"], "share_modes": ["api"]},
    ),
    "item_against_column": (
        "items.登记日期",
        {"items": [KEY, {"name": "登记日期", "type": "N", "column_type": "date"}]},
        {"items": [KEY, {"name": "登记日期", "type": "D", "column_type": "date"}]},
    ),
    "code_list_unfit": (
        "items.登记机关",
        {"items": [KEY, NAME | {"code_list": SEX, "length": 1}], "code_lists": {SEX: LIST}},
        {"items": [KEY, NAME | {"code_list": SEX, "length": 2}], "code_lists": {SEX: LIST}},
    ),
    "code_list_ended": (
        "items.登记机关",
        CODED
        | {"on": date(2026, 12, 1), "code_lists": {SEX: LIST | {"until": date(2026, 11, 30)}}},
        CODED
        | {"on": date(2026, 11, 30), "code_lists": {SEX: LIST | {"until": date(2026, 11, 30)}}},
    ),
    "standard_ended": (
        "items.登记机关",
        CODED | {"on": date(2026, 12, 1), "standards": {"MZ/T 044": STANDARD}},
        CODED | {"on": date(2026, 11, 30), "standards": {"MZ/T 044": STANDARD}},
    ),
    "mask_unfit": (
        "items.曾用名",
        CONDITIONAL
        | {
            "items": [
                KEY,
                NAME
                | {
                    "name": "曾用名",
                    "column": "old",
                    "column_type": "text[]",
                    "type": "G",
                    "mask": "name",
                },
            ]
        },
        CONDITIONAL
        | {
            "items": [
                KEY,
                NAME
                | {
                    "name": "曾用名",
                    "column": "old",
                    "column_type": "text[]",
                    "type": "G",
                    "mask": "blank",
                },
            ]
        },
    ),
    "item_doubtful": (
        "items.登记日期",
        {"items": [KEY, {"name": "登记日期", "type": "D", "column_type": "varchar(10)"}]},
        {"items": [KEY, {"name": "登记日期", "type": "D", "column_type": ""}]},
    ),
    "item_too_short": (
        "items.登记机关",
        {"items": [KEY, NAME | {"length": 20}]},
        {"items": [KEY, NAME | {"length": 60}]},
    ),
    "name_unclear": ("name", {"name": "t_marriage_2020"}, {"name": "GPS轨迹信息"}),
    "name_leftover": ("name", {"name": "婚姻登记信息_bak"}, {"name": "灾备中心登记信息"}),
    "item_name_unclear": (
        "items.m_name",
        {"items": [KEY, NAME | {"name": "m_name"}]},
        {"items": [KEY, NAME | {"name": "GPS坐标"}]},
    ),
    "items_twice": (
        "items",
        {"items": [KEY, NAME, NAME | {"column": "w_name"}]},
        {"items": [KEY, NAME, {"name": "受理窗口", "column": "w"}]},
    ),
    "no_key": ("items", {"items": [NAME]}, {"items": [NAME], "share_modes": ["api"]}),
    "key_withheld": (
        "items.登记编号",
        CONDITIONAL | {"items": [KEY | {"mask": "blank"}]},
        CONDITIONAL,
    ),
    "thin_summary": ("summary", {"summary": "婚姻登记"}, {"summary": "全市婚姻登记信息若干"}),
    "slower_than_business": (
        "data_cycle",
        {"update_cycle": "1", "data_cycle": "4"},
        {"update_cycle": "8", "data_cycle": "7"},
    ),
    "open_wider_than_shared": (
        "open_class",
        CONDITIONAL | {"open_class": "1", "open_mode": "query"},
        CONDITIONAL | {"open_class": "2", "open_mode": "query", "open_condition": "实名申请"},
    ),
    "open_personal": (
        "open_class",
        {"items": [KEY, PERSON], "open_class": "1", "open_mode": "query"},
        {"items": [KEY, PERSON | {"mask": "name"}], "open_class": "1", "open_mode": "query"},
    ),
    "item_type_against_name": (
        "items.许可证号",
        {"items": [KEY, NAME | {"name": "许可证号", "type": "N", "column_type": ""}]},
        {"items": [KEY, NAME | {"name": "许可证号", "type": "I", "column_type": "bigint"}]},
    ),
    "item_shorter_than_standard": (
        "items.统一社会信用代码",
        {"items": [KEY, NAME | {"name": "统一社会信用代码", "length": 15}]},
        {"items": [KEY, NAME | {"name": "统一社会信用代码", "length": 50}]},
    ),
    "code_without_list": (
        "items.民族代码",
        {"items": [KEY, NAME | {"name": "民族代码"}]},
        {"items": [KEY, NAME | {"name": "民族代码", "dictionary": "GB/T 3304"}]},
    ),
    "similar": (
        "name",
        {"neighbours": [near("市公安局", "南通市婚姻登记数据")]},
        {"neighbours": [near("市公安局", "户籍登记信息")]},
    ),
    "unplaced": ("themes", {"industry": ""}, {"industry": "", "themes": ["201"]}),
    "no_contact": (
        "contact_phone",
        {"contact_phone": ""},
        {"contact_office": "", "contact_name": "王某"},
    ),
    "no_task_force": ("name", {"lacks_task_force": True}, {"lacks_task_force": False}),
    "no_standard": ("standard", {"standard": ""}, {"standard": "本部门数据标准"}),
}
ONE = {rule.name: rule for rule in RULES}


def test_the_complete_entry_passes_every_rule():
    assert check(facts()) == []


def test_every_rule_has_its_defect_its_near_miss_and_what_it_is_called():
    assert set(CASES) == set(ONE) == set(TITLES)
    assert len(set(TITLES.values())) == len(TITLES)
    # of the decree no article's number could be read
    cited = [citation(rule.article) for rule in RULES]
    assert all(c.article or c.law.code == "national-2025" for c in cited)


@pytest.mark.parametrize("text", ["机\r\n密★长期", "机\t密★长期", "机 密★长期"])
def test_a_marking_broken_by_space_is_named_at_its_field(text: str) -> None:
    findings = check(facts(remark=text), [ONE["classified"]])
    assert [f.field for f in findings] == ["remark"]


@pytest.mark.parametrize("name", CASES)
def test_a_rule_catches_the_defect_and_lets_the_near_miss_pass(name: str):
    field, defect, near_miss = CASES[name]
    findings = check(facts(**defect), [ONE[name]])
    assert (
        [f.field for f in findings] == [field]
        and findings[0].article == ONE[name].article
        and findings[0].remedy
    )
    assert check(facts(**near_miss), [ONE[name]]) == []


@pytest.mark.parametrize(
    "missing",
    [
        "name",
        "system",
        "origin",
        "summary",
        "category",
        "format",
        "items",
        "share_class",
        "open_class",
        "open_mode",
        "update_cycle",
        "data_cycle",
    ],
)
def test_each_element_of_article_7_is_missed(missing: str):
    open_mode = {"open_class": "1"} if missing == "open_mode" else {}
    bare = facts(**open_mode | {missing: [] if missing == "items" else ""})
    assert missing in errors(check(bare))


@pytest.mark.parametrize(
    "shape,field,lacking,there",
    [
        ("named_bodies", "named_bodies", {}, {"named_bodies": ["市住建局"]}),
        ("partial_items", "items", {}, {"items": [KEY, NAME | {"share_class": "3"}]}),
        ("masked", "items", {}, {"items": [KEY, NAME | {"mask": "name"}]}),
        ("comparison", "share_modes", {}, {"share_modes": ["api"]}),
    ],
)
def test_a_condition_stands_in_one_of_four_shapes_and_is_there_to_enforce(
    shape, field, lacking, there
):
    condition = {"share_class": "2", "shapes": [shape], "condition": "说明"}
    assert field in errors(check(facts(**condition, **lacking)))
    assert not errors(check(facts(**condition, **there)))
    assert len(conditions(facts(**condition, **there))) == 2
