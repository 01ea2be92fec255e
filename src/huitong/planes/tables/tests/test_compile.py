"""The plan of a grant, golden; and when it is due again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from huitong.access.rules import LiveGrant, Target
from huitong.connectors import DatabaseAddress
from huitong.kernel.workdays import Calendar
from huitong.planes.tables.compile import compile, holder, in_columns
from huitong.planes.tables.rules import next_after, retry_after
from huitong.publishing.rules import ItemColumn, Source

ADDRESS = DatabaseAddress("10.1.2.3", "civil", "reader", "secret")
SOURCE, TARGET = Source(3, ADDRESS, "public", "marriage"), Target(9, ADDRESS, "front")
MASK = {"kind": "name"}
SCOPE = {
    "items": ["登记编号", "男方姓名"],
    "masks": {"男方姓名": MASK},
    "row_filter": {
        "op": "and",
        "of": [
            {"op": "prefix", "item": "区划", "value": {"text": "3206"}},
            {"op": "not", "of": {"op": "is_null", "item": "登记编号"}},
        ],
    },
}
GRANT = LiveGrant(
    grant=7,
    number="SH20261123000007",
    mode="table",
    mount=3,
    entry=1,
    entry_code="320600/0001",
    entry_name="婚姻登记信息",
    provider=2,
    provider_name="市民政局",
    consumer=4,
    consumer_name="市住建局",
    system=5,
    system_name="住房保障系统",
    purpose="核对",
    matter_code="",
    scope=SCOPE,
    items=(
        ItemColumn("登记编号", "reg_no", "C", "character varying(30)", True),
        ItemColumn("男方姓名", "m_name", "C", "character varying(50)"),
        ItemColumn("区划", "area", "C", "character(6)"),
    ),
    schema="public",
    table="marriage",
    key=("reg_no",),
    per_second=10,
    per_day=None,
    valid_from=datetime(2026, 1, 1, tzinfo=UTC),
    valid_to=datetime(2027, 1, 1, tzinfo=UTC),
    target=9,
    target_table="marriage_in",
)


def test_a_grant_is_this_plan():
    assert compile("r1", GRANT, SOURCE, TARGET).to_json() == {
        "run_id": "r1",
        "grant": "SH20261123000007",
        "source": ["public", "marriage"],
        "target": ["front", "marriage_in"],
        "key": ["reg_no"],
        "largest_fall": 0.5,
        "title": "婚姻登记信息",
        "notice": (
            "婚姻登记信息。按授权 SH20261123000007 共享，仅限用于：核对；有效期至 2026-12-31；"
            "不得转给第三方或用于其他目的。"
        ),
        "columns": [
            {
                "item": "reg_no",
                "name": "reg_no",
                "item_type": "C",
                "sql_type": "character varying(30)",
                "title": "登记编号",
            },
            {
                "item": "m_name",
                "name": "m_name",
                "item_type": "C",
                "sql_type": "character varying(50)",
                "title": "男方姓名",
            },
            {
                "item": "area",
                "name": "area",
                "item_type": "C",
                "sql_type": "character(6)",
                "title": "区划",
            },
        ],
        "scope": {
            "items": ["reg_no", "m_name"],
            "masks": {"m_name": {"kind": "name"}},
            "control_parameters": [],
            "comparison_only": False,
            "row_filter": {
                "op": "and",
                "of": [
                    {"op": "prefix", "item": "area", "value": {"text": "3206"}},
                    {"op": "not", "of": {"op": "is_null", "item": "reg_no"}},
                ],
            },
        },
    }


def test_the_same_grant_is_the_same_plan_and_carries_no_secret():
    plan = compile("r1", GRANT, SOURCE, TARGET)
    assert plan.fingerprint == compile(
        "r2", GRANT, SOURCE, TARGET
    ).fingerprint and "secret" not in str(plan.to_json())


def test_what_a_table_says_of_itself_is_no_part_of_the_work():
    plan, other = (compile("r", g, SOURCE, TARGET) for g in (GRANT, replace(GRANT, number="SH8")))
    assert plan.notice != other.notice
    assert replace(other, grant=plan.grant).fingerprint == plan.fingerprint


def test_a_key_that_is_masked_or_not_granted_is_no_key():
    masked = {**SCOPE, "masks": {"登记编号": MASK}}
    assert compile("r", replace(GRANT, scope=masked), SOURCE, TARGET).key == ()
    assert compile("r", replace(GRANT, scope={"items": ["男方姓名"]}), SOURCE, TARGET).key == ()
    token = {**SCOPE, "masks": {"登记编号": {"kind": "token", "algorithm": "sm3", "key": "person"}}}
    assert compile("r", replace(GRANT, scope=token), SOURCE, TARGET).key == ("reg_no",)


def test_an_item_without_a_column_keeps_its_name_so_that_the_engine_names_it():
    assert in_columns({"items": ["不存在"]}, {}).items == ("不存在",)


def test_of_two_grants_for_one_table_the_first_holds_it():
    second = replace(GRANT, grant=8)
    assert holder(second, [second, GRANT], {9: TARGET}).grant == 7
    assert (
        holder(
            replace(second, target_table="other"),
            [GRANT, replace(second, target_table="other")],
            {9: TARGET},
        ).grant
        == 8
    )


SPRING = Calendar({date(2026, 2, d): False for d in range(16, 24)}, {2026})


@pytest.mark.parametrize(
    ("cycle", "due"),
    [
        ("1", "2026-02-13 10:10"),
        ("2", "2026-02-24 05:00"),
        ("3", "2026-03-02 05:00"),
        ("4", "2026-03-13 05:00"),
        ("5", "2026-05-13 05:00"),
        ("6", "2026-08-13 05:00"),
        ("7", "2027-02-15 05:00"),
        ("8", "2026-02-24 05:00"),
        ("9", None),
    ],
)
def test_due_again_in_working_days_over_the_spring_festival(cycle, due):
    friday = datetime.fromisoformat("2026-02-13 10:00+08:00")
    assert next_after(friday, cycle, SPRING) == (
        datetime.fromisoformat(f"{due}+08:00") if due else None
    )


def test_waiting_grows_with_failures_and_has_an_end():
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert [(retry_after(at, n) - at).seconds for n in (1, 2, 3, 4, 5, 6, 9)] == [
        15,
        60,
        300,
        900,
        3600,
        14400,
        14400,
    ]
