"""What an application for personal data must bring, typed by hand from articles 13, 55 and 56 of
个人信息保护法."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from huitong.access.rules.personal import (
    bases,
    basis_fault,
    basis_words,
    impact_fault,
    lacking,
    occasions,
    personal,
    sensitive,
)
from huitong.catalog.rules import ItemRow

ON = date(2026, 11, 30)
BEFORE = date(2021, 10, 31)


def item(name: str, level: str = "2", **more: Any) -> ItemRow:
    return ItemRow(name=name, **{"level": level, "share_class": "1", "mask": ""} | more)


PLAIN = (item("登记编号"), item("登记日期", type="D"), item("登记机关"))
PERSONAL = (item("男方姓名"),)
SENSITIVE = (item("公民身份号码", "3", mask="citizen_number"),)
#: article 28 names health and accounts, whatever level they were given
HEALTH, ACCOUNT = (item("诊断结果"),), (item("银行卡号"),)

NOTHING: set[str] = set()
BASIS = {"legal_basis"}
LETTERS = {"letters"}
RECORD = {"impact_purpose", "impact_effect", "impact_measures", "impact_by", "impact_on"}

#: items, basis → what is demanded
DEMANDED = [
    (PLAIN, "", NOTHING),
    (PLAIN, "consent", NOTHING),
    (PERSONAL, "", BASIS | RECORD),
    (PERSONAL, "duty", RECORD),
    (PERSONAL, "contract", RECORD),
    (PERSONAL, "emergency", RECORD),
    (PERSONAL, "press", RECORD),
    (PERSONAL, "disclosed", RECORD),
    (PERSONAL, "other", RECORD),
    (PERSONAL, "consent", LETTERS | RECORD),
    (SENSITIVE, "", BASIS | RECORD),
    (SENSITIVE, "duty", RECORD),
    (SENSITIVE, "contract", RECORD),
    (SENSITIVE, "emergency", RECORD),
    (SENSITIVE, "press", RECORD),
    (SENSITIVE, "disclosed", RECORD),
    (SENSITIVE, "other", RECORD),
    (SENSITIVE, "consent", LETTERS | RECORD),
    (PLAIN + SENSITIVE, "consent", LETTERS | RECORD),
]


def form(basis: str = "", **more: Any) -> Any:
    empty = dict.fromkeys(RECORD, "") | {"impact_on": None, "legal_words": ""}
    return SimpleNamespace(**empty | {"legal_basis": basis} | more)


@pytest.mark.parametrize(("items", "basis", "demanded"), DEMANDED)
def test_what_is_demanded(items: tuple[ItemRow, ...], basis: str, demanded: set[str]) -> None:
    lacks = lacking(personal(items), form(basis), 0, ON)
    assert {lack.field for lack in lacks} == demanded
    whole = form(basis, **dict.fromkeys(RECORD, "写明"), legal_words="《婚姻登记条例》第七条")
    rest = lacking(personal(items), whole, 1, ON)
    assert {lack.field for lack in rest} == demanded & BASIS, "what is brought is missed no more"


def test_each_says_by_which_article() -> None:
    lacks = lacking(SENSITIVE, form("consent"), 0, ON)
    assert [(lack.field, lack.article) for lack in lacks] == [
        ("letters", "P13"),
        ("impact_purpose", "P56"),
        ("impact_effect", "P56"),
        ("impact_measures", "P56"),
        ("impact_by", "P55"),
        ("impact_on", "P55"),
    ]
    assert all("《个人信息保护法》第" in lack.words for lack in lacks)
    nothing = lacking(PERSONAL, form(), 0, ON)[0]
    assert "男方姓名" in nothing.words and "第十三条" in nothing.words


@pytest.mark.parametrize(
    ("items", "cases"),
    [
        (PERSONAL, ["provided"]),
        (SENSITIVE, ["sensitive", "provided"]),
        (HEALTH, ["sensitive", "provided"]),
        (ACCOUNT, ["sensitive", "provided"]),
        ((), []),
    ],
)
def test_in_which_cases_the_impact_is_assessed(
    items: tuple[ItemRow, ...], cases: list[str]
) -> None:
    assert [row.code for row in occasions(items, ON)] == cases
    assert bool(sensitive(items, ON)) == ("sensitive" in cases)
    assert occasions(items, BEFORE) == (), "the law was not in force"


def test_what_is_given_blank_gives_nobody_away() -> None:
    assert personal([item("男方姓名", mask="blank")]) == ()
    assert [i.name for i in personal([*PLAIN, *PERSONAL, *PERSONAL])] == ["男方姓名"]


def test_the_bases_are_the_seven_of_article_13() -> None:
    rows = {row.code: row for row in bases(ON)}
    assert {code: row.provision[-4:] for code, row in rows.items()} == {
        "consent": "（一）项",
        "contract": "（二）项",
        "duty": "（三）项",
        "emergency": "（四）项",
        "press": "（五）项",
        "disclosed": "（六）项",
        "other": "（七）项",
    }
    assert [code for code, row in rows.items() if row.wants == "letter"] == ["consent"]
    assert bases(BEFORE) == ()


def test_how_a_basis_is_named() -> None:
    assert basis_fault("duty", "", ON) == {}
    assert basis_fault("", "", ON) == {}
    assert "legal_words" in basis_fault("", "《统计法》", ON)
    assert "legal_words" in basis_fault("other", " ", ON)
    assert basis_fault("other", "《统计法》第七条", ON) == {}
    assert "duty（" in basis_fault("mood", "", ON)["legal_basis"]
    assert basis_words("", "") == ""
    assert basis_words("other", "《统计法》第七条").endswith("第（七）项）：《统计法》第七条")
    assert "《个人信息保护法》第十三条第一款第（三）项" in basis_words("duty", "")


def test_the_impact_is_assessed_beforehand() -> None:
    assert impact_fault(ON, ON) == {} == impact_fault(None, ON)
    assert "impact_on" in impact_fault(date(2026, 12, 1), ON)
