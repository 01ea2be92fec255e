"""Retention and masks: tables of the rules."""

from __future__ import annotations

from datetime import date

import pytest

from huitong.audit.rules.masks import veiled, veiled_all, veiled_name
from huitong.audit.rules.reading import Reader, changes, fault_words
from huitong.audit.rules.retention import retention
from huitong.kernel.actor import PARTIES


def test_retention_is_dated_and_says_its_source() -> None:
    assert "网络安全法" in retention("ledger", date(2026, 1, 1)).source
    with pytest.raises(LookupError):
        retention("ledger", date(2016, 1, 1))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("证号320602199001011234。", "证号320602********1234。"),
        ("32060219900101123X", "320602********123X"),
        ("电话13812345678", "电话138****5678"),
        ("卡号6222021234567890123", "卡号622202*********0123"),
        ("wang@example.gov.cn", "w***@example.gov.cn"),
        ("编号 F20261123000042 共 120 条", "编号 F20261123000042 共 120 条"),
        ("a" * 64, "a" * 64),
    ],
)
def test_personal_data_in_texts_are_masked(text: str, masked: str) -> None:
    assert veiled(text) == masked


def test_masks_reach_into_facts_and_names() -> None:
    assert veiled_all({"a": ["13812345678", 3, {"b": None}]}) == {
        "a": ["138****5678", 3, {"b": None}]
    }
    assert veiled_name("王小明") == "王**"


def test_changes_are_told_field_by_field() -> None:
    rows = changes(
        {"state": "draft", "same": 1},
        {"state": "sent", "same": 1, "facts": {"a": 1}},
        Reader(states={"draft": "草稿"}),
    )
    assert [(c.label, c.old, c.new) for c in rows] == [
        ("状态", "草稿", "“sent”"),
        ("其他内容", "", "1"),
    ]


def test_what_was_filled_in_is_told_by_its_titles() -> None:
    facts = {
        "reasons": "未落实要求",
        "days": 3,
        "at": "2026-11-23T05:04:04.187062+00:00",
        "whole": True,
        "cites": ["甲", "乙"],
        "matter": None,
        "share_class": "2",
        "consumer": 7,
        "form": 9,
    }
    reader = Reader(
        titles={"days": "有效天数"},
        choices={"share_class": {"2": "有条件共享"}},
        bodies={7: "市住建局"},
    )
    rows = changes({}, {"given": facts, "ended_at": "2026-11-23T05:04:04Z"}, reader)
    assert [(c.label, c.new) for c in rows] == [
        ("理由", "未落实要求"),
        ("有效天数", "3"),
        ("时间", "2026-11-23 13:04:04"),
        ("整件", "是"),
        ("涉及的条款、栏目或信息项", "甲、乙"),
        ("共享类型", "有条件共享"),
        ("使用部门", "市住建局"),
        ("申请表", "9 号"),
        ("终止时间", "2026-11-23 13:04:04"),
    ]


def test_only_what_differs_inside_a_fact_is_told() -> None:
    before = {"facts": {"authority": "provider", "scan_doubts": []}, "items": [{"name": "甲"}]}
    after = {
        "facts": {"authority": "platform", "scan_doubts": []},
        "items": [{"name": "甲"}, {"name": "乙", "nullable": False, "column": "b_name"}],
        "columns": {"reg_no": "character varying(30)"},
    }
    assert [(c.label, c.old, c.new) for c in changes(before, after)] == [
        ("决定方", "提供部门", "平台"),
        ("信息项（第 2 项）", "", "名称：乙；可空：否；列名：“b_name”"),
        ("列", "", "“reg_no” character varying(30)"),
    ]


def test_faults_are_told_in_words() -> None:
    assert fault_words({"kind": "changed", "leaf": 4}) == ("条目被改动", "第 4 条")
    assert fault_words({"kind": "tail", "file": "a", "size": 9}) == (
        "末尾被截断",
        "共 9 条时的检查点，文件 a",
    )


def test_every_party_has_its_word_and_its_bodies_their_names() -> None:
    """The role of one body or of several, in whichever procedure."""
    after = {"parties": {name: [3, 4] if party.many else 3 for name, party in PARTIES.items()}}
    rows = {
        c.label: c.new for c in changes({}, after, Reader(bodies={3: "市审计局", 4: "市档案局"}))
    }
    assert rows == {
        f"当事方：{party.label}": "市审计局、市档案局" if party.many else "市审计局"
        for party in PARTIES.values()
    }


def test_what_was_given_and_stays_in_the_case_is_one_row() -> None:
    """It is told apart from what the case said before, and from another fact of that name."""
    given = {"published_on": "2026-11-02", "reasons": "修订"}
    rows = changes(
        {"facts": {"published_on": "2026-10-01"}},
        {"given": given, "facts": given | {"days": 3}, "published_on": "2026-11-02"},
    )
    assert [(c.label, c.old, c.new) for c in rows] == [
        ("公布日期", "2026-10-01", "2026-11-02"),
        ("理由", "", "修订"),
        ("天数", "", "3"),
    ]
