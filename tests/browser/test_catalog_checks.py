"""The checks of the catalog on their pages: what is wrong by rule, what has no entry, on what it
rests that something is not shared (A8, A10)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.cast import Cast

from huitong.catalog import actions, jobs
from huitong.catalog.tests.marriage import drafted, published
from huitong.catalog.tests.test_filed_grounds import filed

Check = Callable[[Page], None]
Enter = Callable[[str], str]
Shot = Callable[[Page, str], None]


@pytest.mark.parametrize("width", [1366, 390])
def test_what_the_checks_find_and_what_is_missing(
    width: int, page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    published(cast.civil_operator, cast.civil_manager, cast.bureau_operator, contact_phone="")
    filed(cast, "hr", "工伤认定档案", document="工伤保险条例", kind="regulation")
    double = drafted(cast.hr_operator, "南通市婚姻登记数据")
    jobs.check_all(report=actions.check_catalog(cast.bureau_operator).pk)
    site = enter("bureau_operator")
    page.goto(f"{site}/catalog/checks/")
    expect(page.get_by_role("link", name="没有联系方式")).to_be_visible()
    assert_a11y(page)
    shot(page, f"checks-{width}")
    page.get_by_role("link", name="没有联系方式").click()
    expect(page.get_by_role("link", name="婚姻登记信息").first).to_be_visible()
    assert_a11y(page)
    shot(page, f"checks-list-{width}")
    page.goto(f"{site}/catalog/checks/bodies/")
    assert_a11y(page)
    page.goto(f"{site}/catalog/grounds/")
    expect(page.get_by_text("《工伤保险条例》")).to_be_visible()
    assert_a11y(page)
    shot(page, f"grounds-{width}")
    page.goto(f"{site}/compile/coverage/bodies/")
    assert_a11y(page)
    shot(page, f"coverage-bodies-{width}")
    site = enter("hr_operator")
    page.goto(f"{site}/compile/{double.pk}/check/")
    expect(page.get_by_role("link", name="查看已有目录并申请使用")).to_be_visible()
    assert_a11y(page)
    shot(page, f"double-{width}")
    page.goto(f"{site}/compile/coverage/?standing=open")
    assert_a11y(page)
    shot(page, f"coverage-{width}")
    row = page.locator("tr", has_text="社会保险参保登记")
    row.get_by_role("link", name="说明原因").click()
    assert_a11y(page)
    shot(page, f"leave-out-{width}")
    page.locator("[name=reason]").select_option("nothing_recorded")
    page.locator("[name=words]").fill("登记由省人社厅系统办理，本市不留存。")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已说明 1 项不编目的原因")).to_be_visible()
