"""A document is drafted, reviewed, published, read where its article is cited, and repealed, by
people at their pages (A4, A12, A35)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.cast import Cast

from huitong.documents.tests.issued import by_bureau

Check = Callable[[Page], None]
Enter = Callable[[str], str]
Shot = Callable[[Page, str], None]


@pytest.mark.parametrize("width", [1366, 390])
def test_rules_of_a_department_from_the_warning_to_the_reader(
    width: int, page: Page, enter: Enter, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    by_bureau(cast, title="关于管理办法内容的解释", kind="interpretation", articles=["A12"])
    site = enter("civil_operator")
    page.goto(f"{site}/orgs/{cast.body('civil').pk}/")
    expect(page.get_by_text("没有现行有效的目录管理办法")).to_be_visible()
    assert_a11y(page)
    shot(page, f"documents-body-{width}")
    page.get_by_role("link", name="现在起草").click()
    assert_a11y(page)
    expect(page.get_by_label("指定的部门")).to_be_hidden()
    page.get_by_label("标题").fill("民政局目录管理办法")
    page.get_by_label("正文").fill("第一条 经办人编制。\n\n第二条 负责人审核。")
    shot(page, f"documents-new-{width}")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("第二条 负责人审核。")).to_be_visible()
    assert_a11y(page)
    shot(page, f"documents-draft-{width}")
    case = page.url
    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_text("待审核发布").first).to_be_visible()
    enter("civil_manager")
    page.goto(case)
    page.get_by_role("button", name="发布", exact=True).click()
    page.get_by_role("button", name="确认发布").click()
    expect(page.get_by_text("已发布").first).to_be_visible()
    shot(page, f"documents-published-{width}")
    enter("housing_operator")
    page.goto(f"{site}/articles/A12/")
    assert_a11y(page)
    expect(page.get_by_role("link", name="关于管理办法内容的解释")).to_be_visible()
    shot(page, f"documents-article-{width}")
    page.get_by_role("link", name="民政局目录管理办法").click()
    page.wait_for_load_state("load")
    expect(page.get_by_text("第 1 版")).to_be_visible()
    assert_a11y(page)
    shot(page, f"documents-document-{width}")
    page.goto(f"{site}/documents/?q=民政局")
    expect(page.get_by_role("link", name="民政局目录管理办法")).to_be_visible()
    assert_a11y(page)
    shot(page, f"documents-list-{width}")
    page.goto(f"{site}/articles/")
    assert_a11y(page)
    shot(page, f"documents-articles-{width}")
    enter("bureau_operator")
    page.goto(f"{site}/documents/departments/")
    assert_a11y(page)
    shot(page, f"documents-departments-{width}")
