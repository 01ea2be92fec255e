"""Applying as the clerk who must get it done before noon: at most ten clicks and fields from the
entry's page to the sealed form; by keyboard, without JavaScript, on a telephone, with a session lost
in the middle; several drafts, two windows (A20)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.counting import Counter
from tests.sharing import Sharing

from huitong.access.models import Application
from huitong.cli.demo.stamping import QUICK, stamped
from huitong.work.models import Draft

Enter = Callable[[str], str]
Check = Callable[[Page], None]
Shot = Callable[[Page, str], None]
PURPOSE = "核对公共租赁住房申请人婚姻状况"
MOST = 10


def saved(page: Page) -> None:
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()


def paper(page: Page, folder: Path, download: Any) -> Path:
    """The print, stamped and scanned as an office does."""
    scan = folder / "盖章件.png"
    scan.write_bytes(stamped(download.value.path().read_bytes(), dots=QUICK, kind="png"))
    return scan


def apply(hand: Counter, site: str, entry: int, folder: Path) -> None:
    """From the entry's page to the sealed form on its way to the manager."""
    page = hand.page
    page.goto(f"{site}/catalog/{entry}/")
    hand.click("link", "申请接口")
    hand.click("button", "全选")
    hand.click("button", "继续", within=page.locator(".actions"))
    hand.fill("使用目的", PURPOSE)
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
    assert hand.total <= MOST, hand
    application = Application.objects.get()
    assert application.case.state == "sealed" and application.form.purpose == PURPOSE
    assert len(application.scope["items"]) == 6
    assert not Draft.objects.exists(), "what was handed in is no draft any more"


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
    assert hand.total <= MOST, hand
    assert len(Application.objects.get().scope["items"]) == 6


def test_on_a_telephone(
    page: Page, enter: Enter, sharing: Sharing, tmp_path: Path, assert_a11y: Check, shot: Shot
) -> None:
    entry, _ = sharing.mount("marriage", "api").entry_id, sharing.system()
    page.set_viewport_size({"width": 390, "height": 844})
    hand = Counter(page)
    page.on("framenavigated", lambda frame: None)
    site = enter("housing_operator")
    apply(hand, site, entry, tmp_path)
    assert hand.total <= MOST, hand
    page.goto(f"{site}/apply/new/?mount={sharing.mount('marriage', 'table').pk}")
    page.get_by_role("button", name="全选").click()
    saved(page)
    assert_a11y(page)
    shot(page, "apply-resources-390")
    page.goto(f"{page.url.split('?')[0]}grounds/")
    assert_a11y(page)
    shot(page, "apply-grounds-390")
