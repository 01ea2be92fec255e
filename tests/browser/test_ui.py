"""The components in a real Chromium: accessible, usable by keyboard, at twice the size, without
JavaScript, on paper."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

Check = Callable[[Page], None]
Shot = Callable[[Page, str], None]


def test_style_guide_is_accessible(
    page: Page, samples: str, assert_a11y: Check, shot: Shot
) -> None:
    page.goto(f"{samples}/styleguide/")
    assert_a11y(page)
    shot(page, "styleguide-1366")
    expect(page.locator(".error-summary")).to_be_focused()


@pytest.mark.parametrize(("width", "height"), [(683, 384), (360, 640)], ids=["200%", "phone"])
def test_style_guide_at_twice_the_size(
    page: Page, samples: str, assert_a11y: Check, shot: Shot, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{samples}/styleguide/")
    assert_a11y(page)
    shot(page, f"styleguide-{width}")
    menu = page.get_by_role("button", name="菜单")
    expect(page.get_by_role("link", name="目录编制", exact=True)).to_be_hidden()
    menu.click()
    expect(
        page.get_by_role("navigation", name="主菜单").get_by_role("link", name="目录编制")
    ).to_be_visible()


def test_large_type_and_high_contrast(
    page: Page, samples: str, assert_a11y: Check, shot: Shot
) -> None:
    page.goto(f"{samples}/styleguide/")
    size = page.evaluate("getComputedStyle(document.querySelector('main')).fontSize")
    page.get_by_role("button", name="字号 150%").click()
    assert page.evaluate("getComputedStyle(document.querySelector('main')).fontSize") != size
    page.get_by_role("button", name="高对比").click()
    expect(page.locator("html")).to_have_class("js fs-150 contrast")
    assert_a11y(page)
    shot(page, "styleguide-contrast")
    page.reload()
    expect(page.get_by_role("button", name="高对比")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("html")).to_have_class("fs-150 contrast js")


@pytest.mark.parametrize("path", ["account/login/", "account/password/reset/"])
def test_signed_out_pages_are_accessible(
    page: Page, samples: str, assert_a11y: Check, shot: Shot, path: str
) -> None:
    page.goto(f"{samples}/{path}")
    assert_a11y(page)
    shot(page, path.strip("/").replace("/", "-"))


@pytest.mark.answers(404, 422)
@pytest.mark.parametrize("status", [404, 422])
def test_error_pages_are_accessible(
    page: Page, samples: str, assert_a11y: Check, shot: Shot, status: int
) -> None:
    page.goto(f"{samples}/error/{status}/")
    assert_a11y(page)
    shot(page, f"error-{status}")


@pytest.mark.answers(404)
def test_keyboard_reaches_the_page_past_the_menu(page: Page, samples: str) -> None:
    page.goto(f"{samples}/error/404/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到主要内容")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_only_a_table_that_does_not_fit_stops_the_tab_key(page: Page, samples: str) -> None:
    page.goto(f"{samples}/styleguide/")
    stops = (
        "[...document.querySelectorAll('[data-scroll]')].every((box) => (box.scrollWidth >"
        " box.clientWidth) === box.hasAttribute('tabindex'))"
    )
    page.wait_for_function(stops)  # an observer of sizes acts a moment later
    page.set_viewport_size({"width": 600, "height": 768})
    expect(page.locator("[data-scroll][tabindex]")).not_to_have_count(0)
    page.wait_for_function(stops)


def test_user_menu_closes_with_escape(page: Page, samples: str) -> None:
    page.goto(f"{samples}/styleguide/")
    menu = page.locator("details.user-menu")
    menu.locator("summary").click()
    expect(page.get_by_role("button", name="退出登录").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu.locator("summary")).to_be_focused()
    expect(page.get_by_role("link", name="修改密码")).to_be_hidden()


def test_confirm_dialog_asks_for_a_reason_and_gives_the_focus_back(
    page: Page, samples: str, assert_a11y: Check, shot: Shot
) -> None:
    page.goto(f"{samples}/styleguide/")
    opener = page.locator("summary", has_text="撤回申请")
    opener.click()
    dialog = page.get_by_role("dialog", name="撤回本申请？")
    expect(dialog.get_by_label("撤回理由")).to_be_focused()
    assert_a11y(page)
    shot(page, "dialog")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(opener).to_be_focused()


def test_error_summary_leads_to_the_field(page: Page, samples: str) -> None:
    page.goto(f"{samples}/styleguide/")
    page.get_by_role("link", name="请填写使用依据").click()
    expect(page.get_by_label("使用依据（必填）")).to_be_focused()


def test_quick_phrase_goes_into_the_opinion(page: Page, samples: str) -> None:
    page.goto(f"{samples}/styleguide/")
    page.get_by_role("button", name="情况属实，同意办理。").first.click()
    expect(page.locator("#id_grant-opinion")).to_have_value("情况属实，同意办理。")


def test_unsent_words_are_offered_again(page: Page, samples: str) -> None:
    page.goto(f"{samples}/styleguide/")
    page.locator("#id_grant-opinion").fill("材料不齐")
    page.wait_for_timeout(600)  # a draft is written when typing has paused
    page.on("dialog", lambda dialog: dialog.accept())  # the browser's own warning on leaving
    page.reload()
    page.get_by_role("button", name="恢复").click()
    expect(page.locator("#id_grant-opinion")).to_have_value("材料不齐")


def test_secret_is_copied(page: Page, samples: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{samples}/styleguide/")
    page.locator(".secret").get_by_role("button", name="复制").click()
    expect(page.locator(".secret").get_by_role("button", name="已复制")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "Xk3v-9QpL-72mW-example-only"


def test_the_idle_warning_comes_at_five_sixths_of_the_time_that_is_sure(
    page: Page, samples: str, assert_a11y: Check, shot: Shot
) -> None:
    """Of 29 minutes: a session of 30 was last written up to a minute before the page."""
    page.clock.install()
    page.goto(f"{samples}/styleguide/")
    dialog = page.get_by_role("dialog", name="登录即将超时")
    page.clock.run_for("24:00")
    expect(dialog).to_be_hidden()
    page.clock.run_for("00:20")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="延长登录时间")).to_be_visible()
    assert_a11y(page)
    shot(page, "idle")


def test_everything_is_there_without_javascript(browser: Browser, samples: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{samples}/styleguide/")
    # nothing that only scripts can do
    expect(page.get_by_role("button", name="复制")).to_have_count(0)
    page.locator("summary", has_text="撤回申请").click()
    expect(page.get_by_label("撤回理由")).to_be_visible()
    page.get_by_role("button", name="字号 125%").click()
    assert page.url == f"{samples}/styleguide/"
    expect(page.locator("html")).to_have_class("fs-125 ")
    context.close()


def test_paper_shows_the_page_without_menus(page: Page, samples: str, shot: Shot) -> None:
    page.goto(f"{samples}/styleguide/")
    page.emulate_media(media="print")
    expect(page.locator(".side")).to_be_hidden()
    expect(page.locator(".top-bar")).to_be_hidden()
    expect(page.get_by_role("heading", name="婚姻登记信息")).to_be_visible()
    shot(page, "print")


def test_old_engines_lose_nothing(page: Page, samples: str) -> None:
    """No rule of our style sheets is dropped by the floor's grammar: the engine keeps as many as
    the files hold."""
    page.goto(f"{samples}/styleguide/")
    counts = page.evaluate("[...document.styleSheets].map((sheet) => sheet.cssRules.length)")
    assert len(counts) == 5
    assert all(counts)
