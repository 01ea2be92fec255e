"""A draft of a published entry changes nothing that anybody reads, until it is published: search,
mounts, running grants, what the planes compile (A8, A10, A12)."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from tests.cast import Cast
from tests.sharing import ITEMS, Sharing

from huitong.access import queries as access
from huitong.catalog import actions, queries
from huitong.catalog.management.follower import Follower
from huitong.catalog.models import Entry
from huitong.catalog.queries import index
from huitong.catalog.rules import EntryState
from huitong.catalog.tests.marriage import drafted, published, republished, second_draft
from huitong.kernel.actor import Actor
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.planes.gateway.engine.process import folder
from huitong.planes.gateway.engine.store import Store
from huitong.planes.gateway.reconcile import reconcile
from huitong.publishing import queries as publishing

pytestmark = pytest.mark.django_db


def read_by_others(cast: Cast, entry: Entry) -> dict[str, Any]:
    """Everything another body, its systems and the planes read of the entry."""
    entry_read = queries.entry_for(cast.housing_operator, entry.pk)
    mounts = list(publishing.mounts_of(cast.housing_operator, entry.pk))
    page, api = cast.client("housing_operator"), f"/catalog/{entry.pk}.json"
    platform = Actor.system()
    return {
        "found": [
            [e.pk for e in queries.search(cast.housing_operator, q).entries]
            for q in ("", "婚姻", "改了名")
        ],
        "said": page.get(api).json(),
        "page": "改了名" in page.get(f"/catalog/{entry.pk}/").content.decode(),
        "admits": queries.admits(entry_read, cast.housing_operator.body),
        "mounts": [publishing.fact_of(mount) for mount in mounts],
        "scopes": [publishing.base_scope(mount) for mount in mounts],
        "who decides": [publishing.authority_of(mount) for mount in mounts],
        "grants": access.live_grants(),
        "sources": publishing.sources(platform),
    }


def routed() -> list[tuple[str, str, bytes | None]]:
    """What Envoy and the shaping service are given."""
    reconcile()
    with closing(Store(folder(settings.DATA))) as store:
        return sorted((item.kind, item.name, item.body) for item in store.changes(0))


def test_an_edit_of_a_draft_reaches_nobody_until_it_is_published(
    sharing: Sharing, settings: Any, tmp_path: Path
) -> None:
    settings.DATA = tmp_path
    cast, mount = sharing.cast, sharing.mount("marriage", "api")
    grant, entry = sharing.granted(mount), sharing.entry("marriage")
    Follower().look()
    before = read_by_others(cast, entry)
    compiled = routed()
    (live,) = before["grants"]
    assert "男方姓名" in {item.name for item in live.items}
    case = second_draft(cast.civil_operator, entry)
    assert read_by_others(cast, entry) == before, "a draft is begun"
    without = [row for row in ITEMS["marriage"] if row["name"] != "男方姓名"]
    for changes in (
        {"name": "改了名的婚姻信息", "summary": "改了名之后的内容，还没有审核。"},
        {"items": [row | {"mask": ""} for row in ITEMS["marriage"]]},
        {"share_class": "1", "control_parameters": [{"name": "matter", "title": "事项"}]},
        {"share_class": "3"},
        {"share_class": "2", "shapes": ["named_bodies"], "named_bodies": [cast.body("hr").pk]},
        {
            "share_class": "2",
            "shapes": ["masked"],
            "named_bodies": [],
            "items": without,
            "share_modes": ["api", "table", "file"],
            "condition": "用于住房保障资格审核。",
            "control_parameters": [],
        },
    ):
        actions.edit(cast.civil_operator, case, **changes)
        Follower().look()
        assert read_by_others(cast, entry) == before and routed() == compiled, changes
    assert queries.entry_for(cast.civil_operator, entry.pk).draft.name == "改了名的婚姻信息"
    actions.submit(cast.civil_operator, case, cleared=["state", "work"])
    actions.pass_department(cast.civil_manager, case, cleared=["state", "work"])
    actions.pass_bureau(cast.bureau_operator, case)
    assert read_by_others(cast, entry) == before, "passed, and not published"
    actions.publish(cast.civil_operator, case)
    after = read_by_others(cast, entry)
    assert after["said"]["version"] == 2 and after["said"]["name"] == "改了名的婚姻信息"
    assert after["said"]["code"] == before["said"]["code"], "the same resource"
    (live,) = after["grants"]
    assert live.grant == grant.pk
    assert "男方姓名" not in {item.name for item in live.items}, "what narrows applies at once"


def test_a_draft_is_its_body_s_own_until_the_bureau_receives_it(cast: Cast) -> None:
    entry = published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    case = second_draft(cast.civil_operator, entry)
    actions.edit(cast.civil_operator, case, name="改了名的婚姻信息")
    for who, sees in (("civil_manager", True), ("bureau_operator", False), ("hr_operator", False)):
        client = cast.client(who)
        doors = (
            f"/catalog/{entry.pk}/",
            f"/compile/{entry.pk}/",
            f"/cases/{case.pk}/",
            "/compile/",
        )
        is_read = any("改了名" in client.get(url).content.decode() for url in doors)
        assert is_read is sees, who
        assert client.get(f"/review/{case.pk}/").status_code == (200 if sees else 404)
    actions.submit(cast.civil_operator, case, cleared=["state", "work"])
    actions.pass_department(cast.civil_manager, case, cleared=["state", "work"])
    page = cast.client("bureau_operator").get(f"/review/{case.pk}/").content.decode()
    assert "改了名" in page


def test_a_discarded_draft_leaves_the_entry_as_it_is_published(cast: Cast) -> None:
    entry = published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    case = second_draft(cast.civil_operator, entry)
    actions.edit(cast.civil_operator, case, name="改了名的婚姻信息")
    actions.discard(cast.civil_operator, case)
    entry = queries.entry_for(cast.civil_operator, entry.pk)
    assert entry.draft == entry.published and entry.state == "published"
    assert entry in queries.entries_of_body(cast.civil_operator)
    again = republished(
        cast.civil_operator, cast.civil_manager, cast.bureau_operator, entry, remark="每月更新。"
    )
    numbers = [version.number for version in queries.versions_of(cast.civil_operator, again)]
    assert numbers == [2, 1] and again.published.remark == "每月更新。"
    assert queries.versions_of(cast.civil_operator, again)[1].content["remark"] == "", (
        "the first says what it said"
    )


EDITS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["婚姻登记信息", "结婚登记信息", "离婚登记信息"]),
        "summary": st.sampled_from(
            ["全市婚姻登记机关办理的登记信息。", "结婚、离婚登记，逐日汇总。"]
        ),
        "share_class": st.sampled_from(["1", "2", "3"]),
        "personal_reason": st.just("依法向社会公布的登记信息，不必限制。"),
        "shapes": st.lists(st.sampled_from(["masked", "partial_items"]), max_size=2),
        "items": st.lists(st.sampled_from(ITEMS["marriage"]), min_size=1, max_size=4, unique_by=id),
        "share_modes": st.lists(st.sampled_from(["api", "table"]), max_size=2),
        "remark": st.text(alphabet="甲乙丙", max_size=4),
    },
)
ACTS = st.lists(st.one_of(EDITS, st.sampled_from(["publish", "discard"])), max_size=6)


@limits(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_what_is_live_is_what_was_last_published_whatever_is_edited(
    cast: Cast, acts: list[Any]
) -> None:
    with transaction.atomic():
        clerk, manager, bureau = cast.civil_operator, cast.civil_manager, cast.bureau_operator
        entry = published(clerk, manager, bureau, f"婚姻登记信息{Entry.objects.count()}号")
        live, number = queries.facts_of(entry.published), 1
        case = None
        for act in acts:
            case = case or second_draft(clerk, entry)
            if act == "discard":
                actions.discard(clerk, case)
                case = None
            elif act == "publish":
                try:
                    actions.submit(clerk, case, cleared=["state", "work"])
                except (Malformed, AgainstRules):  # what is not whole, or no change, stays a draft
                    continue
                actions.pass_department(manager, case, cleared=["state", "work"])
                if queries.version_of(case).state == EntryState.WITH_BUREAU:
                    actions.pass_bureau(bureau, case)
                actions.publish(clerk, case)
                live, number, case = queries.facts_of(queries.version_of(case)), number + 1, None
            else:
                actions.edit(clerk, case, **act)
            now = queries.entry_for(cast.bureau_manager, entry.pk)
            assert now.published.number == number and queries.facts_of(now.published) == live
            assert queries.whole(now)["summary"] == live.summary
            assert now.published.content["name"] == live.name
        transaction.set_rollback(True)


def test_the_search_index_follows_publication_only(
    cast: Cast, settings: Any, tmp_path: Path
) -> None:
    settings.DATA = tmp_path
    entry = published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    follower = Follower()
    assert follower.look() == 1
    case = second_draft(cast.civil_operator, entry)
    actions.edit(cast.civil_operator, case, name="改了名的婚姻信息")
    drafted(cast.civil_operator, "收养登记信息")
    assert follower.look() == 0 and index.match(["改了名"]) == []
    actions.submit(cast.civil_operator, case, cleared=["state", "work"])
    actions.pass_department(cast.civil_manager, case, cleared=["state", "work"])
    actions.pass_bureau(cast.bureau_operator, case)
    actions.publish(cast.civil_operator, case)
    assert follower.look() == 1 and index.match(["改了名"]) == [entry.pk]
