"""Citations are a law and an article; laws are rows (A36)."""

from __future__ import annotations

from datetime import date

import pytest

from huitong.kernel.laws import LAWS, article_words, citable, citation, full_words, numeral
from huitong.kernel.procedure import AgainstRules


@pytest.mark.parametrize(
    ("article", "words"),
    [
        ("A1", "第一条"),
        ("A10", "第十条"),
        ("A13", "第十三条"),
        ("A20", "第二十条"),
        ("A36", "第三十六条"),
        ("D16", "《政务数据共享条例》第十六条"),
        ("D", "《政务数据共享条例》"),
        ("C", "本市设定"),
        ("", ""),
        ("TC-5", "TC-5"),
        ("A37", "A37"),
    ],
)
def test_articles_are_counted_as_the_law_counts_them(article: str, words: str) -> None:
    assert article_words(article) == words


def test_with_the_name_of_its_law_an_article_is_unmistakable() -> None:
    assert full_words("A3") == "《实施细则》第三条"
    assert full_words("条例第五条") == "条例第五条"


def test_what_the_city_sets_is_no_document_and_has_no_article() -> None:
    assert full_words("C") == "本市设定" and LAWS["city"].title == "本市设定"
    assert citation("C").limit_words == "本市设定的时限"
    assert citation("A22").limit_words == "第二十二条规定的时限"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (5, "五"),
        (10, "十"),
        (11, "十一"),
        (99, "九十九"),
        (100, "一百"),
        (101, "一百零一"),
        (126, "一百二十六"),
    ],
)
def test_numerals(number: int, words: str) -> None:
    assert numeral(number) == words


@pytest.mark.parametrize(
    "wrong", ["A37", "A0", "Z1", "22", "第二十二条", "a22", "A022", "D45", "C1"]
)
def test_what_no_law_has_cannot_be_cited(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"cites no law|has \d+ articles"):
        citation(wrong)


def test_every_law_has_its_own_mark_and_day() -> None:
    assert len({law.mark for law in LAWS.values()}) == len(LAWS) >= 3
    assert LAWS["nantong-2020"].in_force == date(2020, 2, 19)
    assert len(citable()) == 36 + 44


def test_a_refusal_names_law_and_article() -> None:
    body = AgainstRules("x", article="D16").as_body()
    assert (body["law"], body["article"]) == ("national-2025", "D16")
    assert "law" not in AgainstRules("x").as_body()
