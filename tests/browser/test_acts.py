"""Weighty acts in a real browser: a summary before them, a moment to undo them after; ten
acceptances and a decision in few clicks (A19-A23)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.counting import Counter
from tests.cast import Cast
from tests.sharing import Sharing

from huitong.access.models import Application
from huitong.access.rules import S
from huitong.kernel.ledger import writing
from huitong.work.tests import made

Enter = Callable[[str], str]
Check = Callable[[Page], None]
Shot = Callable[[Page, str], None]


@pytest.fixture
def without_scripts(browser: Browser, live_server: Any, cast: Cast) -> Callable[[str], Page]:
    """``without_scripts("civil_manager")``: that person's page in a browser without JavaScript."""

    def opened(key: str) -> Page:
        context = browser.new_context(java_script_enabled=False, locale="zh-CN")
        session = cast.client(key).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        return context.new_page()

    return opened


def test_escape_keeps_what_was_typed_and_the_place(
    page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    case = made.room(cast)
    site = enter("civil_manager")
    page.goto(f"{site}/cases/{case.pk}/")
    page.locator("#lend_opinion").fill("同意，请爱护设施。")
    button = page.locator("details.choice[open]").get_by_role("button", name="同意借用")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("由“待答复”变为“已同意”")
    expect(dialog.get_by_role("heading")).to_be_focused()
    assert_a11y(page)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()
    assert page.locator("#lend_opinion").input_value() == "同意，请爱护设施。"
    page.keyboard.press("Enter")
    dialog.wait_for()
    confirm = page.get_by_role("button", name="确认同意借用")
    while not confirm.evaluate("e => e === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("该事项已办结")).to_be_visible()
    expect(page.get_by_text("同意，请爱护设施。").first).to_be_visible()


def test_the_summary_is_a_page_without_scripts(
    without_scripts: Callable[[str], Page], live_server: Any, cast: Cast, shot: Shot
) -> None:
    case = made.room(cast)
    page = without_scripts("civil_manager")
    page.goto(f"{live_server.url}/cases/{case.pk}/lend/")
    page.get_by_label("意见").fill("同意。")
    page.get_by_role("button", name="同意借用").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("确认：同意借用")
    shot(page, "confirm-page")
    page.get_by_role("button", name="返回修改").click()
    assert page.get_by_label("意见").input_value() == "同意。"
    page.get_by_role("button", name="同意借用").click()
    page.get_by_role("button", name="确认同意借用").click()
    expect(page.get_by_text("该事项已办结")).to_be_visible()


def test_a_session_lost_before_the_answer_loses_nothing(
    page: Page, enter: Enter, cast: Cast
) -> None:
    """The session ends while the summary is open: signed in again, what was typed is there."""
    case = made.room(cast)
    site = enter("civil_manager")
    page.goto(f"{site}/cases/{case.pk}/")
    page.locator("#lend_opinion").fill("同意，请爱护设施。")
    page.wait_for_timeout(600)
    page.locator("details.choice[open]").get_by_role("button", name="同意借用").click()
    page.get_by_role("dialog").wait_for()
    page.context.clear_cookies()
    page.get_by_role("button", name="确认同意借用").click()
    page.wait_for_load_state()
    enter("civil_manager")
    page.goto(f"{site}/cases/{case.pk}/")
    page.get_by_text("已恢复登录前填写、尚未提交的内容。").wait_for()
    assert page.locator("#lend_opinion").input_value() == "同意，请爱护设施。"
    case.refresh_from_db()
    assert case.state == "asked"


@pytest.mark.parametrize("width", [1366, 390])
def test_what_was_just_done_is_undone_by_one_press(
    width: int,
    page: Page,
    enter: Enter,
    cast: Cast,
    sharing: Sharing,
    settings: Any,
    assert_a11y: Check,
    shot: Shot,
) -> None:
    settings.UNDO_SECONDS = 30
    form = sharing.sealed(sharing.mount("division", "api"))
    page.set_viewport_size({"width": width, "height": 800})
    site = enter("housing_manager")
    page.goto(f"{site}/apply/{form.pk}/")
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_role("dialog")).to_contain_text("30 秒内本人可以撤销")
    page.get_by_role("button", name="确认提交申请").click()
    bar = page.locator("[data-undo]")
    expect(bar).to_contain_text("秒内可撤销")
    assert_a11y(page)
    shot(page, f"undo-bar-{width}")
    page.goto(f"{site}/applications/")  # it goes along
    bar.get_by_role("button", name="撤销").click()
    expect(page.get_by_text("已撤销，恢复到办理之前")).to_be_visible()
    assert Application.objects.get(form=form).case.state == "sealed"
    expect(bar).to_have_count(0)


def test_the_line_ends_with_its_moment(page: Page, enter: Enter, cast: Cast, settings: Any) -> None:
    settings.UNDO_SECONDS = 4
    case = made.room(cast, sent=False)
    site = enter("housing_manager")
    page.goto(f"{site}/cases/{case.pk}/")
    page.get_by_role("button", name="提交借用").click()
    page.get_by_role("button", name="确认提交借用").click()
    expect(page.locator("[data-undo]")).to_contain_text("已通知有关人员", timeout=9000)
    expect(page.get_by_role("button", name="撤销")).to_have_count(0)


def test_undoing_without_scripts_and_too_late(
    without_scripts: Callable[[str], Page], live_server: Any, cast: Cast, settings: Any
) -> None:
    settings.UNDO_SECONDS = 3
    case = made.room(cast, sent=False)
    page = without_scripts("housing_manager")
    page.goto(f"{live_server.url}/cases/{case.pk}/")
    page.get_by_role("button", name="提交借用").click()
    page.get_by_role("button", name="确认提交借用").click()
    expect(page.locator("[data-undo]")).to_contain_text("秒内可撤销")
    page.wait_for_timeout(3200)
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_text("不能再撤销")).to_be_visible()


