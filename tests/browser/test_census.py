"""A census as a body goes through it, from the first entry to the report (A11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect
from tests.cast import Cast

from huitong.catalog import queries
from huitong.catalog.actions import census
from huitong.catalog.tests.changing import entry_of
from huitong.catalog.tests.marriage import published
from huitong.catalog.tests.test_census import accepted
from huitong.kernel.case import Case
from huitong.kernel.workdays import today
from huitong.work import jobs

Check = Callable[[Page], None]
Enter = Callable[[str], str]
Shot = Callable[[Page, str], None]


def test_a_body_goes_through_its_entries(
    page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    entry_of(cast.body("civil").pk, "离婚登记信息")

    def look(name: str, *widths: int) -> None:
        """The page at the width of a desk, and of a phone where it is dense."""
        for width in (*widths, 1366):
            page.set_viewport_size({"width": width, "height": 800})
            assert_a11y(page)
            shot(page, f"{name}-{width}")

    site = enter("bureau_operator")
    page.goto(f"{site}/catalog/census/")
    page.get_by_role("link", name="发起普查").first.click()
    page.get_by_label("截止日期").fill(str(today() + timedelta(30)))
    look("census-new")
    page.get_by_role("button", name="发起", exact=True).click()
    page.get_by_role("button", name="确认发起目录普查").click()
    expect(page.get_by_role("link", name="市民政局")).to_be_visible()
    look("census", 390)
    whole = Case.objects.get(kind="census")
    part = whole.children.get(parties__provider=cast.body("civil").pk)
    enter("civil_operator")
    page.goto(f"{site}/catalog/census/{whole.pk}/")
    page.get_by_role("link", name="核对本部门目录").click()
    page.get_by_label("全部 2 项").check()
    page.get_by_role("button", name="无变化", exact=True).click()
    expect(page.get_by_text("离婚登记信息：今天的检查有")).to_be_visible()
    look("census-look")
    page.get_by_role("button", name="确认无变化 1 项").click()
    page.goto(f"{site}/catalog/census/parts/{part.pk}/")
    expect(page.get_by_text("1 / 2 项")).to_be_visible()
    look("census-part", 390)
    census.answer(
        cast.civil_operator,
        part,
        entries=[row.pk for row in queries.entries_of_part(part).filter(queries.UNANSWERED)],
        outcome="retire",
        reasons="不再采集",
    )
    census.submit(cast.civil_operator, part)
    census.sign(cast.civil_manager, part)
    census.accept(cast.bureau_operator, part)
    finance = whole.children.get(parties__provider=cast.body("finance").pk)
    for other in whole.children.filter(closed_at=None).exclude(pk=finance.pk):
        census.call_off(cast.bureau_operator, other, reasons="本次只普查两个部门")
    accepted(cast, finance, "finance")
    jobs.finish_parent(whole.pk)
    page.goto(f"{site}/catalog/census/{whole.pk}/report/")
    look("census-report")
    page.goto(f"{site}/catalog/to-withdraw/")
    expect(page.get_by_role("link", name="离婚登记信息")).to_be_visible()
