"""A source table changed after it was cataloged: from the list of changes to a draft that has them;
what an administrator runs stands on the page of registration (A7, A11)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_cataloging import scan
from tests.cast import Cast

from huitong.catalog import actions
from huitong.catalog.models import Entry, Scan

Check = Callable[[Page], None]
Enter = Callable[[str], str]
Shot = Callable[[Page, str], None]
__all__ = ["scan"]

ITEM = {"name": "女方姓名", "column": "w_name", "type": "C", "column_type": "character varying(50)"}
CHANGES = [
    ("column_missing", "mobile", "text", "", {}),
    ("column_new", "w_name", "", "character varying(50)", ITEM),
    ("type_changed", "office", "text", "character varying(80)", {}),
    ("emptied", "", "40", "0", {}),
]


@pytest.mark.parametrize("width", [1366, 390])
def test_changes_of_a_source_are_taken_into_the_draft(
    width: int, page: Page, enter: Enter, cast: Cast, scan: Scan, assert_a11y: Check, shot: Shot
) -> None:
    entry = Entry.objects.get(source_table="marriage")
    names = ("kind", "column", "before", "after", "item")
    columns = {c: {"type": "text", "comment": ""} for c in ("reg_no", "mobile", "office")}
    actions.compare_table(
        cast.system,
        scan=scan.pk,
        entry=entry.pk,
        shape={"columns": columns, "comment": "", "rows": 40},
        changes=[dict(zip(names, change, strict=True)) for change in CHANGES],
    )
    page.set_viewport_size({"width": width, "height": 800})
    site = enter("civil_operator")
    page.goto(f"{site}/compile/sources/scans/{scan.pk}/")
    expect(page.get_by_text("4 处变化")).to_be_visible()
    assert_a11y(page)
    shot(page, f"scan-drift-{width}")
    page.goto(f"{site}/compile/sources/drifts/")
    expect(page.get_by_text("character varying(50)")).to_be_visible()
    assert_a11y(page)
    shot(page, f"drifts-{width}")
    page.get_by_role("link", name="婚姻登记信息").first.click()
    card = page.locator("#drift")
    expect(card.get_by_role("checkbox", name="新增列：w_name")).to_be_checked()
    assert_a11y(page)
    shot(page, f"drift-compile-{width}")
    page.get_by_role("button", name="带入草稿").click()
    expect(page.get_by_text("已带入草稿")).to_be_visible()
    expect(card.get_by_role("checkbox")).to_have_count(1)
    page.get_by_role("button", name="不带入").click()
    expect(card).to_have_count(0)
    items = [item.column for item in Entry.objects.get(pk=entry.pk).draft.items.all()]
    assert "mobile" not in items and items[-1] == "w_name"
    page.goto(f"{site}/compile/sources/databases/new/")
    expect(page.get_by_text("GRANT SELECT ON ALL TABLES")).to_be_visible()
    assert_a11y(page)
    shot(page, f"register-grant-{width}")
