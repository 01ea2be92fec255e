"""The workbench, a case, its forms and notices in a real browser: readable, reachable by
keyboard, working without scripts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.cast import Cast
from tests.toy import actions as toy

from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import writing
from huitong.kernel.workdays import load_calendar, today
from huitong.work import actions
from huitong.work.tests import made

Enter = Callable[[str], str]
Check = Callable[[Page], None]
Shot = Callable[[Page, str], None]


def rooms(cast: Cast) -> list[Case]:
    """Four cases at Civil Affairs: plenty of time, near, overdue, decided."""
    cases = [
        made.room(cast, purpose)
        for purpose in (
            "全市公租房资格联审会",
            "婚姻登记数据对接会",
            "社区服务用房协调会",
            "年度总结会",
        )
    ]
    with writing("test"):
        for case, ago in zip(cases[1:3], (9, 45), strict=True):
            clock = Clock.objects.get(case=case)
            clock.started_on = today() - timedelta(ago)
            clock.aim(load_calendar())
            if ago == 9:
                clock.due_on = load_calendar().after(today(), 1).on
            clock.save()
            case.due_on = clock.due_on
            case.save()
    toy.lend(cast.civil_manager, cases[3], opinion="同意，请爱护设施。")
    return cases


def test_the_workbench_shows_time_left_in_words_and_claims_several(
    page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    rooms(cast)
    site = enter("civil_manager")
    page.goto(f"{site}/todo/")
    assert_a11y(page)
    shot(page, "work-todo")
    expect(page.locator("td .due-late")).to_contain_text("已超期")
    expect(page.locator("td .due-near")).to_contain_text("剩 1 个工作日")
    for box in page.locator("tbody input[type=checkbox]").all()[:2]:
        box.check()
    page.get_by_role("button", name="批量领办").click()
    expect(page.get_by_text("将办理 2 件")).to_be_visible()
    assert_a11y(page)
    shot(page, "work-bulk-confirm")
    page.get_by_role("button", name="确认批量领办 2 件").click()
    expect(page.get_by_text("已办 2 件")).to_be_visible()
    assert_a11y(page)
    shot(page, "work-bulk-outcomes")
    page.goto(f"{site}/todo/?tab=done&sort=-title")
    assert_a11y(page)
    page.goto(f"{site}/todo/?q=没有这样的事")
    assert_a11y(page)
    shot(page, "work-todo-empty")


def test_a_case_is_read_and_decided_on_its_page(
    page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    case = rooms(cast)[0]
    actions.urge(cast.housing_operator, case=case.pk, text="会期临近，请尽快答复。")
    actions.copy_to(cast.housing_operator, case=case.pk, to=[cast.person("civil_operator").pk])
    site = enter("civil_manager")
    page.goto(f"{site}/cases/{case.pk}/")
    assert_a11y(page)
    shot(page, "work-case")
    page.get_by_role("link", name="答复", exact=True).click()
    assert_a11y(page)
    page.get_by_label("答复").fill("今日办理。")
    page.get_by_role("button", name="答复催办").click()
    expect(page.get_by_text("今日办理。").first).to_be_visible()
    page.locator("details.choice", has_text="不同意借用").locator("summary").click()
    page.locator("#refuse_reasons").fill("当日会议室已有安排。")
    page.get_by_role("button", name="不同意借用").click()
    assert_a11y(page)
    shot(page, "work-confirm")
    page.get_by_role("button", name="确认不同意借用").click()
    expect(page.get_by_text("该事项已办结")).to_be_visible()
    assert_a11y(page)
    shot(page, "work-case-closed")


@pytest.mark.answers(422)
def test_a_wrong_form_leads_to_its_mistakes(
    page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    site = enter("housing_operator")
    page.goto(f"{site}/cases/open/")
    assert_a11y(page)
    page.get_by_role("main").get_by_role("link", name="拟借用会议室").click()
    assert_a11y(page)
    shot(page, "work-form")
    page.get_by_label("用途").fill("会")
    page.get_by_label("人数").fill("999")
    page.get_by_role("button", name="拟借用会议室").click()
    expect(page).to_have_title("有误：拟借用会议室 - 南通市政务数据共享交换平台")
    expect(page.locator(".error-summary")).to_be_focused()
    assert_a11y(page)
    shot(page, "work-form-wrong")
    page.locator(".error-summary a", has_text="用途").press("Enter")
    expect(page.get_by_label("用途")).to_be_focused()
    assert page.get_by_label("人数").input_value() == "999"


def test_everything_works_without_scripts(
    browser: Browser, live_server: Any, cast: Cast, browser_context_args: dict[str, Any]
) -> None:
    with browser.new_context(**browser_context_args, java_script_enabled=False) as context:
        session = cast.client("housing_operator").cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.goto(f"{live_server.url}/cases/open/room/ask_room/")
        page.get_by_label("出借部门").select_option("市民政局")
        page.get_by_label("用途").fill("协调会")
        page.get_by_label("日期").fill("2026-12-01")
        page.get_by_label("公函").set_input_files(
            {"name": "公函.pdf", "mimeType": "application/pdf", "buffer": made.pdf(2)}
        )
        page.get_by_role("button", name="拟借用会议室").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("借用会议室：协调会")
        expect(page.get_by_role("main").get_by_role("link", name="公函.pdf")).to_be_visible()


def test_notices_and_their_preferences(
    page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    case = rooms(cast)[0]
    actions.urge(cast.bureau_operator, case=case.pk, text="请按时办结。")
    site = enter("civil_manager")
    page.goto(f"{site}/notices/")
    assert_a11y(page)
    shot(page, "work-notices")
    page.locator("tbody .link-button").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("全市公租房资格联审会")
    page.goto(f"{site}/notices/preferences/")
    assert_a11y(page)
    shot(page, "work-preferences")
    page.goto(f"{site}/do/work.copy_to/?case={case.pk}")
    assert_a11y(page)
    shot(page, "work-copy")
