"""Words people use when they search (A20): labelled questions find what is right among the first
three; the bureau keeps what means the same; one wrong character leads on."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from tests.cast import Cast

from huitong.catalog import actions, queries
from huitong.catalog.actions.words import MOST
from huitong.catalog.management.follower import Follower
from huitong.catalog.models import Entry, MissedQuestion, SynonymGroup, Version
from huitong.catalog.queries import index
from huitong.catalog.queries.search import likely
from huitong.catalog.rules.finding import (
    MOST_SPELLED,
    folded,
    simplified,
    spelled,
    ways_of,
    words_for,
)
from huitong.catalog.rules.mistyping import corrected
from huitong.catalog.rules.synonyms import fault_of, synonyms_of, words_of_group
from huitong.kernel import shipped
from huitong.kernel.case import Case
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import Malformed, NotVisible, NotYours
from huitong.organizations.actions import create_token

FINDING = Path(__file__).parent / "finding"
#: of the labelled questions, how many find what is right among the first three
ENOUGH = 0.95


def rows(name: str) -> list[dict[str, str]]:
    text = (FINDING / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@pytest.fixture
def city(cast: Cast, settings: Any, tmp_path: Path) -> Cast:
    """A hundred published entries of a city, indexed."""
    settings.DATA = tmp_path
    system = actions.register_system(cast.civil_operator, name="业务管理系统")
    given_rows = rows("entries.csv")
    with writing("test"):
        cases = Case.objects.bulk_create(
            Case(kind="entry", law="nantong-2020", number=f"W{n}", state="published")
            for n in range(len(given_rows))
        )
        for n, (case, row) in enumerate(zip(cases, given_rows, strict=True)):
            items = [(item, f"c{m}") for m, item in enumerate(row["items"].split())]
            entry = Entry.objects.create(body_id=system.body_id, code=f"307{n % 7:03d}/{n:06d}")
            entry.current = entry.latest = Version.objects.create(
                entry=entry,
                case=case,
                system=system,
                name=row["name"],
                summary=row["summary"],
                words=words_for(row["name"], row["summary"], items, [system.name, "公共服务"]),
                share_class="1",
                data_cycle="2",
                number=1,
                published_at=timezone.now() - timedelta(n),
            )
            entry.save()
    Follower().look()
    return cast


def names(cast: Cast, q: str, most: int = 3) -> list[str]:
    return [entry.name for entry in queries.search(cast.housing_operator, q)[:most]]


@pytest.mark.django_db
@pytest.mark.parametrize("by", ["index", "sql"])
def test_labelled_questions_find_what_is_right_among_the_first_three(city: Cast, by: str) -> None:
    questions = rows("questions.csv")
    assert len(questions) >= 200
    assert {row["right"] for row in questions} <= {row["name"] for row in rows("entries.csv")}
    if by == "sql":
        index.sign_of_life().unlink()
    wrong = [
        (row["question"], row["right"], first)
        for row in questions
        if row["right"] not in (first := names(city, row["question"]))
    ]
    assert len(wrong) <= (1 - ENOUGH) * len(questions), wrong


@pytest.mark.django_db
def test_the_bureau_says_what_means_the_same(city: Cast) -> None:
    assert names(city, "扫把") == []
    group = actions.add_synonyms(city.bureau_operator, words="扫把、生活垃圾")
    assert names(city, "扫把") == ["生活垃圾收运信息"]
    index.sign_of_life().unlink()
    assert names(city, "扫把") == ["生活垃圾收运信息"], "by the database, too"
    actions.change_synonyms(city.bureau_operator, group=group.pk, words="扫把 畜禽")
    assert names(city, "扫把") == ["畜禽养殖场备案信息"]
    actions.remove_synonyms(city.bureau_operator, group=group.pk)
    assert names(city, "扫把") == []
    with pytest.raises(NotVisible):
        actions.remove_synonyms(city.bureau_operator, group=group.pk)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "words",
    [
        "",
        "社保",
        "社保 社保",
        "社保 的",
        " ".join(f"词{n}" for n in range(13)),
        "社保 " + "长" * 21,
    ],
)
def test_what_is_no_group_is_refused_in_words(cast: Cast, words: str) -> None:
    with pytest.raises(Malformed) as refused:
        actions.add_synonyms(cast.bureau_operator, words=words)
    assert "words" in refused.value.fields


@pytest.mark.django_db
def test_a_group_is_kept_once_and_by_the_bureau_alone(cast: Cast) -> None:
    actions.add_synonyms(cast.bureau_operator, words="甲方、乙方")
    with pytest.raises(Malformed):
        actions.add_synonyms(cast.bureau_operator, words="乙方 甲方")
    for actor in (cast.housing_operator, cast.bureau_manager, cast.civil_manager):
        with pytest.raises(NotYours):
            actions.add_synonyms(actor, words="丙方 丁方")


@pytest.mark.django_db
def test_a_new_city_begins_with_the_groups_shipped(cast: Cast) -> None:
    groups = [row["words"] for row in shipped.rows("catalog", "synonyms")]
    assert not [fault for text in groups if (fault := fault_of(text))]
    assert len(groups) == len({words_of_group(text) for text in groups}) > 100
    assert SynonymGroup.objects.count() == len(groups)


# -- one wrong character ---------------------------------------------------------------------------


NEAR = [
    ("结昏登记", ""),  # 结婚登记 stands in no name
    ("婚因登记", "婚姻登记"),
    ("婚因", "婚姻"),
    ("公共租凭住房", "公共租赁住房"),
    ("不动厂登记", "不动产登记"),
    ("特钟设备", "特种设备"),
    ("最低生活保章", "最低生活保障"),
    ("机动车驾使证", "机动车驾驶证"),
    ("商品住房预售", "商品房预售"),  # one too many
    ("高新技企业", "高新技术企业"),  # one too few
    ("婚因登記", "婚姻登记"),
    ("zzzz", ""),
    ("毫不相干的词", ""),
]


@pytest.mark.django_db
def test_what_may_have_been_meant(city: Cast) -> None:
    for q, right in NEAR:
        assert names(city, q) == [], q
        assert likely(city.housing_operator, q) == right, q
    index.sign_of_life().unlink()
    assert likely(city.housing_operator, "婚因登记") == "", "without the index nothing is proposed"


@pytest.mark.parametrize(
    ("question", "text", "right"),
    [
        ("结昏登记", "结婚登记信息", "结婚登记"),
        ("结婚登记", "结婚登记信息", ""),  # nothing is wrong
        ("昏姻", "婚姻登记", "婚姻"),
        ("红姻", "婚姻登记", ""),  # two characters: any other is too near
        ("婚姻等级", "婚姻登记", "婚姻登记"),  # two wrong, of the same sound
        ("房屋租凭", "房屋租赁备案", "房屋租赁"),
        ("房租屋赁", "房屋租赁备案", ""),  # two changed places
        ("ab", "abc", ""),
    ],
)
def test_one_character_or_the_same_sound(question: str, text: str, right: str) -> None:
    assert corrected(question, [text]) == right


@given(st.text(max_size=12), st.lists(st.text(max_size=20), max_size=5))
def test_what_is_proposed_stands_in_the_texts(question: str, texts: list[str]) -> None:
    right = corrected(question, texts)
    assert right == "" or (right != question and any(right in text for text in texts))


# -- spelled, and in other characters --------------------------------------------------------------


@given(st.text(alphabet="银行业务记录abc 12会长", min_size=1, max_size=60))
def test_a_name_is_spelled_in_few_words(name: str) -> None:
    lines = spelled(folded(name))
    assert len(lines) == len(set(lines)) <= MOST_SPELLED
    assert all(line.isascii() and line.isalnum() for line in lines)


def test_traditional_characters_ask_the_same() -> None:
    own = synonyms_of(["醫療券 看病券"])
    assert ways_of("醫療券", own)[0][0] == ["醫療券", "医疗券", "看病券"]
    assert ways_of("看病券", own)[0][0] == ["看病券", "医疗券"]
    assert simplified("醫療保險") == "医疗保险"
    assert ways_of("醫保", synonyms_of(["医保 医疗保险"]))[0][0] == ["醫保", "医保", "医疗保险"]
    assert ways_of("GPS") == [[["GPS"]]]


# -- what found nothing ----------------------------------------------------------------------------


def missed() -> list[str]:
    return [row["text"] for row in queries.missed_questions()]


@pytest.mark.django_db
def test_what_two_people_did_not_find_is_told_the_bureau(city: Cast) -> None:
    client, other = city.client("housing_operator"), city.client("civil_operator")
    for _ in range(3):
        client.get("/catalog/", {"q": "扫帚"})
    assert missed() == [], "one person's question is their own"
    other.get("/catalog/", {"q": " 扫帚 "})
    for own in (client, other):
        for number in ("320602199001011234", "138-1234-5678", "3206 0219", "扫帚 12 34 5"):
            own.get("/catalog/", {"q": number})
        own.get("/catalog/", {"q": "婚因登记"})  # mistyped, and led on
        own.get("/catalog/", {"q": "扫帚", "share_class": "2"})
        own.get("/catalog/", {"q": "婚姻"})
        own.get("/catalog/", {"q": "扫"})
    assert missed() == ["扫帚"]
    page = city.client("bureau_operator").get("/catalog/words/missed/").content.decode()
    assert "扫帚" in page and "设为同义词" in page
    with writing("test"):
        MissedQuestion.objects.update(at=timezone.now() - queries.REMEMBERED - timedelta(1))
    assert missed() == []
    client.get("/catalog/", {"q": "簸箕"})
    assert [row.text for row in MissedQuestion.objects.all()] == ["簸箕"], "the old ones are gone"


@pytest.mark.django_db
def test_the_page_of_words(city: Cast) -> None:
    client = city.client("bureau_operator")
    assert "添加同义词" in client.get("/catalog/words/").content.decode()
    assert "扫帚、" in client.get("/catalog/words/new/?word=扫帚").content.decode()
    refused = client.post("/catalog/words/new/", {"words": "扫帚"})
    assert refused.status_code == 422 and "至少写两个" in refused.content.decode()
    client.post("/catalog/words/new/", {"words": "扫帚、生活垃圾"})
    group = SynonymGroup.objects.get(words="扫帚 生活垃圾")
    client.post(f"/catalog/words/{group.pk}/", {"words": "扫帚 生活垃圾 保洁"})
    group.refresh_from_db()
    assert group.words == "扫帚 生活垃圾 保洁"
    client.post(f"/catalog/words/{group.pk}/remove/")
    assert not SynonymGroup.objects.filter(pk=group.pk).exists()
    for key, status in (("bureau_manager", 200), ("housing_operator", 403), ("civil_manager", 403)):
        assert city.client(key).get("/catalog/words/").status_code == status, key


@pytest.mark.django_db
def test_the_empty_page_leads_on(city: Cast) -> None:
    page = city.client("housing_operator").get("/catalog/", {"q": "婚因登记"}).content.decode()
    assert "您是不是要找" in page and "婚姻登记</b>" in page


@pytest.mark.django_db
def test_what_is_answered_or_dismissed_is_missed_no_more(city: Cast) -> None:
    for actor in (city.housing_operator, city.civil_operator):
        for text in ("扫帚", "簸箕 拖把", "胡言乱语"):
            actions.remember_missed(actor, text)
    client = city.client("bureau_operator")
    page = client.get("/catalog/words/missed/").content.decode()
    assert page.count("设为同义词") == 2, "several words are no word of a group"
    assert "没有结果的检索" in client.get("/").content.decode()
    actions.add_synonyms(city.bureau_operator, words="扫帚 生活垃圾")
    client.post("/catalog/words/missed/dismiss/", {"text": "胡言乱语"})
    assert missed() == ["簸箕 拖把"]
    with pytest.raises(NotVisible):
        actions.dismiss_missed(city.bureau_operator, text="胡言乱语")
    actions.dismiss_missed(city.bureau_operator, text="簸箕 拖把")
    assert "没有结果的检索" not in client.get("/").content.decode()


@pytest.mark.django_db
def test_nobody_else_learns_what_was_missed(city: Cast) -> None:
    for actor in (city.housing_operator, city.civil_operator):
        actions.remember_missed(actor, "扫帚")
    for key, rows_seen in (("bureau_manager", 1), ("housing_operator", 0), ("civil_manager", 0)):
        client = city.client(key)
        status = client.get("/catalog/words/missed/").status_code
        assert status == (200 if rows_seen else 403), key
        assert ("没有结果的检索" in client.get("/").content.decode()) == bool(rows_seen), key
        with pytest.raises(NotYours):
            actions.dismiss_missed(getattr(city, key), text="扫帚")


@pytest.mark.django_db
def test_a_person_fills_no_table(cast: Cast) -> None:
    for n in range(MOST + 5):
        actions.remember_missed(cast.housing_operator, f"词{n}")
    assert MissedQuestion.objects.count() == MOST


@pytest.mark.django_db
def test_by_the_api_as_by_the_page(city: Cast) -> None:
    clients = {
        key: Client(
            headers={
                "Authorization": "Bearer "
                + create_token(getattr(city, key), label="测试", days=1)["token"]
            }
        )
        for key in ("bureau_operator", "housing_operator")
    }
    given = json.dumps({"words": "扫帚 生活垃圾"})
    done = clients["bureau_operator"].post(
        "/api/do/catalog.add_synonyms", given, content_type="application/json"
    )
    assert done.status_code == 200, done.content
    groups = clients["housing_operator"].get("/api/catalog/synonyms?limit=200").json()["items"]
    assert ["扫帚", "生活垃圾"] in [group["words"] for group in groups]
    for actor in (city.housing_operator, city.civil_operator):
        actions.remember_missed(actor, "簸箕")
    assert clients["housing_operator"].get("/api/catalog/missed").json()["count"] == 0
    [row] = clients["bureau_operator"].get("/api/catalog/missed").json()["items"]
    assert (row["text"], row["people"]) == ("簸箕", 2)
