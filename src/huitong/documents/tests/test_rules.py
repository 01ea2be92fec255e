"""Kinds, drafts, versions in time, the law's text: plain, without a database."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitong.documents.rules import (
    ARTICLES,
    INTERPRETATION,
    KINDS,
    OWN_RULES,
    TABLES,
    Audience,
    DraftFacts,
    Ending,
    Issuer,
    Span,
    Standing,
    article,
    cited,
    faults,
    issued_by,
    standing_of,
    version_held,
)
from huitong.kernel.laws import LAWS, citation

LAW = Path(__file__).parents[4] / "tests/inputs/law/nantong-2020.csv"
TODAY = date(2026, 11, 29)


def day(number: int) -> date:
    return date(2026, 1, number)


def draft(**more: object) -> DraftFacts:
    facts = {
        "articles": ("A4",),
        "wording": "正文",
        "has_file": False,
        "audience": Audience.BODIES,
        "bodies": (),
        "in_force": None,
        "until": None,
    }
    return DraftFacts(**facts | more)  # type: ignore[arg-type]


def test_each_kind_rests_on_an_article_and_is_published_under_it() -> None:
    for issuer in Issuer:
        rows = TABLES[issuer].rows("publish")
        assert {row.article for row in rows} == {kind.article for kind in issued_by(issuer)}
    for kind in KINDS.values():
        assert kind.note in "".join(article(kind.article).paragraphs)
    assert {k.code for k in KINDS.values() if k.issuer is Issuer.BODY} == {OWN_RULES.code}
    assert INTERPRETATION.issuer is Issuer.BUREAU, "the bureau interprets, nobody else (A35)"


@pytest.mark.parametrize(
    ("given_facts", "where"),
    [
        ({"wording": "  "}, "wording"),
        ({"articles": ()}, "articles"),
        ({"audience": Audience.NAMED}, "bodies"),
        ({"until": date(2026, 11, 28)}, "until"),
        ({"in_force": date(2027, 1, 2), "until": date(2027, 1, 1)}, "until"),
    ],
)
def test_what_a_draft_lacks_is_named(given_facts: dict[str, object], where: str) -> None:
    assert list(faults(draft(**given_facts), TODAY)) == [where]


@pytest.mark.parametrize(
    "given_facts",
    [
        {},
        {"wording": "", "has_file": True},
        {"audience": Audience.NAMED, "bodies": (3,)},
        {"until": TODAY},
        {"in_force": date(2020, 2, 19)},
        {"in_force": date(2027, 1, 1), "until": date(2027, 1, 1)},
    ],
)
def test_near_misses_pass(given_facts: dict[str, object]) -> None:
    assert faults(draft(**given_facts), TODAY) == {}


def test_a_document_names_articles_in_the_order_of_the_laws() -> None:
    assert cited(KINDS["rules"], []) == ["A4"] and cited(OWN_RULES, []) == ["A12"]
    assert cited(KINDS["rules"], ["D16", "A12", "A9", "A9"]) == ["A9", "A12", "D16"]
    assert cited(INTERPRETATION, []) == [], "what it interprets, only its clerk can say"


def test_a_version_gives_way_to_the_next_on_its_day() -> None:
    first, second = Span(1, day(1)), Span(2, day(10), day(20))
    spans = [first, second]
    assert [standing_of(first, spans, day(n)) for n in (9, 10)] == [
        Standing.IN_FORCE,
        Standing.REPLACED,
    ]
    assert [standing_of(second, spans, day(n)) for n in (9, 10, 20, 21)] == [
        Standing.PENDING,
        Standing.IN_FORCE,
        Standing.IN_FORCE,
        Standing.EXPIRED,
    ]
    assert standing_of(first, spans, day(25)) == Standing.REPLACED, "it does not come back"


def test_a_repealed_document_holds_until_its_last_day() -> None:
    span = Span(1, day(1))
    for repealed, ended in ((True, Standing.REPEALED), (False, Standing.REPLACED)):
        ending = Ending(day(10), repealed)
        assert standing_of(span, [span], day(9), ending) == Standing.IN_FORCE
        assert standing_of(span, [span], day(10), ending) == ended


@given(
    st.lists(st.tuples(st.integers(1, 28), st.none() | st.integers(1, 28)), min_size=1, max_size=6),
    st.integers(1, 28),
)
def test_at_most_one_version_is_in_force_on_a_day(
    times: list[tuple[int, int | None]], on: int
) -> None:
    spans = [
        Span(n, day(since), day(max(since, until)) if until else None)
        for n, (since, until) in enumerate(times, 1)
    ]
    states = [standing_of(span, spans, day(on)) for span in spans]
    holding = version_held(spans, day(on))
    assert states.count(Standing.IN_FORCE) <= 1
    assert (holding is None) == all(span.since > day(on) for span in spans)


def test_the_text_of_the_law_is_whole() -> None:
    """Every sentence the law's table was typed from stands in the article it was typed under."""
    own = [text for text in ARTICLES.values() if text.cited.law.code == "nantong-2020"]
    assert [text.cited.article for text in own] == list(range(1, LAWS["nantong-2020"].articles + 1))
    rows = list(csv.DictReader(LAW.read_text(encoding="utf-8").splitlines()))
    assert rows
    for row in rows:
        whole = "".join(article(row["article"]).paragraphs)
        for piece in row["text"].split("…"):
            assert piece in whole, (row["article"], piece)


def test_a_law_without_its_text_is_still_an_article() -> None:
    assert article("D16").paragraphs == () and article("D").cited == citation("D")
    with pytest.raises(ValueError, match="cites no law"):
        article("Z1")
