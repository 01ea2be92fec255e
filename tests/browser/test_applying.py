"""Applying as the clerk who must get it done before noon: at most ten clicks and fields from the
entry's page to the sealed form, four answers more for personal data; by keyboard, without
JavaScript, on a telephone, with a session lost in the middle; several drafts, two windows (A20)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.browser.counting import Counter
from tests.browser.story.applying import DUTY
from tests.cast import PASSWORD
from tests.sharing import HANDLING, Sharing

from huitong.access.models import Application
from huitong.cli.demo.stamping import QUICK, stamped
from huitong.kernel.ledger import writing
from huitong.kernel.workdays import today
from huitong.organizations.models import Duty, Matter
from huitong.work.models import Draft

Enter = Callable[[str], str]
Check = Callable[[Page], None]
Shot = Callable[[Page, str], None]
PURPOSE = "核对公共租赁住房申请人婚姻状况"
MOST = 10
#: what the law asks more of who asks for personal data: the basis, the three things of the record
PERSONAL = 4


def saved(page: Page) -> None:
    """Wait until all that was typed is at the server."""
    page.locator('form[data-autosave][data-dirty=""]:not([data-saving])').wait_for()
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()


def paper(page: Page, folder: Path, download: Any) -> Path:
    """The print, stamped and scanned as an office does."""
    scan = folder / "盖章件.png"
    scan.write_bytes(stamped(download.value.path().read_bytes(), dots=QUICK, kind="png"))
    return scan


def handling(hand: Counter) -> None:
    """What is said of personal data; who assessed the impact and when is filled in."""
    hand.choose("处理个人信息的依据", DUTY)
    hand.fill("目的和方式是否合法、正当、必要", HANDLING["impact_purpose"])
    hand.fill("对个人权益的影响和安全风险", HANDLING["impact_effect"])
    hand.fill("保护措施", HANDLING["impact_measures"])


def apply(hand: Counter, site: str, entry: int, folder: Path, personal: bool = True) -> None:
    """From the entry's page to the sealed form on its way to the manager."""
    page = hand.page
    page.goto(f"{site}/catalog/{entry}/")
    hand.click("link", "申请接口")
    hand.click("button", "全选")
    hand.click("button", "继续", within=page.locator(".actions"))
    hand.fill("使用目的", PURPOSE)
    if personal:
        handling(hand)
    hand.click("button", "继续", within=page.locator(".actions"))
    hand.click("button", "确认，生成申请表")
    with page.expect_download() as download:
        hand.click("link", "下载打印件")
    hand.upload("加盖公章的扫描件", paper(page, folder, download))
    hand.fill("原件档案号", "ZJ-2026-017")
    hand.click("button", "上传并送负责人")
    expect(page.get_by_text("已送本部门负责人").first).to_be_visible()


@pytest.mark.parametrize("keyboard", [False, True], ids=["mouse", "keyboard"])
def test_an_application_costs_ten_clicks_and_fields(
    page: Page, enter: Enter, sharing: Sharing, tmp_path: Path, keyboard: bool
) -> None:
    entry, _ = sharing.mount("marriage", "api").entry_id, sharing.system()
    hand = Counter(page, keyboard=keyboard)
    apply(hand, enter("housing_operator"), entry, tmp_path)
    assert hand.total <= MOST + PERSONAL, hand
    application = Application.objects.get()
    assert application.case.state == "sealed" and application.form.purpose == PURPOSE
    assert len(application.scope["items"]) == 6
    assert not Draft.objects.exists(), "what was handed in is no draft any more"


def test_without_personal_data_nothing_more_is_asked(
    page: Page, enter: Enter, sharing: Sharing, tmp_path: Path
) -> None:
    entry, _ = sharing.mount("division", "api").entry_id, sharing.system()
    hand = Counter(page)
    apply(hand, enter("housing_operator"), entry, tmp_path, personal=False)
    assert hand.total <= MOST, hand


@pytest.fixture
def plain(browser: Browser, live_server: Any, sharing: Sharing) -> Iterator[Page]:
    """A browser without JavaScript."""
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    session = sharing.cast.client("housing_operator").cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    yield context.new_page()
    context.close()


def test_without_javascript_it_costs_the_same(
    plain: Page, live_server: Any, sharing: Sharing, tmp_path: Path
) -> None:
    entry, _ = sharing.mount("marriage", "api").entry_id, sharing.system()
    hand = Counter(plain)
    apply(hand, live_server.url, entry, tmp_path)
    assert hand.total <= MOST + PERSONAL, hand
    assert len(Application.objects.get().scope["items"]) == 6