def test_only_differences_are_shown_when_asked(
    page: Page, enter: Enter, sharing: Sharing, assert_a11y: Check, shot: Shot
) -> None:
    grant = sharing.granted(
        items=["登记编号", "男方姓名", "登记日期"],
        ground="more_than_needed",
        cites="信息项",
        reasons="只提供办理该事项所需的部分。",
    )
    site = enter("housing_operator")
    page.goto(f"{site}/cases/{grant.application.case_id}/")
    assert_a11y(page)
    shot(page, "compare")
    table = page.locator(".compare-table")
    everything = table.locator("tbody tr:visible").count()
    page.get_by_label("只看不同").check()
    rows = table.locator("tbody tr:visible")
    assert 0 < rows.count() < everything
    expect(rows.first).to_contain_text("未授权")
    page.set_viewport_size({"width": 390, "height": 800})
    assert_a11y(page)
    shot(page, "compare-390")


# -- ten acceptances, one decision -----------------------------------------------------------------

#: a phone is used by pointing, as a mouse is
HANDS = ("keyboard", "no scripts", "phone")


@pytest.fixture
def handed(
    page: Page, enter: Enter, without_scripts: Callable[[str], Page], live_server: Any
) -> Callable[[str, str], Counter]:
    """``handed("keyboard", "bureau_operator")``: that person's to-do list under a hand that
    counts."""

    def opened(hand: str, who: str) -> Counter:
        sheet = without_scripts(who) if hand == "no scripts" else page
        if hand == "phone":
            page.set_viewport_size({"width": 390, "height": 844})
        if hand != "no scripts":
            enter(who)
        sheet.goto(f"{live_server.url}/todo/")
        return Counter(sheet, keyboard=hand == "keyboard")

    return opened


@pytest.mark.slow
@pytest.mark.parametrize("hand", HANDS)
def test_ten_applications_are_accepted_in_four(
    hand: str,
    handed: Callable[[str, str], Counter],
    sharing: Sharing,
    settings: Any,
    assert_a11y: Check,
    shot: Shot,
) -> None:
    """Each with its own record; one whose scan is doubtful is left out and says why; all of them
    are undone by one press."""
    settings.UNDO_SECONDS = 60
    mount = sharing.mount("marriage", "api")
    for _ in range(11):
        sharing.applied(mount)
    doubtful = Application.objects.latest("pk").case
    with writing("test"):
        doubtful.facts |= {"scan_doubts": ["no_red"]}
        doubtful.save()
    count = handed(hand, "bureau_operator")
    page = count.page
    count.tick("全部 11 件" if hand == "no scripts" else "选择本页全部")
    count.click("button", "批量受理")
    expect(page.get_by_text("将办理 10 件")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("不能办理的 1 件")).to_be_visible()
    expect(page.get_by_text("没有看到红色印迹").first).to_be_visible()
    expect(page.get_by_text("提供部门审核时限 10 个工作日").first).to_be_visible()
    if hand == "phone":
        assert_a11y(page)
        shot(page, f"accept-ten-{hand}")
    count.tick("以上各件的盖章件都已打开看过，逐件核对无误")
    count.click("button", "确认批量受理")
    expect(page.get_by_text("已办 10 件")).to_be_visible(timeout=60_000)
    assert count.total <= 4, count
    states = [a.case.state for a in Application.objects.select_related("case")]
    assert sorted(states) == [S.SUBMITTED] + [S.WITH_PROVIDER] * 10
    expect(page.locator("[data-undo]")).to_contain_text("已办理 10 件")
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_text("10 件已撤销")).to_be_visible(timeout=60_000)
    assert {a.case.state for a in Application.objects.select_related("case")} == {S.SUBMITTED}


