"""What each mask leaves, what a call must say, and how a scope reads on a page."""

import re
import time
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from huitong.scope import (
    And,
    Compare,
    ControlParameter,
    IsNull,
    ItemType,
    Not,
    OneOf,
    Or,
    Prefix,
    Scope,
    ScopeError,
    explain,
    from_json,
)
from huitong.scope.evaluate import shape
from huitong.scope.masks import NAMED, apply, label_of, named, partial, token
from huitong.scope.parameters import LONGEST, faults, of_matters

LEFT = [
    ("name", "张三", "张*"),
    ("name", "欧阳娜娜", "欧***"),
    ("name", "张", "*"),
    ("name", "", ""),
    ("name", "𠮷田", "𠮷*"),
    ("name", None, None),
    ("citizen_number", "320613199001011234", "320613********1234"),
    ("citizen_number", "32061319900101", "**************"),
    ("mobile", "13812345678", "138****5678"),
    ("mobile", "8510086", "*******"),
    ("bank_card", "6217001234567890123", "621700*********0123"),
    ("email", "zhang@nantong.gov.cn", "z***@nantong.gov.cn"),
    ("email", "z@x.cn", "***@x.cn"),
    ("email", "none", "****"),
    ("email", "zhang@x.cn;li@y.cn", "*" * 18),
    ("email", "zhang@x.cn 13812345678", "*" * 22),
    ("email", "zhang@x.cn\n", "*" * 11),
    ("email", "@", "*"),
    ("citizen_number", "320613900101123", "320613*****1123"),
    ("citizen_number", "H12345678", "*********"),
    ("citizen_number", "C1234567890", "***********"),
    ("citizen_number", "E12345678(持护照)", "*" * 14),
    ("name", "O", "*"),
    ("name", "Ng Lee", "N*****"),
    ("mobile", "0513-8510086", "051*****0086"),
    ("bank_card", "", ""),
    ("bank_card", "621700", "******"),
    ("mobile", None, None),
    ("citizen_number", None, None),
    ("email", None, None),
    ("address", None, None),
    ("address", "江苏省南通市崇川区人民中路1号", "江苏省南通市崇川区***"),
    ("address", "江苏省南通市如东县掘港街道", "江苏省南通市如东县***"),
    ("address", "启东市汇龙镇人民路5号阳光小区", "启东市***"),
    ("address", "南通市阳光小区3号", "南通市***"),
    ("address", "内蒙古自治区锡林郭勒盟东乌旗", "内蒙古自治区锡林郭勒盟东乌旗"),
    ("address", "上海市浦东新区世纪大道", "上海市浦东新区***"),
    ("address", "人民路1号", "***"),
    ("address", "南京市鼓楼区", "南京市鼓楼区"),
    ("address", "", ""),
    ("address", "南通市人民中路市民广场", "南通市***"),
    ("address", "南通市通州区", "南通市通州区"),
    ("blank", "anything", None),
]


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (0, 0, "全部遮盖"),
        (2, 0, "保留前 2 位，其余遮盖"),
        (0, 3, "保留后 3 位，其余遮盖"),
        (2, 3, "保留前 2 后 3 位，其余遮盖"),
    ],
)
def test_a_mask_reads_as_what_it_leaves(first: int, last: int, words: str) -> None:
    assert label_of(partial(first, last)) == words


@pytest.mark.parametrize(("kind", "value", "left"), LEFT)
def test_what_is_left(kind: str, value: str | None, left: str | None) -> None:
    assert apply(named(kind), value) == left


def test_a_partial_mask_never_shows_a_whole_value() -> None:
    assert apply(partial(6, 4, 0), "1234567890") == "**********"


def test_tokens_match_the_standard_and_their_key() -> None:
    # RFC 4231 test case 2; SM3 value from OpenSSL: `printf 'what do ya want for nothing?' | openssl
    # dgst -sm3 -hmac Jefe`
    text, keys = "what do ya want for nothing?", {"k": b"Jefe"}
    assert (
        apply(token("k", "sha256"), text, keys)
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )
    assert (
        apply(token("k", "sm3"), text, keys)
        == "2e87f1d16862e6d964b50a5200bf2b10b764faa9680a296a2405f24bec39f882"
    )
    for without in ({}, {"k": b""}):  # under an empty key anybody could make the tokens
        with pytest.raises(ScopeError, match="缺少加密标识所用的密钥“k”"):
            apply(token("k"), text, without)


def test_only_a_mask_that_takes_a_text_apart_counts_its_characters() -> None:
    whole = {token("k"), named("blank")}
    assert {
        mask for mask in (*whole, *(m for _, m in NAMED.values())) if mask.counts_characters
    } == {mask for _, mask in NAMED.values()} - whole


def test_every_named_mask_has_a_label() -> None:
    for label, mask in NAMED.values():
        assert mask.label == label
        assert re.fullmatch("[^（]+（[^（）]+）", label), (
            f"{label}: say in brackets what it leaves; sharing conditions quote it"
        )
    assert (
        partial(2, 1).label == "保留前 2 后 1 位，其余遮盖"
        and token("k").label == "加密标识（SM3，相同的值仍可关联）"
    )