def test_on_a_telephone(
    page: Page, enter: Enter, sharing: Sharing, tmp_path: Path, assert_a11y: Check, shot: Shot
) -> None:
    entry, _ = sharing.mount("marriage", "api").entry_id, sharing.system()
    page.set_viewport_size({"width": 390, "height": 844})
    hand = Counter(page)
    site = enter("housing_operator")
    apply(hand, site, entry, tmp_path)
    assert hand.total <= MOST + PERSONAL, hand
    page.goto(f"{site}/apply/new/?mount={sharing.mount('marriage', 'table').pk}")
    page.get_by_role("button", name="全选").click()
    saved(page)
    assert_a11y(page)
    shot(page, "apply-resources-390")
    page.goto(f"{page.url.split('?')[0]}grounds/")
    assert_a11y(page)
    shot(page, "apply-grounds-390")
    page.goto(f"{site}/applications/drafts/")
    assert_a11y(page)
    shot(page, "drafts-390")


def lose(page: Page) -> None:
    """The session ends at the server: it ran out, or somebody signed in elsewhere."""
    Session.objects.all().delete()


def run_out() -> None:
    """The time of all sessions runs out; who had them is still on record."""
    Session.objects.update(expire_date=timezone.now() - timedelta(1))


def sign_in_again(hand: Counter) -> None:
    page = hand.page
    expect(page.get_by_role("heading", name="登录", exact=True)).to_be_visible()
    hand.fill("用户名", "housing_operator")
    hand.fill("密码", PASSWORD)
    hand.click("button", "登录")


@pytest.mark.answers(401)
def test_a_session_lost_in_the_middle_loses_nothing(
    page: Page, enter: Enter, sharing: Sharing, tmp_path: Path, assert_a11y: Check, shot: Shot
) -> None:
    """While typing: the page says so, and stands there again after signing in. While going on: the
    same. Signing in itself costs three; the application costs no more than otherwise."""
    mount, _ = sharing.mount("marriage", "api"), sharing.system()
    site = enter("housing_operator")
    hand, again = Counter(page), Counter(page)
    page.goto(f"{site}/catalog/{mount.entry_id}/")
    hand.click("link", "申请接口")
    hand.click("button", "全选")
    saved(page)
    lose(page)
    hand.click("button", "继续", within=page.locator(".actions"))
    sign_in_again(again)
    expect(page.get_by_text("已选 6 / 6 项")).to_be_visible()
    hand.click("button", "继续", within=page.locator(".actions"))
    expect(page.get_by_role("heading", name="依据和用途")).to_be_visible()
    lose(page)
    hand.fill("使用目的", PURPOSE)
    expect(page.get_by_text("没有保存：登录已结束")).to_be_visible()
    assert_a11y(page)
    shot(page, "apply-signed-out")
    again.click("button", "重新登录")
    sign_in_again(again)
    expect(page.get_by_label("使用目的")).to_have_value(PURPOSE)
    saved(page)
    assert Draft.objects.get().content["purpose"] == [PURPOSE]
    handling(hand)
    hand.click("button", "继续", within=page.locator(".actions"))
    hand.click("button", "确认，生成申请表")
    with page.expect_download() as download:
        hand.click("link", "下载打印件")
    hand.upload("加盖公章的扫描件", paper(page, tmp_path, download))
    hand.fill("原件档案号", "ZJ-2026-017")
    hand.click("button", "上传并送负责人")
    expect(page.get_by_text("已送本部门负责人").first).to_be_visible()
    assert hand.total <= MOST + PERSONAL + 1, hand  # one 继续 was pressed twice
    assert again.total == 7, again


def test_what_was_submitted_too_late_is_submitted_by_one_press(
    plain: Page, live_server: Any, sharing: Sharing
) -> None:
    """Without scripts nothing is saved by itself: the session's time runs out over the page."""
    mount, _ = sharing.mount("marriage", "api"), sharing.system()
    hand = Counter(plain)
    plain.goto(f"{live_server.url}/catalog/{mount.entry_id}/")
    hand.click("link", "申请接口")
    hand.click("button", "全选")
    hand.click("button", "继续", within=plain.locator(".actions"))
    hand.fill("使用目的", PURPOSE)
    run_out()
    hand.click("button", "继续", within=plain.locator(".actions"))
    sign_in_again(hand)
    expect(plain.get_by_role("heading", name="您提交的内容还没有办理")).to_be_visible()
    hand.click("button", "继续提交")
    assert Draft.objects.get().content["purpose"] == [PURPOSE]


def test_the_page_of_what_was_submitted_too_late(
    page: Page, enter: Enter, sharing: Sharing, assert_a11y: Check, shot: Shot
) -> None:
    mount, _ = sharing.mount("marriage", "api"), sharing.system()
    site = enter("housing_operator")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site}/apply/new/?mount={mount.pk}")
    page.get_by_role("button", name="全选").click()
    saved(page)
    run_out()
    page.locator(".actions").get_by_role("button", name="继续").click()
    sign_in_again(Counter(page))
    expect(page.get_by_role("button", name="继续提交")).to_be_visible()
    assert_a11y(page)
    shot(page, "unsent-390")
    page.set_viewport_size({"width": 1366, "height": 800})
    shot(page, "unsent")
    page.get_by_role("button", name="不提交，回到填写的页面").click()
    expect(page.get_by_text("已选 6 / 6 项")).to_be_visible()


