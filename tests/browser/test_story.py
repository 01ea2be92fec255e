"""The main job by clicking: every post of the cast signs in and carries its human steps, from a
scan to the ledger (A3, A7-A30, A34).

On a really running platform: `huitong demo --no-story` as a child, with its database, the
departments' databases, web, worker, shaping and Envoy. Every page is looked at once (see
`Desk.look`). Nothing is done here that a person could not do with a mouse.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from openpyxl import Workbook
from playwright.sync_api import Browser, expect
from tests.browser.desk import Desk
from tests.installation import Installation

from huitong.cli.demo.stamping import stamped

KEPT = {"更新责任人": "孙秀", "培训日期": "2026-03-16", "更新方法": "业务系统每日写入前置库"}
UPDATED = {
    "业务更新周期": "每日",
    "数据更新周期": "每日",
    "发布日期": "2026-11-30",
    "联系处室": "信息中心",
    "联系人": "值班员",
    "联系电话": "0513-85512345",
}
#: what the secrecy review found none of (A3)
CLEARED = ("国家秘密", "工作秘密")
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
def city() -> Iterator[Installation]:
    """The made-up city on free ports, its story not yet told."""
    here = Installation(None, "demo", "--no-story")
    try:
        yield here.start(patience=180)
    finally:
        here.__exit__()


@pytest.fixture
def found() -> Iterator[list[str]]:
    """What the consoles complained of, and what left this host: nothing."""
    said: list[str] = []
    yield said
    # Chromium's own PDF viewer
    ours = [line for line in said if "chrome-extension://" not in line and "chrome://" not in line]
    assert not ours, "\n".join(ours)


@pytest.fixture
def sit(
    city: Installation, browser: Browser, browser_context_args: dict[str, Any], found: list[str]
) -> Iterator[Callable[..., Desk]]:
    """``sit("mz_operator")``: that person's desk, signed in at the first call."""
    password = re.search(
        r"password of all: (\S+)", (city.folder / "run" / "demo-accounts").read_text()
    )
    assert password
    desks: dict[str, Desk] = {}

    def at(user: str, **more: Any) -> Desk:
        key = f"{user}{more or ''}"
        if key not in desks:
            desks[key] = Desk(
                browser, city.url.rstrip("/"), user, password[1], browser_context_args | more, found
            ).sign_in()
        return desks[key]

    yield at
    for desk in desks.values():
        desk.context.close()


def front(city: Installation, name: str) -> dict[str, str]:
    """A front-end database as its administrator would tell it to the clerk."""
    known = json.loads((city.folder / "run" / "fronts.json").read_text())
    one = next(row for row in known if row["dbname"] == name)
    return {
        "主机": one["host"],
        "端口": str(one["port"]),
        "数据库名": one["dbname"],
        "账号": one["username"],
        "口令": one["password"],
    }


def test_the_story_is_told_by_clicking(city: Installation, sit: Callable[..., Desk]) -> None:
    databases(city, sit)
    marriage(sit)
    adoption_and_divisions(sit)
    insurance(city, sit)
    mounts(sit)
    apply(city, sit)
    accept(sit)
    decide(sit)
    use(sit)
    end(sit)
    without_scripts(sit)


# -- one: from a database to published entries -----------------------------------------------------


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
    clerk.says("平台只登记非涉密数据", "实施细则第三条")
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
            "资源格式": "数据库",
            "格式说明": "PostgreSQL",
        }
    )
    clerk.choose("公共服务").look("section-basics").press("保存并继续")
    clerk.fill({"执行的数据标准": "民政业务数据元（演示）", "第 11 行 共享类型": "不予"}).press(
        "采纳全部脱敏建议并保存"
    ).look("section-items")
    clerk.press("保存并继续")
    clerk.choose(
        "有条件共享",
        "仅提供部分信息项",
        "脱敏后提供",
        "接口",
        "库表",
        "数据经常变化",
        "时效性要求高",
    )
    clerk.fill(
        {"共享条件说明": "仅限住房保障、公积金等需核实婚姻状况的事项使用，姓名、身份证号脱敏。"}
    ).look("section-sharing").press("保存并继续")
    clerk.choose("不予开放", "不开放").look("section-opening").press("保存并继续").fill(
        UPDATED
    ).look("section-updating").press("保存并继续")
    clerk.says("没有必须改正的问题").choose(*CLEARED).look("check").press("提交审核").says(
        "下一步由本部门负责人审核"
    ).look("submitted")

    chief.look("home-manager").menu("待办事项").look("todo").click("婚姻登记信息").look(
        "case-entry"
    ).click("审核通过")
    chief.choose(*CLEARED).look("review-department").fill({"总体意见": "内容完整。"}).press(
        "审核通过"
    )
    bureau.look("home-bureau").menu("待办事项").click("婚姻登记信息").click("审核通过并赋码").look(
        "review-bureau"
    )
    row = bureau.main.locator("tr", has=bureau.page.get_by_role("rowheader", name="资源摘要"))
    row.locator("summary").click()
    row.locator("textarea").fill("请写明登记信息覆盖的年份范围。")
    bureau.press("退回修改").says("请选择理由类别").look("return-without-ground")
    bureau.fill({"退回的理由类别": "内容不完整（第十条）"}).press("退回修改").says(
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
    sit(chief).menu("待办事项").click(name).click("审核通过").choose(*CLEARED).fill(
        {"总体意见": "内容完整。"}
    ).press("审核通过")
    sit("dsj_operator").menu("待办事项").click(name).click("审核通过并赋码").fill(
        {"总体意见": "规范。"}
    ).press("审核通过并赋码")
    desk = sit(clerk).menu("待办事项").click(name)
    if look:
        desk.look("case-to-publish")
    desk.press("发布").says("已发布")
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
        {
            "资源摘要": summary,
            "资源分类": category,
            "所属行业": "公共管理、社会保障和社会组织",
            "资源格式": "数据库",
        }
    ).press("保存并继续")
    desk.fill({"执行的数据标准": "本部门数据标准"})
    if accept:
        desk.press("采纳全部脱敏建议并保存")
    desk.press("保存并继续").choose(*share)
    if condition:
        desk.fill({"共享条件说明": condition})
    return (
        desk.press("保存并继续")
        .choose("不予开放", "不开放")
        .press("保存并继续")
        .fill(UPDATED)
        .press("保存并继续")
    )


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
    clerk.menu("资源发布").click("挂接资源").click("接口", within=name).fill(KEPT).choose(
        "由本部门逐一授权"
    ).press("挂接").says("服务中")


