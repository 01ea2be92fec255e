"""Chapters four and five: deciding, using, ending (A22-A30), and the same without scripts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from playwright.sync_api import expect
from tests.browser.desk import Desk
from tests.browser.story.applying import answer, looked_at, search, tick_all


def decide(sit: Callable[..., Desk]) -> None:
    """The platform grants divisions (A23); Civil Affairs looks at a simulation and grants in
    part (A22); Human Resources refuses."""
    head = (
        sit("dsj_manager")
        .menu("待办事项")
        .click("行政区划代码（文件）")
        .look("case-platform")
        .click("同意授权")
        .look("decide-file")
    )
    head.fill({"意见": "同意。"}).confirm("同意授权").says("已授权").look("granted-file")
    head.menu("待办事项").click("行政区划代码（接口）").click("同意授权").confirm("同意授权").says(
        "已授权"
    )
    chief = (
        sit("mz_manager")
        .menu("待办事项")
        .look("todo-provider")
        .click("婚姻登记信息（接口）")
        .look("case-provider")
        .click("同意授权")
    )
    narrow(chief.look("decide"))
    chief.press("模拟").says("模拟结果").look("decide-simulated")
    sample = chief.main.locator("#seen").inner_text()
    assert "**" in sample and "320500" not in sample and "手机号" not in sample
    chief.fill({"意见": "仅限南通登记机关的记录。"}).confirm("同意授权").says(
        "已部分同意授权", "申请与授权对照", "以“3206”开头"
    ).look("granted-part")
    narrow(chief.menu("待办事项").click("婚姻登记信息（库表）").click("同意授权"))
    chief.confirm("同意授权").says("已部分同意授权")
    other = sit("rs_manager").menu("待办事项").main
    other.get_by_role("link", name="申请使用").first.click()
    sit("rs_manager").click("不予授权").fill(
        {
            "理由类别": "超出履职范围（第三条）",
            "涉及的条款、栏目或信息项": "使用目的",
            "具体理由": "申请用途为“内部研究参考”，与所列职责“住房保障”无关。",
        },
        within="不予授权",
    )
    sit("rs_manager").look("decide-refuse").confirm("不予授权").says(
        "不予授权", "内部研究参考"
    ).look("refused")


def narrow(desk: Desk) -> None:
    """Fewer items, one of them masked more, rows of Nantong only; and why (A22)."""
    desk.fill({"登记机关": False, "更新时间": False, "男方姓名的脱敏方式": "全部遮盖"})
    desk.fill(
        {"第 1 行 信息项": "登记机关区划代码", "第 1 行 关系": "以…开头", "第 1 行 值": "3206"}
    )
    desk.fill(
        {
            "理由类别": "超出办理事项所需（第三十条）",
            "涉及的条款、栏目或信息项": "登记机关、更新时间、登记机关区划代码",
            "具体理由": "审核公租房申请只需核对本市登记机关的婚姻状况。",
        }
    )


# -- five: using, and the end ----------------------------------------------------------------------


def use(sit: Callable[..., Desk]) -> None:
    """Housing sees the results, makes a credential, watches an exchange run, downloads the file
    (A28, A30)."""
    clerk = (
        sit("zj_operator")
        .menu("消息")
        .says("不予授权")
        .look("notices")
        .menu("共享申请")
        .look("applications")
    )
    clerk.menu("我的授权").look("grants").click("婚姻登记信息", within="接口").look("grant-api")
    clerk.menu("信息系统").click("公租房管理系统").look("system").click("生成凭证").look(
        "credential"
    ).fill({"用途": "生产环境"}).press("生成凭证")
    clerk.says("只显示这一次").look("secret")
    secret = clerk.page.get_by_label("密钥").input_value()
    assert len(secret) > 20
    clerk.page.reload()
    expect(clerk.page.locator("body")).not_to_contain_text(secret)
    clerk.says("密钥不能再次查看").look("secret-gone")
    clerk.menu("交换监控").look("exchanges").click("婚姻登记信息").look("exchange").press(
        "立即执行"
    )
    expect(
        clerk.main.get_by_role("progressbar").or_(clerk.main.get_by_text("两侧对账")).first
    ).to_be_visible()
    expect(clerk.main.get_by_role("heading", name="两侧对账")).to_be_visible(timeout=30_000)
    assert clerk.main.get_by_text("一致", exact=True).count() == 2
    clerk.look("run").menu("我的授权").click("婚姻登记信息", within="库表").says("已送达").look(
        "grant-table"
    )
    clerk.menu("文件下载").look("files")
    clerk.page.get_by_text("核对收到的文件").click()
    with clerk.page.expect_download() as download:
        clerk.click("下载")
    clerk.says(hashlib.sha256(download.value.path().read_bytes()).hexdigest())


def end(sit: Callable[..., Desk]) -> None:
    """The provider suspends, resumes and takes back; the audit administrator reads it all in the
    ledger (A26, A28, A34)."""
    chief = (
        sit("mz_manager")
        .menu("我的授权")
        .click("本部门授出的")
        .look("grants-given")
        .click("婚姻登记信息", within="接口")
        .look("grant-given")
    )
    failed = "使用部门未履行安全责任（第二十八条）"
    chief.click("暂停授权").look("suspend").fill(
        {"理由类别": failed, "理由": "使用部门正在整改。"}
    ).press("暂停授权")
    chief.agree("暂停授权").says("已暂停")
    chief.menu("我的授权").click("本部门授出的").click("婚姻登记信息", within="接口").click(
        "恢复授权"
    ).fill({"理由": "整改完成。"}).confirm("恢复授权")
    chief.menu("我的授权").click("本部门授出的").click("婚姻登记信息", within="接口").click(
        "收回授权"
    )
    chief.choose(failed).fill({"理由": "使用部门未落实日志审计要求。"}).press(
        "收回授权"
    ).summarized().look("revoke")
    chief.agree("收回授权").says("已收回").look("revoked")
    auditor = sit("audit").look("home-audit").menu("审计台账").look("ledger")
    auditor.click("查看", within="收回授权").says("使用部门未落实日志审计要求").look(
        "ledger-entry", record=True
    )
    auditor.menu("审计台账").click("封存与核验").look("sealing", record=True)


def without_scripts(sit: Callable[..., Desk]) -> None:
    """The core once more with JavaScript off: search, apply, print; the manager's to-do list."""
    clerk = sit("zj_operator", java_script_enabled=False)
    search(clerk, "行政区划").click("行政区划代码").click("申请接口")
    tick_all(clerk).press("继续")
    answer(clerk, "核对公租房申请人户籍所在区划", personal=False)
    sit("zj_manager", java_script_enabled=False).menu("待办事项").click("行政区划代码").click(
        "申请表 SQ"
    ).confirm("提交申请").says("申请已提交")
    desk = (
        sit("dsj_operator", java_script_enabled=False)
        .menu("待办事项")
        .click("行政区划代码")
        .click("受理")
    )
    looked_at(desk).confirm("受理").says("平台审核中")
