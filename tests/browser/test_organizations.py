"""The directory, one's own page and the administrators' pages in a real browser: readable, and
working by keyboard and mouse."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_grid import paste
from tests.cast import Cast

from huitong.kernel.actor import Actor, Post
from huitong.kernel.workdays import today
from huitong.organizations import actions, queries
from huitong.organizations.rules import read_sheet

Enter = Callable[[str], str]
Check = Callable[[Page], None]
Shot = Callable[[Page, str], None]
DATA = Path(queries.__file__).parents[1] / "data"


def test_the_system_administrators_pages(
    page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    site = enter("system_admin")
    for name, address in (
        ("home", "/"),
        ("overview", "/sys/"),
        ("bodies", "/sys/bodies/"),
        ("people", "/sys/people/"),
        ("calendar", "/sys/calendar/"),
        ("limits", "/sys/limits/"),
        ("succession", "/sys/bodies/succession/"),
        ("import", "/sys/import/bodies/"),
    ):
        page.goto(site + address)
        assert_a11y(page)
        shot(page, f"org-{name}")


@pytest.mark.answers(422)
def test_an_account_is_opened_and_its_password_shown_once(
    page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    site = enter("system_admin")
    page.goto(f"{site}/sys/people/")
    page.get_by_role("link", name="开设账号").click()
    page.get_by_label("用户名").fill("1x")
    page.get_by_label("姓名").fill("林芳")
    page.get_by_role("button", name="开设账号").click()
    expect(page.locator("#id_username_error")).to_be_visible()
    page.get_by_label("用户名").fill("lin.fang")
    page.get_by_role("button", name="开设账号").click()
    expect(page.get_by_text("只显示这一次")).to_be_visible()
    assert_a11y(page)
    shot(page, "org-secret")
    page.get_by_role("link", name="已保存，返回").click()
    expect(page.get_by_text("变更待复核")).to_be_visible()
    enter("security_admin")
    page.goto(f"{site}/sec/")
    shot(page, "org-waiting")
    page.get_by_role("link", name="复核").click()
    assert_a11y(page)
    shot(page, "org-release")
    page.get_by_role("main").get_by_role("button").first.click()
    expect(page.get_by_label("一次性密码（后段）")).to_be_visible()
    assert_a11y(page)
    shot(page, "org-second-half")


def test_a_body_and_ones_own_page(
    page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    actions.deputize(
        cast.housing_manager,
        deputy=cast.housing_operator.person,
        post=Post.MANAGER,
        valid_to=today() + timedelta(7),
    )
    site = enter("housing_manager")
    for name, address in (
        ("directory", "/orgs/?q=局"),
        ("body", f"/orgs/{cast.body('housing').pk}/"),
        ("me", "/me/"),
        ("duties", "/sys/duties/"),
        ("task-force", f"/orgs/{cast.body('housing').pk}/task-force/"),
        ("deputize", "/me/deputies/add/"),
    ):
        page.goto(site + address)
        assert_a11y(page)
        shot(page, f"org-{name}")


@pytest.mark.answers(422)
def test_the_people_of_a_task_force_are_pasted(
    page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    site = enter("stranger_manager")
    page.goto(f"{site}/orgs/{cast.body('stranger').pk}/task-force/")
    for label, words in {
        "分管领导": "张局",
        "责任处室": "综合处",
        "技术支撑单位": "信息中心",
    }.items():
        page.get_by_label(label).first.fill(words)
    page.get_by_label("第 1 行 姓名", exact=True).click()
    paste(page, "王工\t数据专员\t051312345678\n李工\t接口开发\n赵工\t")
    assert_a11y(page)
    page.get_by_role("button", name="登记", exact=False).last.click()
    expect(page.get_by_text("第 3 行 分工").first).to_be_visible()
    shot(page, "task-force")
    page.get_by_label("第 3 行 分工", exact=True).fill("运行维护")
    page.set_viewport_size({"width": 390, "height": 844})
    assert_a11y(page)
    shot(page, "task-force-390")
    page.get_by_label("分管领导").first.press("Enter")  # sends, and adds no row
    expect(page.get_by_text("王工（数据专员）、李工（接口开发）、赵工（运行维护）")).to_be_visible()


def test_the_security_administrator_hands_over_with_a_preview(
    page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    site = enter("security_admin")
    for name, address in (
        ("rights", "/sec/"),
        ("sessions", "/sec/sessions/"),
        ("appoint", "/sec/appoint/"),
    ):
        page.goto(site + address)
        assert_a11y(page)
        shot(page, f"org-{name}")
    page.get_by_role("combobox", name="人员").press_sequentially("zhengjb")
    expect(page.get_by_role("option", name="郑经办人")).to_be_visible()
    assert_a11y(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="人员")).to_have_value(re.compile("^郑经办人（"))
    page.goto(f"{site}/hand-over/{cast.person('civil_manager').pk}/{cast.body('civil').pk}/")
    page.get_by_label("理由").fill("退休")
    page.get_by_role("button", name="预览变化").click()
    expect(page.get_by_text("将无人在岗")).to_be_visible()
    assert_a11y(page)
    shot(page, "org-hand-over")
    page.get_by_role("button", name="确认移交").click()
    expect(page.get_by_text("离岗移交").first).to_be_visible()
    assert not queries.managers_of(cast.body("civil").pk).exists()


@pytest.mark.answers(422)
def test_a_city_is_imported_row_errors_first(
    page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot, tmp_path: Path
) -> None:
    actions.import_divisions(
        Actor.system(), sheet=read_sheet("divisions", (DATA / "divisions.csv").read_bytes())
    )
    site = enter("system_admin")
    page.goto(f"{site}/sys/import/duties/")
    wrong = tmp_path / "duties.csv"
    wrong.write_text(
        "机构,职责,事项编码,事项名称\n南通市没有局,负责,X-1,甲\n南通市民政局,,X-2,\n",
        encoding="gb18030",
    )
    page.get_by_label("文件").set_input_files(wrong)
    with page.expect_response(lambda r: r.request.method == "POST") as answer:
        page.get_by_role("button", name="检查").click()
    assert answer.value.status == 422
    expect(page.get_by_text("没有名为“南通市没有局”的机构")).to_be_visible()
    assert_a11y(page)
    shot(page, "org-import-errors")
    wrong.write_text(
        "职责登记表\n机构,职责,事项编码,事项名称,备注\n南通市民政局,负责养老服务,X-2,养老机构备案,新\n",
        encoding="utf-8",
    )
    page.get_by_label("文件").set_input_files(wrong)
    page.get_by_role("button", name="检查").click()
    assert_a11y(page)
    shot(page, "org-import-checked")
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_text("已导入职责与事项：新增 1")).to_be_visible()
    page.goto(f"{site}/sys/divisions/?q=如东")
    assert_a11y(page)
    shot(page, "org-divisions")


@pytest.mark.answers(422)
def test_what_was_written_outlives_the_session_it_was_written_in(
    page: Page, enter: Enter, cast: Cast
) -> None:
    site = enter("housing_operator")
    page.goto(f"{site}/me/tokens/add/")
    page.get_by_label("用途").fill("对接公租房系统")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="生成访问令牌").click()
    expect(page.get_by_role("heading", name="登录", exact=True)).to_be_visible()
    enter("housing_manager")  # somebody else in the same window is not shown it
    page.goto(f"{site}/me/tokens/add/")
    expect(page.get_by_text("上次未提交的内容")).to_have_count(0)
    page.get_by_label("用途").fill("核对名单")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="生成访问令牌").click()
    enter("housing_manager")
    page.goto(f"{site}/me/tokens/add/")
    expect(page.get_by_text("已恢复登录前填写")).to_be_visible()
    expect(page.get_by_label("用途")).to_have_value("核对名单")
    page.get_by_label("有效天数").fill("0")
    page.get_by_role("button", name="生成访问令牌").click()
    page.get_by_label("有效天数").fill("30")
    page.get_by_role("button", name="生成访问令牌").click()
    expect(page.get_by_text("只显示这一次")).to_be_visible()
    page.goto(f"{site}/me/tokens/add/")
    expect(page.get_by_text("上次未提交的内容")).to_have_count(0)
