"""A workbook handed in, mended, confirmed and submitted as one (A7, A12)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.cast import Cast

from huitong.catalog import actions, jobs
from huitong.catalog.models import ChangeSet
from huitong.catalog.tests.workbooks import COMPLETE, book_of, content_of

Check = Callable[[Page], None]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize("width", [1366, 390])
def test_a_workbook_is_mended_confirmed_and_submitted(
    width: int,
    page: Page,
    enter: Callable[[str], str],
    cast: Cast,
    assert_a11y: Check,
    shot: Callable[[Page, str], None],
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    actions.register_system(cast.civil_operator, name="业务管理系统")
    site = enter("civil_operator")
    page.goto(f"{site}/compile/")
    page.get_by_role("link", name="表格导入导出").first.click()
    assert_a11y(page)
    shot(page, f"sheets-{width}")

    def upload(*entries: dict[str, str]) -> None:
        page.goto(f"{site}/compile/sheets/")
        file = {"name": "目录.xlsx", "mimeType": XLSX, "buffer": content_of(book_of(*entries))}
        page.get_by_label("目录表格").set_input_files(files=[file])
        page.get_by_role("button", name="上传并检查").click()
        expect(page.get_by_text("正在读取文件")).to_be_visible()
        assert_a11y(page)
        jobs.check_workbook(changes=ChangeSet.objects.latest("pk").pk)

    upload(COMPLETE | {"共享类型": "有条件共亨", "资源名称": "　婚姻登记信息"})
    expect(page.get_by_text("有 1 处错误")).to_be_visible()  # the page looks by itself
    assert_a11y(page)
    shot(page, f"sheets-faults-{width}")
    upload(COMPLETE, {"资源名称": "收养登记信息"})
    expect(page.get_by_text("检查通过，还没有写入")).to_be_visible()
    assert_a11y(page)
    shot(page, f"sheets-ready-{width}")
    page.get_by_role("button", name="确认写入").click()
    expect(page.get_by_text("已写入草稿")).to_be_visible()
    assert_a11y(page)
    shot(page, f"sheets-applied-{width}")
    page.get_by_role("link", name="整批提交审核").click()
    assert_a11y(page)
    shot(page, f"sheets-submit-{width}")
