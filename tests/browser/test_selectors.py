"""Selectors in a real Chromium: found by name, pinyin and initials; by keyboard; several by kind;
thousands from the server; and all of it without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

Check = Callable[[Page], None]
Shot = Callable[[Page, str], None]


def given(page: Page) -> str:
    page.get_by_role("button", name="提交").click()
    return page.locator("#given").inner_text()


def test_one_of_many_by_initials_and_the_keyboard_alone(
    page: Page, samples: str, assert_a11y: Check, shot: Shot
) -> None:
    page.goto(f"{samples}/selectors/")
    assert_a11y(page)
    box = page.get_by_role("combobox", name="提供部门")
    box.focus()
    page.keyboard.type("mzj")
    expect(page.get_by_role("option").first).to_contain_text("市民政局")
    assert_a11y(page)
    shot(page, "selectors")
    page.keyboard.press("Enter")
    expect(box).to_have_value("市民政局")
    page.keyboard.press("Tab")
    assert given(page).startswith("0-14；")


def test_other_names_and_mixed_spelling(page: Page, samples: str) -> None:
    page.goto(f"{samples}/selectors/")
    box = page.get_by_role("combobox", name="提供部门")
    for typed in ("南通市财政局", "caizj", "CZJ"):
        box.fill(typed)
        expect(page.get_by_role("option").first).to_contain_text("市财政局")
    box.fill("没有这个部门")
    expect(page.get_by_text("没有找到").first).to_be_visible()


def test_what_names_nothing_is_none_and_not_the_one_before(page: Page, samples: str) -> None:
    page.goto(f"{samples}/selectors/")
    box = page.get_by_role("combobox", name="提供部门")
    box.fill("mzj")
    page.keyboard.press("Enter")
    box.fill("市民")
    page.keyboard.press("Tab")
    assert given(page).startswith("无；")
    box.fill("市教育局")  # typed in full, never confirmed
    page.keyboard.press("Tab")
    assert given(page).startswith("0-18；")


def test_several_by_kind_and_by_name(
    page: Page, samples: str, assert_a11y: Check, shot: Shot
) -> None:
    page.goto(f"{samples}/selectors/")
    page.get_by_text("按类型选择").click()
    page.get_by_text("开发园区管委会", exact=False).locator("visible=true").first.click()
    page.get_by_role("checkbox", name="全选开发园区管委会").check()
    box = page.get_by_role("combobox", name="指定的部门")
    box.fill("gongaj")
    page.keyboard.press("Enter")
    expect(box).to_be_focused()
    chips = page.get_by_role("list", name="已选").get_by_role("listitem")
    expect(chips).to_have_count(23)
    page.get_by_role("button", name="移除：市崇川开发区管委会").click()
    assert_a11y(page)
    shot(page, "selectors-several")
    page.set_viewport_size({"width": 390, "height": 800})
    assert_a11y(page)
    shot(page, "selectors-several-390")
    sent = given(page)
    assert "0-20" in sent and "2-0、" not in sent and "2-2、" in sent


def test_thousands_come_from_the_server(page: Page, samples: str, assert_a11y: Check) -> None:
    page.goto(f"{samples}/selectors/")
    assert page.locator("option").count() < 200
    box = page.get_by_role("combobox", name="资源")
    box.fill("djxxd2718")
    expect(page.get_by_role("option")).to_have_text([RESOURCE])
    page.keyboard.press("Enter")
    assert given(page).endswith("；2718")
    expect(page.get_by_role("combobox", name="资源")).to_have_value(RESOURCE)
    assert_a11y(page)


RESOURCE = "卫健登记信息第2718号"


def test_without_javascript(browser: Browser, samples: str, assert_a11y: Check) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{samples}/selectors/")
    page.get_by_label("提供部门").select_option("市民政局")
    page.get_by_label("指定的部门").select_option(["市公安局", "市审计局"])
    words = page.get_by_role("textbox", name="按名称查找")
    words.fill("登记信息第271")
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".error-summary")).to_contain_text("找到多项")
    expect(page.get_by_label("提供部门")).to_have_value("0-14")
    page.locator("select[name=resource]").select_option(index=3)
    assert given(page).startswith("0-14；")
    context.close()
