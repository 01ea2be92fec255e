"""The home page in a real browser: charts in the theme's colours that open their lists, the same
without scripts; and the keys of every page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.test_work import rooms
from tests.cast import Cast
from tests.journeys.test_home import trouble_everywhere
from tests.sharing import Sharing

Enter = Callable[[str], str]
Check = Callable[[Page], None]
Shot = Callable[[Page, str], None]

POSTS = (
    "housing_operator",
    "civil_manager",
    "bureau_manager",
    "system_admin",
    "security_admin",
    "audit_admin",
    "platform_operator",
)


@pytest.mark.parametrize("width", [1366, 390])
def test_the_home_page_of_every_post(
    page: Page,
    enter: Enter,
    cast: Cast,
    sharing: Sharing,
    assert_a11y: Check,
    shot: Shot,
    width: int,
) -> None:
    trouble_everywhere(cast, sharing)
    rooms(cast)
    page.set_viewport_size({"width": width, "height": 800})
    for post in POSTS:
        page.goto(f"{enter(post)}/")
        figures = page.locator("figure.chart")
        for number in range(figures.count()):
            expect(figures.nth(number).locator("canvas")).to_be_visible()
            box = figures.nth(number).locator(".chart-canvas")
            assert "。下面的数据表可以逐项打开" in (box.get_attribute("aria-label") or "")
            expect(figures.nth(number).locator("table")).to_be_hidden()
        assert_a11y(page)
        shot(page, f"home-{post}-{width}")


def test_a_bar_opens_its_list_and_so_does_its_row(
    page: Page, enter: Enter, cast: Cast, shot: Shot
) -> None:
    rooms(cast)
    site = enter("civil_manager")
    page.goto(f"{site}/")
    chart = page.locator("figure.chart", has_text="待办事项的时限")
    canvas = chart.locator("canvas")
    expect(canvas).to_be_visible()
    canvas.scroll_into_view_if_needed()
    # the first bar begins right of the names: 已超期
    box = canvas.bounding_box()
    assert box is not None
    canvas.click(position={"x": box["width"] * 0.4, "y": 15})
    page.wait_for_url(f"{site}/todo/?due=overdue")
    expect(page.locator("td .due-late")).to_have_count(1)
    page.go_back()
    page.locator("figure.chart summary").first.click()
    page.locator("figure.chart table a", has_text="即将到期").click()
    page.wait_for_url(f"{site}/todo/?due=near")


def test_charts_follow_contrast(page: Page, enter: Enter, cast: Cast, shot: Shot) -> None:
    rooms(cast)
    page.goto(f"{enter('civil_manager')}/")
    canvas = page.locator("figure.chart canvas").first
    expect(canvas).to_be_visible()
    before = canvas.evaluate("(c) => c.toDataURL()")
    page.get_by_role("button", name="高对比").click()
    page.wait_for_timeout(200)
    assert canvas.evaluate("(c) => c.toDataURL()") != before
    shot(page, "home-contrast")


def test_without_scripts_the_tables_stand_open_and_the_palette_is_a_page(
    browser: Browser, live_server: Any, cast: Cast
) -> None:
    rooms(cast)
    context = browser.new_context(java_script_enabled=False)
    session = cast.client("civil_manager").cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/")
    expect(page.locator("figure.chart table").first).to_be_visible()
    expect(page.locator("figure.chart canvas")).to_have_count(0)
    page.locator("figure.chart table a", has_text="已超期").first.click()
    expect(page.locator("td .due-late")).to_have_count(1)
    page.get_by_role("link", name="快速前往").click()
    page.get_by_label("要去哪里").fill("gxsq")
    page.get_by_role("button", name="查找").click()
    page.get_by_role("main").get_by_role("link", name="共享申请", exact=True).click()
    assert page.url == f"{live_server.url}/applications/"
    context.close()


# -- keys ------------------------------------------------------------------------------------------


def test_slash_goes_to_the_search_and_g_to_pages(page: Page, enter: Enter, cast: Cast) -> None:
    site = enter("civil_manager")
    page.goto(f"{site}/")
    page.keyboard.press("/")
    expect(page.locator("#top-q")).to_be_focused()
    page.keyboard.type("g d/?")
    expect(page.locator("#top-q")).to_have_value("g d/?")
    assert page.locator("dialog[open]").count() == 0, "no key fires while somebody types"
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url(f"{site}/todo/")
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_url(f"{site}/")


def test_every_letter_of_the_menu_leads_to_its_page(page: Page, enter: Enter, cast: Cast) -> None:
    site = enter("system_admin")
    page.goto(f"{site}/")
    lines = page.locator("a[data-letter]").evaluate_all(
        "(all) => all.map((a) => [a.dataset.letter, a.href])"
    )
    assert len(lines) > 6
    for letter, address in lines:
        page.keyboard.press("g")
        page.keyboard.press(letter)
        page.wait_for_url(address)


def test_the_help_of_keys_says_all_and_turns_single_ones_off(
    page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    """Single-character keys can be turned off (WCAG 2.1.4)."""
    site = enter("civil_manager")
    page.goto(f"{site}/")
    page.get_by_role("link", name="全部待办").focus()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="快捷键")
    expect(dialog).to_contain_text("共享申请")
    letters = page.locator("a[data-letter]").count()
    expect(dialog.locator("dt")).to_have_count(letters + 4)
    assert_a11y(page)
    shot(page, "keys")
    dialog.get_by_label("使用单键的快捷键").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("link", name="全部待办")).to_be_focused()
    page.keyboard.press("?")
    page.keyboard.press("/")
    assert page.locator("dialog[open]").count() == 0
    page.reload()
    page.keyboard.press("?")
    assert page.locator("dialog[open]").count() == 0, "it stays off"
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="快速前往")).to_be_visible()


def test_the_palette_finds_pages_verbs_entries_and_cases_by_keyboard_alone(
    page: Page, enter: Enter, cast: Cast, sharing: Sharing, assert_a11y: Check, shot: Shot
) -> None:
    sharing.applied(sharing.mount())
    site = enter("housing_operator")
    page.goto(f"{site}/notices/")
    page.locator("h1").click()
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="快速前往")
    results = page.get_by_role("listbox", name="结果")
    expect(field).to_be_focused()
    expect(results.get_by_role("option").first).to_be_visible()
    field.type("婚姻")
    expect(results.get_by_role("group", name="目录")).to_contain_text("婚姻登记")
    expect(results.get_by_role("group", name="事项")).to_contain_text("婚姻登记")
    expect(field).to_have_attribute("aria-activedescendant", re.compile("palette-option-0"))
    assert_a11y(page)
    shot(page, "palette")
    field.fill("gxsq")
    expect(results.get_by_role("option", selected=True)).to_contain_text("共享申请")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(results.get_by_role("option", selected=True)).to_contain_text("共享申请")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/applications/")


def test_escape_gives_the_focus_back_and_composing_asks_nothing(
    page: Page, enter: Enter, cast: Cast
) -> None:
    """An input method composes in Latin letters: neither they nor its Enter are meant for us."""
    page.goto(f"{enter('housing_operator')}/")
    link = page.get_by_role("link", name="全部消息")
    link.focus()
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="快速前往")
    expect(page.get_by_role("option").first).to_be_visible()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    field.evaluate(
        """(field) => {
            field.value = "gong'xiang";
            field.dispatchEvent(new InputEvent("input", {isComposing: true, bubbles: true}));
            const enter = {key: "Enter", isComposing: true, bubbles: true};
            field.dispatchEvent(new KeyboardEvent("keydown", enter));
        }"""
    )
    page.wait_for_timeout(400)
    assert not requests, "nothing is requests, nobody is sent away, before the word is there"
    field.evaluate(
        """(field) => {
            field.value = "共享申请";
            field.dispatchEvent(new CompositionEvent("compositionend", {bubbles: true}));
        }"""
    )
    expect(page.get_by_role("option", selected=True)).to_contain_text("共享申请")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(link).to_be_focused()
    link.evaluate(
        "(e) => ['g', 'd', '?'].forEach((key) => e.dispatchEvent("
        "new KeyboardEvent('keydown', {key, isComposing: true, bubbles: true})))"
    )
    assert page.locator("dialog[open]").count() == 0 and page.url.endswith("/")


def test_skip_links_lead_to_content_search_and_menu(
    page: Page, enter: Enter, cast: Cast, shot: Shot
) -> None:
    site = enter("housing_operator")
    for number, (words, target) in enumerate(
        (("跳到主要内容", "main"), ("跳到检索", "#top-q"), ("跳到主菜单", "#menu"))
    ):
        page.goto("about:blank")  # nothing in the address says where to begin
        page.goto(f"{site}/")
        for _ in range(number + 1):
            page.keyboard.press("Tab")
        link = page.get_by_role("link", name=words)
        expect(link).to_be_focused()
        expect(link).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.locator(target)).to_be_focused()
