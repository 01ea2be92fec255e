"""What another published version of an entry takes away reaches running grants, applications that
wait for their decision, and mounts: at once, and by nobody's hand (A8, A18, A30)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from tests.sharing import CLEARED, ITEMS, Sharing

from huitong.access import actions as access
from huitong.access.queries import live_grants
from huitong.catalog import actions
from huitong.catalog.tests.marriage import republished, second_draft
from huitong.kernel.procedure import AgainstRules
from huitong.planes.gateway import reconcile
from huitong.publishing import actions as publishing
from huitong.publishing.queries import mount_for
from huitong.publishing.tests.test_proposals import uploaded

pytestmark = pytest.mark.django_db
OFFICE = "登记机关"
#: what was open to all becomes conditional, one item of it not shared
PARTLY: dict[str, Any] = {
    "share_class": "2",
    "shapes": ["partial_items"],
    "condition": "只提供部分内容。",
    "items": [r | ({"share_class": "3"} if r["name"] == "级别" else {}) for r in ITEMS["division"]],
}


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA = settings.MEDIA_ROOT = tmp_path


def again(sharing: Sharing, table: str = "marriage", **changes: Any) -> None:
    """Another version of an entry of Civil Affairs is published."""
    cast = sharing.cast
    hands = (cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    republished(*hands, sharing.entry(table), **changes)


def closed(sharing: Sharing) -> None:
    """The entry is published again, not shared any more."""
    cast = sharing.cast
    case = second_draft(cast.civil_operator, sharing.entry())
    actions.edit(cast.civil_operator, case, share_class="3")
    ground = {"document": "民法典", "article": "第一条", "quotation": "应当尊重当事人的意愿。"}
    actions.add_ground(cast.civil_operator, case, kind="law", **ground)
    actions.submit(cast.civil_operator, case, cleared=CLEARED)
    actions.pass_department(cast.civil_manager, case, cleared=CLEARED)
    actions.pass_bureau(cast.bureau_operator, case)
    actions.publish(cast.civil_operator, case)


def reserved(sharing: Sharing) -> None:
    """The entry is published again, for another body only."""
    named = [sharing.cast.body("hr").pk]
    again(sharing, shapes=["masked", "named_bodies"], named_bodies=named)


def office(**changes: Any) -> list[dict[str, Any]]:
    """The items, that of the office changed."""
    return [row | (changes if row["name"] == OFFICE else {}) for row in ITEMS["marriage"]]


def without() -> list[dict[str, Any]]:
    return [row for row in ITEMS["marriage"] if row["name"] != OFFICE]


@pytest.mark.parametrize(
    ("changes", "given", "masked"),
    [
        ({"items": without()}, False, False),
        ({"items": office(share_class="3"), "shapes": ["masked", "partial_items"]}, False, False),
        ({"items": office(mask="name")}, True, True),
    ],
    ids=["removed", "not shared", "masked"],
)
def test_a_running_grant_lets_through_what_the_entry_still_allows(
    sharing: Sharing, changes: dict[str, Any], given: bool, masked: bool
) -> None:
    sharing.granted(sharing.mount("marriage", "api"))
    assert OFFICE in live_grants()[0].parsed.items
    again(sharing, **changes)
    [live] = live_grants()
    assert (OFFICE in live.parsed.items) is (OFFICE in {i.name for i in live.items}) is given
    assert (OFFICE in live.parsed.masks) is masked
    assert {"登记编号", "男方姓名"} <= set(live.parsed.items)
    offer = reconcile._offer()
    assert [g.id for api in offer.apis for g in api.grants] == [live.grant]
    assert not offer.faults


@pytest.mark.parametrize("narrow", [closed, reserved])
def test_a_grant_whose_consumer_is_not_admitted_any_more_lets_nothing_through(
    sharing: Sharing, narrow: Any
) -> None:
    grant = sharing.granted(sharing.mount("marriage", "api"))
    narrow(sharing)
    faults: list[Any] = []
    assert live_grants(faults=faults) == []
    [fault] = faults
    assert grant.case.number in fault.what and "目录现已不予共享" in fault.why
    clerk = sharing.cast.client("civil_operator")
    for page in (reverse("publishing:mounts"), reverse("publishing:mount", args=[grant.mount_id])):
        assert clerk.get(page).status_code == 200, "its provider still reads what it mounted"


def test_rows_chosen_by_what_is_hidden_now_are_not_given(sharing: Sharing) -> None:
    """Which rows arrive would tell the office the entry has begun to hide."""
    own = {"op": "prefix", "item": OFFICE, "value": {"text": "如东"}}
    sharing.granted(sharing.mount("marriage", "api"), ask={"row_filter": own})
    assert len(live_grants()) == 1
    again(sharing, items=office(mask="name"))
    faults: list[Any] = []
    assert live_grants(faults=faults) == [] and OFFICE in faults[0].why


def test_rows_the_decision_chose_by_what_is_gone_are_not_given(sharing: Sharing) -> None:
    """Without the item nobody can tell which rows were meant."""
    chosen = {"op": "prefix", "item": OFFICE, "value": {"text": "如东"}}
    sharing.granted(sharing.mount("marriage", "api"), row_filter=chosen)
    again(sharing, items=without())
    faults: list[Any] = []
    assert live_grants(faults=faults) == []
    assert OFFICE in faults[0].why and "已不在目录中" in faults[0].why


@pytest.mark.parametrize("narrow", [closed, reserved])
def test_an_application_is_decided_under_the_version_published_now(
    sharing: Sharing, narrow: Any
) -> None:
    application = sharing.accepted(sharing.mount("marriage", "api"))
    narrow(sharing)
    with pytest.raises(AgainstRules) as refused:
        access.grant(sharing.cast.civil_manager, application.case)
    assert refused.value.article == "A8"


def test_the_platform_does_not_decide_on_what_became_its_provider_s(sharing: Sharing) -> None:
    application = sharing.accepted(sharing.mount("division", "api"))
    again(sharing, "division", **PARTLY)
    with pytest.raises(AgainstRules) as refused:
        access.grant(sharing.cast.bureau_manager, application.case)
    assert refused.value.article == "A18" and "市民政局" in refused.value.detail


def test_an_item_is_given_once_its_source_has_been_looked_at_for_it(sharing: Sharing) -> None:
    clerk, entry = sharing.cast.civil_operator, sharing.entry("marriage", items=without())
    mount = sharing.mount("marriage", "api")
    again(sharing, items=ITEMS["marriage"])
    client = sharing.cast.client("civil_operator")

    def offered() -> tuple[bool, bool, int]:
        row = mount_for(clerk, mount.pk)
        page = client.get(reverse("publishing:mount", args=[mount.pk])).content.decode()
        grant = sharing.granted(row)
        return (
            OFFICE in live_grants(only=grant.pk)[0].parsed.items,
            "重新核对" in page,
            row.looked_at,
        )

    assert offered() == (False, True, 1)
    publishing.remount(clerk, mount=mount.pk)
    assert offered() == (True, False, 2) and entry.pk == mount.entry_id


def test_a_file_is_confirmed_for_the_version_it_was_declared_for(sharing: Sharing) -> None:
    cast = sharing.cast
    mount = sharing.mount("division", "file", processed=False)
    again(sharing, "division", remark="每月更新。")
    publishing.remount(cast.civil_operator, mount=mount.pk, file=uploaded(sharing), cleared=CLEARED)
    again(sharing, "division", **PARTLY)
    with pytest.raises(AgainstRules, match="目录已更新"):
        publishing.confirm_change(cast.civil_manager, mount=mount.pk, cleared=CLEARED)
