"""A case as its parties work with it, in a real browser: its record by kind, words between the
parties, following, paper; and the inbox whose number is true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.cast import Cast
from tests.toy import actions as toy

from huitong.kernel.case import Case
from huitong.work import actions
from huitong.work.tests import made
from huitong.work.tests.inbox import react

Enter = Callable[[str], str]
Check = Callable[[Page], None]
Shot = Callable[[Page, str], None]
WIDE, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}


def talked_about(cast: Cast) -> Case:
    case: Case = made.room(cast, "全市公租房资格联审会")
    actions.claim(cast.civil_manager, case=case.pk)
    actions.urge(cast.bureau_operator, case=case.pk, text="请按时办结。")
    message = actions.comment(
        cast.housing_operator,
        case=case.pk,
        text="会议室有没有视频设备？需要连线各县（市、区）。",
        to=[cast.body("civil").pk],
    )
    actions.answer_comment(cast.civil_operator, comment=message.pk, text="有，可同时连线十个会场。")
    slip = actions.comment(cast.housing_operator, case=case.pk, text="另请准备午餐。")
    actions.withdraw_comment(cast.housing_operator, comment=slip.pk)
    case.refresh_from_db()
    return case


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["1366", "390"])
def test_the_record_of_a_case_is_one_line_of_time(
    page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot, size: Any
) -> None:
    case = talked_about(cast)
    page.set_viewport_size(size)
    site = enter("civil_manager")
    page.goto(f"{site}/cases/{case.pk}/")
    assert_a11y(page)
    shot(page, f"case-page-{size['width']}")
    tabs = page.get_by_role("navigation", name="记录的类别")
    tabs.get_by_role("link", name="交流", exact=True).click()
    record = page.locator("#record")
    expect(record.get_by_text("会议室有没有视频设备")).to_be_visible()
    expect(record.locator("s")).to_have_text("另请准备午餐。")
    expect(record.get_by_text("提交借用")).to_have_count(0)
    assert_a11y(page)
    shot(page, f"case-talk-{size['width']}")


def test_a_word_is_sent_answered_and_withdrawn_by_keyboard(
    page: Page, enter: Enter, cast: Cast, assert_a11y: Check
) -> None:
    case = made.room(cast, "协调会")
    site = enter("housing_operator")
    page.goto(f"{site}/cases/{case.pk}/")
    page.get_by_label("市民政局").focus()
    page.keyboard.press("Space")
    page.get_by_label("内容").focus()
    page.keyboard.type("能坐多少人？")
    page.get_by_role("button", name="发送").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("询问市民政局", exact=True)).to_be_visible()
    link = page.get_by_role("link", name="撤回")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("撤回留言")
    assert_a11y(page)
    page.get_by_role("button", name="撤回留言").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#record s")).to_have_text("能坐多少人？")


def test_a_case_is_followed_and_printed(
    page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    case = talked_about(cast)
    toy.lend(cast.civil_manager, case, opinion="同意，请爱护设施。")
    site = enter("bureau_operator")
    page.goto(f"{site}/cases/{case.pk}/")
    page.get_by_role("button", name="关注", exact=True).click()
    expect(page.get_by_role("button", name="取消关注")).to_be_visible()
    page.goto(f"{site}/todo/?tab=followed")
    expect(page.get_by_role("main").get_by_text("全市公租房资格联审会").first).to_be_visible()
    assert_a11y(page)
    page.goto(f"{site}/cases/{case.pk}/print/")
    assert_a11y(page)
    page.emulate_media(media="print")
    shot(page, "case-print")
    expect(page.get_by_text("同意，请爱护设施。")).to_be_visible()
    expect(page.locator(".top-bar")).to_be_hidden()
    expect(page.get_by_role("button", name="打印")).to_be_hidden()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["1366", "390"])
def test_the_bell_counts_the_lines_that_need_their_reader(
    page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot, size: Any
) -> None:
    cases = [made.room(cast, f"协调会{n}") for n in range(10)]
    react()
    actions.urge(cast.bureau_operator, case=cases[0].pk, text="请按时办结。")
    page.set_viewport_size(size)
    site = enter("civil_manager")
    page.goto(f"{site}/notices/")
    bell = page.get_by_role("link", name="消息").filter(has=page.locator(".count")).first
    expect(bell).to_contain_text("2")
    expect(page.locator("tbody > tr")).to_have_count(2)
    page.locator("summary", has_text="10 条").click()
    expect(page.get_by_role("button", name="待办：借用会议室：协调会3")).to_be_visible()
    assert_a11y(page)
    shot(page, f"inbox-{size['width']}")
    page.locator("tbody input[type=checkbox]").first.check()
    page.get_by_role("button", name="将选中的标为已读").click()
    expect(page.get_by_text("标为已读。")).to_be_visible()
    page.get_by_role("button", name="撤销").click()
    expect(page.locator("tbody > tr")).to_have_count(2)
    toy.lend(cast.civil_manager, cases[0])
    page.goto(f"{site}/notices/?tab=all")
    assert_a11y(page)
    page.goto(f"{site}/notices/preferences/")
    assert_a11y(page)
    shot(page, f"inbox-preferences-{size['width']}")


def test_talk_follow_and_inbox_work_without_scripts(
    browser: Browser, live_server: Any, cast: Cast, browser_context_args: dict[str, Any]
) -> None:
    case = made.room(cast, "协调会")
    react()
    with browser.new_context(**browser_context_args, java_script_enabled=False) as context:
        session = cast.client("civil_manager").cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.goto(f"{live_server.url}/notices/")
        page.locator("tbody .link-button").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("借用会议室：协调会")
        page.get_by_label("内容").fill("请告知人数。")
        page.get_by_role("button", name="发送").click()
        expect(page.get_by_text("请告知人数。")).to_be_visible()
        page.get_by_role("button", name="关注", exact=True).click()
        expect(page.get_by_role("button", name="取消关注")).to_be_visible()
        page.goto(f"{live_server.url}/cases/{case.pk}/print/")
        expect(page.get_by_role("heading", level=1)).to_contain_text("借用会议室：协调会")
