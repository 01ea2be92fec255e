"""Grounds for not sharing are of kinds the bureau extends, and stand in one list once they are
filed (A8)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from tests.cast import Cast

from huitong.catalog import actions, queries
from huitong.catalog.models import Entry, GroundKind
from huitong.catalog.tests.marriage import drafted, republished, second_draft
from huitong.kernel import shipped
from huitong.kernel.actor import Actor
from huitong.kernel.procedure import Malformed, NotYours
from huitong.kernel.workdays import today
from huitong.organizations.actions import create_token

pytestmark = pytest.mark.django_db
CLEARED = ["state", "work"]
GROUND = {
    "kind": "law",
    "document": "中华人民共和国民法典",
    "article": "第一千一百一十条",
    "quotation": "收养人、送养人要求保守收养秘密的，其他人应当尊重其意愿，不得泄露。",
}


def withheld(cast: Cast, clerk: str = "civil", name: str = "收养登记档案", **ground: Any) -> Entry:
    """A draft of an entry that is not shared, with its ground."""
    entry = drafted(getattr(cast, f"{clerk}_operator"), name, share_class="3")
    actions.add_ground(getattr(cast, f"{clerk}_operator"), entry.case, **GROUND | ground)
    return entry


def filed(cast: Cast, clerk: str = "civil", name: str = "收养登记档案", **ground: Any) -> Entry:
    """The same, passed on to the bureau: its ground is filed."""
    entry = withheld(cast, clerk, name, **ground)
    actions.submit(getattr(cast, f"{clerk}_operator"), entry.case, cleared=CLEARED)
    actions.pass_department(getattr(cast, f"{clerk}_manager"), entry.case, cleared=CLEARED)
    return entry


def listed(actor: Actor) -> list[tuple[str, str]]:
    return [
        (row.document, row.standing) for row in queries.filed_grounds(actor).order_by("filed_at")
    ]


def test_the_bureau_lists_every_filed_ground_and_a_body_its_own(cast: Cast) -> None:
    withheld(cast, name="草稿中的档案", document="档案法")
    filed(cast)
    filed(cast, "hr", "工伤认定档案", document="工伤保险条例", kind="regulation")
    both = [("中华人民共和国民法典", "review"), ("工伤保险条例", "review")]
    assert listed(cast.bureau_operator) == listed(cast.bureau_manager) == both
    assert listed(cast.civil_manager) == both[:1] and listed(cast.hr_operator) == both[1:]
    for actor in (cast.housing_operator, cast.system_admin, cast.audit_admin):
        assert listed(actor) == [], actor.name


def test_a_ground_stands_until_another_version_needs_it_no_more(cast: Cast) -> None:
    entry = filed(cast)
    actions.pass_bureau(cast.bureau_operator, entry.case)
    actions.publish(cast.civil_operator, entry.case)
    assert listed(cast.bureau_operator) == [("中华人民共和国民法典", "current")]
    again = second_draft(cast.civil_operator, queries.entry_for(cast.civil_operator, entry.pk))
    ground = queries.version_of(again).grounds.get()
    actions.drop_ground(cast.civil_operator, again, filing=ground.pk)
    shared = {"share_class": "2", "shapes": ["masked"], "share_modes": ["table"]}
    actions.edit(cast.civil_operator, again, **shared, condition="用于收养评估。")
    actions.submit(cast.civil_operator, again, cleared=CLEARED)
    actions.pass_department(cast.civil_manager, again, cleared=CLEARED)
    actions.pass_bureau(cast.bureau_operator, again)
    actions.publish(cast.civil_operator, again)
    assert listed(cast.bureau_operator) == [("中华人民共和国民法典", "past")], "filed for ever"


def test_a_mere_correction_leaves_grounds_filed_as_they_were(cast: Cast) -> None:
    """The bureau has not seen it: it was filed with what is published (A8, A12)."""
    entry = filed(cast)
    actions.pass_bureau(cast.bureau_operator, entry.case)
    actions.publish(cast.civil_operator, entry.case)
    entry = queries.entry_for(cast.civil_operator, entry.pk)
    before = queries.filed_grounds(cast.bureau_operator).get().filed_at
    hands = (cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    corrected = republished(*hands, entry, contact_phone="0513-85512346")
    assert corrected.published.number == 2
    assert corrected.published.grounds.get().filed_at == before
    renewed = republished(*hands, corrected, summary="全市收养登记档案，1992 年至今。")
    assert renewed.published.grounds.get().filed_at > before, "reviewed, and filed, anew"


def test_a_ground_entered_wrongly_is_taken_back_on_its_page(cast: Cast) -> None:
    """The form's `ground` was read as what a decision rests on, and always refused."""
    entry = withheld(cast)
    [ground] = queries.grounds_of(entry.draft)
    client = cast.client("civil_operator")
    page = client.get(f"/compile/{entry.pk}/grounds/").content.decode()
    assert 'name="filing"' in page and "（法律）" in page
    answer = client.post(f"/cases/{entry.case_id}/drop_ground/", {"filing": ground.pk})
    assert answer.status_code == 302 and queries.grounds_of(entry.draft) == []


