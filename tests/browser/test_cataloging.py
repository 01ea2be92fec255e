"""Cataloging as the clerk who must get it done before noon: a scanned table on its way to review
with at most twelve clicks and fields, thirty-six items by paste with at most five; by keyboard,
without JavaScript, on a telephone, with a session lost in the middle (A7-A12)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, expect
from tests.browser.counting import Counter
from tests.browser.test_grid import PASTE
from tests.cast import Cast

from huitong.catalog import actions
from huitong.catalog.models import Database, Entry, InformationSystem, Scan
from huitong.catalog.rules import ScanState
from huitong.catalog.rules.proposals import propose
from huitong.connectors import TableFound
from huitong.connectors.tables import ColumnFound
from huitong.kernel.case import Case
from huitong.kernel.ledger import writing
from huitong.scope import ItemType
from huitong.work.models import Draft

Enter = Callable[[str], str]
Check = Callable[[Page], None]
Shot = Callable[[Page, str], None]
SCANNED, PASTED = 12, 5
COLUMNS = (
    ("reg_no", "登记编号", ItemType.TEXT, 30),
    ("m_name", "男方姓名", ItemType.TEXT, 50),
    ("m_id", "男方身份号码", ItemType.TEXT, 18),
    ("mobile", "联系手机", ItemType.TEXT, 11),
    ("reg_date", "登记日期", ItemType.DATE, 0),
    ("office", "登记机关名称", ItemType.TEXT, 80),
)


@pytest.fixture
def scan(cast: Cast) -> Scan:
    """A scan of one table, ended: its draft waits for the clerk."""
    clerk = cast.civil_operator
    system = actions.register_system(clerk, name="婚姻登记管理系统")
    with writing("test"):
        database = Database.objects.create(
            body_id=clerk.body,
            system=InformationSystem.objects.get(pk=system.pk),
            name="婚姻登记库",
            host="10.0.0.8",
            dbname="marriage",
            username="reader",
        )
    # whom to ask and by which standard, from an entry of the same system
    earlier = actions.draft(clerk, name="收养登记信息")
    actions.edit(
        clerk,
        earlier.case,
        contact_office="婚姻管理处",
        contact_phone="0513-85512345",
        standard="MZ/T 012 婚姻登记数据",
    )
    columns = tuple(
        ColumnFound(
            name=name,
            type="date" if kind is ItemType.DATE else "text",
            item_type=kind,
            nullable=name != "reg_no",
            comment=comment,
            length=length,
            primary_key=name == "reg_no",
        )
        for name, comment, kind, length in COLUMNS
    )
    comment = "婚姻登记信息：全市婚姻登记机关办理的结婚、离婚登记，1987 年至今"
    table = TableFound(
        schema="public",
        name="marriage",
        kind="table",
        comment=comment,
        columns=columns,
        key=("reg_no",),
        rows_estimate=40,
        readable=True,
    )
    proposal = propose(table)
    entry = actions.draft(
        clerk,
        name=proposal.name,
        summary=proposal.summary,
        origin=proposal.origin,
        items=list(proposal.items),
        database=database.pk,
        source_schema="public",
        source_table="marriage",
    )
    row = {"table": "marriage", "comment": comment, "columns": 6, "rows": 40, "entry": entry.pk}
    with writing("test"):
        return Scan.objects.create(
            database=database,
            asked_by=clerk.person,
            state=ScanState.DONE,
            total=1,
            done=1,
            tables=[row | {"said": ""}],
        )


def to_review(hand: Counter, site: str, scan: Scan, look: Callable[[str], None]) -> None:
    """From the page of the scan to the department's manager."""
    page = hand.page
    page.goto(f"{site}/compile/sources/scans/{scan.pk}/")
    hand.click("link", "已生成草稿")
    look("basics")
    hand.choose("资源分类", "人口信息")
    hand.click("button", "保存并继续")
    look("items")
    hand.click("button", "全部采纳，脱敏后提供")
    hand.click("button", "其余未定级的设为")
    look("items-settled")
    hand.click("button", "保存并继续")
    look("sharing")
    hand.click("button", "保存并继续")
    look("updating")
    hand.choose("业务更新周期", "每日")
    hand.click("button", "保存并继续")
    look("check")
    hand.tick("国家秘密")
    hand.tick("工作秘密")
    hand.click("button", "提交审核")
    expect(page.get_by_text("下一步由本部门负责人审核").first).to_be_visible()


def submitted(scan: Scan) -> Entry:
    entry = Entry.objects.get(source_table="marriage")
    assert Case.objects.get(pk=entry.case_id).state == "in_department"
    draft = entry.draft
    assert (draft.format, draft.format_detail) == ("database", "PostgreSQL"), "filled in"
    assert (draft.share_class, draft.shapes) == ("2", ["masked"])
    assert (draft.open_class, draft.open_mode, draft.data_cycle) == ("3", "none", "2")
    assert draft.contact_phone == "0513-85512345"
    assert draft.standard == "MZ/T 012 婚姻登记数据"
    masks = dict(draft.items.values_list("column", "mask"))
    assert masks == {
        "reg_no": "",
        "m_name": "name",
        "m_id": "citizen_number",
        "mobile": "mobile",
        "reg_date": "",
        "office": "",
    }
    return entry


