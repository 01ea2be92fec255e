"""Entries of the same data are named, whoever published them, and nothing else (一数一源, A10):
labelled pairs, then by the database."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.cast import Cast

from huitong.catalog import actions, queries
from huitong.catalog.rules import EntryFacts, Neighbour
from huitong.catalog.rules.checks.nearest import most_common
from huitong.catalog.rules.checks.similar import NAMED, Features, core, grams, similar
from huitong.catalog.tests.many import like_entries
from huitong.catalog.tests.marriage import GIVEN, drafted, published
from huitong.organizations.actions import create_token

PAIRS = Path(__file__).parent / "similar" / "pairs.csv"


def pairs() -> list[dict[str, str]]:
    return list(csv.DictReader(PAIRS.read_text(encoding="utf-8").splitlines()))


def test_labelled_pairs_are_told_apart() -> None:
    """Every double of the set is named, and of the near misses none."""
    rows = pairs()
    assert sum(row["double"] == "yes" for row in rows) >= 12
    assert sum(row["double"] == "no" for row in rows) >= 12
    wrong = [
        (row["name"], row["other"], alike)
        for row in rows
        if (
            alike := Features.of(row["name"], row["items"].split()).likeness(
                Features.of(row["other"], row["others"].split())
            )
        ).is_near
        != (row["double"] == "yes")
    ]
    assert not wrong


@given(st.text(max_size=12), st.text(max_size=12), st.lists(st.text(max_size=4), max_size=5))
def test_likeness_is_mutual_and_itself_the_nearest(one: str, two: str, items: list[str]) -> None:
    first, second = Features.of(one, items), Features.of(two, [])
    there, back = first.likeness(second), second.likeness(first)
    assert there == back and 0 <= there.name <= 1 and 0 <= there.items <= 1
    same = first.likeness(first)
    assert (same.name in (0, 1) and same.is_near) or not grams(core(one))


def test_the_nearest_are_named_and_how_many_more_there_are() -> None:
    own = "老年人高龄津贴发放审核登记"
    names = [own, *(f"{own}{n}" for n in range(NAMED + 1))]
    neighbours = tuple(Neighbour(n, "市公安局", name, ()) for n, name in enumerate(names))
    faults = list(similar(EntryFacts(name=own, neighbours=neighbours)))
    assert len(faults) == NAMED and faults[0][2] == 0
    assert faults[-1][1].endswith("，另有 2 项相似目录")


# -- by the database -------------------------------------------------------------------------------


def near(version: Any) -> list[str]:
    return [
        finding.message for finding in queries.all_findings_of(version) if finding.rule == "similar"
    ]


@pytest.fixture
def city(cast: Cast) -> Cast:
    """Marriages of Civil Affairs, published."""
    published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    return cast


OTHER = [
    GIVEN | {"name": name, "column": f"c{n}", "type": "C", "length": 30}
    for n, name in enumerate(["参保编号", "险种", "缴费基数", "参保状态"])
]


@pytest.mark.django_db
def test_clerk_and_both_reviewers_see_the_double_with_its_link_and_the_reason(city: Cast) -> None:
    [existing] = queries.visible_to(city.hr_operator)
    entry = drafted(city.hr_operator, "南通市婚姻登记数据")
    assert near(entry.draft) == ["与市民政局的“婚姻登记信息”相似（名称相近，5 个信息项相同）"]
    link = f'href="/catalog/{existing.pk}/"'
    clerk = city.client("hr_operator")
    assert link in clerk.get(f"/compile/{entry.pk}/check/").content.decode()
    assert link in clerk.get(f"/compile/{entry.pk}/basics/").content.decode(), "on saving, too"
    actions.edit(city.hr_operator, entry.case, difference="只含社会保险关系转移所需的婚姻变更。")
    actions.submit(city.hr_operator, entry.case, cleared=["state", "work"])
    for who, verb in (("hr_manager", "pass_department"), ("bureau_operator", "")):
        page = city.client(who).get(f"/review/{entry.case_id}/").content.decode()
        assert link in page and "编制部门说明：只含社会保险关系转移" in page, who
        if verb:
            actions.pass_department(city.hr_manager, entry.case, cleared=["state", "work"])


@pytest.mark.django_db
def test_what_is_withheld_is_nobody_elses_to_know_of(cast: Cast) -> None:
    entry = drafted(cast.civil_operator, share_class="3")
    ground = {"document": "民法典", "article": "第一条", "quotation": "应当尊重其意愿，不得泄露。"}
    actions.add_ground(cast.civil_operator, entry.case, kind="law", **ground)
    actions.submit(cast.civil_operator, entry.case, cleared=["state", "work"])
    actions.pass_department(cast.civil_manager, entry.case, cleared=["state", "work"])
    actions.pass_bureau(cast.bureau_operator, entry.case)
    actions.publish(cast.civil_operator, entry.case)
    assert near(drafted(cast.hr_operator).draft) == []
    assert near(drafted(cast.civil_operator).draft) != [], "its own body knows"


@pytest.mark.django_db
def test_neither_a_draft_nor_the_entry_itself_nor_other_data_is_a_double(city: Cast) -> None:
    drafted(city.hr_operator, "社会保险参保信息", items=OTHER, share_class="1", shapes=[])
    other = drafted(city.hr_operator, "社会保险参保信息", items=OTHER, share_class="1", shapes=[])
    assert near(other.draft) == [], "drafts are their bodies' own"
    [own] = queries.visible_to(city.civil_operator).filter(current__isnull=False)
    assert near(own.published) == []


@pytest.mark.django_db
def test_it_costs_five_statements_whatever_there_is(
    city: Cast, django_assert_max_num_queries: Any
) -> None:
    version = drafted(city.hr_operator).draft
    facts: EntryFacts = queries.facts_of(version)
    with django_assert_max_num_queries(5):
        assert len(queries.neighbours_of(version, facts)) == 1


@pytest.mark.django_db
def test_of_many_at_once_is_found_what_is_found_of_each_alone(cast: Cast) -> None:
    """Random entries of three bodies, some withheld, some of one character, one item of nearly all:
    held in memory and asked of the database, their neighbours are the same."""
    versions = like_entries(cast, 240)
    among = queries.neighbourhood()
    assert len(among) == 240
    near = 0
    for version in versions[::3]:
        facts = queries.facts_of(version)
        alone = queries.neighbours_of(version, facts)
        assert queries.neighbours_of(version, facts, among) == alone, version.name
        near += len(alone)
    assert near > 240
    judge, some = queries.judge_of_many(), versions[::24]
    assert [judge(v) for v in some] == [queries.all_findings_of(v) for v in some]
    draft = drafted(cast.hr_operator, versions[7].name).draft
    facts = queries.facts_of(draft)
    assert queries.neighbours_of(draft, facts, among) == queries.neighbours_of(draft, facts)


@given(
    st.lists(st.sets(st.integers(0, 40)), max_size=9),
    st.sets(st.integers(0, 40)),
    st.integers(1, 4),
    st.integers(1, 12),
)
def test_the_most_common_are_counted_digit_by_digit(
    sets: list[set[int]], within: set[int], fewest: int, most: int
) -> None:
    def bits(numbers: set[int]) -> int:
        return sum(1 << number for number in numbers)

    times = Counter(number for numbers in sets for number in numbers if number in within)
    expected = sorted((n for n in times if times[n] >= fewest), key=lambda n: (-times[n], n))
    assert most_common(map(bits, sets), bits(within), fewest, most) == expected[:most]


@pytest.mark.django_db
def test_by_the_api_the_double_is_named(city: Cast) -> None:
    entry = drafted(city.hr_operator)
    token = create_token(city.hr_operator, label="测试", days=1)["token"]
    client = Client(headers={"Authorization": f"Bearer {token}"})
    rows = client.get(f"/api/catalog/entries/{entry.pk}/findings").json()
    [row] = [row for row in rows if row["rule"] == "similar"]
    assert row["entry"] and row["severity"] == "warning"
