"""Finding entries by words and facets, counted over what the reader may see (A20); by the index
and without it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from tests.cast import Cast
from tests.thawing import thawed

from huitong.catalog import actions, queries
from huitong.catalog.management.follower import Follower
from huitong.catalog.models import Entry, Version
from huitong.catalog.queries import Filters, index
from huitong.catalog.queries.reach import visible_to
from huitong.catalog.queries.search import count_visible
from huitong.catalog.tests.marriage import ITEMS, published
from huitong.kernel.actor import Actor

pytestmark = pytest.mark.django_db
DIVISIONS = {
    "summary": "全市县（市、区）、镇（街道）、村（社区）的代码和名称。",
    "category": "103",
    "themes": ["209", "210"],
    "share_class": "1",
    "shapes": [],
    "share_modes": ["api", "file"],
    "items": [i | {"mask": "", "declined": "依法向社会公示的内容。"} for i in ITEMS],
    "personal_reason": "依法向社会公示的登记内容，各部门均可查询。",
}


@pytest.fixture(params=[False, True], ids=["sql", "index"])
def engine(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> bool:
    """Whether the index answers: every test here is asked of both."""
    settings.DATA = tmp_path
    return bool(request.param)


def follow(engine: bool) -> None:
    if engine:
        Follower().look()
    assert (index.match(["登记"]) is not None) == engine


@pytest.fixture
def city(cast: Cast, engine: bool) -> Cast:
    published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    published(
        cast.civil_operator, cast.civil_manager, cast.bureau_operator, "行政区划代码", **DIVISIONS
    )
    published(
        cast.hr_operator,
        cast.hr_manager,
        cast.bureau_operator,
        "社会保险参保信息",
        category="203",
        themes=["203"],
        summary="全市城镇职工、城乡居民参加社会保险的登记信息。",
    )
    follow(engine)
    return cast


def names(cast: Cast, q: str = "", **chosen) -> list[str]:
    return [e.name for e in queries.search(cast.housing_operator, q, Filters(**chosen)).entries]


def counts(cast: Cast, q: str = "", **chosen) -> dict[str, dict[str, int]]:
    return {
        f.name: {v.label: v.count for v in f.values}
        for f in queries.search(cast.housing_operator, q, Filters(**chosen)).facets
    }


def test_words_are_found_in_name_summary_items_body_and_code(city: Cast):
    assert names(city, "婚姻") == ["婚姻登记信息"]
    assert names(city, "行政区划") == ["行政区划代码"]
    assert set(names(city, "男方姓名")) == {"婚姻登记信息", "行政区划代码", "社会保险参保信息"}
    assert names(city, "人社 参保") == ["社会保险参保信息"]
    assert names(city, "reg_no 村") == ["行政区划代码"]
    assert names(city, "203") == ["社会保险参保信息"], "by the beginning of its code"
    assert names(city, "不存在的") == []


@pytest.mark.parametrize(
    "q",
    [
        "《婚姻登记信息》",
        "“婚姻登记信息”",
        "婚姻登记信息。",
        "（婚姻登记信息）",
        "婚姻登记信息！",
        "【婚姻】登记信息",
        "\u200b婚姻\u200b登记信息\ufeff",
        "婚姻登记信息\u200e",
        "“婚姻登记”、‘男方姓名’。",
    ],
)
def test_punctuation_and_what_nobody_sees_do_not_hide_an_entry(city: Cast, q: str):
    """Names come in book title marks and quotation marks from letters and papers, with what a
    page copies along."""
    assert names(city, q)[0] == "婚姻登记信息"


def test_an_entry_whose_own_name_has_brackets_is_found_by_it(cast: Cast, engine: bool):
    clerks = cast.civil_operator, cast.civil_manager, cast.bureau_operator
    published(*clerks, "婚姻登记（历史\u200b数据）信息")
    follow(engine)
    for q in (
        "婚姻登记（历史数据）信息",
        "婚姻登记(历史数据)信息",
        "历史数据",
        "《婚姻登记（历史数据）信息》",
    ):
        assert names(cast, q) == ["婚姻登记（历史\u200b数据）信息"], q


def test_the_name_counts_more_than_the_rest(city: Cast):
    assert names(city, "登记")[0] == "婚姻登记信息"
    assert names(city, sort="name") == sorted(names(city))


def test_what_an_entry_is_called_comes_before_what_it_says_and_last_what_it_shares_with_others(
    cast: Cast, engine: bool
):
    """One system, 婚姻登记管理系统, holds them all: asked for 婚姻, what has nothing else to do with
    marriages comes last."""
    clerks = cast.civil_operator, cast.civil_manager, cast.bureau_operator
    system = actions.register_system(cast.civil_operator, name="婚姻登记管理系统").pk
    for name, summary in (
        ("婚姻登记信息", "结婚、离婚登记。"),
        ("全市婚姻登记机关", "登记处的名称和地址。"),
        ("家庭成员信息", "来自婚姻登记和户籍。"),
        ("行政区划代码", "镇、村的代码和名称。"),
        ("婚姻", "测试用的短名称。"),
    ):
        items = [ITEMS[0] | {"name": "编号"}, ITEMS[3]]
        published(
            *clerks,
            name,
            system=system,
            summary=summary,
            category="307",
            share_class="1",
            items=items,
        )
    follow(engine)
    expected = ["婚姻", "婚姻登记信息", "全市婚姻登记机关", "家庭成员信息", "行政区划代码"]
    assert names(cast, "婚姻") == expected
    assert set(names(cast, "婚姻登记管理系统")) == set(expected), (
        "a system is asked for by its name"
    )
    assert names(cast, "行政区划") == ["行政区划代码"]
    assert names(cast, "行政 婚姻") == ["行政区划代码"], "each word may stand in another place"


def test_full_width_letters_capitals_and_white_space_make_no_difference(cast: Cast, engine: bool):
    published(
        cast.civil_operator,
        cast.civil_manager,
        cast.bureau_operator,
        "ＧＰＳ　轨迹信息",
        summary="救助车辆的Gps 轨迹（车载 ＯＢＤ）。",
    )
    follow(engine)
    for q in ("gps", "GPS轨迹信息", "ｇｐｓ　轨迹", "gps，obd", "（车载", "(车载", "REG_NO"):
        assert names(cast, q) == ["ＧＰＳ　轨迹信息"], q


def test_facets_narrow_and_are_counted_without_themselves(city: Cast):
    civil, hr = str(city.body("civil").pk), str(city.body("hr").pk)
    assert names(city, body=(civil,), share_class=("1",)) == ["行政区划代码"]
    assert set(names(city, body=(civil, hr))) == {
        "婚姻登记信息",
        "行政区划代码",
        "社会保险参保信息",
    }
    facets = counts(city, body=(civil,))
    assert facets["body"] == {"市民政局": 2, "市人社局": 1}, (
        "the facet's own choice does not hide its other values"
    )
    assert facets["share_class"] == {"无条件共享": 1, "有条件共享": 1}
    assert facets["theme"] == {"公共服务": 1, "城乡建设": 1, "社区治理": 1}
    assert facets["share_mode"] == {"接口": 2, "文件": 2, "库表": 1}
    assert counts(city, "参保")["industry"] == {"公共管理、社会保障和社会组织": 1}


def test_unknown_choices_find_nothing_rather_than_everything(city: Cast):
    assert names(city, theme=("nonsense",)) == [] and names(city, body=("x",)) == []
    assert counts(city, theme=("nonsense",))["theme"]["nonsense"] == 0


def test_drafts_are_in_nobodys_search(city: Cast):
    from huitong.catalog.tests.marriage import drafted

    drafted(city.civil_operator, "尚未发布的信息")
    assert not queries.search(city.civil_operator, "尚未发布").count


@pytest.mark.parametrize("q", ["%", "m__ame", "'; DROP TABLE", "\\", "100%"])
def test_signs_of_sql_are_only_signs(city: Cast, q: str):
    assert names(city, q) == []


def test_a_search_is_few_queries(city: Cast, engine: bool, django_assert_num_queries):
    matches = queries.search(city.housing_operator, "登记", facets=False)
    # of the index's hits: how well they meet the words, once a commit, and the rows of the page
    for number in (2, 1) if engine else (1, 1):
        with django_assert_num_queries(number):
            assert len(matches[:20]) == 3
        matches = queries.search(city.housing_operator, "登记", facets=False)
    # what means the same, the names of bodies, and all facets at once (of the index: none)
    with django_assert_num_queries(2 if engine else 3):
        queries.search(city.housing_operator, "登记")


def test_of_many_matches_the_best_come_first_and_none_twice(
    city: Cast, engine: bool, monkeypatch: pytest.MonkeyPatch
):
    """More matches than are ranked: the pages of the best and those behind them are one list."""
    module = import_module("huitong.catalog.queries.search")
    monkeypatch.setattr(module, "MOST_RANKED", 2)
    monkeypatch.setattr(module, "PLACES", 2)
    matches = queries.search(city.housing_operator, "信息")
    assert len(matches) == matches.count == 3
    pages = [matches[n : n + 1][0].name for n in range(3)]
    assert sorted(pages) == ["婚姻登记信息", "社会保险参保信息", "行政区划代码"]
    assert pages[2] == "行政区划代码", "its name does not hold the word"
    assert pages == [entry.name for entry in matches.entries]


def test_what_only_some_see_is_counted_for_them_alone(city: Cast, engine: bool):
    """Counts are of what the reader may see, by the index as by the database."""
    entry = published(
        city.civil_operator, city.civil_manager, city.bureau_operator, "举报线索登记信息"
    )
    with thawed():
        Version.objects.filter(pk=entry.current_id).update(share_class="3")
        Entry.objects.get(pk=entry.pk).save()
    follow(engine)
    for actor, every in (
        (city.civil_operator, 4),
        (city.bureau_operator, 4),
        (city.housing_operator, 3),
        (city.audit_admin, 3),
        (Actor(person=0, name="访客"), 0),
    ):
        for q, share in (("", every), ("登记信息", every)):
            matches = queries.search(actor, q)
            visible = {entry.pk for entry in visible_to(actor).filter(current__isnull=False)}
            assert {entry.pk for entry in matches.entries} <= visible
            assert matches.count == len(list(matches.entries))
            classes = next(f for f in matches.facets if f.name == "share_class")
            assert sum(value.count for value in classes.values) == matches.count
            assert q or matches.count == share
        assert count_visible(actor) == every
    assert queries.search(city.housing_operator, "举报线索").count == 0
