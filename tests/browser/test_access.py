"""Mounting, applying, deciding and grants as a clerk sees them: readable, by keyboard, without
scripts (A13, A18-A23)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.story.applying import DUTY
from tests.sharing import HANDLING, Sharing

from huitong.access import queries
from huitong.access.models import Application, Form
from huitong.cli.demo.stamping import QUICK, stamped

Enter = Callable[[str], str]
Check = Callable[[Page], None]
Shot = Callable[[Page, str], None]


def test_a_source_is_looked_at_and_mounted(
    page: Page, enter: Enter, sharing: Sharing, assert_a11y: Check, shot: Shot
) -> None:
    entry = sharing.entry("marriage")
    site = enter("civil_operator")
    page.goto(f"{site}/mounts/")
    assert_a11y(page)
    page.get_by_role("link", name="挂接资源").click()
    assert_a11y(page)
    shot(page, "mount-choose")
    page.locator("main").get_by_role("link", name="接口").click()
    page.get_by_label("更新责任人").fill("周建国")
    page.get_by_role("button", name="测试数据源").click()
    expect(page.get_by_text("连接成功")).to_be_visible()
    expect(page.locator("#seen")).to_contain_text("110105********002X")
    assert_a11y(page)
    shot(page, "mount-new")
    page.get_by_role("button", name="挂接", exact=True).click()
    expect(page.get_by_text("已挂接")).to_be_visible()
    assert_a11y(page)
    shot(page, "mount")
    page.goto(f"{site}/catalog/{entry.pk}/")
    assert_a11y(page)
    shot(page, "mount-entry")


@pytest.mark.slow
def test_questions_are_answered_checked_printed_and_sealed(
    page: Page, enter: Enter, sharing: Sharing, assert_a11y: Check, shot: Shot, tmp_path: Path
) -> None:
    marriage, _ = sharing.mount("marriage", "api"), sharing.mount("division", "api")
    sharing.system()
    site = enter("housing_operator")
    page.goto(f"{site}/apply/new/?mount={marriage.pk}")
    page.get_by_role("combobox", name="还要申请的资源").fill("xzqh")
    expect(page.get_by_role("option")).to_contain_text("行政区划")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="添加").click()
    for button in page.get_by_role("button", name="全选").all():
        button.click()
    page.get_by_label("登记机关", exact=True).uncheck()
    expect(page.get_by_text("已选 5 / 6 项")).to_be_visible()
    assert_a11y(page)
    shot(page, "apply-resources")
    page.get_by_role("button", name="继续").click()
    expect(page.get_by_label("负责全市住房保障工作")).to_be_checked()
    expect(page.get_by_label("公共租赁住房资格审核")).to_be_checked()
    expect(page.get_by_label("住房保障系统")).to_be_checked()
    page.get_by_label("联系电话").fill("0513-85215678")
    page.get_by_label("使用目的").fill("核对公共租赁住房申请人婚姻状况")
    page.get_by_label("处理个人信息的依据").select_option(label=DUTY)
    page.get_by_label("目的和方式是否合法、正当、必要").fill(HANDLING["impact_purpose"])
    page.get_by_label("对个人权益的影响和安全风险").fill(HANDLING["impact_effect"])
    page.get_by_label("保护措施").fill(HANDLING["impact_measures"])
    assert_a11y(page)
    shot(page, "apply-grounds")
    page.get_by_role("button", name="继续").click()
    assert_a11y(page)
    shot(page, "apply-check")
    page.get_by_role("button", name="确认，生成申请表").click()
    assert_a11y(page)
    shot(page, "apply-printed")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载打印件").click()
    page.goto(f"{site}/apply/{Form.objects.get().pk}/")
    assert_a11y(page)
    shot(page, "apply-form")
    paper = tmp_path / "盖章件.png"  # the browser shows a PDF with pages of its own
    paper.write_bytes(stamped(download.value.path().read_bytes(), dots=QUICK, kind="png"))
    page.goto(f"{site}/apply/{Form.objects.get().pk}/scan/")
    page.set_input_files("input[type=file]", str(paper))
    page.get_by_label("原件档案号").fill("ZJ-2026-017")
    assert_a11y(page)
    shot(page, "apply-scan")
    page.get_by_role("button", name="上传并送负责人").click()
    expect(page.get_by_text("已送本部门负责人")).to_be_visible()
    assert_a11y(page)
    site = enter("housing_manager")
    page.goto(f"{site}/apply/{Form.objects.get().pk}/")
    assert_a11y(page)
    shot(page, "apply-submit")
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_role("dialog")).to_contain_text("1 个工作日")
    assert_a11y(page)
    shot(page, "confirm-submit")
    page.get_by_role("button", name="确认提交申请").click()
    expect(page.get_by_text("申请已提交")).to_be_visible()
    assert_a11y(page)
    shot(page, "apply-done")
    page.goto(f"{site}/applications/")
    assert_a11y(page)
    shot(page, "applications")


@pytest.mark.answers(422)
def test_the_decider_simulates_then_grants_in_part(
    page: Page, enter: Enter, sharing: Sharing, assert_a11y: Check, shot: Shot
) -> None:
    application = sharing.accepted(sharing.mount("marriage", "api"))
    site = enter("civil_manager")
    page.goto(f"{site}/cases/{application.case_id}/")
    assert_a11y(page)
    shot(page, "decide-case")
    page.goto(f"{site}/decide/{application.pk}/")
    assert_a11y(page)
    shot(page, "decide")
    page.get_by_label("男方身份号码", exact=True).uncheck()
    page.get_by_label("第 1 行 信息项").click()
    expect(page.locator("#grid-options li")).to_have_count(6)
    page.keyboard.type("登记机关区划")
    page.keyboard.press("Tab")
    page.get_by_label("第 1 行 关系").press_sequentially("开头")
    expect(page.locator("#grid-options li")).to_have_text(["以…开头"])
    page.keyboard.press("Enter")
    expect(page.get_by_label("第 1 行 信息项")).to_have_value("登记机关区划（字符型）")
    page.get_by_role("button", name="模拟").click()
    page.get_by_role("link", name="第 1 行 值：请填写条件的值").click()
    expect(page.get_by_label("第 1 行 值")).to_be_focused()
    assert_a11y(page)
    shot(page, "decide-conditions")
    page.get_by_label("第 1 行 值").fill("3206")
    page.get_by_role("button", name="模拟").click()
    expect(page.locator("#seen")).to_contain_text("320623")
    assert_a11y(page)
    shot(page, "decide-simulated")
    page.get_by_role("button", name="同意授权").click()
    page.get_by_role("link", name="请选择理由类别").click()
    expect(page.get_by_label("理由类别").first).to_be_focused()
    shot(page, "decide-without-ground")
    page.get_by_label("理由类别").first.select_option("超出办理事项所需（第三十条）")
    page.get_by_label("涉及的条款、栏目或信息项").first.fill("男方身份号码")
    page.get_by_label("具体理由").first.fill("核对婚姻状况不需要身份号码，仅限南通登记机关的记录。")
    page.get_by_role("button", name="同意授权").click()
    page.get_by_role("button", name="确认同意授权").click()
    expect(page.get_by_text("已部分同意授权")).to_be_visible()
    assert queries.live_grants()[0].parsed.row_filter is not None
    page.goto(f"{site}/grants/?tab=given")
    assert_a11y(page)
    shot(page, "grants")


@pytest.mark.answers(422)
def test_conditions_on_a_phone_by_keyboard_fit_the_type_of_their_item(
    page: Page, enter: Enter, sharing: Sharing, assert_a11y: Check, shot: Shot
) -> None:
    application = sharing.accepted(sharing.mount("marriage", "api"))
    site = enter("civil_manager")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site}/decide/{application.pk}/")
    relation = page.get_by_label("第 1 行 关系")
    relation.scroll_into_view_if_needed()
    page.wait_for_timeout(200)  # a page that still scrolls closes the list
    page.get_by_label("第 1 行 信息项").focus()
    page.keyboard.type("登记日期")
    page.keyboard.press("Tab")
    expect(relation).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    listed = page.locator("#grid-options li")
    expect(listed).to_have_count(9)
    expect(listed.filter(has_text="以…开头")).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+a")
    page.keyboard.type("不早于")
    expect(listed).to_have_text(["不小于（不早于）"])
    page.keyboard.press("Tab")
    expect(page.get_by_label("第 1 行 值")).to_be_focused()
    page.keyboard.type("去年")
    page.keyboard.press("Enter")
    expect(page.get_by_label("第 2 行 值")).to_be_focused()
    page.get_by_role("button", name="模拟").click()
    link = page.get_by_role("link", name="第 1 行 值：“去年”不是有效的日期（如 2020-02-19）")
    expect(link).to_be_visible()
    assert_a11y(page)
    link.click()
    expect(page.get_by_label("第 1 行 值")).to_be_focused()
    shot(page, "decide-conditions-390")
    page.keyboard.press("Control+a")
    page.keyboard.type("2020-01-05")
    page.get_by_label("每秒调用上限").press("Enter")
    expect(page.locator(".error-summary")).to_contain_text("授权比申请的少（限制数据行")
    expect(page.get_by_label("第 1 行 值")).to_have_value("2020-01-05")
    assert page.get_by_label("第 4 行 信息项").count() == 0, "Enter in a field adds no row"
    page.get_by_role("button", name="加行").click()
    expect(page.locator("#conditions-row-4 td").first).to_have_attribute("data-label", "信息项")
    assert_a11y(page)


def test_a_credential_is_shown_once(
    page: Page, enter: Enter, sharing: Sharing, assert_a11y: Check, shot: Shot
) -> None:
    grant, system = sharing.granted(), sharing.system()
    site = enter("housing_operator")
    page.goto(f"{site}/grants/{grant.pk}/")
    assert_a11y(page)
    shot(page, "grant")
    page.goto(f"{site}/systems/{system.pk}/credentials/new/")
    assert_a11y(page)
    page.get_by_role("button", name="生成凭证").click()
    expect(page.get_by_label("密钥")).to_be_visible()
    assert_a11y(page)
    shot(page, "credential-once")
    page.goto(f"{site}/systems/{system.pk}/")
    assert_a11y(page)
    shot(page, "system")
    page.goto(f"{site}/systems/")
    assert_a11y(page)


def test_deciding_works_without_scripts(
    browser: Browser, live_server: Any, sharing: Sharing
) -> None:
    application = sharing.accepted(sharing.mount("division", "api"))
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    session = sharing.cast.client("bureau_manager").cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/decide/{application.pk}/")
    page.get_by_label("上级代码", exact=True).uncheck()
    page.get_by_label("第 1 行 信息项").fill("区划代码")
    page.get_by_label("第 1 行 关系").fill("以…开头")
    page.get_by_label("第 1 行 值").fill("3206")
    page.get_by_role("button", name="加行").click()
    expect(page.get_by_label("第 13 行 值")).to_be_visible()
    expect(page.get_by_label("上级代码", exact=True)).not_to_be_checked()
    page.get_by_label("第 13 行 值").fill("320600")
    page.get_by_role("button", name="模拟").click()
    expect(page.locator(".error-summary")).to_contain_text("第 13 行 信息项：请选择信息项")
    page.get_by_label("选第 13 行").check()
    page.get_by_role("button", name="删除行").click()
    expect(page.get_by_label("第 1 行 值")).to_have_value("3206")
    page.get_by_label("理由类别").first.select_option("超出办理事项所需（第三十条）")
    page.get_by_label("涉及的条款、栏目或信息项").first.fill("上级代码")
    page.get_by_label("具体理由").first.fill("核对区划名称不需要上级代码。")
    page.get_by_role("button", name="同意授权").click()
    page.get_by_role("button", name="确认同意授权").click()
    expect(page.get_by_text("已部分同意授权")).to_be_visible()
    context.close()
    scope = Application.objects.get(pk=application.pk).grant.scope
    assert scope["items"] == ["区划代码", "区划名称", "级别"]
    assert scope["row_filter"]["value"] == {"text": "3206"}
