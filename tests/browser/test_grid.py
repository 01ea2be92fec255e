"""The spreadsheet in the page: what a clerk does in Excel or WPS works here, by keyboard and
mouse, and without scripts it is a plain form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.conftest import watch

from huitong.ui.tests.sample_grid import ROWS

Check = Callable[[Page], None]
Shot = Callable[[Page, str], None]
PASTE = """(text) => {
  const data = new DataTransfer();
  data.setData('text/plain', text);
  document.activeElement.dispatchEvent(
    new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def opened(page: Page, samples: str, name: str, rows: int = 0) -> None:
    ROWS[name] = [
        {"name": f"第{n}项", "type": "C", "length": None, "mask": "", "remark": ""}
        for n in range(1, rows + 1)
    ]
    page.goto(f"{samples}/grid/{name}/")


def cell(page: Page, row: int, column: str) -> Any:
    return page.get_by_label(f"第 {row} 行 {column}", exact=True)


def paste(page: Page, text: str) -> None:
    """As Ctrl+V with this text in the clipboard."""
    page.evaluate(PASTE, text)


def column(page: Page, name: str) -> list[str]:
    values: list[str] = page.locator(f'tbody [name="rows.{name}"]').evaluate_all(
        "cells => cells.map((cell) => cell.value)"
    )
    return values


def saved(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="保存").click()


def test_a_table_from_excel_with_its_column_names_is_understood(
    page: Page, samples: str, assert_a11y: Check, shot: Shot
) -> None:
    """Another order, other names, quotes with a line break inside, one column nobody knows."""
    opened(page, samples, "excel")
    cell(page, 1, "名称").click()
    lines = ["数据类型\t信息项名称\t备注\t密级", 'varchar\t姓名\t"第一行\n第二行，""引号"""\t无']
    paste(page, "\r\n".join([*lines, *(f"date\t日期{n}\t\t无" for n in range(2, 41))]) + "\r\n")
    status = page.get_by_role("status").filter(
        has_text="已粘贴 40 行 3 列，第一行作列名对应，新增 37 行"
    )
    expect(status).to_be_visible()
    expect(status).to_contain_text("有 1 列没有对应的位置，未放入：“密级”")
    assert (
        column(page, "name")[:3] == ["姓名", "日期2", "日期3"] and len(column(page, "name")) == 40
    )
    assert column(page, "type")[:2] == ["字符型", "日期型"], "by their words, whatever was pasted"
    assert column(page, "remark")[0] == '第一行 第二行，"引号"'
    assert column(page, "mask")[:1] == ["置空"], "what was not pasted starts as a new row does"
    assert_a11y(page)
    shot(page, "grid-pasted")
    saved(page)
    assert len(ROWS["excel"]) == 40 and ROWS["excel"][1]["type"] == "D"


def test_without_column_names_it_goes_where_the_cursor_is(page: Page, samples: str) -> None:
    opened(page, samples, "plain")
    cell(page, 2, "长度").click()
    paste(page, "10\t无\t说明一\t多出来的\n20\t置空\t说明二\t")
    expect(page.get_by_text("有 1 列没有对应的位置，未放入：“多出来的”")).to_be_visible()
    assert (column(page, "length")[:3], column(page, "mask")[1]) == (["", "10", "20"], "不脱敏")


def test_what_no_choice_knows_stays_as_typed_with_the_error_in_its_cell_and_above(
    page: Page, samples: str, assert_a11y: Check, shot: Shot
) -> None:
    opened(page, samples, "wrong")
    cell(page, 1, "名称").click()
    paste(page, "姓名\t字符串型\t很长\t银行卡号\n生日\t日期型\t8\t银行卡号\n")
    wrong = cell(page, 1, "类型")
    expect(wrong).to_have_value("字符串型")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    fault = page.locator(f"#{wrong.get_attribute('aria-describedby')}")
    expect(fault).to_have_text("没有“字符串型”这个选项")
    summary = page.get_by_role("status").filter(has_text="表格中有 3 处填写有误")
    expect(summary).to_contain_text("第 1 行 长度：请填 1 至 1000 的整数")
    expect(summary).to_contain_text("第 2 行 脱敏：日期型不能选“银行卡号（保留前 6 后 4）”")
    assert_a11y(page)
    shot(page, "grid")  # docs/pictures
    summary.get_by_role("link", name="第 1 行 类型").click()
    expect(wrong).to_be_focused()
    wrong.fill("字符型")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_text("表格中有 2 处填写有误")).to_be_visible()


@pytest.mark.answers(422)
def test_the_server_says_the_same_of_the_same_cells(
    page: Page, samples: str, assert_a11y: Check
) -> None:
    opened(page, samples, "server")
    cell(page, 1, "名称").click()
    paste(page, "姓名\t字符串型\t很长\t无\n\t日期型\t8\t无\t没有名称\n")
    saved(page)
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    for text in ("第 1 行 类型：没有“字符串型”这个选项", "第 2 行 名称：请填写名称"):
        expect(summary.get_by_role("link", name=text)).to_be_visible()
    expect(cell(page, 1, "长度")).to_have_value("很长")
    assert_a11y(page)


def test_keys_move_and_fill_as_in_a_spreadsheet(page: Page, samples: str) -> None:
    opened(page, samples, "keys", rows=3)
    press = page.keyboard.press
    cell(page, 1, "名称").focus()
    press("Enter")
    expect(cell(page, 2, "名称")).to_be_focused()
    press("Shift+Enter")
    press("ArrowDown")
    press("ArrowUp")
    press("Tab")
    expect(cell(page, 1, "类型")).to_be_focused()
    press("ArrowRight")
    expect(cell(page, 1, "长度")).to_be_focused()
    page.keyboard.type("30")
    press("ArrowDown")
    press("Control+d")
    press("Shift+ArrowDown")
    expect(page.get_by_text("已选 2 行 1 列")).to_be_visible()
    press("Control+d")
    assert column(page, "length")[:4] == ["30", "30", "30", ""]
    press("Control+z")
    assert column(page, "length")[:4] == ["30", "30", "", ""], "the last filling is undone"
    cell(page, 6, "名称").focus()
    page.keyboard.type("最后一行")
    press("Enter")
    expect(cell(page, 7, "名称")).to_be_focused()
    expect(page).to_have_url(f"{samples}/grid/keys/"), "Enter goes down, it sends nothing"


def test_choices_open_narrow_and_follow_the_type(
    page: Page, samples: str, assert_a11y: Check
) -> None:
    opened(page, samples, "choices", rows=1)
    mask = cell(page, 1, "脱敏")
    mask.click()
    listed = page.get_by_role("option")
    expect(listed).to_have_count(3)
    assert_a11y(page)
    page.keyboard.press("Escape")
    expect(listed).to_have_count(0)
    mask.fill("银行")
    expect(listed).to_have_text(["银行卡号（保留前 6 后 4）"])
    page.keyboard.press("Enter")
    expect(mask).to_have_value("银行卡号（保留前 6 后 4）")
    expect(mask).to_be_focused()
    kind = cell(page, 1, "类型")
    kind.fill("date")
    page.keyboard.press("Enter")
    expect(page.get_by_text("日期型不能选“银行卡号（保留前 6 后 4）”").first).to_be_visible()
    mask.focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(listed).to_have_text(["不脱敏", "置空"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".cell-fault")).to_have_count(0)


def test_rows_are_added_copied_removed_and_brought_back_without_a_reload(
    page: Page, samples: str
) -> None:
    opened(page, samples, "rows", rows=4)
    page.get_by_label("选第 2 行").check()
    page.get_by_label("选第 4 行").check()
    page.get_by_role("button", name="复制行").click()
    assert column(page, "name")[:6] == ["第1项", "第2项", "第3项", "第4项", "第2项", "第4项"]
    cell(page, 1, "名称").click()
    page.get_by_role("button", name="删除行").click()
    assert column(page, "name")[0] == "第2项"
    expect(page.get_by_text("已删除 1 行")).to_be_visible()
    page.get_by_role("button", name="撤销").click()
    assert column(page, "name")[0] == "第1项"
    page.get_by_role("button", name="撤销").click()
    assert column(page, "name")[:5] == ["第1项", "第2项", "第3项", "第4项", ""]
    cell(page, 2, "名称").click()
    page.get_by_role("button", name="加行").click()
    expect(cell(page, 3, "名称")).to_be_focused()
    page.keyboard.type("插在中间")
    saved(page)
    assert [row["name"] for row in ROWS["rows"]] == ["第1项", "第2项", "插在中间", "第3项", "第4项"]


def test_two_hundred_rows_are_pasted_and_edited_without_lag(page: Page, samples: str) -> None:
    opened(page, samples, "many")
    cell(page, 1, "名称").click()
    text = "\n".join(f"信息项{n}\t字符型\t{n}\t无\t说明{n}" for n in range(1, 201))
    timed = "const at = performance.now(); ({})(text); return performance.now() - at;"
    spent = page.evaluate(f"(text) => {{ {timed.format(PASTE)} }}", text)
    assert len(column(page, "name")) == 200
    key = page.evaluate(
        """() => {
          const cell = document.querySelectorAll('[name="rows.remark"]')[150];
          cell.focus();
          const at = performance.now();
          for (let n = 0; n < 20; n += 1) {
            document.execCommand('insertText', false, '字');
            cell.offsetWidth;
          }
          return (performance.now() - at) / 20;
        }"""
    )
    print(f"paste of 200 rows: {spent:.0f} ms; one key among 200 rows: {key:.1f} ms")
    assert spent < 1500 and key < 50
    saved(page)
    assert len(ROWS["many"]) == 200


def test_without_scripts_it_is_a_plain_form(
    browser: Browser, browser_context_args: dict[str, Any], samples: str, shot: Shot
) -> None:
    context = browser.new_context(**browser_context_args | {"java_script_enabled": False})
    page = context.new_page()
    problems: list[str] = []
    watch(page, problems, ["status of 422"])
    opened(page, samples, "bare", rows=2)
    page.get_by_role("button", name="加行").click()
    assert page.locator('[name="rows.name"]').count() == 15
    cell(page, 6, "名称").fill("手工一行")
    page.get_by_label("选第 1 行").check()
    page.get_by_role("button", name="删除行").click()
    expect(cell(page, 1, "名称")).to_have_value("第2项")
    expect(cell(page, 5, "名称")).to_have_value("手工一行")
    cell(page, 5, "类型").fill("图片")
    saved(page)
    expect(page.locator(".error-summary")).to_contain_text("没有“图片”这个选项")
    wrong = next(n for n in range(1, 20) if cell(page, n, "名称").input_value() == "手工一行")
    cell(page, wrong, "类型").fill("日期型")
    shot(page, "grid-without-scripts")
    saved(page)
    assert [row["name"] for row in ROWS["bare"]] == ["第2项", "手工一行"]
    context.close()
    assert not problems


def test_on_a_phone_the_number_of_the_row_stays_in_sight(
    page: Page, samples: str, assert_a11y: Check, shot: Shot
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, samples, "phone", rows=8)
    cell(page, 3, "说明").scroll_into_view_if_needed()
    box = page.get_by_label("选第 3 行").bounding_box()
    assert box and box["x"] >= 0
    assert_a11y(page)
    shot(page, "grid-390")
