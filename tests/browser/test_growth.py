"""Several clocks, opinions in parallel, parts of a whole, the one list of limits: in a browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect
from tests.cast import Cast
from tests.toys.campaign import actions as campaign
from tests.toys.change import actions as change
from tests.toys.consultation import actions as consultation

from huitong.kernel.workdays import today

Enter = Callable[[str], str]
Check = Callable[[Page], None]
Shot = Callable[[Page, str], None]


def test_opinions_are_given_side_by_side(
    page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    case = consultation.convene(
        cast.bureau_operator,
        question="婚姻数据能否用于公租房审核",
        provider=cast.body("civil").pk,
        consumer=cast.body("housing").pk,
    )
    consultation.advise(cast.civil_manager, case, opinion="同意按授权范围提供。")
    site = enter("housing_manager")
    page.goto(f"{site}/cases/{case.pk}/")
    assert_a11y(page)
    shot(page, "growth-consultation")
    waiting = page.locator(".timeline li", has_text="等待")
    expect(waiting).to_have_count(2)
    page.get_by_label("意见").fill("需要核对申请家庭婚姻状况。")
    page.get_by_role("button", name="提出意见").click()
    page.get_by_role("button", name="确认提出意见").click()
    expect(page.get_by_text("“提出意见”已完成")).to_be_visible()
    page.goto(f"{site}/cases/{case.pk}/")
    expect(page.locator(".timeline li", has_text="等待")).to_have_count(1)
    expect(page.get_by_role("button", name="提出意见")).to_have_count(0)


def test_a_case_shows_each_of_its_clocks(
    page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    case = change.register(cast.civil_operator, document="婚姻登记条例", published_on=today())
    change.ask_extension(cast.civil_operator, case, days=3, reasons="数据表结构需要调整后重新编目")
    site = enter("bureau_manager")
    page.goto(f"{site}/cases/{case.pk}/")
    assert_a11y(page)
    shot(page, "growth-clocks")
    table = page.get_by_role("table", name="正在计时的时限")
    expect(table.locator("tbody tr")).to_have_count(2)
    expect(table).to_contain_text("第十一条")


def test_a_whole_shows_its_parts_and_every_limit_stands_in_one_list(
    page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    bodies = [cast.body(name).pk for name in ("civil", "housing", "hr")]
    whole = campaign.launch(
        cast.bureau_operator, name="2026 年度目录普查", bodies=bodies, until=today() + timedelta(10)
    )
    part = whole.children.get(bodies__contains=[cast.body("civil").pk])
    campaign.report(cast.civil_operator, part, count=3)
    campaign.confirm(cast.civil_manager, part)
    site = enter("bureau_operator")
    page.goto(f"{site}/cases/{whole.pk}/")
    assert_a11y(page)
    shot(page, "growth-parts")
    expect(page.get_by_text("3 件，已办结 1 件")).to_be_visible()
    page.goto(f"{site}/limits/")
    assert_a11y(page)
    shot(page, "growth-limits")
    expect(page.get_by_role("table", name="时限").locator("tbody tr")).to_have_count(2)
    page.locator("#id_due").select_option(label="已超期")
    page.get_by_role("button", name="查询").click()
    assert_a11y(page)
    shot(page, "growth-limits-empty")
    expect(page.get_by_text("没有符合条件的时限")).to_be_visible()
