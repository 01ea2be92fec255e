"""Doubts, grants brought in, lead collectors and struck conditions, looked at by who works with
them, at the width of a desk and of a phone (A8, A19, A29)."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect
from tests.sharing import Sharing

from huitong.catalog.models import Datum
from huitong.objections.models import Objection

Check = Callable[[Page], None]
Enter = Callable[[str], str]
Shot = Callable[[Page, str], None]


def looker(page: Page, assert_a11y: Check, shot: Shot) -> Callable[[str], None]:
    def look(name: str) -> None:
        for width in (390, 1366):
            page.set_viewport_size({"width": width, "height": 800})
            shot(page, f"{name}-{width}")
            assert_a11y(page)

    return look


def test_a_doubt_is_raised_from_a_grant_and_verified(
    page: Page, enter: Enter, sharing: Sharing, assert_a11y: Check, shot: Shot
) -> None:
    look = looker(page, assert_a11y, shot)
    grant = sharing.granted(sharing.mount("marriage", "api"))
    site = enter("housing_operator")
    page.goto(f"{site}/grants/{grant.pk}/")
    look("grant")
    page.goto(f"{site}/objections/")
    look("doubts-none")
    page.goto(f"{site}/catalog/{grant.mount.entry_id}/")
    page.get_by_role("link", name="提出疑义").first.click()
    look("doubt-new")
    page.get_by_label("疑义和依据").fill("登记机关写的是旧名称，2024 年机构改革后已经更名。")
    page.get_by_role("button", name="提出疑义").click()
    expect(page.get_by_role("main")).to_contain_text("机构改革后已经更名")
    look("doubt")
    assert Objection.objects.get().entry_id == grant.mount.entry_id
    page.goto(f"{site}/objections/")
    look("doubts")


def test_the_tab_keeps_no_copy_of_values_of_a_person(
    page: Page, enter: Enter, sharing: Sharing
) -> None:
    grant = sharing.granted(sharing.mount("marriage", "api"))
    page.goto(f"{enter('housing_operator')}/objections/new/?grant={grant.pk}")
    page.get_by_label("收到的值").fill("张某某 20200108")
    page.get_by_label("认为正确的值").fill("张某某 20200801")
    page.get_by_label("疑义和依据").fill("登记日期与证件不符。")
    copies = ""
    for _ in range(100):  # the copy is made of all there is, a moment after typing stops
        if "登记日期与证件不符" in (copies := page.evaluate("JSON.stringify(sessionStorage)")):
            break
        page.wait_for_timeout(100)
    assert "登记日期与证件不符" in copies and "张某某" not in copies


def test_the_browser_asks_before_values_of_a_person_alone_are_lost(
    page: Page, enter: Enter, sharing: Sharing
) -> None:
    grant = sharing.granted(sharing.mount("marriage", "api"))
    page.goto(f"{enter('housing_operator')}/objections/new/?grant={grant.pk}")
    page.get_by_label("收到的值").fill("张某某 20200108")
    questions: list[str] = []
    page.once("dialog", lambda dialog: (questions.append(dialog.type), dialog.dismiss()))
    page.evaluate("setTimeout(() => location.reload())")
    page.wait_for_timeout(500)
    assert questions == ["beforeunload"]
    expect(page.get_by_label("收到的值")).to_have_value("张某某 20200108")
    assert "张某某" not in page.evaluate("JSON.stringify(sessionStorage)")


def test_the_bureau_brings_in_registers_a_lead_and_strikes_a_condition(
    page: Page, enter: Enter, decreed: Sharing, assert_a11y: Check, shot: Shot
) -> None:
    look = looker(page, assert_a11y, shot)
    entry = decreed.mount("marriage", "api").entry
    site = enter("bureau_operator")
    page.goto(f"{site}/grants/intake/")
    look("intake")
    page.goto(f"{site}/catalog/leads/")
    look("leads-none")
    page.goto(f"{site}/catalog/leads/new/")
    for column, text in (("name", "婚姻状况"), ("body", "市民政局"), ("basis", "市政府文件")):
        page.locator(f"#data-1-{column}").fill(text)
    look("lead-new")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_text("已登记，各数源部门会收到通知")).to_be_visible()
    assert Datum.objects.get().name == "婚姻状况"
    look("leads")
    page.goto(f"{site}/catalog/{entry.pk}/")
    look("entry")
    page.get_by_role("link", name=re.compile("^撤销")).first.click()
    look("strike")
    page.locator("#id_reasons").fill("所引条款与该条件无关。")
    page.get_by_role("button", name="撤销共享条件").click()
    page.get_by_role("dialog").get_by_role("button", name="确认").click()
    page.goto(f"{site}/catalog/{entry.pk}/")
    expect(page.locator("#terms")).to_contain_text("所引条款与该条件无关")
    look("struck")
