"""Chapter three: searching, applying, accepting (A20, A21)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from playwright.sync_api import expect
from tests.browser.desk import Desk
from tests.browser.story import front
from tests.installation import Installation

from huitong.cli.demo.stamping import stamped
from huitong.cli.demo.story.applying import HANDLING

DUTY = "为履行法定职责或者法定义务所必需（不得超出履行职责所必需的范围和限度）"


def apply(city: Installation, sit: Callable[..., Desk]) -> None:
    """Housing searches from the home page, reads the entries, applies, prints, stamps, uploads;
    its manager submits (A20)."""
    clerk = (
        sit("zj_operator")
        .look("home-housing")
        .menu("目录编制")
        .click("系统与数据库")
        .click("登记数据库")
    )
    clerk.fill({"登记名称": "住建局前置库", **front(city, "front_zj"), "模式": "arrivals"}).choose(
        "接收交换数据的前置库"
    ).press("测试连接并保存")
    clerk.menu("信息系统").look("systems-empty").click("登记信息系统")
    clerk.fill({"系统名称": "公租房管理系统", "等级保护备案编号": "32060013001-26001"})
    clerk.choose("三级").press("登记")
    search(clerk, "行政区划").click("行政区划代码").says("无条件共享").look("entry-division")
    search(clerk, "婚姻").look("search").click("婚姻登记信息").look("entry").click("申请接口").look(
        "apply-resources"
    )
    clerk.fill({"使用频度和数据量": "每个工作日约 200 次"})
    expect(clerk.page.get_by_text(re.compile("已选 0 / "))).to_be_visible()
    for typed in ("婚姻 库表", "行政区划 文件", "行政区划 接口"):
        # the box of the script, never the select it takes the place of
        box = clerk.page.get_by_role("combobox", name="还要申请的资源")
        more = box.and_(clerk.page.locator("input"))
        more.fill(typed)
        clerk.page.get_by_role("option", name=typed.split()[1]).click()
        clerk.press("添加")
        expect(more).to_have_value("")  # the page with it added has come
    assert clerk.page.get_by_label("使用频度和数据量").first.input_value() == "每个工作日约 200 次"
    clerk.press("继续").says("请至少选择一个信息项").look("apply-wrong")
    tick_all(clerk)
    clerk.page.get_by_text("送达表名：").click()
    clerk.fill({"送达表名": "marriage_checked"}).look("apply-several").press("继续")
    answer(clerk, "审核公共租赁住房申请人的婚姻状况和户籍区划", look=True)
    sit("zj_manager").look("home-housing-manager")
    submit(sit, "婚姻登记信息", look=True)
    search(clerk, "社会保险").main.locator("ol.found h3 a").first.click()
    tick_all(clerk.click("申请使用")).press("继续")
    answer(clerk, "了解申请人参保单位情况，供内部研究参考")
    submit(sit, "社会保险")


def tick_all(desk: Desk) -> Desk:
    """Every item of every resource; without scripts each button is a way to the server and back."""
    buttons = desk.main.get_by_role("button", name="全选")
    counts = desk.main.locator("[data-tick-count]")
    for n in range(buttons.count()):
        buttons.nth(n).click()
        # the way back may take its time: pressed on the page before, the next button sends no tick
        expect(counts.nth(n)).to_have_text(re.compile(r"已选 (\d+) / \1 项"))
    return desk


def search(desk: Desk, words: str) -> Desk:
    desk.open("/").main.get_by_role("searchbox").fill(words)
    return desk.press("检索").says("共")


def answer(desk: Desk, purpose: str, look: bool = False, personal: bool = True) -> None:
    """Questions, check answers, print, stamp, upload."""
    show = desk.look if look else (lambda name: desk)
    desk.main.get_by_text("住房保障").first.click()
    desk.choose("公租房管理系统").fill({"联系人": "钱静", "联系电话": "0513-85000000"})
    desk.fill(
        {
            "使用目的": purpose,
            "使用场景": "窗口受理公租房申请时逐件核对",
            "使用期限止": (date.today() + timedelta(360)).isoformat(),
        }
    )
    if personal:
        desk.fill(
            {
                "处理个人信息的依据": DUTY,
                "目的和方式是否合法、正当、必要": HANDLING["impact_purpose"],
                "对个人权益的影响和安全风险": HANDLING["impact_effect"],
                "保护措施": HANDLING["impact_measures"],
            }
        )
    show("apply-grounds").press("继续")
    show("apply-check").press("确认，生成申请表").says("上传并送负责人")
    with desk.page.expect_download() as download:
        show("form-scan").click("下载打印件")
    print_ = download.value.path().read_bytes()
    assert print_.startswith(b"%PDF")
    desk.page.get_by_role("link", name=re.compile("^SQ-")).first.click()
    show("form-printed").click("上传盖章件")
    desk.fill(
        {
            "加盖公章的扫描件": {
                "name": "盖章件.png",
                "mimeType": "image/png",
                "buffer": stamped(print_, kind="png"),
            },
            "原件档案号": "ZJ-2026-017",
        }
    )
    desk.press("上传并送负责人").says("负责人核对盖章件后提交")
    show("form-sealed")


def submit(sit: Callable[..., Desk], name: str, look: bool = False) -> None:
    chief = sit("zj_manager").menu("待办事项").click(name)
    show = chief.look if look else (lambda name: chief)
    show("case-sealed").click("申请表 SQ")
    show("form-manager").fill({"意见": "同意申请。"}).confirm("提交申请").says(
        "申请已提交", "由谁办理"
    )
    show("form-submitted")


# -- four: accepting and deciding ------------------------------------------------------------------


def accept(sit: Callable[..., Desk]) -> None:
    """The bureau accepts from its to-do list, where the time left is counted down (A19, A21)."""
    clerk = sit("dsj_operator").menu("待办事项").look("todo-bureau")
    expect(clerk.main.locator("tbody .due, tbody .due-near").first).to_contain_text("剩 1 个工作日")
    expect(clerk.main.get_by_text("黄牌")).to_have_count(0)
    for n in range(5):
        clerk.menu("待办事项").main.locator("tbody tr", has_text="待受理").get_by_role(
            "link"
        ).first.click()
        if n == 0:
            clerk.look("case-accept")
        clerk.click("受理")
        if n == 0:
            clerk.look("accept")
        looked_at(clerk).confirm("受理").says("审核中")
        if n == 0:
            clerk.look("case-accepted")


def looked_at(desk: Desk) -> Desk:
    """Every box of the checklist ticked."""
    for box in desk.main.get_by_role("checkbox").all():
        box.check()
    return desk