# -- two: mounting, three ways ---------------------------------------------------------------------


def mounts(sit: Callable[..., Desk]) -> None:
    """As an API and as a table, granted one by one; as an API and as a file, delegated to the
    platform (A13, A14, A18)."""
    clerk = (
        sit("mz_operator")
        .menu("资源发布")
        .look("mounts-empty")
        .click("挂接资源")
        .look("mount-choose")
    )
    clerk.click("接口", within="婚姻登记信息").fill(KEPT).choose("由本部门逐一授权").press(
        "测试数据源"
    ).says("连接成功").look("mount-tested")
    clerk.press("挂接").says("服务中").look("mount")
    clerk.open("/mounts/new/").click("库表", within="婚姻登记信息").fill(KEPT).choose(
        "由本部门逐一授权"
    ).press("挂接").says("服务中")
    clerk.open("/mounts/new/").click("接口", within="行政区划代码").fill(KEPT).choose(
        "整体授权给平台"
    ).press("挂接").says("服务中")
    file = {"name": "行政区划代码.xlsx", "mimeType": SPREADSHEET, "buffer": spreadsheet()}
    clerk.open("/mounts/new/").click("文件", within="行政区划代码").look("mount-file").fill(
        {"数据文件": file, **KEPT}
    )
    clerk.choose("整体授权给平台", *CLEARED).press("挂接").says("待负责人确认").look(
        "mount-of-file"
    )
    chief = (
        sit("mz_manager")
        .open(urlsplit(clerk.page.url).path)
        .says("确认前不生效")
        .look("mount-to-confirm")
        .click("确认挂接变更")
    )
    chief.choose(*CLEARED).look("mount-confirm").press("确认").says("服务中")
    clerk.menu("资源发布").look("mounts")


def spreadsheet() -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in (("区划代码", "名称"), ("320600", "南通市"), ("320623", "如东县")):
        book.active.append(row)
    book.save(out)
    return out.getvalue()


# -- three: searching, applying --------------------------------------------------------------------


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
    clerk.menu("应用系统").look("systems-empty").click("登记应用系统").look(
        "register-application-system"
    )
    clerk.fill(
        {
            "系统名称": "公租房管理系统",
            "等级保护级别": "三级",
            "等级保护备案编号": "32060013001-26001",
        }
    ).press("登记应用系统")
    search(clerk, "行政区划").click("行政区划代码").says("无条件共享").look("entry-division")
    search(clerk, "婚姻").look("search").click("婚姻登记信息").look("entry").click("申请接口").look(
        "apply-resources"
    )
    clerk.fill({"使用频度和数据量": "每个工作日约 200 次"})
    for words in ("婚姻登记信息（库表", "行政区划代码（文件", "行政区划代码（接口"):
        offered = clerk.page.get_by_label("还要申请的资源")
        clerk.fill(
            {
                "还要申请的资源": next(
                    o for o in offered.locator("option").all_inner_texts() if o.startswith(words)
                )
            }
        ).press("添加")
    assert clerk.page.get_by_label("使用频度和数据量").first.input_value() == "每个工作日约 200 次"
    clerk.press("继续").says("库表方式须指明接收数据的前置库").look("apply-wrong")
    clerk.fill({"接收数据的前置库": "住建局前置库", "送达表名": "marriage_checked"}).look(
        "apply-several"
    ).press("继续")
    answer(clerk, "审核公共租赁住房申请人的婚姻状况和户籍区划", look=True)
    sit("zj_manager").look("home-housing-manager")
    submit(sit, "婚姻登记信息", look=True)
    search(clerk, "社会保险").main.locator("ol.found h3 a").first.click()
    clerk.click("申请使用").press("继续")
    answer(clerk, "了解申请人参保单位情况，供内部研究参考")
    submit(sit, "社会保险")


