"""A form that saves itself: what is typed is on the server a second later, or the page says why not
and tries again; what never arrived is there again when one comes back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from huitong.ui.tests.samples import SAVED

Check = Callable[[Page], None]
Shot = Callable[[Page, str], None]
WORDS = "核对公共租赁住房申请人婚姻状况"


def opened(page: Page, samples: str, name: str) -> str:
    SAVED.pop(name, None)
    page.goto(f"{samples}/autosave/{name}/")
    return f"{samples}/autosave/{name}/"


def test_what_is_typed_is_saved_and_said(
    page: Page, samples: str, assert_a11y: Check, shot: Shot
) -> None:
    opened(page, samples, "typed")
    page.get_by_label("使用目的").fill(WORDS)
    page.get_by_label("婚姻状况").check()
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    assert SAVED["typed"]["data"] == {"purpose": WORDS, "manner": "", "scope": ["state"]}
    assert_a11y(page)
    shot(page, "autosave")
    page.reload()  # no question: nothing is unsaved
    expect(page.get_by_label("使用目的")).to_have_value(WORDS)
    expect(page.get_by_label("婚姻状况")).to_be_checked()
    expect(page.get_by_text("本页有上次未提交的内容")).to_have_count(0)


def test_the_last_second_goes_along_when_one_leaves(page: Page, samples: str) -> None:
    address = opened(page, samples, "leaving")
    page.get_by_label("使用目的").press_sequentially("来得及")
    page.goto(f"{samples}/styleguide/")
    page.goto(address)
    expect(page.get_by_label("使用目的")).to_have_value("来得及")


def test_who_types_before_the_script_is_there_is_saved_all_the_same(
    page: Page, samples: str
) -> None:
    def late(route: Route) -> None:
        page.get_by_label("使用目的").fill(WORDS)
        route.continue_()

    page.route("**/autosave.js*", late)
    opened(page, samples, "early")
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    assert SAVED["early"]["data"]["purpose"] == WORDS


def test_submitting_while_a_save_is_on_its_way_is_no_conflict(page: Page, samples: str) -> None:
    """The mark of what is saved is in the answer that is still to come: the submit waits for it."""
    opened(page, samples, "slow")
    page.get_by_label("使用目的").fill(WORDS)
    page.locator("form[data-saving]").wait_for()
    with page.expect_navigation():
        page.get_by_role("button", name="继续").click()
    assert SAVED["slow"]["turn"] == 2
    assert SAVED["slow"]["data"]["purpose"] == WORDS


@pytest.mark.answers("ERR_INTERNET_DISCONNECTED")
def test_what_cannot_be_saved_is_said_tried_again_and_not_lost(
    page: Page, samples: str, assert_a11y: Check, shot: Shot
) -> None:
    page.clock.install()
    opened(page, samples, "offline")
    page.context.set_offline(True)
    page.get_by_label("使用目的").fill(WORDS)
    page.clock.run_for(1500)
    note = page.get_by_role("status").filter(has_text="没有保存：连接不上服务器")
    expect(note).to_be_visible()
    assert_a11y(page)
    shot(page, "autosave-offline")
    questions: list[str] = []
    page.once("dialog", lambda dialog: (questions.append(dialog.type), dialog.dismiss()))
    page.evaluate("setTimeout(() => location.reload())")
    page.clock.run_for(100)
    page.wait_for_timeout(300)
    assert questions == ["beforeunload"], "leaving now would lose something: the browser asks"
    page.context.set_offline(False)
    page.clock.run_for(6000)
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    assert SAVED["offline"]["data"]["purpose"] == WORDS


@pytest.mark.answers(503)
def test_what_never_arrived_is_there_again(page: Page, samples: str) -> None:
    """Nothing could be saved before one left the page all the same: the copy in the tab is newer
    than what the server has, and takes its place without a question."""
    address = opened(page, samples, "lost")
    SAVED["lost"]["down"] = True
    page.get_by_label("使用目的").fill(WORDS)
    page.get_by_label("婚姻状况").check()
    expect(page.get_by_text("没有保存：服务器暂时没有受理")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    page.goto(f"{samples}/styleguide/")
    assert SAVED["lost"]["data"] is None
    page.goto(address)
    expect(page.get_by_label("使用目的")).to_have_value(WORDS)
    expect(page.get_by_label("婚姻状况")).to_be_checked()
    expect(page.get_by_text("没有保存：服务器暂时没有受理")).to_be_visible()
    SAVED["lost"]["down"] = False
    page.get_by_role("button", name="立即重试").click()
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    assert SAVED["lost"]["data"]["purpose"] == WORDS


@pytest.mark.answers(503)
def test_a_part_of_the_page_without_a_session_takes_nothing_along(page: Page, samples: str) -> None:
    """A part asked for after the session has ended makes the whole page ask again: without a
    question, and with everything typed."""
    opened(page, samples, "part")
    SAVED["part"]["down"] = True
    page.get_by_label("使用目的").fill(WORDS)
    expect(page.get_by_text("没有保存：服务器暂时没有受理")).to_be_visible()
    SAVED["part"]["down"] = False
    with page.expect_navigation():
        page.get_by_role("button", name="查看结果").click()
    expect(page.get_by_label("使用目的")).to_have_value(WORDS)
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()


@pytest.mark.answers(409)
def test_two_windows_do_not_overwrite_each_other(
    page: Page, samples: str, assert_a11y: Check, shot: Shot
) -> None:
    address = opened(page, samples, "two")
    other = page.context.new_page()
    other.goto(address)
    other.get_by_label("使用目的").fill("另一个窗口写的")
    expect(other.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    page.get_by_label("使用目的").fill(WORDS)
    note = page.get_by_role("status").filter(has_text="在另一个窗口保存过这里的内容")
    expect(note).to_be_visible()
    assert SAVED["two"]["data"]["purpose"] == "另一个窗口写的"
    assert_a11y(page)
    shot(page, "autosave-overtaken")
    page.get_by_role("button", name="用本页的内容覆盖").click()
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    assert SAVED["two"]["data"]["purpose"] == WORDS


@pytest.mark.answers(409)
def test_a_secret_of_state_is_kept_nowhere(page: Page, samples: str) -> None:
    opened(page, samples, "secret")
    page.get_by_label("使用目的").fill("机密")
    expect(page.get_by_role("status").filter(has_text="带有密级标志")).to_be_visible()
    assert SAVED["secret"]["data"] is None
    assert page.evaluate("Object.values(sessionStorage).join().includes('机密')") is False
    page.get_by_label("使用目的").fill(WORDS)
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
