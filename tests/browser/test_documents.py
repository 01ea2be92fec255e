"""A document is drafted, reviewed, published and read where its article is cited, by people at
their pages, at the width of a desk and of a phone (A4, A12, A35)."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect
from tests.cast import Cast

from huitong.documents.tests.issued import by_bureau

Check = Callable[[Page], None]
Enter = Callable[[str], str]
Shot = Callable[[Page, str], None]
TITLE = "民政局目录管理办法"


def test_rules_of_a_department_from_the_warning_to_the_reader(
    page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    def look(name: str) -> None:
        for width in (390, 1366):
            page.set_viewport_size({"width": width, "height": 800})
            shot(page, f"documents-{name}-{width}")
            if width == 390 or name == "list":
                assert_a11y(page)

    by_bureau(cast, title="关于管理办法内容的解释", kind="interpretation", articles=["A12"])
    site = enter("civil_operator")
    page.goto(f"{site}/orgs/{cast.body('civil').pk}/")
    expect(page.get_by_text("没有现行有效的目录管理办法")).to_be_visible()
    look("body")
    page.get_by_role("link", name="现在起草").click()
    expect(page.get_by_label("指定的部门")).to_be_hidden()
    page.get_by_label("标题").fill(TITLE)
    page.get_by_label("正文").fill("第一条 经办人编制。\n\n第二条 负责人审核。")
    look("new")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("第二条 负责人审核。")).to_be_visible()
    case = page.url
    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_text("待审核发布").first).to_be_visible()
    enter("civil_manager")
    page.goto(case)
    look("review")
    page.get_by_role("button", name="发布", exact=True).click()
    page.get_by_role("button", name="确认发布").click()
    expect(page.get_by_text("已发布").first).to_be_visible()
    enter("housing_operator")
    page.goto(f"{site}/articles/A12/")
    expect(page.get_by_role("link", name="关于管理办法内容的解释")).to_be_visible()
    look("article")
    page.get_by_role("link", name=TITLE).click()
    expect(page.get_by_text("第 1 版")).to_be_visible()
    look("document")
    page.goto(f"{site}/documents/?q=民政局")
    expect(page.get_by_role("link", name=TITLE)).to_be_visible()
    look("list")
    enter("bureau_operator")
    page.goto(f"{site}/documents/departments/")
    expect(page.get_by_text("1 个已制定管理办法")).to_be_visible()
    look("departments")
