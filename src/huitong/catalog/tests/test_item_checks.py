"""More defects and near misses: items against what their names and standards say, doubles in words,
the edges of rules (A8-A10)."""

from __future__ import annotations

from typing import Any

import pytest

from huitong.catalog.rules import check
from huitong.catalog.tests.test_checks import CONDITIONAL, KEY, NAME, ONE, PERSON, facts, near

PUBLIC = {"items": [KEY, PERSON]}
WITHHELD = [KEY | {"share_class": "3"}, NAME | {"share_class": "3"}]


@pytest.mark.parametrize(
    ("name", "kind", "column", "faulty"),
    [
        ("出生日期", "N", "", True),
        ("出生日期", "C", "", False),  # a text may hold a date: that is doubted by its column
        ("办理时间", "Y", "", True),
        ("办理时间", "T", "", False),
        ("补贴金额", "C", "", True),
        ("补贴金额", "Y", "", False),
        ("从业人数", "C", "", True),
        ("从业人数", "I", "", False),
        ("联系电话", "N", "", True),
        ("联系电话", "N", "integer", False),  # the source has lost the zeros already
        ("是否低保", "D", "", True),
        ("是否低保", "C", "", False),
        ("电话簿", "N", "", False),  # says nothing of its values
        ("面积单位", "C", "", False),
    ],
)
def test_the_type_of_an_item_against_what_its_name_says(
    name: str, kind: str, column: str, faulty: bool
):
    item = {"name": name, "type": kind, "column_type": column}
    findings = check(facts(items=[KEY, item]), [ONE["item_type_against_name"]])
    assert [f.field for f in findings] == ([f"items.{name}"] if faulty else [])


@pytest.mark.parametrize(
    ("name", "length", "faulty"),
    [
        ("男方身份证号码", 15, False),  # ends otherwise than the standard's name
        ("公民身份号码", 15, True),
        ("公民身份号码", 18, False),
        ("公民身份号码", None, False),
        ("所在地行政区划代码", 4, True),
        ("所在地行政区划代码", 12, False),
        ("手机号", 8, True),
        ("手机号码归属地", 8, False),
    ],
)
def test_an_identifier_is_as_long_as_its_standard_says(name: str, length: int | None, faulty: bool):
    item = {"name": name, "type": "C", "length": length}
    findings = check(facts(items=[KEY, item]), [ONE["item_shorter_than_standard"]])
    assert bool(findings) == faulty


def test_a_double_is_named_with_its_body_and_the_reason_why_it_is_none():
    doubled = facts(
        neighbours=[near("市公安局", "婚姻登记信息表")], difference="只含涉外婚姻登记。"
    )
    [finding] = check(doubled, [ONE["similar"]])
    assert finding.entry == 7
    assert finding.message == (
        "与市公安局的“婚姻登记信息表”相似（名称相近）；编制部门说明：只含涉外婚姻登记。"
    )
    [own] = check(facts(neighbours=[near("市民政局", "婚姻登记信息")]), [ONE["similar"]])
    assert own.message.startswith("与本部门的“婚姻登记信息”相似")
    assert "neighbours" not in facts(neighbours=[near("市公安局", "x")]).model_dump()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("数据表1", False),
        ("信息表（2）", False),
        ("测试数据 3", False),
        ("导出明细列表", False),
        ("表" * 100, False),
        ("数据资源目录", True),
        ("测试仪器检定信息", True),
        ("第二次全国土地调查数据", True),
    ],
)
def test_a_name_of_empty_words_says_nothing(name: str, says: bool):
    """The number behind it, in brackets of either width, tells no more; of items as of entries."""
    of_both = [ONE["name_unclear"], ONE["item_name_unclear"]]
    findings = check(facts(name=name, items=[KEY, NAME | {"name": name}]), of_both)
    assert [f.field for f in findings] == ([] if says else ["name", f"items.{name}"])


def test_what_is_withheld_goes_out_with_nothing():
    withheld = NAME | {"level": "4", "share_class": "3"}
    assert not check(facts(items=[KEY, withheld]), [ONE["sensitive_unconditional"]])


@pytest.mark.parametrize(
    ("rule", "changes", "field"),
    [
        # one step behind the business is no lag: what is entered daily is delivered weekly
        ("slower_than_business", {"update_cycle": "2", "data_cycle": "3"}, ""),
        ("slower_than_business", {"update_cycle": "2", "data_cycle": "4"}, "data_cycle"),
        ("sensitive_unconditional", {"items": [KEY, NAME | {"level": "4"}]}, "items.登记机关"),
        ("personal_unconditional", PUBLIC | {"personal_reason": "依法公示人人可查"}, ""),
        (
            "personal_unconditional",
            PUBLIC | {"personal_reason": "依法公示均可查"},
            "personal_reason",
        ),
        ("key_withheld", {"items": [KEY | {"share_class": "3"}, NAME]}, "items.登记编号"),
        # of nothing there is no part
        ("empty_shape", CONDITIONAL | {"shapes": ["partial_items"], "items": WITHHELD}, "items"),
        ("unnamed_condition", {"items": WITHHELD}, "items"),
        ("unnamed_condition", {"items": []}, ""),
    ],
)
def test_on_which_side_of_a_rule_its_edge_lies(rule: str, changes: dict[str, Any], field: str):
    assert [f.field for f in check(facts(**changes), [ONE[rule]])] == ([field] if field else [])