@pytest.mark.parametrize("hand", HANDS)
def test_a_decision_takes_three(
    hand: str,
    handed: Callable[[str, str], Counter],
    sharing: Sharing,
    assert_a11y: Check,
    shot: Shot,
) -> None:
    """From the to-do list: everything one needs stands on one page, all that was asked is
    offered."""
    application = sharing.accepted(sharing.mount("marriage", "api"))
    count = handed(hand, "civil_manager")
    page = count.page
    row = page.get_by_role("row").filter(has_text="申请使用：婚姻登记信息")
    count.click("link", "办理", within=row)
    expect(page.get_by_role("heading", level=1)).to_contain_text("审核：婚姻登记信息")
    for part in ("申请内容", "盖章件", "授权范围", "不予授权"):
        expect(page.get_by_role("heading", name=part, exact=True)).to_be_visible()
    count.click("button", "同意授权")
    expect(page.get_by_text("授权立即生效").first).to_be_visible()
    if hand == "phone":
        assert_a11y(page)
        shot(page, f"decide-three-{hand}")
    count.click("button", "确认同意授权")
    expect(page.get_by_text("已同意授权")).to_be_visible()
    assert count.total <= 3, count
    assert (
        Application.objects.get(pk=application.pk).grant.scope["items"]
        == (application.scope["items"])
    )


def test_what_was_typed_for_ten_survives_a_lost_session(
    page: Page, enter: Enter, sharing: Sharing
) -> None:
    sharing.applied(sharing.mount("marriage", "api"))
    site = enter("bureau_operator")

    def begin() -> None:
        page.goto(f"{site}/todo/")
        page.get_by_label("选择本页全部").check()
        page.get_by_role("button", name="批量受理").click()

    begin()
    page.get_by_label("意见").fill("材料齐全，予以受理。")
    page.get_by_label("以上各件的盖章件都已打开看过").check()
    page.wait_for_timeout(600)
    page.context.clear_cookies()
    page.get_by_role("button", name="确认批量受理").click()
    page.wait_for_load_state()
    enter("bureau_operator")
    begin()
    page.get_by_role("button", name="恢复").click()
    assert page.get_by_label("意见").input_value() == "材料齐全，予以受理。"
    assert Application.objects.get().case.state == S.SUBMITTED


def test_what_was_decided_so_far_survives_a_lost_session(
    page: Page, enter: Enter, sharing: Sharing
) -> None:
    application = sharing.accepted(sharing.mount("marriage", "api"))
    site, place = enter("civil_manager"), f"/decide/{application.pk}/"
    page.goto(f"{site}{place}")
    page.get_by_role("checkbox", name="男方姓名", exact=True).uncheck()
    page.get_by_label("意见", exact=True).fill("只提供办理所需的信息项。")
    page.wait_for_timeout(600)
    page.context.clear_cookies()
    page.get_by_role("button", name="同意授权").click()
    expect(page.get_by_label("用户名")).to_be_visible()
    enter("civil_manager")
    page.goto(f"{site}{place}")
    expect(page.get_by_text("已恢复登录前填写、尚未提交的内容。")).to_be_visible()
    expect(page.get_by_label("意见", exact=True)).to_have_value("只提供办理所需的信息项。")
    expect(page.get_by_role("checkbox", name="男方姓名", exact=True)).not_to_be_checked()
    assert sharing.case(application).state == S.WITH_PROVIDER