MATTER = ControlParameter("matter", "事项编码", choices=("A1", "A2"))
OPERATOR = ControlParameter("operator", "操作人", required=False, patterns=(r"\d{6}",))
REASON = ControlParameter("reason", "事由", required=False)
CALLS = [
    ({"matter": "A1"}, {}),
    ({"matter": "A1", "operator": "123456"}, {}),
    ({}, {"matter": "缺少管控参数“事项编码”（matter）"}),
    ({"matter": "B"}, {"matter": "管控参数“事项编码”的值不在授权范围内"}),
    ({"matter": "A2", "operator": "12345x"}, {"operator": "管控参数“操作人”的格式不正确"}),
    ({"matter": "A" * 201}, {"matter": "管控参数“事项编码”超过 200 个字符"}),
    ({"matter": ""}, {"matter": "缺少管控参数“事项编码”（matter）"}),
    ({"matter": "A1", "operator": "123456\n"}, {"operator": "管控参数“操作人”含有控制字符"}),
    ({"matter": "A1", "reason": "因" * LONGEST}, {}),
    ({"matter": "A1", "reason": "因" * (LONGEST + 1)}, {"reason": "管控参数“事由”超过 200 个字符"}),
    ({"matter": "A1", "reason": "核验\x7f"}, {"reason": "管控参数“事由”含有控制字符"}),
]


@pytest.mark.parametrize(("call", "messages"), CALLS)
def test_what_a_call_must_say(call: dict[str, str], messages: dict[str, str]) -> None:
    assert faults((MATTER, OPERATOR, REASON), call) == messages


def test_where_the_grant_states_no_matter_no_call_for_one_passes() -> None:
    """Only the matters of the grant may be named, so none where it has none (A18, A30)."""
    parameter = ControlParameter("matter", "事项编码", kind="matter")
    assert "不是该授权载明的事项" in str(parameter.fault("A1"))
    assert [p.fault("A1") for p in of_matters((parameter,), ["A1"])] == [None]


def test_a_scope_in_plain_words() -> None:
    scope = Scope(
        ("姓名", "dj"),
        And(
            (
                Prefix("行政区划", "3206"),
                Or((Compare("ge", "fee", Decimal("12.50")), Not(IsNull("dj")))),
                OneOf("dj", tuple("abcdefg")),
            )
        ),
        {"姓名": named("name")},
        (MATTER, OPERATOR),
        True,
    )
    assert explain(scope) == [
        "只提供比对结论，不提供数据内容。",
        "提供 2 个信息项：姓名、dj。",
        (
            "只提供符合条件的数据行：行政区划以“3206”开头，并且（fee不小于 12.50，或者dj有记录），"
            "并且dj是 “a”、“b”、“c”、“d”、“e” 等 7 个 之一。"
        ),
        "脱敏：姓名——姓名（保留首字）。",
        "每次调用必须说明“事项编码”（限 “A1”、“A2”）。",
        "每次调用可以说明“操作人”（格式有规定）。",
    ]
    assert explain(Scope(())) == ["不提供任何信息项。", "不限数据行。"]


def test_items_masked_alike_are_named_together() -> None:
    scope = Scope(
        ("男", "号", "女"), masks={"女": named("name"), "号": partial(0, 0), "男": named("name")}
    )
    assert explain(scope)[-1] == f"脱敏：男、女——姓名（保留首字）；号——{partial(0, 0).label}。"


def test_rows_from_json_are_read_by_their_type() -> None:
    """A provider's API answers with strings; what cannot be read is withheld."""
    types = {
        "born": ItemType.DATE,
        "n": ItemType.INTEGER,
        "ok": ItemType.TRUTH,
        "id": ItemType.TEXT,
    }
    rows: list[dict[str, Any]] = [
        {"id": "1", "born": "1990-01-01", "n": "7", "ok": "1"},
        {"id": "2", "born": "1990-01-01T23:00:00Z", "n": 7, "ok": True},
        {"id": "3", "born": "soon", "n": 7, "ok": True},
        {"id": "4", "born": None, "n": 7, "ok": True},
        {"id": "6", "born": "1990-01-01", "n": "sNaN", "ok": True},
        {"id": "5"},
    ]
    day = Compare("le", "born", date(1990, 1, 1))
    scope = Scope(
        ("id",),
        And((day, Compare("eq", "n", Decimal(7)), Compare("eq", "ok", True))),
        {"id": partial(0, 0)},
    )
    # the second is 07:00 of the next day in China
    assert list(shape(scope, rows, types)) == [{"id": "*"}]
    with pytest.raises(ScopeError, match="比对"):
        list(shape(Scope(("id",), comparison_only=True), rows, types))


@pytest.mark.parametrize(
    "pattern",
    [
        r"\d{1,200}\d{1,200}\d{1,200}x",
        "a?a?a?a?a?" + "a" * 5,
        "[a-z*+?]*[.]+",
        r"\(\|\)\+\*",
        "a*a*a*b",
    ],
)
def test_no_accepted_pattern_is_slow(pattern: str) -> None:
    accepted = from_json(
        {"items": [], "control_parameters": [{"name": "p", "title": "试", "patterns": [pattern]}]}
    )
    start = time.monotonic()
    faults(accepted.control_parameters, {"p": "a" * 200})
    faults(accepted.control_parameters, {"p": "1" * 200})
    assert time.monotonic() - start < 30  # seconds; a pattern that backtracks takes years
