"""A change of law, from its registration to the last entry settled, as a clerk does it (A11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect
from tests.cast import Cast

from huitong.catalog.tests.marriage import published
from huitong.kernel.workdays import today

Check = Callable[[Page], None]
Enter = Callable[[str], str]
Shot = Callable[[Page, str], None]
LAW = "江苏省婚姻登记条例"


def test_a_change_is_registered_and_settled(
    page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    published(
        cast.civil_operator,
        cast.civil_manager,
        cast.bureau_operator,
        condition=f"按《{LAW}》第十条，用于住房保障资格审核。",
    )

    def look(name: str, *widths: int) -> None:
        """The page at the width of a desk, and of a phone where it is dense."""
        for width in (*widths, 1366):
            page.set_viewport_size({"width": width, "height": 800})
            assert_a11y(page)
            shot(page, f"{name}-{width}")

    site = enter("civil_operator")
    page.goto(f"{site}/catalog/changes/")
    page.get_by_role("link", name="登记变动").first.click()
    page.get_by_label("法律、法规").check()
    page.get_by_label("文件名称").fill(LAW)
    page.get_by_label("向社会公布的日期").fill(str(today() - timedelta(60)))
    page.get_by_label("变动内容").fill("离婚登记增设冷静期")
    look("change-new")
    page.get_by_role("button", name="登记", exact=True).click()
    page.get_by_role("button", name="确认登记法规职能变动").click()
    expect(page.get_by_role("link", name="婚姻登记信息")).to_be_visible()
    look("change-choose", 390)
    page.locator("tbody input[type=checkbox]").first.check()
    page.get_by_role("button", name="列入").click()
    page.get_by_role("button", name="列入").click()
    page.goto(page.url.replace("choose/", "").replace("/changes/", "/changes/parts/"))
    expect(page.get_by_text("超期").first).to_be_visible()
    look("change-part", 390)
    page.locator("tbody input[type=checkbox]").first.check()
    page.get_by_role("button", name="无需变更").click()
    page.get_by_label("理由").fill("使用条件不受修订影响")
    page.get_by_role("button", name="无需变更").click()
    page.goto(f"{site}/catalog/changes/")
    expect(page.get_by_role("link", name=f"《{LAW}》")).to_be_visible()
    look("changes")
    page.get_by_role("link", name=f"《{LAW}》").click()
    expect(page.locator("tbody").get_by_text("已处理")).to_be_visible()
    look("change")
