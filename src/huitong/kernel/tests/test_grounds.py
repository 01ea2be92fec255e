"""Reasons somebody can act on: a ground of the law in force, what it concerns, and words that
are words (A10, A21-A23, A26, A28)."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitong.kernel import doing, grounds
from huitong.kernel.grounds import DecisionGround, grounds_for, stated
from huitong.kernel.laws import citation
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import Malformed
from huitong.kernel.words import PLAIN, SPECIFIC, unworded
from huitong.kernel.workdays import today

doing.load()
ROWS = list(
    csv.DictReader(
        (Path(grounds.__file__).parent / "data" / "grounds.csv")
        .read_text(encoding="utf-8")
        .splitlines()
    )
)
#: what passed for "具体理由" as long as it was long enough
WORDLESS = [
    "......",
    "。。。。。。",
    "111111",
    "!!!???",
    "______",
    "哈哈哈哈哈哈",
    "aaaaaa",
    "AaAaAa",
    "\u115f\u1160\u115f\u1160\u115f\u1160",  # letters that show nothing
    "ａａａａａａ",
    "\u3164" * 8,
    "\u200b" * 8,
    "\u2800" * 8,
    "⠀⠀⠀⠀⠀⠀",
    "☑☑☑☑☑☑",
    "😀😀😀😀😀😀",
    "1234567890",
    "不不不不不不不",
    ". 。 . 。 .",
    "-" * 400,
]
REASONED = sorted(
    (
        v
        for v in doing.VERBS.values()
        if "reasons" in v.given.model_fields
        and not v.name.startswith(("test_", "probe."))
        and (v.offered or v.inner)
    ),
    key=lambda v: v.name,
)
GROUNDED = [v for v in REASONED if "ground" in v.given.model_fields]


@pytest.mark.parametrize("verb", REASONED, ids=lambda v: v.name)
def test_no_verb_takes_what_is_no_words_for_reasons(verb):
    """`......` passed as specific reasons everywhere; every verb with reasons, of every context,
    now asks for words."""
    for text in WORDLESS:
        with pytest.raises(Malformed) as wrong:
            verb.validate({"reasons": text})
        assert any("文字" in fault for fault in wrong.value.fields["reasons"]), text


@pytest.mark.parametrize("verb", REASONED, ids=lambda v: v.name)
def test_words_are_taken_by_every_verb(verb):
    inputs = {"reasons": "扫描件没有加盖公章，请重新盖章上传。", "ground": "other"}
    try:
        verb.validate(
            {name: value for name, value in inputs.items() if name in verb.given.model_fields}
        )
    except Malformed as wrong:
        assert "reasons" not in wrong.fields


def test_every_demand_of_reasons_is_met_by_a_parameter():
    for table in (
        t
        for laws in doing.PROCEDURES.values()
        for t in laws.values()
        if t.kind not in ("probe", "room") and not t.kind.startswith("test")
    ):
        for row in table.steps:
            verb = doing.VERBS.get(f"{table.kind}.{row.verb}")
            assert (
                verb is None
                or not row.demands & {"reasons", "ground"}
                or row.demands & {"reasons", "ground"} <= set(verb.given.model_fields)
            )


@given(st.text(st.characters(categories=["P", "S", "N", "Z", "C"])))
def test_what_has_no_letters_is_never_a_reason(text):
    assert unworded(text) and unworded(text, SPECIFIC)


@pytest.mark.parametrize("text", ["调离", "退休", "轮岗", "误停用", "out of duty"])
def test_a_plain_reason_may_be_short(text):
    assert unworded(text) == ""


@pytest.mark.parametrize(
    ("text", "accepted"),
    [("不同意", False), ("不同意不同意", False), ("用途与职责不符", True), ("not our duty", True)],
)
def test_a_specific_reason_is_more_than_a_word_or_two(text, accepted):
    assert (unworded(text, SPECIFIC) == "") == accepted and PLAIN < SPECIFIC


# -- the list --------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", ROWS, ids=[r["code"] for r in ROWS])
def test_a_shipped_ground_cites_its_article_and_names_verbs_there_are(row):
    assert (row["article"] and citation(row["article"])) or row["names"] == "article", (
        "whoever decides names the provision then"
    )
    assert set(row["verbs"].split()) <= {v.name for v in GROUNDED}
    assert (
        date.fromisoformat(row["in_force"])
        and row["label"]
        and row["names"] in ("", "field", "article")
    )


@pytest.mark.parametrize("verb", GROUNDED, ids=lambda v: v.name)
def test_every_verb_that_wants_a_ground_has_some(verb):
    own_rows = [r for r in ROWS if (verb.grounds_of or verb.name) in r["verbs"].split()]
    assert len(own_rows) >= 3 and any("其他" in r["label"] for r in own_rows)
    assert "cites" in verb.given.model_fields or all(not r["names"] for r in own_rows)


def test_the_verbs_of_refusing_lessening_stopping_and_returning_want_one():
    assert {v.name for v in GROUNDED} >= {
        "application.decline",
        "application.refuse",
        "application.grant",
        "application.send_back",
        "grant.suspend",
        "grant.revoke",
        "publishing.suspend_delivery",
        "entry.return_department",
        "entry.return_bureau",
    }


@pytest.mark.django_db
def test_the_list_is_dated_and_a_city_extends_it_by_rows():
    before = [row.code for row in grounds_for("application.refuse")]
    assert "outside_duty" in before and "unused" not in before
    with writing("test"):
        DecisionGround.objects.filter(code="outside_duty").update(until=today() - timedelta(1))
        DecisionGround.objects.create(
            law="nantong-2020",
            code="outside_duty",
            label="超出三定职责",
            article="A3",
            verbs=["application.refuse"],
            in_force=today(),
        )
        DecisionGround.objects.create(
            law="nantong-2020",
            code="city_own",
            label="本市另行规定",
            article="A8",
            verbs=["application.refuse"],
            in_force=today() + timedelta(1),
        )
    assert [r.label for r in grounds_for("application.refuse") if r.code == "outside_duty"] == [
        "超出三定职责"
    ]
    assert "city_own" not in [r.code for r in grounds_for("application.refuse")]
    assert "city_own" in [
        r.code for r in grounds_for("application.refuse", on=today() + timedelta(1))
    ]
    assert [
        r.label
        for r in grounds_for("application.refuse", on=today() - timedelta(1))
        if r.code == "outside_duty"
    ] == ["超出履职范围"]
    assert "city_own" not in [
        r.code
        for r in grounds_for("application.refuse", law="national-2025", on=today() + timedelta(1))
    ], "another law has grounds of its own"


@pytest.mark.django_db
def test_a_ground_is_one_of_the_list_and_what_it_concerns_is_named():
    words = {"reasons": "用途与职责不符，请补充依据。"}
    with pytest.raises(Malformed) as wrong:
        stated("application.refuse", words | {"ground": "because", "cites": ""})
    assert "outside_duty" in wrong.value.fields["ground"][0]
    with pytest.raises(Malformed):
        stated("application.refuse", words | {"ground": "unused", "cites": "使用目的"})
    for cites in ("", "…", "11"):
        with pytest.raises(Malformed) as wrong:
            stated("application.refuse", words | {"ground": "outside_duty", "cites": cites})
        assert "cites" in wrong.value.fields
    for cites in ("", "使用目的", "规定"):
        with pytest.raises(Malformed) as wrong:
            stated("application.refuse", words | {"ground": "other", "cites": cites})
        assert "条款" in wrong.value.fields["cites"][0]
    text = stated("application.refuse", words | {"ground": "outside_duty", "cites": "使用目的"})
    assert text == "超出履职范围（第三条；涉及：使用目的）：用途与职责不符，请补充依据。"
    for cites in ("实施细则第三十条", "《中华人民共和国个人信息保护法》第十三条", "A30"):
        assert cites in stated(
            "application.refuse", words | {"ground": "limited_by_law", "cites": cites}
        )
    assert stated("application.withdraw", {"reasons": "暂不需要"}) == "暂不需要"
