"""Chapter one: from a database to published entries (A3, A7-A12)."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect
from tests.browser.desk import Desk
from tests.browser.story import CLEARED, LOOKED, UPDATED, UPDATING, front
from tests.installation import Installation


def databases(city: Installation, sit: Callable[..., Desk]) -> None:
    """Civil Affairs points the platform at its database; its tables become drafts, the
    classified one is refused (A3, A7)."""
    clerk = (
        sit("mz_operator")
        .look("home")
        .menu("目录编制")
        .look("mine-empty")
        .click("系统与数据库")
        .look("sources-empty")
    )
    clerk.click("登记信息系统").look("register-system").fill(
        {"系统名称": "婚姻登记管理系统", "用途": "办理婚姻登记业务（演示）"}
    ).press("登记")
    clerk.click("登记数据库").look("register-database").fill(
        {"登记名称": "民政局前置库", **front(city, "front_mz")}
    )
    clerk.choose("婚姻登记管理系统").press("测试连接并保存").look("sources").press("扫描")
    expect(
        clerk.main.get_by_role("progressbar").or_(clerk.main.get_by_text("已完成")).first
    ).to_be_visible()
    expect(clerk.main.get_by_text("已完成")).to_be_visible(timeout=30_000)
    clerk.says("1 张表带有涉密标志，已拒绝").look("scan").menu("目录编制").look("mine").click(
        "新建目录"
    ).look("new-entry")
    clerk.fill({"资源名称": "涉密档案登记簿"}).choose("是，涉密").press("存为草稿")
    clerk.says("平台只登记非涉密数据", "《实施细则》第三条")
    clerk.look("classified-refused")


def marriage(sit: Callable[..., Desk]) -> None:
    """One draft is completed by its task list, returned with a remark on a field, mended,
    passed, coded, published (A7-A12)."""
    clerk, chief, bureau = sit("mz_operator"), sit("mz_manager"), sit("dsj_operator")
    clerk.menu("目录编制").click("婚姻登记信息").look("compile").click("基本信息")
    clerk.fill(
        {
            "资源摘要": (
                "南通市各婚姻登记机关办理结婚、离婚登记形成的登记信息（演示数据，系虚构）。"
            ),
            "资源分类": "人口信息",
            "所属行业": "公共管理、社会保障和社会组织",
        }
    )
    clerk.choose("公共服务").look("section-basics").press("保存并继续")
    clerk.look("section-items-open").fill({"执行的数据标准": "民政业务数据元（演示）"}).press(
        "全部采纳，脱敏后提供"
    ).says("的建议").press("其余未定级的设为").fill({"第 11 行 共享类型": "不予"}).look(
        "section-items"
    )
    clerk.press("保存并继续").look("section-sharing-fresh")
    clerk.choose("有条件共享", "接口", "库表", "数据经常变化", "时效性要求高")
    clerk.fill(
        {"共享条件说明": "仅限住房保障、公积金等需核实婚姻状况的事项使用，姓名、身份证号脱敏。"}
    ).look("section-sharing").press("保存并继续").fill(UPDATED).look("section-updating").press(
        "保存并继续"
    )
    clerk.says("没有必须改正的问题").choose(*CLEARED).look("check").press("提交审核").says(
        "下一步由本部门负责人审核"
    ).look("submitted")

    chief.look("home-manager").menu("待办事项").look("todo").click("婚姻登记信息").look(
        "case-entry"
    ).click("审核通过")
    chief.choose(*CLEARED, *LOOKED["department"]).look("review-department").fill(
        {"总体意见": "内容完整。"}
    ).confirm("审核通过")
    bureau.look("home-bureau").menu("待办事项").click("婚姻登记信息").click("审核通过并赋码").look(
        "review-bureau"
    )
    row = bureau.main.locator("tr", has=bureau.page.get_by_role("rowheader", name="资源摘要"))
    row.locator("summary").click()
    row.locator("textarea").fill("请写明登记信息覆盖的年份范围。")
    bureau.press("退回修改").says("请选择理由类别").look("return-without-ground")
    bureau.fill({"退回的理由类别": "内容不完整（第十条）"}).confirm("退回修改").says(
        "已退回修改"
    ).look("returned")
    clerk.menu("待办事项").look("todo-returned").click("婚姻登记信息").look("case-returned").click(
        "编制页面"
    ).look("compile-returned")
    clerk.click("基本信息")
    expect(clerk.main.locator(".of-summary")).to_contain_text("请写明登记信息覆盖的年份范围。")
    clerk.look("section-remarked").fill(
        {
            "资源摘要": (
                "南通市各婚姻登记机关 1981 年以来办理结婚、离婚登记形成的登记信息（演示数据，系虚构）。"
            )
        }
    )
    clerk.press("保存并返回").click("检查并提交").choose(*CLEARED).press("提交审核")
    passed(sit, "婚姻登记信息", look=True)


def passed(
    sit: Callable[..., Desk],
    name: str,
    clerk: str = "mz_operator",
    chief: str = "mz_manager",
    look: bool = False,
) -> None:
    """Department and bureau pass what was submitted; the clerk publishes it."""
    sit(chief).menu("待办事项").click(name).click("审核通过").choose(
        *CLEARED, *LOOKED["department"]
    ).fill({"总体意见": "内容完整。"}).confirm("审核通过")
    sit("dsj_operator").menu("待办事项").click(name).click("审核通过并赋码").choose(
        *LOOKED["bureau"]
    ).fill({"总体意见": "规范。"}).confirm("审核通过并赋码")
    desk = sit(clerk).menu("待办事项").click(name)
    if look:
        desk.look("case-to-publish")
    desk.confirm("发布").says("已发布")
    if look:
        desk.look("case-published")


def completed(
    desk: Desk,
    name: str,
    summary: str,
    category: str,
    share: tuple[str, ...],
    condition: str = "",
    accept: bool = False,
) -> Desk:
    """The sections of an entry, one after the other, up to the check page."""
    desk.menu("目录编制").click(name).click("基本信息")
    desk.fill(
        {"资源摘要": summary, "资源分类": category, "所属行业": "公共管理、社会保障和社会组织"}
    ).press("保存并返回")
    desk.click("信息项").fill({"执行的数据标准": "本部门数据标准"})
    if accept:
        desk.press("全部采纳，脱敏后提供").says("的建议")
    desk.press("其余未定级的设为").press("保存并继续").choose(*share)
    if condition:
        desk.fill({"共享条件说明": condition})
    return desk.press("保存并继续").fill(UPDATED).press("保存并继续")


def adoption_and_divisions(sit: Callable[..., Desk]) -> None:
    """One entry not shared, with its legal ground filed (A8); one unconditional."""
    clerk = sit("mz_operator")
    completed(
        clerk,
        "收养登记信息",
        "南通市收养登记机关办理收养登记形成的登记信息（演示数据，系虚构）。",
        "人口信息",
        ("不予共享",),
        accept=True,
    )
    clerk.look("check-wrong").menu("目录编制").click("收养登记信息").click("共享属性").click(
        "登记或修改依据"
    ).look("grounds")
    clerk.fill(
        {
            "依据类别": "法律",
            "文件名称": "中华人民共和国民法典",
            "条款": "第一千一百一十条",
            "原文": "收养人、送养人要求保守收养秘密的，其他人应当尊重其意愿，不得泄露。",
        }
    ).press("登记").look("grounds-filed")
    clerk.menu("目录编制").click("收养登记信息").click("检查并提交").choose(*CLEARED).press(
        "提交审核"
    )
    passed(sit, "收养登记信息")
    completed(
        clerk,
        "行政区划代码",
        "南通市市、县（市）区、乡镇（街道）、村（社区）四级行政区划代码和名称。",
        "自然资源和空间地理信息",
        ("无条件共享", "接口", "文件", "数据经常变化"),
    ).choose(*CLEARED).press("提交审核")
    passed(sit, "行政区划代码")


def insurance(city: Installation, sit: Callable[..., Desk]) -> None:
    """Human Resources publishes what will be refused later."""
    clerk = (
        sit("rs_operator")
        .menu("目录编制")
        .click("系统与数据库")
        .click("登记信息系统")
        .fill({"系统名称": "社会保险业务系统"})
        .press("登记")
    )
    clerk.click("登记数据库").fill({"登记名称": "人社局前置库", **front(city, "front_rs")}).choose(
        "社会保险业务系统"
    ).press("测试连接并保存")
    clerk.press("扫描")
    expect(clerk.main.get_by_text("已完成")).to_be_visible(timeout=30_000)
    name = (
        clerk.open("/compile/?tab=draft")
        .main.locator("tr", has_text="social_insurance")
        .get_by_role("link")
        .first.inner_text()
    )
    completed(
        clerk,
        name,
        "南通市社会保险参保登记和缴费状态信息（演示数据，系虚构）。",
        "社会保障",
        ("有条件共享", "脱敏后提供", "接口"),
        "仅限社会救助类事项使用，姓名、身份证号脱敏。",
        accept=True,
    ).choose(*CLEARED).press("提交审核")
    passed(sit, name, "rs_operator", "rs_manager")
    clerk.menu("资源挂接").click("挂接资源").click("接口", within=name).fill(UPDATING).choose(
        "由本部门逐一授权"
    ).press("挂接").says("服务中")
