"""Grants nobody uses, from the list to the decision, and applying again, at the width of a desk and
of a phone (A26)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from tests.disusing import unused
from tests.sharing import Sharing

from huitong.access import jobs
from huitong.access.models import Grant
from huitong.kernel.ledger import writing
from huitong.kernel.workdays import today

Check = Callable[[Page], None]
Enter = Callable[[str], str]
Shot = Callable[[Page, str], None]


@pytest.mark.slow
def test_from_the_list_to_the_decision(
    page: Page, enter: Enter, sharing: Sharing, assert_a11y: Check, shot: Shot
) -> None:
    def look(name: str) -> None:
        for width in (390, 1366):
            page.set_viewport_size({"width": width, "height": 800})
            shot(page, f"unused-{name}-{width}")
            assert_a11y(page)

    grant = unused(sharing)
    with writing("test"):
        Grant.objects.filter(pk=grant.pk).update(valid_to=today() + timedelta(20))
    jobs.watch_use()
    site = enter("civil_manager")
    page.goto(f"{site}/grants/unused/")
    look("list")
    page.locator("main table a.btn").click()
    expect(page.get_by_text("授权后没有任何交付")).to_be_visible()
    look("case")
    page.locator("#give_notice_reasons").fill("四个月没有调用，请说明是否仍需使用。")
    page.get_by_role("button", name="告知拟收回（未使用）").click()
    page.get_by_role("button", name="确认告知拟收回（未使用）").click()
    expect(page.get_by_text("尚未答复")).to_be_visible()

    enter("housing_operator")
    page.goto(f"{site}/cases/{grant.case_id}/")
    look("answer")
    page.locator("#answer_notice_reasons").fill("汛期才使用。")
    page.get_by_label("季节性应用").check()
    for month in ("6 月", "7 月"):
        page.get_by_label(month, exact=True).check()
    page.get_by_role("button", name="答复拟收回").click()
    page.get_by_role("button", name="确认答复拟收回").click()
    expect(page.get_by_text("季节性应用（每年 6、7 月使用）")).to_be_visible()

    enter("civil_manager")
    page.goto(f"{site}/cases/{grant.case_id}/")
    look("settle")
    expect(page.locator("summary", has_text="收回未使用的授权")).to_be_visible()
    page.locator("#keep_running_reasons").fill("属于季节性应用。")
    page.get_by_label("认可使用部门所述的特殊情况").check()
    page.get_by_role("button", name="保留授权").click()
    page.get_by_role("button", name="确认保留授权").click()
    expect(page.get_by_text("有效").first).to_be_visible()

    enter("housing_operator")
    page.goto(f"{site}/grants/{grant.pk}/")
    look("grant")
    page.get_by_role("link", name="再次申请").click()
    look("renew")
    page.get_by_role("button", name="生成申请表").click()
    expect(page.get_by_text("季节性应用（每年 6、7 月使用）")).to_be_visible()


def test_the_months_are_asked_of_a_season_only(
    page: Page, enter: Enter, sharing: Sharing, assert_a11y: Check, shot: Shot
) -> None:
    mount = sharing.mount("division", "api")
    site = enter("housing_operator")
    page.goto(f"{site}/apply/new/{uuid.uuid4()}/?mount={mount.pk}")
    page.get_by_label("级别").check()
    page.get_by_role("button", name="继续", exact=True).click()
    months = page.get_by_label("6 月", exact=True)
    expect(months).to_be_hidden()
    page.get_by_label("应急处置").check()
    expect(months).to_be_hidden()
    expect(page.get_by_label("特殊情况说明")).to_be_visible()
    page.get_by_label("季节性应用").check()
    expect(months).to_be_visible()
    shot(page, "unused-season")
    assert_a11y(page)
