"""A code list is pasted, filed, chosen in the grid and read on the page of the resource (A9)."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect
from tests.cast import Cast

from huitong.catalog.models import CodeList
from huitong.catalog.tests.marriage import drafted

Check = Callable[[Page], None]
Enter = Callable[[str], str]
Shot = Callable[[Page, str], None]


def test_a_code_list_is_filed_and_chosen_in_the_grid(
    page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    def look(name: str) -> None:
        assert_a11y(page)
        for width in (390, 1366):
            page.set_viewport_size({"width": width, "height": 800})
            shot(page, f"{name}-{width}")

    entry = drafted(cast.civil_operator)
    site = enter("civil_operator")
    page.goto(f"{site}/catalog/code-lists/")
    expect(page.get_by_role("link", name="人的性别代码")).to_be_visible()
    look("code-lists")
    page.get_by_role("link", name="登记数据字典").click()
    page.locator("#id_name").fill("婚姻登记类型")
    page.locator("#id_in_force").fill("2026-01-01")
    for n, (code, label) in enumerate((("IA", "结婚登记"), ("IB", "离婚登记")), 1):
        page.locator(f"#values-{n}-code").fill(code)
        page.locator(f"#values-{n}-label").fill(label)
    look("code-list-new")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_text("已报市大数据管理局备案：婚姻登记类型")).to_be_visible()
    look("code-list")
    page.goto(f"{site}/catalog/standards/")
    look("standards")
    page.goto(f"{site}/compile/{entry.pk}/items/")
    cell = page.locator("#items-1-code_list")
    cell.fill("婚姻登记类型")
    cell.press("Tab")
    page.get_by_role("button", name="保存", exact=True).first.click()
    title = CodeList.objects.get(name="婚姻登记类型").versions.get().title
    expect(page.locator("#items-1-code_list")).to_have_value(title)
    look("items-code-list")
    page.goto(f"{site}/compile/{entry.pk}/relating/")
    look("section-relating")
    page.goto(f"{site}/catalog/{entry.pk}/")
    expect(page.get_by_role("link", name=title)).to_be_visible()
    look("entry-code-list")