@pytest.mark.answers(401)
def test_idle_time_ends_and_everything_is_there_afterwards(
    page: Page, enter: Enter, sharing: Sharing
) -> None:
    """A clerk is called away for half an hour with a sentence half written."""
    mount, _ = sharing.mount("marriage", "api"), sharing.system()
    site = enter("housing_operator")
    page.goto(f"{site}/apply/new/?mount={mount.pk}")
    page.get_by_role("button", name="全选").click()
    saved(page)
    page.get_by_role("button", name="继续", exact=True).last.click()
    page.clock.install()
    page.reload()
    page.get_by_label("使用目的").fill(PURPOSE)
    lose(page)
    page.clock.run_for("31:00")
    sign_in_again(Counter(page))
    expect(page.get_by_label("使用目的")).to_have_value(PURPOSE)


def test_another_browser_goes_on_where_one_stopped(
    page: Page, browser: Browser, enter: Enter, sharing: Sharing, assert_a11y: Check, shot: Shot
) -> None:
    """The machine is switched off in the middle; at another one the home page leads back."""
    mount, _ = sharing.mount("marriage", "api"), sharing.system()
    site = enter("housing_operator")
    page.goto(f"{site}/apply/new/?mount={mount.pk}")
    page.get_by_label("登记日期").check()
    saved(page)
    page.get_by_role("button", name="继续", exact=True).last.click()
    page.get_by_label("使用目的").fill(PURPOSE)
    saved(page)
    other: BrowserContext = browser.new_context(locale="zh-CN")
    session = sharing.cast.client("housing_operator").cookies["sessionid"].value
    other.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    there = other.new_page()
    there.goto(f"{site}/")
    expect(there.get_by_text("未完成的草稿")).to_be_visible()
    assert_a11y(there)
    shot(there, "home-drafts")
    there.get_by_role("link", name=re.compile("申请使用：婚姻登记信息（接口）")).first.click()
    expect(there.get_by_label("使用目的")).to_have_value(PURPOSE)
    there.get_by_label("使用场景").fill("窗口受理时")
    saved(there)
    there.goto(f"{site}/applications/drafts/")
    assert_a11y(there)
    shot(there, "drafts")
    there.get_by_role("button", name="删除").click()
    expect(there.get_by_text("没有草稿")).to_be_visible()
    there.get_by_text("最近删除（1）").click()
    there.get_by_role("button", name="恢复").click()
    expect(there.get_by_role("link", name="继续填写")).to_be_visible()
    other.close()


@pytest.mark.answers(409)
def test_an_old_window_does_not_overwrite(page: Page, enter: Enter, sharing: Sharing) -> None:
    mount, _ = sharing.mount("marriage", "api"), sharing.system()
    site = enter("housing_operator")
    page.goto(f"{site}/apply/new/?mount={mount.pk}")
    page.get_by_label("登记日期").check()
    saved(page)
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("登记机关", exact=True).check()
    saved(other)
    page.get_by_label("登记编号").check()
    expect(page.get_by_text("在另一个窗口保存过这里的内容")).to_be_visible()
    name = f"m{mount.pk}-items"
    assert Draft.objects.get().content[name] == ["登记日期", "登记机关"]
    page.get_by_role("button", name="查看已保存的内容").click()
    expect(page.get_by_text("本页有上次未提交的内容")).to_be_visible()
    expect(page.get_by_text("已选 2 / 6 项")).to_be_visible()


def test_choosing_a_duty_narrows_the_matters(page: Page, enter: Enter, sharing: Sharing) -> None:
    mount, _ = sharing.mount("division", "api"), sharing.system()
    cast = sharing.cast
    with writing("test"):
        other = Duty.objects.create(
            body=cast.body("housing"), text="监督管理建筑市场", valid_from=today()
        )
        Matter.objects.create(duty=other, code="ZJ-900", name="施工许可证核发")
    site = enter("housing_operator")
    page.goto(f"{site}/apply/new/?mount={mount.pk}")
    page.get_by_role("button", name="全选").click()
    page.get_by_role("button", name="继续", exact=True).last.click()
    own, foreign = page.get_by_label("公共租赁住房资格审核"), page.get_by_label("施工许可证核发")
    expect(own).to_be_visible()
    page.get_by_label("监督管理建筑市场").check()
    expect(own).to_be_hidden()
    expect(foreign).to_be_checked()  # the only one of this duty
    page.get_by_label("负责全市住房保障工作").check()
    expect(foreign).to_be_hidden()
    expect(own).to_be_checked()
