"""Two versions of an entry side by side (A10, A11): what was added, removed, changed; to whom."""

from __future__ import annotations

import html
import re
from types import SimpleNamespace
from typing import Any

import pytest
from tests.cast import Cast

from huitong.catalog import queries
from huitong.catalog.models import Entry
from huitong.catalog.rules import EntryFacts, irrelevant, settle
from huitong.catalog.rules.extent import Extent, extent_of
from huitong.catalog.tests.marriage import published, republished, second_draft

pytestmark = pytest.mark.django_db


def lines(answer: Any) -> dict[str, tuple[str, ...]]:
    """Each line of the page's tables: its class, its cells."""
    text = answer.content.decode()
    matches = re.findall(r'<tr class="(\w+)"><th scope="row">(.*?)</th>(.*?)</tr>', text, re.S)
    plain = lambda cell: html.unescape(re.sub(r"<[^>]+>", "", cell)).strip()  # noqa: E731
    return {
        plain(label): (kind, *map(plain, re.findall(r"<td[^>]*>(.*?)</td>", cells, re.S)))
        for kind, label, cells in matches
    }


@pytest.fixture
def changed(cast: Cast) -> Entry:
    """An entry whose second version lost an item, got another, masks one and says more."""
    hands = (cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    entry = published(*hands)
    items = [item.model_dump(mode="json") for item in queries.facts_of(entry.published).items]
    items[1] |= {"length": 77, "remark": "以身份证为准"}
    dropped = items.pop()
    items.append({**items[0], "name": "登记地", "column": "place", "is_key": False})
    again = republished(*hands, entry, items=items, remark="第二版有变化")
    again.dropped = dropped["name"]  # type: ignore[attr-defined]
    return again


def test_items_and_elements_are_compared_one_by_one(cast: Cast, changed: Entry):
    answer = cast.client("housing_operator").get(f"/catalog/{changed.pk}/versions/")
    rows = lines(answer)
    assert rows[changed.dropped][0] == "removed" and rows[changed.dropped][2] == "（无）"
    assert rows["登记地"][0] == "added" and rows["登记地"][1] == "（无）"
    name = queries.facts_of(changed.published).items[1].name
    assert rows[name][0] == "changed" and "77" in rows[name][2] and "长度、说明" in rows[name][3]
    assert rows["备注"][0] in ("added", "changed") and rows["备注"][2] == "第二版有变化"
    assert any(row[0] == "same" for row in rows.values())
    page = answer.content.decode()
    assert "只看不同" in page and "第 1 版" in page and "第 2 版" in page


def test_the_other_way_round_and_what_is_no_choice(cast: Cast, changed: Entry):
    client = cast.client("housing_operator")
    turned = lines(client.get(f"/catalog/{changed.pk}/versions/?old=2&new=1"))
    assert turned["登记地"][0] == "removed" and turned[changed.dropped][0] == "added"
    for odd in ("?old=9&new=1", "?old=1&new=1", "?new=draft", "?old=x"):
        assert client.get(f"/catalog/{changed.pk}/versions/{odd}").status_code == 200
    assert "版本对照" in client.get(f"/catalog/{changed.pk}/").content.decode()


def test_what_is_being_changed_is_its_own_bodys(cast: Cast, changed: Entry):
    second_draft(cast.civil_operator, changed)
    address = f"/catalog/{changed.pk}/versions/"
    assert "草稿" in cast.client("civil_operator").get(address).content.decode()
    for other in ("housing_operator", "bureau_operator"):
        page = cast.client(other).get(f"{address}?new=draft").content.decode()
        assert "草稿（" not in page, other


def test_one_version_has_nothing_beside_it(cast: Cast):
    entry = published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    page = cast.client("housing_operator").get(f"/catalog/{entry.pk}/versions/").content.decode()
    assert "只有一个版本" in page
    assert cast.client("stranger_operator").get("/catalog/999999/versions/").status_code == 404


@pytest.mark.parametrize(
    ("names", "extent"),
    [
        ((), Extent.NONE),
        (("contact_phone", "remark"), Extent.CONTACT),
        (("summary",), Extent.CONTENT),
        (("contact_phone", "summary"), Extent.CONTENT),
    ],
)
def test_only_a_change_of_whom_to_call_alone_is_the_departments_own(
    names: tuple[str, ...], extent: Extent
) -> None:
    """The bureau looks at the form of whatever else is said, whatever goes with it (A10, A12)."""
    assert extent_of(names) is extent


def test_what_hangs_on_something_meaningless_is_meaningless_too() -> None:
    """Bodies a condition named are not kept beside data everybody may have (A8)."""
    stale = {"shapes": ["named_bodies"], "named_bodies": ("市住建局",)}
    assert {"shapes", "named_bodies"} <= irrelevant(EntryFacts(share_class="1", **stale))
    assert not {"shapes", "named_bodies"} & irrelevant(EntryFacts(share_class="2", **stale))


def test_what_was_chosen_and_means_nothing_any_more_is_named_and_emptied() -> None:
    for chosen, emptied in (("query", ["open_mode"]), ("none", []), ("", [])):
        values = SimpleNamespace(**EntryFacts(open_class="3").model_dump() | {"open_mode": chosen})
        assert settle(values) == emptied
        assert values.open_mode == "none"
