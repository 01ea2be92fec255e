"""What was asked for, marked where it stands (A20)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitong.catalog.rules import ways_of
from huitong.catalog.rules.marking import beginning_at, pieces_of, texts_of

SIGNS = st.text("婚姻登记aAⅧ㈱１<>&\"'\u200b ﬁ", max_size=20)


def marked(text: str, *texts: str) -> list[str]:
    return [piece.text for piece in pieces_of(text, texts) if piece.marked]


@pytest.mark.parametrize(
    ("text", "texts", "marks"),
    [
        ("婚姻登记信息", ["登记"], ["登记"]),
        ("ＧＰＳ轨迹", ["gps"], ["ＧＰＳ"]),
        ("登记登记", ["登记"], ["登记登记"]),
        ("婚姻登记", ["婚姻", "姻登"], ["婚姻登"]),
        ("第Ⅷ类", ["viii"], ["Ⅷ"]),
        ("婚姻", ["收养"], []),
        ("", ["婚姻"], []),
    ],
)
def test_what_is_folded_alike_is_marked(text: str, texts: list[str], marks: list[str]) -> None:
    assert marked(text, *texts) == marks


@given(SIGNS, st.lists(SIGNS.map(str.strip).filter(bool), max_size=3))
def test_nothing_of_the_text_is_lost(text: str, texts: list[str]) -> None:
    assert "".join(piece.text for piece in pieces_of(text, texts)) == text


def test_words_their_parts_and_what_means_the_same_are_marked() -> None:
    texts = texts_of([ways_of("信息婚姻登记", {"婚姻登记": ("婚配",)})])
    assert marked("婚姻登记信息", *texts) == ["婚姻登记信息"]
    assert marked("婚配情况", *texts) == ["婚配"]


def test_the_part_of_a_long_text_with_what_was_asked_for_is_shown() -> None:
    text = "甲" * 300 + "婚姻" + "乙" * 300
    part = beginning_at(text, ["婚姻"], 140)
    assert "婚姻" in part and part[0] == part[-1] == "…" and len(part) <= 140
    assert beginning_at(text, [], 140) == "甲" * 139 + "…"
    assert beginning_at("短", ["婚姻"], 140) == "短"
