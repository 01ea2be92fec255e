"""Who sees which entry in which state: list and get alike (A8, A10, A12, A20)."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.cast import Cast

from huitong.catalog import actions, queries
from huitong.catalog.models import Entry
from huitong.catalog.tests.marriage import ITEMS, drafted, published, republished
from huitong.kernel.actor import Actor
from huitong.kernel.manifest import CaseFacts
from huitong.kernel.procedure import NotVisible, NotYours
from huitong.organizations import actions as organizations

pytestmark = pytest.mark.django_db
OWN = {"civil_operator", "civil_manager"}
BUREAU = {"bureau_operator", "bureau_manager"}
ALL = [
    *OWN,
    *BUREAU,
    "hr_operator",
    "housing_operator",
    "housing_manager",
    "rudong_operator",
    "stranger_operator",
    "system_admin",
    "security_admin",
    "audit_admin",
    "platform_operator",
]
SIGNED_IN = set(ALL)


def seen_by(cast: Cast, entry: Entry) -> set[str]:
    """By list and by get: they must not differ."""
    listed = {k for k in ALL if queries.visible_to(getattr(cast, k)).filter(pk=entry.pk).exists()}
    readable = set()
    for key in ALL:
        try:
            queries.entry_for(getattr(cast, key), entry.pk)
            readable.add(key)
        except NotVisible:
            pass
    assert listed == readable
    return listed


def test_who_sees_an_entry_on_its_way(cast: Cast):
    entry = drafted(cast.civil_operator)
    assert seen_by(cast, entry) == OWN, "draft"
    actions.submit(cast.civil_operator, entry.case, cleared=["state", "work"])
    assert seen_by(cast, entry) == OWN, "department review"
    actions.pass_department(cast.civil_manager, entry.case, cleared=["state", "work"])
    assert seen_by(cast, entry) == OWN | BUREAU, "bureau review"
    actions.return_bureau(
        cast.bureau_operator, entry.case, ground="badly_named", remarks={"name": "请改名"}
    )
    assert seen_by(cast, entry) == OWN | BUREAU, "returned by the bureau"
    actions.submit(cast.civil_operator, entry.case, cleared=["state", "work"])
    actions.pass_department(cast.civil_manager, entry.case, cleared=["state", "work"])
    actions.pass_bureau(cast.bureau_operator, entry.case)
    assert seen_by(cast, entry) == OWN | BUREAU, "to be published"
    actions.publish(cast.civil_operator, entry.case)
    assert seen_by(cast, entry) == SIGNED_IN, "published"


def test_what_is_not_shared_is_seen_by_its_owner_and_by_the_bureau_where_the_ground_is_filed(
    cast: Cast,
):
    entry = drafted(cast.civil_operator, share_class="3", items=[i | {"mask": ""} for i in ITEMS])
    actions.add_ground(
        cast.civil_operator,
        entry.case,
        kind="law",
        document="个人信息保护法",
        article="第二十八条",
        quotation="敏感个人信息……",
    )
    actions.submit(cast.civil_operator, entry.case, cleared=["state", "work"])
    actions.pass_department(cast.civil_manager, entry.case, cleared=["state", "work"])
    actions.pass_bureau(cast.bureau_operator, entry.case)
    actions.publish(cast.civil_operator, entry.case)
    assert seen_by(cast, entry) == OWN | BUREAU
    assert [e.pk for e in queries.search(cast.bureau_manager).entries] == [entry.pk]
    assert not queries.search(cast.housing_operator).count
    facets = {f.name: f.values for f in queries.search(cast.housing_operator).facets}
    assert facets["share_class"] == (), "counts do not betray what is hidden"
    assert queries.scope_of(
        queries.entry_for(cast.civil_operator, entry.pk).published
    ).items == () and not queries.admits(entry, cast.body("housing").pk)


def test_a_version_that_was_not_shared_stays_with_its_owner_and_the_bureau(cast: Cast):
    """Its ground was for their eyes; that the entry is shared now changes nothing of it."""
    hands = (cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    entry = drafted(cast.civil_operator, share_class="3")
    ground = {"document": "民法典", "article": "第一条", "quotation": "应当尊重当事人的意愿。"}
    actions.add_ground(cast.civil_operator, entry.case, kind="law", **ground)
    actions.submit(cast.civil_operator, entry.case, cleared=["state", "work"])
    actions.pass_department(cast.civil_manager, entry.case, cleared=["state", "work"])
    actions.pass_bureau(cast.bureau_operator, entry.case)
    actions.publish(cast.civil_operator, entry.case)
    shared = {"share_class": "2", "shapes": ["masked"], "share_modes": ["api"]}
    republished(*hands, entry, condition="用于住房保障资格审核。", **shared)
    for who in (*OWN, *BUREAU, "hr_operator", "housing_manager"):
        actor = getattr(cast, who)
        rows = queries.versions_of(actor, queries.entry_for(actor, entry.pk))
        assert [row.number for row in rows] == ([2, 1] if who in OWN | BUREAU else [2]), who
    token = organizations.create_token(cast.hr_operator, label="版本", days=1)["token"]
    client = Client(headers={"Authorization": f"Bearer {token}"})
    page = client.get(f"/api/catalog/entries/{entry.pk}/versions?limit=1").json()
    assert page["count"] == 1 and page["items"][0]["content"]["share_class"] == "2"


def test_visitors_and_people_without_posts_see_nothing(cast: Cast):
    published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    assert not queries.visible_to(Actor(0, "访客")).exists()
    assert queries.visible_to(cast.system).count() == 1


def test_visible_is_not_yours(cast: Cast):
    entry = published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    for key in ("housing_operator", "bureau_operator", "system_admin"):
        with pytest.raises(NotYours) as refused:
            queries.own_entry(getattr(cast, key), entry.pk)
        assert refused.value.article == "A7" and "市民政局" in refused.value.who
    with pytest.raises(NotVisible):
        queries.own_entry(cast.housing_operator, drafted(cast.civil_operator, "收养登记信息").pk)
    assert queries.own_entry(cast.civil_manager, entry.pk) == entry


def test_the_case_page_gets_the_facts_only_of_a_visible_entry(cast: Cast):
    entry = drafted(cast.civil_operator)
    assert queries.case_facts(cast.civil_manager, entry.case).facts["entry"] == entry
    assert queries.case_facts(cast.bureau_operator, entry.case) == CaseFacts(), (
        "the bureau tracks the case, the draft is not its yet"
    )
