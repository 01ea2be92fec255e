"""The JSON form: everything survives the round trip, everything else is refused with the path of
the field."""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from huitong.scope import Scope, ScopeError, from_json, to_json
from huitong.scope.filters import DEEPEST, MOST_NODES
from huitong.scope.reading import read_query
from huitong.scope.scope import MOST_ITEMS
from huitong.scope.tests.strategies import scopes


@settings(max_examples=120, deadline=None)
@given(scope=scopes())
def test_round_trip(scope: Scope) -> None:
    assert from_json(json.loads(json.dumps(to_json(scope)))) == scope


TEXT = {"text": "3206"}
FAULTS: dict[str, tuple[Any, str]] = {
    "not an object": ([], "应为对象，实际是列表"),
    "no items": ({}, "items:缺少该字段"),
    "unknown key": ({"items": [], "sql": "1=1"}, "sql:不认识的字段"),
    "items as text": ({"items": "name"}, "items:应为列表，实际是文字"),
    "empty item": ({"items": ["a", ""]}, "items[1]:不能为空"),
    "item twice": ({"items": ["a", "a"]}, "items[1]:信息项“a”重复"),
    "number as item": ({"items": [1]}, "items[0]:应为文字，实际是数字"),
    "NUL": ({"items": ["a\x00"]}, "items[0]:含有无法保存的字符"),
    "half a character": ({"items": ["\ud800"]}, "items[0]:含有无法保存的字符"),
    "raw SQL as filter": ({"items": [], "row_filter": "1=1"}, "row_filter:应为对象，实际是文字"),
    "unknown condition": (
        {"items": [], "row_filter": {"op": "like", "item": "a", "value": TEXT}},
        "row_filter.op:不认识的条件“like”",
    ),
    "missing value": (
        {"items": [], "row_filter": {"op": "eq", "item": "a"}},
        "row_filter.value:缺少该字段",
    ),
    "member too many": (
        {"items": [], "row_filter": {"op": "is_null", "item": "a", "value": TEXT}},
        "row_filter.value:不认识的字段",
    ),
    "bare literal": (
        {"items": [], "row_filter": {"op": "eq", "item": "a", "value": "x"}},
        "row_filter.value:应为对象，实际是文字",
    ),
    "two literals": (
        {
            "items": [],
            "row_filter": {"op": "eq", "item": "a", "value": {"text": "x", "number": "1"}},
        },
        "row_filter.value:应写明且只写明一种类型",
    ),
    "no such day": (
        {"items": [], "row_filter": {"op": "eq", "item": "a", "value": {"date": "2021-02-29"}}},
        "row_filter.value.date:“2021-02-29”不是有效的日期",
    ),
    "moment with zone": (
        {
            "items": [],
            "row_filter": {"op": "eq", "item": "a", "value": {"time": "2020-02-19T08:00:00Z"}},
        },
        "row_filter.value.time:",
    ),
    "not a number": (
        {"items": [], "row_filter": {"op": "gt", "item": "a", "value": {"number": "NaN"}}},
        "row_filter.value.number:“NaN”不是有效的数字",
    ),
    "number without quotes": (
        {"items": [], "row_filter": {"op": "gt", "item": "a", "value": {"number": 1.5}}},
        "row_filter.value.number:应为文字",
    ),
    "nested": (
        {
            "items": [],
            "row_filter": {
                "op": "and",
                "of": [
                    {"op": "is_null", "item": "a"},
                    {"op": "not", "of": {"op": "in", "item": "b", "values": []}},
                ],
            },
        },
        "row_filter.of[1].of.values:至少要有一个值",
    ),
    "empty and": (
        {"items": [], "row_filter": {"op": "and", "of": []}},
        "row_filter.of:至少要有一个条件",
    ),
    "mixed list": (
        {"items": [], "row_filter": {"op": "in", "item": "b", "values": [TEXT, {"number": "1"}]}},
        "row_filter.values:各个值的类型应当一致",
    ),
    "mixed ends": (
        {
            "items": [],
            "row_filter": {"op": "between", "item": "b", "low": TEXT, "high": {"number": "1"}},
        },
        "row_filter.high:上下限的类型应当一致",
    ),
    "empty prefix": (
        {"items": [], "row_filter": {"op": "prefix", "item": "b", "value": {"text": ""}}},
        "row_filter.value:开头的文字应为非空文字",
    ),
    "mask without item": (
        {"items": ["a"], "masks": {"b": {"kind": "name"}}},
        "masks.b:脱敏的信息项不在所列信息项之中",
    ),
    "unknown mask": (
        {"items": ["a"], "masks": {"a": {"kind": "rot13"}}},
        "masks.a.kind:不认识的脱敏方式“rot13”",
    ),
    "mask with extras": (
        {"items": ["a"], "masks": {"a": {"kind": "name", "first": 9}}},
        "masks.a.first:不认识的字段",
    ),
    "partial without numbers": (
        {"items": ["a"], "masks": {"a": {"kind": "partial", "first": 3}}},
        "masks.a.last:缺少该字段",
    ),
    "partial below zero": (
        {"items": ["a"], "masks": {"a": {"kind": "partial", "first": -1, "last": 0}}},
        "masks.a.first:应在 0 到 100 之间",
    ),
    "weak token": (
        {"items": ["a"], "masks": {"a": {"kind": "token", "algorithm": "md5", "key": "k"}}},
        "masks.a.algorithm:不认识的算法“md5”",
    ),
    "parameter twice": (
        {"items": [], "control_parameters": [{"name": "m", "title": "事项"}] * 2},
        "control_parameters[1].name:管控参数“m”重复",
    ),
    "parameter name": (
        {"items": [], "control_parameters": [{"name": "事项", "title": "事项"}]},
        "control_parameters[0].name:应由小写字母",
    ),
    "slow pattern": (
        {
            "items": [],
            "control_parameters": [{"name": "m", "title": "事项", "patterns": ["(a+)+"]}],
        },
        "control_parameters[0].patterns[0]:格式中不能使用括号",
    ),
    "many repeats": (
        {
            "items": [],
            "control_parameters": [{"name": "m", "title": "事项", "patterns": ["a*a{1,9}a+a{2,}"]}],
        },
        "control_parameters[0].patterns[0]:格式中最多使用三个",
    ),
    "broken pattern": (
        {"items": [], "control_parameters": [{"name": "m", "title": "事项", "patterns": ["[a"]}]},
        "control_parameters[0].patterns[0]:不是有效的格式表达式",
    ),
    "reference to a group": (
        {
            "items": [],
            "control_parameters": [{"name": "m", "title": "事项", "patterns": [r"a*\1"]}],
        },
        "control_parameters[0].patterns[0]:不是有效的格式表达式",
    ),
    "parameter title too long": (
        {"items": [], "control_parameters": [{"name": "m", "title": "事" * 1001}]},
        "control_parameters[0].title:最多",
    ),
    "truth as number": (
        {"items": [], "comparison_only": 1},
        "comparison_only:应为 true 或 false，实际是数字",
    ),
}