def test_the_bureau_adds_a_kind_and_ends_it_and_what_is_filed_keeps_its_name(cast: Cast) -> None:
    kind = actions.add_ground_kind(cast.bureau_operator, label="国际条约", in_force=today())
    filed(cast, kind=kind.code, document="儿童权利公约")
    yesterday = today() - timedelta(1)
    with pytest.raises(Malformed, match="不早于"):
        actions.end_ground_kind(cast.bureau_operator, kind=kind.code, until=yesterday)
    actions.end_ground_kind(cast.bureau_operator, kind="other", until=yesterday)
    assert "other" not in dict(queries.ground_kind_choices(cast.civil_operator))
    with pytest.raises(Malformed, match="已停用"):
        withheld(cast, name="另一档案", kind="other")
    later = actions.add_ground_kind(
        cast.bureau_operator, label="司法解释", in_force=today() + timedelta(1)
    )
    with pytest.raises(Malformed, match="没有这个依据类别"):
        withheld(cast, name="再一档案", kind=later.code)
    [row] = queries.grounds_in_words(list(queries.filed_grounds(cast.bureau_operator)))
    assert (row.kind_label, row.standing_label) == ("国际条约", "审核中")


def test_a_kind_is_named_once_and_kept_by_the_bureau_alone(cast: Cast) -> None:
    with pytest.raises(Malformed):
        actions.add_ground_kind(cast.bureau_operator, label="法律", in_force=today())
    for actor in (cast.civil_operator, cast.bureau_manager, cast.system_admin):
        with pytest.raises(NotYours):
            actions.add_ground_kind(actor, label="国际条约", in_force=today())
        with pytest.raises(NotYours):
            actions.end_ground_kind(actor, kind="law", until=today())


def test_a_new_city_begins_with_the_kinds_of_the_article(cast: Cast) -> None:
    """A8 names laws, regulations, rules and policies: each is a kind."""
    kinds = [row["code"] for row in shipped.rows("catalog", "ground_kinds")]
    assert kinds == list(GroundKind.objects.values_list("code", flat=True))
    assert {"law", "regulation", "rule", "policy"} <= set(kinds)
    assert set(GroundKind.objects.values_list("in_force", flat=True)) == {date(2020, 2, 19)}


def test_the_page_narrows_and_is_taken_along(cast: Cast) -> None:
    entry = filed(cast)
    filed(cast, "hr", "工伤认定档案", document="工伤保险条例", kind="regulation")
    client = cast.client("bureau_operator")
    page = client.get("/catalog/grounds/").content.decode()
    assert "收养登记档案" in page and "《工伤保险条例》" in page and "行政法规" in page
    civil = cast.body("civil").pk
    for query in ("q=民法典", f"body={civil}", "kind=law", "q=收养"):
        narrowed = client.get(f"/catalog/grounds/?{query}").content.decode()
        assert "收养登记档案" in narrowed and "《工伤保险条例》" not in narrowed, query
    assert "还没有" not in page
    none = client.get("/catalog/grounds/?standing=past").content.decode()
    assert "收养登记档案" not in none
    file = b"".join(client.get("/catalog/grounds/?format=csv").streaming_content).decode()
    assert "不得泄露" in file and "法律" in file and "审核中" in file
    own = cast.client("civil_operator").get("/catalog/grounds/").content.decode()
    assert "收养登记档案" in own and "工伤认定档案" not in own
    assert cast.client("system_admin").get("/catalog/grounds/").status_code == 403
    read = cast.client("bureau_operator").get(f"/catalog/{entry.pk}/").content.decode()
    assert "（法律）" in read, "the entry says the kind in words"


def test_kinds_are_kept_on_their_page(cast: Cast) -> None:
    client = cast.client("bureau_operator")
    given = {"label": "国际条约", "in_force": str(today()), "about": "我国缔结的条约"}
    assert client.post("/catalog/grounds/kinds/new/", given).status_code == 302
    refused = client.post("/catalog/grounds/kinds/new/", given)
    assert refused.status_code == 422 and "已有" in refused.content.decode()
    kind = GroundKind.objects.get(label="国际条约")
    page = client.get("/catalog/grounds/kinds/").content.decode()
    assert "我国缔结的条约" in page and f"/catalog/grounds/kinds/{kind.code}/end/" in page
    assert client.get("/catalog/grounds/kinds/nonsense/end/").status_code == 404
    ended = client.post(f"/catalog/grounds/kinds/{kind.code}/end/", {"until": str(today())})
    assert ended.status_code == 302
    kind.refresh_from_db()
    assert kind.until == today()
    other = cast.client("civil_operator")
    assert "新增类别" not in other.get("/catalog/grounds/kinds/").content.decode()
    assert other.get("/catalog/grounds/kinds/new/").status_code == 403


def test_by_the_api_as_by_the_page(cast: Cast) -> None:
    filed(cast)
    clients = {
        key: Client(
            headers={
                "Authorization": "Bearer "
                + create_token(getattr(cast, key), label="测试", days=1)["token"]
            }
        )
        for key in ("bureau_operator", "housing_operator")
    }
    [row] = clients["bureau_operator"].get("/api/catalog/grounds").json()["items"]
    assert (row["kind"], row["kind_label"], row["standing"]) == ("law", "法律", "review")
    assert row["name"] == "收养登记档案" and row["quotation"] == GROUND["quotation"]
    assert clients["bureau_operator"].get("/api/catalog/grounds?kind=rule").json()["count"] == 0
    assert clients["housing_operator"].get("/api/catalog/grounds").json()["count"] == 0
    added = clients["bureau_operator"].post(
        "/api/do/catalog.add_ground_kind",
        {"label": "国际条约", "in_force": str(today())},
        content_type="application/json",
    )
    assert added.status_code == 200, added.content
    kinds = clients["housing_operator"].get("/api/catalog/ground-kinds").json()["items"]
    assert "国际条约" in [kind["label"] for kind in kinds]
