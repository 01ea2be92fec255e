"""The bureau's clerk enters for a department (代录), hands over; the department takes it from
there (A7, A12)."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect
from tests.cast import Cast

from huitong.catalog import actions
from huitong.catalog.models import Entry
from huitong.catalog.tests.marriage import COMPLETE

Check = Callable[[Page], None]
Enter = Callable[[str], str]
Shot = Callable[[Page, str], None]


def test_it_is_entered_handed_over_and_taken_from_there(
    page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    def look(name: str) -> None:
        assert_a11y(page)
        for width in (390, 1366):
            page.set_viewport_size({"width": width, "height": 800})
            shot(page, f"{name}-{width}")

    actions.register_system(cast.civil_operator, name="业务管理系统")
    site = enter("bureau_operator")
    page.goto(f"{site}/compile/entering/")
    look("entering-empty")
    page.get_by_role("link", name="新建代录目录").click()
    look("entering-new")
    page.locator("#id_body").select_option(label="市民政局")
    page.locator("#id_reasons").fill("该局来文请求代录")
    page.locator("#id_request").fill("通民函〔2026〕7号")
    page.locator("#id_name").fill("婚姻登记信息")
    page.get_by_role("button", name="存为草稿").click()
    expect(page.get_by_text("已为市民政局代录“婚姻登记信息”")).to_be_visible()
    look("entering-compile")
    entry = Entry.objects.get()
    actions.edit(cast.bureau_operator, entry.case, **COMPLETE)
    page.goto(f"{site}/compile/{entry.pk}/basics/")
    expect(page.locator("#id_system")).to_have_value(str(entry.draft.system_id))
    page.goto(f"{site}/compile/{entry.pk}/check/")
    look("entering-hand-over")
    page.get_by_role("button", name="交部门确认").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("市民政局")
    look("entering-confirm")
    dialog.get_by_role("button", name="交部门确认").click()
    expect(page.get_by_text("已交市民政局确认")).to_be_visible()
    look("entering-list")
    page.goto(f"{site}/compile/sheets/")
    look("entering-sheets")

    site = enter("civil_operator")
    page.goto(f"{site}/compile/")
    expect(page.get_by_role("main")).to_contain_text("代录")
    look("entered-mine")
    page.goto(f"{site}/compile/{entry.pk}/")
    expect(page.get_by_text("原因：该局来文请求代录")).to_be_visible()
    expect(page.get_by_role("link", name="交回代录")).to_be_visible()
    look("entered-compile")
    page.goto(f"{site}/cases/{entry.case_id}/")
    look("entered-case")