@pytest.mark.slow
@pytest.mark.parametrize("keyboard", [False, True], ids=["mouse", "keyboard"])
def test_a_scanned_table_goes_to_review_in_twelve_clicks_and_fields(
    page: Page, enter: Enter, scan: Scan, assert_a11y: Check, shot: Shot, keyboard: bool
) -> None:
    hand = Counter(page, keyboard=keyboard)

    def look(name: str) -> None:
        if not keyboard:
            page.wait_for_load_state()
            assert_a11y(page)
            shot(page, f"catalog-{name}")

    to_review(hand, enter("civil_operator"), scan, look)
    print(hand)
    assert hand.total <= SCANNED, hand
    submitted(scan)


@pytest.fixture
def plain(browser: Browser, live_server: Any, cast: Cast) -> Iterator[Page]:
    """A browser without JavaScript."""
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    session = cast.client("civil_operator").cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    yield context.new_page()
    context.close()


def test_a_scanned_table_without_javascript(
    plain: Page, live_server: Any, scan: Scan, shot: Shot
) -> None:
    hand = Counter(plain)
    to_review(hand, live_server.url, scan, lambda name: shot(plain, f"catalog-plain-{name}"))
    assert hand.total <= SCANNED, hand
    submitted(scan)


def test_a_scanned_table_on_a_telephone(
    page: Page, enter: Enter, scan: Scan, assert_a11y: Check, shot: Shot
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    hand = Counter(page)

    def look(name: str) -> None:
        page.wait_for_load_state()
        assert_a11y(page)
        shot(page, f"catalog-390-{name}")

    to_review(hand, enter("civil_operator"), scan, look)
    assert hand.total <= SCANNED, hand
    submitted(scan)


#: thirty-six items as they stand in a clerk's own table
NAMES = [f"第{n}季度办理件数" for n in range(1, 37)]
TABLE = "字段名\t信息项名称\t数据类型\t数据分级\t共享类型\t脱敏\n" + "\n".join(
    f"n{n}\t{name}\t整型\t二级\t无条件\t不脱敏" for n, name in enumerate(NAMES, 1)
)


def pasted(hand: Counter, site: str, entry: Entry, text: str = TABLE) -> None:
    """From the page of the draft to its items saved."""
    page = hand.page
    page.goto(f"{site}/compile/{entry.pk}/")
    hand.click("link", "信息项")
    if hand.keyboard:
        hand._reach(page.get_by_label("第 1 行 名称"))
    else:
        page.get_by_label("第 1 行 名称").click()
    hand.acts.append("点第一格")
    page.evaluate(PASTE, text)
    hand.acts.append("按 Ctrl+V")
    expect(page.get_by_text("已粘贴 36 行 6 列")).to_be_visible()


@pytest.fixture
def bare(cast: Cast) -> Entry:
    """A draft without items."""
    entry: Entry = actions.draft(cast.civil_operator, name="政务服务办件统计")
    return entry


def saved_items(entry: Entry) -> list[str]:
    rows = entry.draft.items.filter(level="2", share_class="1", mask="", type="I")
    return list(rows.values_list("name", flat=True))


@pytest.mark.parametrize("keyboard", [False, True], ids=["mouse", "keyboard"])
def test_thirty_six_items_by_paste_in_five(
    page: Page, enter: Enter, bare: Entry, assert_a11y: Check, shot: Shot, keyboard: bool
) -> None:
    """Today seven reloads before there are thirty-six rows."""
    hand = Counter(page, keyboard=keyboard)
    pasted(hand, enter("civil_operator"), bare)
    assert_a11y(page)
    shot(page, "catalog-pasted")
    if keyboard:
        page.keyboard.press("Escape")  # out of the table, as Tab would in the end
    hand.click("button", "保存")
    expect(page.get_by_text("“信息项”已保存")).to_be_visible()
    print(hand)
    assert hand.total <= PASTED, hand
    assert saved_items(bare) == NAMES


def test_thirty_six_items_on_a_telephone(
    page: Page, enter: Enter, bare: Entry, assert_a11y: Check, shot: Shot
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    hand = Counter(page)
    pasted(hand, enter("civil_operator"), bare)
    assert_a11y(page)
    shot(page, "catalog-390-pasted")
    hand.click("button", "保存")
    expect(page.get_by_text("“信息项”已保存")).to_be_visible()
    assert hand.total <= PASTED, hand
    assert saved_items(bare) == NAMES


def saved_by_itself(page: Page) -> None:
    note = page.get_by_role("status").filter(has_text="已保存")
    expect(note).to_be_visible(timeout=20_000)


@pytest.mark.answers(401)
def test_a_session_lost_in_the_middle_of_the_grid_loses_nothing(
    page: Page, enter: Enter, bare: Entry, shot: Shot
) -> None:
    """Pasted while signed in, edited after the session had ended: after signing in again all rows
    stand there."""
    hand = Counter(page)
    pasted(hand, enter("civil_operator"), bare)
    saved_by_itself(page)
    assert not bare.draft.items.exists(), "kept for the clerk, not yet put into the draft"
    Session.objects.all().delete()
    page.get_by_label("第 36 行 说明").fill("最后一行的说明")
    page.get_by_role("button", name="加行").click()
    page.keyboard.type("第三十七项")
    expect(page.get_by_text("登录已结束")).to_be_visible()
    shot(page, "catalog-signed-out")
    enter("civil_operator")
    page.get_by_role("button", name="重新登录").click()
    saved_by_itself(page)
    expect(page.get_by_label("第 36 行 说明")).to_have_value("最后一行的说明")
    expect(page.get_by_label("第 37 行 名称")).to_have_value("第三十七项")
    page.get_by_label("第 37 行 名称").click()
    page.get_by_role("button", name="删除行").click()
    hand.click("button", "保存")
    expect(page.get_by_text("“信息项”已保存")).to_be_visible()
    assert saved_items(bare) == NAMES
    assert not Draft.objects.exists(), "put in, it is no longer kept apart"


def test_what_is_typed_and_not_right_yet_is_kept_and_seen(
    page: Page, enter: Enter, bare: Entry, assert_a11y: Check, shot: Shot
) -> None:
    """A section left half-way: it is unfinished in the task list, and stands there as it was."""
    site = enter("civil_operator")
    page.goto(f"{site}/compile/{bare.pk}/items/")
    page.get_by_label("第 1 行 列名").fill("x1")
    page.get_by_label("第 2 行 长度").fill("很长")
    page.get_by_label("执行的数据标准").fill("本部门数据标准")
    saved_by_itself(page)
    page.goto(f"{site}/compile/{bare.pk}/")
    task = page.locator(".task-list li", has_text="信息项")
    expect(task).to_contain_text("进行中")
    expect(task).to_contain_text("填写的内容还没有保存到目录")
    assert_a11y(page)
    page.goto(f"{site}/compile/")
    expect(page.get_by_role("link", name="继续填写")).to_be_visible()
    page.goto(f"{site}/compile/{bare.pk}/check/")
    expect(page.get_by_text("有填写的内容还没有保存到目录")).to_be_visible()
    page.goto(f"{site}/compile/{bare.pk}/items/")
    expect(page.get_by_text("接着上次填写")).to_be_visible()
    expect(page.get_by_label("第 2 行 长度")).to_have_value("很长")
    assert_a11y(page)
    shot(page, "catalog-resumed")
    page.get_by_role("button", name="丢弃").click()
    expect(page.get_by_label("第 2 行 长度")).to_have_value("")
    expect(page.get_by_label("执行的数据标准")).to_have_value("")
    assert not Draft.objects.exists()


def test_what_belongs_to_one_class_is_shown_for_that_class_only(
    page: Page, enter: Enter, bare: Entry, assert_a11y: Check, shot: Shot
) -> None:
    site = enter("civil_operator")
    page.goto(f"{site}/compile/{bare.pk}/sharing/")
    condition, ground = page.get_by_label("共享条件说明"), page.get_by_text("登记或修改依据")
    modes = page.get_by_role("group", name="共享方式")
    expect(condition).to_be_hidden()
    page.get_by_label("有条件共享", exact=True).check()
    expect(condition).to_be_visible()
    expect(page.get_by_role("group", name="指定的部门")).to_be_hidden()
    page.get_by_label("仅提供给指定部门").check()
    expect(page.get_by_role("group", name="指定的部门")).to_be_visible()
    expect(ground).to_be_hidden()
    page.get_by_label("不予共享", exact=True).check()
    expect(ground).to_be_visible()
    for part in (condition, modes, page.get_by_role("group", name="指定的部门")):
        expect(part).to_be_hidden()
    assert_a11y(page)
    shot(page, "catalog-not-shared")
    page.goto(f"{site}/compile/{bare.pk}/opening/")
    expect(page.get_by_label("不予开放")).to_be_checked()
    expect(page.get_by_role("group", name="开放方式")).to_be_hidden()


def test_without_scripts_what_is_idle_is_left_out_and_said(
    plain: Page, live_server: Any, bare: Entry, shot: Shot
) -> None:
    plain.goto(f"{live_server.url}/compile/{bare.pk}/sharing/")
    plain.get_by_label("无条件共享", exact=True).check()
    plain.get_by_label("共享条件说明").fill("仅限审批")
    shot(plain, "catalog-plain-sharing-idle")
    plain.get_by_role("button", name="保存并返回").click()
    expect(plain.get_by_text("与所选的类型无关，没有保存：共享条件说明")).to_be_visible()
    bare.refresh_from_db()
    assert bare.draft.condition == ""
