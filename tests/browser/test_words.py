"""Words people search by: kept by the bureau, proposed from what found nothing; one wrong character
leads on (A20)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.cast import Cast

from huitong.catalog import actions
from huitong.catalog.management.follower import Follower
from huitong.catalog.tests.marriage import published

Check = Callable[[Page], None]
Enter = Callable[[str], str]
Shot = Callable[[Page, str], None]


@pytest.fixture
def catalog(cast: Cast, settings: Any, tmp_path: Path) -> Cast:
    settings.DATA = tmp_path
    published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    Follower().look()
    return cast


@pytest.mark.parametrize("width", [1366, 390])
def test_what_was_not_found_becomes_a_synonym(
    width: int, page: Page, enter: Enter, catalog: Cast, assert_a11y: Check, shot: Shot
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for actor in (catalog.housing_operator, catalog.civil_operator):
        actions.remember_missed(actor, "成家情况")
    site = enter("bureau_operator")
    page.goto(site)
    page.get_by_role("link", name="没有结果的检索").first.click()
    assert_a11y(page)
    shot(page, f"words-missed-{width}")
    page.get_by_role("link", name="设为同义词").click()
    box = page.get_by_label("意思相同的词")
    expect(box).to_have_value("成家情况、")
    assert_a11y(page)
    box.fill("成家情况、婚姻")
    page.get_by_role("button", name="添加", exact=True).click()
    expect(page.get_by_text("已保存：成家情况、婚姻")).to_be_visible()
    assert_a11y(page)
    shot(page, f"words-{width}")
    box = page.locator("td.no").nth(9).bounding_box()
    assert box is not None and box["height"] < 45, "the number of a row stands in one line"
    page.goto(f"{site}/catalog/words/?q=成家")
    expect(page.locator("td.no")).to_have_count(1)
    page.goto(f"{site}/catalog/?q=成家情况")
    expect(page.get_by_role("link", name="婚姻登记信息")).to_be_visible()


def test_an_empty_list_says_so_in_the_middle(page: Page, enter: Enter, shot: Shot) -> None:
    page.set_viewport_size({"width": 1366, "height": 800})
    page.goto(f"{enter('bureau_operator')}/catalog/words/missed/")
    places = [
        page.locator(f".empty-state > {part}").first.bounding_box() for part in (".icon", "p")
    ]
    shot(page, "words-missed-empty")
    icon, words = [box["x"] + box["width"] / 2 for box in places if box is not None]
    assert abs(icon - words) < 2


def test_one_wrong_character_leads_on(
    page: Page, enter: Enter, catalog: Cast, assert_a11y: Check, shot: Shot
) -> None:
    site = enter("housing_operator")
    page.goto(f"{site}/catalog/?q=婚因登记")
    expect(page.get_by_text("您是不是要找")).to_be_visible()
    assert_a11y(page)
    shot(page, "search-likely")
    page.get_by_role("link", name="婚姻登记", exact=True).click()
    expect(page.get_by_role("link", name="婚姻登记信息")).to_be_visible()
    for q in ("hydj", "hunyin", "婚姻登記", "五险一金 婚姻"):
        page.goto(f"{site}/catalog/?q={q}")
        rows = page.get_by_role("link", name="婚姻登记信息")
        expect(rows).to_have_count(0 if " " in q else 1)