@pytest.mark.parametrize(("value", "message"), FAULTS.values(), ids=FAULTS)
def test_every_fault_names_its_field(value: Any, message: str) -> None:
    with pytest.raises(ScopeError) as refused:
        from_json(value)
    assert str(refused.value).startswith(message), str(refused.value)


def test_the_path_starts_where_the_caller_says() -> None:
    with pytest.raises(ScopeError) as refused:
        from_json({"items": ["a", "a"]}, "grant.scope")
    assert refused.value.path == "grant.scope.items[1]"


def test_depth_and_size_have_limits() -> None:
    deep: Any = {"op": "is_null", "item": "a"}
    for _ in range(500):
        deep = {"op": "not", "of": deep}
    with pytest.raises(ScopeError, match="嵌套过深"):
        from_json({"items": [], "row_filter": deep})
    wide = {"op": "or", "of": [{"op": "and", "of": [{"op": "is_null", "item": "a"}] * 20}] * 20}
    with pytest.raises(ScopeError, match="条件过多"):
        from_json({"items": [], "row_filter": wide})


def test_a_scope_may_be_as_deep_and_as_wide_as_its_limits() -> None:
    leaf: Any = {"op": "is_null", "item": "a"}
    deepest = leaf
    for _ in range(DEEPEST - 1):
        deepest = {"op": "not", "of": deepest}
    widest = {"op": "or", "of": [leaf] * MOST_NODES}
    for tree in (deepest, widest):
        assert from_json({"items": [], "row_filter": tree}).row_filter is not None
    items = [f"{n:0200d}" for n in range(MOST_ITEMS)]
    assert from_json({"items": items}).items == tuple(items)
    with pytest.raises(ScopeError, match="items:最多 1600 个，实际 1601 个"):
        from_json({"items": [*items, "a"]})
    with pytest.raises(ScopeError, match=r"items\[0\]:最多 200 个字符"):
        from_json({"items": ["a" * 201]})
    with pytest.raises(ScopeError, match=f"最多 {DEEPEST} 层"):
        from_json({"items": [], "row_filter": {"op": "not", "of": deepest}})
    with pytest.raises(ScopeError, match=f"最多 {MOST_NODES} 个"):
        from_json({"items": [], "row_filter": {"op": "and", "of": [leaf, widest]}})


def test_a_scope_does_not_change_with_the_dictionary_it_came_from() -> None:
    masks: dict[str, Any] = {}
    scope = Scope(("a",), masks=masks)
    masks["a"] = None
    assert scope.masks == {} and hash(scope) == hash(Scope(("a",)))


@pytest.mark.parametrize(
    ("query", "pairs", "broken"),
    [
        ("a=1&b=%E5%BC%A0&a=", [("a", "1"), ("b", "张"), ("a", "")], []),
        ("名=张".encode().decode("latin-1"), [("名", "张")], []),
        ("a=%FF&b=1", None, ["a"]),
        ("a=%ED%A0%80", None, ["a"]),
        ("\xff=1", None, ["\ufffd"]),
        ("a=\xcd\xd6", None, ["a"]),
        ("", [], []),
    ],
)
def test_a_query_is_read_as_utf8_or_its_parameter_named(
    query: str, pairs: Any, broken: list[str]
) -> None:
    result = read_query(query)
    assert result[1] == broken and (broken or result[0] == pairs)