def search(desk: Desk, words: str) -> Desk:
    desk.open("/").main.get_by_role("searchbox").fill(words)
    return desk.press("检索").says("共")


def answer(desk: Desk, purpose: str, look: bool = False) -> None:
    """Questions, check answers, print, stamp, upload."""
    show = desk.look if look else (lambda name: desk)
    desk.main.get_by_text("住房保障").first.click()
    desk.choose("公租房管理系统").fill({"联系人": "钱静", "联系电话": "0513-85000000"})
    show("apply-grounds").press("继续").fill(
        {
            "使用目的": purpose,
            "使用场景": "窗口受理公租房申请时逐件核对",
            "使用期限止": (date.today() + timedelta(360)).isoformat(),
        }
    )
    show("apply-purpose").press("继续")
    show("apply-check").press("确认，生成申请表")
    show("form-draft").press("生成打印件").says("上传并送负责人")
    show("form-scan").page.get_by_role("link", name=re.compile("^SQ-")).first.click()
    with desk.page.expect_download() as got:
        desk.click("下载打印件")
    print_ = got.value.path().read_bytes()
    assert print_.startswith(b"%PDF")
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
    show("form-manager").fill({"意见": "同意申请。"}).press("提交申请").says(
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
        looked_at(clerk).press("受理").says("审核中")
        if n == 0:
            clerk.look("case-accepted")


def looked_at(desk: Desk) -> Desk:
    """Every box of the checklist ticked."""
    for box in desk.main.get_by_role("checkbox").all():
        box.check()
    return desk


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
    head.fill({"意见": "同意。"}).press("同意授权").says("已授权").look("granted-file")
    head.menu("待办事项").click("行政区划代码（接口）").click("同意授权").press("同意授权").says(
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
    chief.fill({"意见": "仅限南通登记机关的记录。"}).press("同意授权").says(
        "已部分同意授权", "授权的范围", "以“3206”开头"
    ).look("granted-part")
    narrow(chief.menu("待办事项").click("婚姻登记信息（库表）").click("同意授权"))
    chief.press("同意授权").says("已部分同意授权")
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
    sit("rs_manager").look("decide-refuse").press("不予授权").says("不予授权", "内部研究参考").look(
        "refused"
    )


def narrow(desk: Desk) -> None:
    """Fewer items, one of them masked more, rows of Nantong only; and why (A22)."""
    desk.fill({"登记机关": False, "更新时间": False, "男方姓名的脱敏方式": "全部遮盖"})
    desk.fill(
        {"条件 1：信息项": "登记机关区划代码", "条件 1：关系": "prefix", "条件 1：值": "3206"}
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
    clerk.menu("应用系统").click("公租房管理系统").look("system").click("生成凭证").look(
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
    with clerk.page.expect_download() as got:
        clerk.click("下载")
    clerk.says(hashlib.sha256(got.value.path().read_bytes()).hexdigest())


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
    failed = {"理由类别": "使用部门未履行安全责任（第二十八条）"}
    chief.click("暂停授权").look("suspend").fill({**failed, "理由": "使用部门正在整改。"}).press(
        "暂停授权"
    )
    chief.press("确认暂停授权").says("已暂停")
    chief.menu("我的授权").click("本部门授出的").click("婚姻登记信息", within="接口").click(
        "恢复授权"
    ).fill({"理由": "整改完成。"}).press("恢复授权")
    chief.menu("我的授权").click("本部门授出的").click("婚姻登记信息", within="接口").click(
        "收回授权"
    )
    chief.fill({**failed, "理由": "使用部门未落实日志审计要求。"}).press("收回授权").look("revoke")
    chief.press("确认收回授权").says("已收回").look("revoked")
    auditor = sit("audit").look("home-audit").menu("审计").look("ledger")
    auditor.click("查看", within="收回授权").says("使用部门未落实日志审计要求").look(
        "ledger-entry", record=True
    )
    auditor.menu("审计").click("封存与核验").look("sealing", record=True)


def without_scripts(sit: Callable[..., Desk]) -> None:
    """The core once more with JavaScript off: search, apply, print; the manager's to-do list."""
    clerk = sit("zj_operator", java_script_enabled=False)
    search(clerk, "行政区划").click("行政区划代码").click("申请接口").press("继续")
    answer(clerk, "核对公租房申请人户籍所在区划")
    sit("zj_manager", java_script_enabled=False).menu("待办事项").click("行政区划代码").click(
        "申请表 SQ"
    ).press("提交申请").says("申请已提交")
    desk = (
        sit("dsj_operator", java_script_enabled=False)
        .menu("待办事项")
        .click("行政区划代码")
        .click("受理")
    )
    looked_at(desk).press("受理").says("平台审核中")
