"""A published entry is updated: its next version goes the same way by page, API and command, what
narrows reaches running grants and is announced, what widens reaches none, and whom to call needs no
bureau (A8, A10, A11, A12)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.cast import Cast
from tests.journeys.doors import Api, Command, Door, Page
from tests.journeys.test_two_at_once import at_once
from tests.sharing import CLEARED, ITEMS, Sharing

from huitong import reactions
from huitong.access import queries as access
from huitong.access.models import Grant
from huitong.access.queries import Effect
from huitong.catalog import actions, queries
from huitong.catalog.models import Entry, Version
from huitong.catalog.rules import ELEMENTS, OF_CONTACT
from huitong.catalog.tests.marriage import drafted, published, republished, second_draft
from huitong.kernel.actor import Actor
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import AgainstRules, NotVisible, NotYours
from huitong.scope import from_json, widens
from huitong.work import queries as work
from huitong.work.rules import TOLD_BY_LAW

pytestmark = pytest.mark.django_db
OFFICE, DAY = "登记机关", "登记日期"


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA = settings.MEDIA_ROOT = tmp_path


def office(**changes: Any) -> list[dict[str, Any]]:
    """The items, that of the office changed."""
    return [row | (changes if row["name"] == OFFICE else {}) for row in ITEMS["marriage"]]


def without(*names: str) -> list[dict[str, Any]]:
    return [row for row in ITEMS["marriage"] if row["name"] not in names]


def react(verb: str) -> None:
    """What the last act of this name has set in motion, as the worker does it."""
    entry = LedgerEntry.objects.filter(verb=verb).latest("seq")
    for job in ProcrastinateJob.objects.filter(task_name="huitong.react").order_by("pk"):
        if job.args["entry"] == entry.seq:
            reactions.react(**job.args)


def notices(actor: Actor, title: str) -> list[str]:
    """The texts of what a person was told so; nobody can turn it off (A16)."""
    rows = work.notices_of(actor).filter(title__startswith=title)
    assert all(kind in TOLD_BY_LAW for kind in rows.values_list("kind", flat=True))
    return list(rows.values_list("text", flat=True))


# -- through all doors -----------------------------------------------------------------------------


@pytest.fixture(params=["page", "api", "cli"])
def door(
    request: pytest.FixtureRequest,
    cast: Cast,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Door:
    monkeypatch.setenv("DATABASE_URL", "postgresql://given-by-the-test")
    return {"page": Page, "api": Api, "cli": lambda cast: Command(cast, capsys)}[request.param](
        cast
    )


def test_the_next_version_goes_the_same_way_by_every_door(sharing: Sharing, door: Door) -> None:
    cast = sharing.cast
    grant = sharing.granted(sharing.mount("marriage", "api"))
    entry = sharing.entry()
    assert door.do("civil_operator", "entry.update", entry=entry.pk) == 200, door.text
    case = queries.entry_for(cast.civil_operator, entry.pk).case_id
    assert case != entry.current.case_id
    assert door.do("civil_operator", "entry.edit", case, items=without(DAY)) == 200, door.text
    assert door.do("civil_operator", "entry.submit", case, cleared=CLEARED) == 200, door.text
    if door.name == "page":
        page = cast.client("civil_manager").get(f"/review/{case}/").content.decode()
    else:
        page = door._client("civil_manager").get(f"/api/catalog/entries/{entry.pk}/effects")
        page = json.dumps(json.loads(page.content), ensure_ascii=False)
    assert f"不再提供：{DAY}" in page and str(grant.case.number) in page
    assert door.do("civil_manager", "entry.pass_department", case, cleared=CLEARED) == 200, (
        door.text
    )
    assert door.do("bureau_operator", "entry.pass_bureau", case) == 200, door.text
    assert DAY in access.live_grants()[0].parsed.items, "passed, and not published"
    assert door.do("civil_operator", "entry.publish", case) == 200, door.text
    assert door.read("housing_operator", entry.pk) == 200 and DAY not in door.text
    now = queries.entry_for(cast.civil_operator, entry.pk)
    assert (now.published.number, now.code) == (2, entry.code)
    assert DAY not in access.live_grants()[0].parsed.items
    page = cast.client("housing_operator").get(f"/catalog/{entry.pk}/versions/").content.decode()
    assert "本版发布时受影响的授权" in page and f"不再提供：{DAY}" in page
    stranger = cast.client("stranger_operator").get(f"/catalog/{entry.pk}/versions/")
    assert "受影响的授权" not in stranger.content.decode(), "a grant is its parties' affair"


def test_the_next_version_says_what_is_published_until_it_is_edited(cast: Cast) -> None:
    hands = (cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    entry = published(*hands)
    case = second_draft(cast.civil_operator, entry)
    draft = queries.version_of(case)
    filled = {name for name, element in ELEMENTS.items() if element.filled_in}
    copied, before = (
        queries.facts_of(version).model_dump(exclude=filled)
        for version in (draft, draft.entry.published)
    )
    assert copied == before and draft.words == entry.published.words
    page = cast.client("civil_operator").get(f"/compile/{entry.pk}/").content.decode()
    assert "还没有改动" in page and "放弃更新" in page
    with pytest.raises(AgainstRules, match="没有任何不同"):
        actions.submit(cast.civil_operator, case, cleared=CLEARED)


def test_one_at_a_time_and_only_of_what_is_ones_own_and_published(cast: Cast) -> None:
    entry = published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    begun = drafted(cast.civil_operator, "收养登记信息")
    for who, what, problem in (
        (cast.hr_operator, entry, NotYours),
        (cast.civil_manager, entry, NotYours),
        (cast.bureau_operator, entry, NotYours),
        (cast.hr_operator, begun, NotVisible),
        (cast.civil_operator, begun, AgainstRules),
    ):
        with pytest.raises(problem):
            actions.update(who, entry=what.pk)
    case = second_draft(cast.civil_operator, entry)
    with pytest.raises(AgainstRules, match="已在更新"):
        actions.update(cast.civil_operator, entry=entry.pk)
    assert entry.pk not in dict(queries.find_updatable(cast.civil_operator, None, ""))
    actions.discard(cast.civil_operator, case)
    assert entry.pk in dict(queries.find_updatable(cast.civil_operator, None, "婚姻"))
    actions.update(cast.civil_operator, entry=entry.pk, reasons="机构职能有调整")
    page = cast.client("civil_operator").get(f"/catalog/{entry.pk}/").content.decode()
    assert "正在更新：草稿" in page and "/update/" not in page


def test_two_clerks_at_the_same_moment_begin_one(live_db: str, cast: Cast) -> None:
    entry = published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    outcomes = at_once(
        *[lambda: actions.update(cast.civil_operator, entry=entry.pk) for _ in range(4)]
    )
    assert sum(isinstance(one, Entry) for one in outcomes) == 1
    assert sum(isinstance(one, AgainstRules) for one in outcomes) == 3
    assert Version.objects.filter(entry=entry, number=None).count() == 1


# -- who reviews it --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"contact_phone": "0513-85510000"}, "to_publish"),
        (dict.fromkeys(sorted(OF_CONTACT), "换了人"), "to_publish"),
        ({"contact_phone": "0513-85510000", "standard": "MZ/T 045"}, "with_bureau"),
        ({"condition": "用于住房保障资格复核。"}, "with_bureau"),
        ({"items": without(OFFICE)}, "with_bureau"),
    ],
    ids=["phone", "all of contact", "phone and more", "condition", "items"],
)
def test_whom_to_call_needs_no_bureau_and_nothing_else_goes_with_it(
    sharing: Sharing, changes: dict[str, Any], state: str
) -> None:
    cast, entry = sharing.cast, sharing.entry()
    case = second_draft(cast.civil_operator, entry)
    actions.edit(cast.civil_operator, case, **changes)
    page = cast.client("civil_operator").get(f"/compile/{entry.pk}/check/").content.decode()
    assert ("通过后即可发布" in page) is (state == "to_publish")
    actions.submit(cast.civil_operator, case, cleared=CLEARED)
    with pytest.raises(AgainstRules):
        actions.publish(cast.civil_operator, case)
    actions.pass_department(cast.civil_manager, case, cleared=CLEARED)
    case.refresh_from_db()
    assert case.state == state
    if state == "to_publish":
        with pytest.raises(AgainstRules):
            actions.pass_bureau(cast.bureau_operator, case)
        again = actions.publish(cast.civil_operator, case)
        assert again.published.number == 2 and queries.version_of(case).sha256


def test_what_is_returned_and_then_changed_further_goes_to_the_bureau(sharing: Sharing) -> None:
    cast, case = sharing.cast, second_draft(sharing.cast.civil_operator, sharing.entry())
    actions.edit(cast.civil_operator, case, remark="每月更新。")
    actions.submit(cast.civil_operator, case, cleared=CLEARED)
    actions.return_department(
        cast.civil_manager, case, ground="review_other", reasons="请把使用条件也写明，再一并提交。"
    )
    actions.edit(cast.civil_operator, case, condition="用于住房保障资格复核。")
    actions.submit(cast.civil_operator, case, cleared=CLEARED)
    actions.pass_department(cast.civil_manager, case, cleared=CLEARED)
    case.refresh_from_db()
    assert case.state == "with_bureau"


def test_a_first_version_is_never_the_department_s_alone(cast: Cast) -> None:
    entry = drafted(cast.civil_operator)
    actions.submit(cast.civil_operator, entry.case, cleared=CLEARED)
    case = actions.pass_department(cast.civil_manager, entry.case, cleared=CLEARED).case
    assert case.state == "with_bureau"


# -- what it means for running grants --------------------------------------------------------------


SWAPPED = {OFFICE: {"column": "area"}, "登记机关区划": {"column": "office"}}
CHANGES: dict[str, tuple[dict[str, Any], Effect, str]] = {
    "item dropped": ({"items": without(OFFICE)}, Effect.CHANGES, f"不再提供：{OFFICE}"),
    "item not shared": (
        {"items": office(share_class="3"), "shapes": ["masked", "partial_items"]},
        Effect.CHANGES,
        f"不再提供：{OFFICE}",
    ),
    "item masked": ({"items": office(mask="name")}, Effect.CHANGES, f"“{OFFICE}”改为按"),
    "another column": (
        {"items": [row | SWAPPED.get(row["name"], {}) for row in ITEMS["marriage"]]},
        Effect.CHANGES,
        "来源列或数据类型",
    ),
    "named bodies": ({"shapes": ["masked", "named_bodies"]}, Effect.ENDS, "指定的部门"),
    "parameters": (
        {"control_parameters": [{"name": "matter", "title": "事项"}]},
        Effect.CHANGES,
        "说明“事项”",
    ),
    "words only": ({"condition": "用于住房保障资格复核。"}, Effect.NOTHING, ""),
}


def test_what_an_update_means_for_a_grant_is_seen_while_it_is_drafted(sharing: Sharing) -> None:
    cast, grant = sharing.cast, sharing.granted(sharing.mount("marriage", "api"))
    entry, before = sharing.entry(), Grant.objects.get(pk=grant.pk).scope
    for name, (changes, effect, words) in CHANGES.items():
        case = second_draft(cast.civil_operator, entry)
        actions.edit(cast.civil_operator, case, **changes)
        draft = queries.version_of(case)
        [coming] = access.effects_for(cast.civil_operator, draft)
        assert coming.effect is effect and words in "".join(coming.lines), (name, coming)
        assert access.effects_for(cast.stranger_operator, draft) == []
        assert Grant.objects.get(pk=grant.pk).scope == before
        actions.discard(cast.civil_operator, case)
    assert len(access.live_grants()) == 1


@pytest.mark.parametrize("change", ["item masked", "named bodies", "words only"])
def test_what_an_update_means_is_announced_and_comes_true(sharing: Sharing, change: str) -> None:
    changes, effect, words = CHANGES[change]
    cast, grant = sharing.cast, sharing.granted(sharing.mount("marriage", "api"))
    if "shapes" in changes:
        changes = changes | {"named_bodies": [cast.body("hr").pk]}
    case = second_draft(cast.civil_operator, sharing.entry())
    actions.edit(cast.civil_operator, case, **changes)
    before = from_json(Grant.objects.get(pk=grant.pk).scope)
    [coming] = access.effects_of(queries.version_of(case))
    actions.submit(cast.civil_operator, case, cleared=CLEARED)
    assert notices(cast.housing_operator, "目录将更新") == []
    actions.pass_department(cast.civil_manager, case, cleared=CLEARED)
    react("entry.pass_department")
    for who in (cast.housing_operator, cast.housing_manager):
        announced = notices(who, "目录将更新")
        assert len(announced) == (effect is not Effect.NOTHING)
        assert all(words in text and "发布之前不受影响" in text for text in announced)
    assert notices(cast.stranger_operator, "目录") == []
    actions.pass_bureau(cast.bureau_operator, case)
    actions.publish(cast.civil_operator, case)
    narrowed = access.narrowings(queries.version_of(case))
    assert [row["lines"] for row in narrowed] == ([list(coming.lines)] if words else [])
    if narrowed:
        react("access.narrow_grants")
        assert [words in text for text in notices(cast.housing_operator, "目录已更新")] == [True]
        record = cast.client("housing_operator").get(f"/cases/{grant.case_id}/").content.decode()
        assert "目录更新收窄授权" in record
    assert not widens(before, from_json(Grant.objects.get(pk=grant.pk).scope))
    assert bool(access.live_grants()) is (effect is not Effect.ENDS)


@pytest.mark.parametrize(
    ("narrow", "back"),
    [
        ({"items": without(OFFICE)}, {"items": ITEMS["marriage"]}),
        ({"items": office(mask="name")}, {"items": ITEMS["marriage"]}),
        ({"control_parameters": [{"name": "matter", "title": "事项"}]}, {"control_parameters": []}),
    ],
    ids=["dropped", "masked", "parameters"],
)
def test_what_was_taken_is_not_given_back_by_a_later_version(
    sharing: Sharing, narrow: dict[str, Any], back: dict[str, Any]
) -> None:
    cast = sharing.cast
    hands = (cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    sharing.granted(sharing.mount("marriage", "api"))
    republished(*hands, sharing.entry(), **narrow)
    [narrowed] = access.live_grants()
    republished(*hands, sharing.entry(), **back)
    [live] = access.live_grants()
    assert live.parsed == narrowed.parsed


def test_every_grant_that_is_narrowed_is_kept_in_the_ledger(sharing: Sharing) -> None:
    """Also one that loses only what it had no use of: its scope was written before publications
    narrowed scopes."""
    cast = sharing.cast
    hands = (cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    grant = sharing.granted(sharing.mount("marriage", "api"))
    before = Grant.objects.get(pk=grant.pk).scope
    republished(*hands, sharing.entry(), items=without(OFFICE))
    with writing("test"):
        Grant.objects.filter(pk=grant.pk).update(scope=before)
    entry = republished(*hands, sharing.entry(), condition="用于住房保障资格复核。")
    assert OFFICE not in from_json(Grant.objects.get(pk=grant.pk).scope).items
    act = LedgerEntry.objects.filter(verb="access.narrow_grants").latest("seq")
    assert [(row["grant"], row["effect"]) for row in act.after["grants"]] == [(grant.pk, "nothing")]
    assert access.narrowings(entry.published) == [], "nobody felt it, nobody is told"


def test_a_grant_that_lost_its_ground_stays_without_data(sharing: Sharing) -> None:
    """For another body for a while, then for all again: who lost it asks for it anew."""
    cast = sharing.cast
    hands = (cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    grant = sharing.granted(sharing.mount("marriage", "api"))
    other = [cast.body("hr").pk]
    republished(*hands, sharing.entry(), shapes=["masked", "named_bodies"], named_bodies=other)
    assert access.live_grants() == []
    republished(*hands, sharing.entry(), shapes=["masked"], named_bodies=[])
    faults: list[Any] = []
    assert access.live_grants(faults=faults) == [] and "所授信息项已不在目录中" in faults[0].why
    for page in (reverse("access:grant", args=[grant.pk]), f"/cases/{grant.case_id}/"):
        assert cast.client("housing_operator").get(page).status_code == 200
