"""Searching as one types, finding entries by their items, following one (A20)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.cast import Cast

from huitong.catalog.management.follower import Follower
from huitong.catalog.tests.marriage import published

Check = Callable[[Page], None]
Enter = Callable[[str], str]
Shot = Callable[[Page, str], None]


@pytest.fixture
def catalog(cast: Cast, settings: Any, tmp_path: Path) -> Cast:
    settings.DATA = tmp_path
    for name in ("婚姻登记信息", "收养登记信息"):
        published(cast.civil_operator, cast.civil_manager, cast.bureau_operator, name)
    Follower().look()
    return cast


@pytest.mark.parametrize("width", [1366, 390])
def test_from_the_first_letters_to_an_entry_one_follows(
    width: int, page: Page, enter: Enter, catalog: Cast, assert_a11y: Check, shot: Shot
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    site = enter("housing_operator")
    page.goto(f"{site}/catalog/")
    field = page.get_by_role("combobox", name="资源名称、摘要、信息项、部门或资源代码")
    field.press_sequentially("姻登")
    option = page.get_by_role("option", name="婚姻登记信息")
    expect(option).to_be_visible()
    field.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    assert_a11y(page)
    shot(page, f"search-suggested-{width}")
    field.press("Escape")
    expect(option).to_be_hidden()
    field.press("Enter")
    expect(page.locator("mark").first).to_have_text("姻登")
    page.get_by_label("查找范围").select_option("信息项")
    words = page.get_by_role("combobox", name="资源名称")
    words.fill("男方姓名")
    expect(page.get_by_role("listbox", name="可能要找的")).to_be_visible()
    assert words.evaluate("(field) => field.clientWidth") > 200
    # what is suggested does not lie over it
    page.locator("form.find").get_by_role("button", name="检索").click()
    expect(page.locator(".found-items mark").first).to_have_text("男方姓名")
    assert_a11y(page)
    shot(page, f"search-items-{width}")
    page.get_by_role("link", name="婚姻登记信息").click()
    page.get_by_role("button", name="关注", exact=True).click()
    expect(page.get_by_role("button", name="取消关注")).to_be_visible()
    assert_a11y(page)
    shot(page, f"entry-{width}")
    page.goto(f"{site}/catalog/followed/")
    expect(page.get_by_role("link", name="婚姻登记信息")).to_be_visible()
    assert_a11y(page)
    shot(page, f"followed-{width}")
