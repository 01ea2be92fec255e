"""Identifiers: published examples, generated ones, and every single-character slip is found."""

from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huitong.scope import identifiers as ids
from huitong.scope.suggest import suggest

EXAMPLES = [
    # examples of GB 11643-1999
    (ids.citizen_number_fault, "11010519491231002X"),
    (ids.citizen_number_fault, "440524188001010014"),
    (ids.credit_code_fault, "91350100M000100Y43"),  # example of GB 32100-2015
    (ids.credit_code_fault, "9111000071093123XX"),
    (ids.bank_card_fault, "4111111111111111"),
    (ids.mobile_fault, "13800138000"),
]
WRONG = [
    (ids.citizen_number_fault, "110105194912310021", "校验码"),
    (ids.citizen_number_fault, "11010519491331002X", "出生日期不存在"),
    (ids.citizen_number_fault, "11010530491231002X", "出生日期不合理"),
    (ids.citizen_number_fault, "11010519491231002x", "大写"),
    (ids.citizen_number_fault, "１１０１０５１９４９１２３１００２X", "17 位"),
    (ids.credit_code_fault, "91350100M000100Y44", "校验码"),
    (ids.credit_code_fault, "91350100M000100I43", "不含"),
    (ids.credit_code_fault, "9135010", "18 位"),
    (ids.bank_card_fault, "4111111111111112", "校验位"),
    (ids.bank_card_fault, "411", "13 至 19"),
    (ids.mobile_fault, "12800138000", "11 位"),
    (ids.mobile_fault, "13800138000\n", "11 位"),
]


@pytest.mark.parametrize(("fault", "text"), EXAMPLES)
def test_known_ones_are_valid(fault: object, text: str) -> None:
    assert fault(text) is None  # type: ignore[operator]


@pytest.mark.parametrize(("fault", "text", "message"), WRONG)
def test_wrong_ones_say_why(fault: object, text: str, message: str) -> None:
    assert message in fault(text)  # type: ignore[operator]


def test_a_child_has_a_number_from_the_day_it_is_born() -> None:
    today = date(2026, 11, 30)
    number = ids.make_citizen_number(Random(1), born=today)
    assert ids.citizen_number_fault(number, today=today) is None
    assert "不合理" in str(ids.citizen_number_fault(number, today=date(2026, 11, 29)))
    assert (
        ids.citizen_number_fault(ids.make_citizen_number(Random(1), born=date(1850, 1, 1))) is None
    )


MAKERS = [
    (ids.make_citizen_number, ids.citizen_number_fault, "0123456789X"),
    (ids.make_credit_code, ids.credit_code_fault, ids.CREDIT_ALPHABET),
    (ids.make_bank_card, ids.bank_card_fault, "0123456789"),
]


@pytest.mark.parametrize(("make", "fault", "alphabet"), MAKERS)
@settings(max_examples=60)
@given(seed=st.integers(0, 10**6))
def test_made_ones_are_valid_and_one_slip_is_found(
    make: object, fault: object, alphabet: str, seed: int
) -> None:
    random = Random(seed)
    text = make(random)  # type: ignore[operator]
    assert fault(text) is None  # type: ignore[operator]
    at = random.randrange(len(text))
    slip = random.choice([c for c in alphabet if c != text[at]])
    assert fault(text[:at] + slip + text[at + 1 :]) is not None  # type: ignore[operator]


def test_made_ones_follow_their_seed_and_their_wishes() -> None:
    number = ids.make_citizen_number(Random(1), division="320623", born=date(1990, 5, 6), male=True)
    assert number.startswith("32062319900506") and int(number[16]) % 2 == 1
    assert number == ids.make_citizen_number(
        Random(1), division="320623", born=date(1990, 5, 6), male=True
    )
    assert ids.make_credit_code(Random(2), kind="11").startswith("11320600")
    assert ids.mobile_fault(ids.make_mobile(Random(3))) is None


R = Random(7)
COLUMNS = [
    ("c1", "", [ids.make_citizen_number(R) for _ in range(9)], "citizen_number", True),
    ("c2", "", [ids.make_mobile(R) for _ in range(9)], "mobile", True),
    ("c3", "", [ids.make_bank_card(R) for _ in range(9)] + ["test"], "bank_card", True),
    ("c4", "", ["a@b.cn", "x.y@z.org"], "email", True),
    ("c5", "", ["王伟", "李娜", "张敏", "刘洋", "陈静"], "name", True),
    ("c6", "", ["江苏省南通市崇川区人民路1号", "南通市通州区金沙镇5号"], "address", True),
    ("sfzh", "", [], "citizen_number", False),
    ("dj_xm", "男方姓名", [], "name", False),
    ("lxdh", "联系电话", [], "mobile", False),
    ("amount", "金额", ["1.50", "20"], None, None),
    ("mc", "企业名称", ["南通某某有限公司"], None, None),
    ("division_code", "行政区划代码", ["320613"] * 9, None, None),
    ("id", "编号", [str(n) for n in range(1000, 1009)], None, None),
    ("remark", "", [None, ""], None, None),
]


@pytest.mark.parametrize(("name", "comment", "samples", "kind", "certain"), COLUMNS)
def test_masks_are_suggested_with_a_reason(
    name: str, comment: str, samples: list[str | None], kind: str | None, certain: bool | None
) -> None:
    suggestion = suggest(name, comment, samples)
    assert (suggestion.kind, suggestion.certain) == (kind, certain) if suggestion else kind is None
    assert suggestion is None or suggestion.reason
