"""A demand from the empty search to the application that follows from it, by people at their pages,
at the width of a desk and of a phone (A24, A25)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.demanding import Demanding
from tests.sharing import Sharing

from huitong.cli.demo.stamping import QUICK, stamped
from huitong.demands import queries
from huitong.demands.models import Demand
from huitong.kernel.workdays import today

Check = Callable[[Page], None]
Enter = Callable[[str], str]
Shot = Callable[[Page, str], None]


@pytest.mark.slow
@pytest.mark.answers(422)
def test_a_demand_from_the_empty_search_to_the_application(
    page: Page,
    enter: Enter,
    demanding: Demanding,
    sharing: Sharing,
    assert_a11y: Check,
    shot: Shot,
    tmp_path: Path,
) -> None:
    def look(name: str) -> None:
        for width in (390, 1366):
            page.set_viewport_size({"width": width, "height": 800})
            shot(page, f"demands-{name}-{width}")
            assert_a11y(page)

    demanding.submitted(addressed="hr", title="婚姻登记历史档案")
    site = enter("housing_operator")
    page.goto(f"{site}/catalog/?q=婚姻登记信息")
    page.get_by_role("link", name="提出需求").click()
    expect(page.get_by_text("没有写着“婚姻登记信息”的目录")).to_be_visible()
    look("find")
    page.get_by_role("link", name="都不是，继续填写").click()
    expect(page.get_by_label("需要的数据")).to_have_value("婚姻登记信息")
    page.get_by_role("button", name="继续", exact=True).click()
    expect(page.get_by_text("需要的信息项").first).to_be_visible()
    look("missing")
    page.get_by_label("需要的信息项").fill("男方姓名\n女方姓名\n登记日期")
    page.get_by_label("使用目的").fill("核对公共租赁住房申请人婚姻状况")
    page.get_by_label("使用场景").fill("受理窗口逐件核对")
    look("write")
    page.get_by_role("button", name="继续", exact=True).click()
    page.get_by_role("button", name="生成打印件").click()
    expect(page.get_by_role("link", name="下载打印件")).to_be_visible()
    look("printed")
    case = page.url
    demand = Demand.objects.get(title="婚姻登记信息")
    scan = tmp_path / "盖章件.jpeg"
    scan.write_bytes(
        stamped(queries.printed_matter(queries.demand_of(demand.case)), dots=QUICK, kind="jpeg")
    )
    page.get_by_role("link", name="上传盖章件并送审").click()
    page.locator("input[type=file]").set_input_files(scan)
    page.get_by_label("原件档案号").fill("ZJ-2026-031")
    look("scan")
    page.get_by_role("button", name="上传并送负责人").click()
    expect(page.get_by_text("待本部门负责人提交").first).to_be_visible()

    enter("housing_manager")
    page.goto(case)
    look("submit")
    page.get_by_role("button", name="提交需求").click()
    page.get_by_role("button", name="确认提交需求").click()
    expect(page.get_by_text("待转交").first).to_be_visible()

    enter("bureau_operator")
    page.goto(f"{site}/demands/?tab=all")
    look("list")
    page.get_by_role("link", name="婚姻登记信息").click()
    expect(page.get_by_text("正在办理的相似需求")).to_be_visible()
    look("assign")
    page.goto(f"{case}assign/")
    page.get_by_label("转交给哪个部门").select_option(label="市民政局")
    page.get_by_role("button", name="转交部门答复").click()
    page.get_by_role("button", name="确认转交部门答复").click()
    expect(page.get_by_text("待答复").first).to_be_visible()

    enter("civil_operator")
    page.goto(case)
    look("answer")
    page.goto(f"{case}promise/")
    page.get_by_label("计划发布日期").fill((today() + timedelta(7)).isoformat())
    page.get_by_role("button", name="属本部门职责，将发布").click()
    page.get_by_role("button", name="确认属本部门职责，将发布").click()
    expect(page.get_by_text("待发布").first).to_be_visible()
    page.goto(f"{site}/demands/responsibilities/")
    expect(page.get_by_role("link", name="婚姻登记信息")).to_be_visible()
    look("responsibilities")
    page.goto(f"{site}/demands/duties/")
    look("duties")
    entry = sharing.mount("marriage").entry
    page.goto(f"{case}answer/")
    page.get_by_role("combobox").first.fill("婚姻")
    page.get_by_role("option", name=entry.name).click()
    page.get_by_role("button", name="以目录答复").click()
    page.get_by_role("button", name="确认以目录答复").click()
    expect(page.get_by_text("已有目录答复").first).to_be_visible()

    enter("housing_operator")
    page.goto(case)
    look("answered")
    page.get_by_role("button", name="申请使用（接口）").click()
    expect(page.get_by_role("heading", name="婚姻登记信息")).to_be_visible()
    page.get_by_label("男方姓名").check()
    page.get_by_role("button", name="继续", exact=True).click()
    expect(page.get_by_label("使用目的")).to_have_value("核对公共租赁住房申请人婚姻状况")
