"""Workbooks of Excel and WPS: read as they are shown, refused where they cannot be."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook

from huitong.connectors.sheets import letters
from huitong.connectors.tests.tables import HEAD, INPUTS, ROW, excel, faults, read
from huitong.connectors.workbooks import Unreadable


def test_a_code_stored_as_a_number_of_more_than_15_digits_is_refused_with_its_remedy() -> None:
    table = read((INPUTS / "longnum.xlsx").read_bytes())
    assert faults(table) == [(2, "事项编码")] and "设为“文本”格式" in table.faults[0].message
    assert table.rows[0][1]["事项编码"] == ""  # never another number


def test_leading_zeros_shown_by_a_format_are_kept() -> None:
    table = read(
        excel(
            HEAD,
            ["民政局", "登记", 123, "甲"],
            ["民政局", "登记", 123, "甲"],
            formats={"C2": "000000"},
        )
    )
    assert [row["事项编码"] for _, row in table.rows] == ["000123", "123"]


@pytest.mark.parametrize("form", ["000000-0000", '"NT"0000', "00\\-00"])
def test_a_number_dressed_up_as_a_code_is_refused(form: str) -> None:
    table = read(excel(HEAD, ["民政局", "登记", 123456, "甲"], formats={"C2": form}))
    assert faults(table) == [(2, "事项编码")]


@pytest.mark.parametrize("form", ["General", "0", "#,##0", "0.00", "@", "yyyy-mm-dd"])
def test_ordinary_formats_change_nothing(form: str) -> None:
    assert not read(excel(HEAD, ["民政局", "登记", 12345, "甲"], formats={"C2": form})).faults


def test_hidden_and_other_sheets_are_mentioned() -> None:
    table = read(excel(HEAD, ROW, 说明=("visible", [["填写说明"]]), 旧表=("hidden", [HEAD, ROW])))
    assert len(table.rows) == 1
    assert table.notes == (
        "工作表“说明”未导入，只读取了“Sheet”",
        "隐藏的工作表“旧表”未导入，只读取了“Sheet”",
    )


def test_the_guide_of_a_template_is_no_news() -> None:
    guide = {"填写说明": ("visible", [["每行一项"]])}
    assert not read(excel(HEAD, ROW, **guide)).notes


def test_the_sheet_with_the_headings_is_read_wherever_it_stands() -> None:
    table = read(excel(["填写说明"], 职责=("visible", [HEAD, ROW])))
    assert table.rows == ((2, dict(zip(HEAD, ROW, strict=True))),)


def test_two_sheets_that_fit_are_a_question() -> None:
    with pytest.raises(Unreadable, match="“Sheet”、“二”"):
        read(excel(HEAD, ROW, 二=("visible", [HEAD, ROW])))


def test_a_formula_without_its_result_is_no_empty_cell() -> None:
    table = read(excel(HEAD, ["民政局", "登记", '="A"&"1"', "甲"]))
    assert faults(table) == [(2, "事项编码")] and "没有计算结果" in table.faults[0].message


def test_an_error_value_is_refused() -> None:
    assert faults(read(excel(HEAD, ["民政局", "登记", "#N/A", "甲"]))) == [(2, "事项编码")]


def test_rows_of_excel_keep_their_numbers() -> None:
    table = read(excel(HEAD, [], ROW, [], [], ["民政局", "登记", 1.132060001416e17, "甲"]))
    assert [row for row, _ in table.rows] == [3, 6] and faults(table) == [(6, "事项编码")]


def test_a_sheet_of_millions_of_empty_cells_ends_with_words() -> None:
    """Each row says it begins in the last column: a few kilobytes that would unfold to
    gigabytes."""
    out = io.BytesIO(excel(HEAD, ROW))
    rows = "".join(
        f'<row r="{n}"><c r="XFD{n}" t="inlineStr"><is><t>x</t></is></c></row>'
        for n in range(3, 400)
    )
    packed = zipfile.ZipFile(out)
    again = io.BytesIO()
    with zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as target:
        for name in packed.namelist():
            part = packed.read(name)
            if name.endswith("sheet1.xml"):
                part = part.replace(b"</sheetData>", rows.encode() + b"</sheetData>")
            target.writestr(name, part)
    with pytest.raises(Unreadable, match="工作表过大"):
        read(again.getvalue())


def test_letters_are_those_of_excel() -> None:
    assert [letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_an_old_excel_file_is_read_and_says_what_it_cannot_show() -> None:
    table = read((INPUTS / "numbers.xls").read_bytes())
    assert [(row, cells["事项编码"]) for row, cells in table.rows] == [(4, "123"), (5, "")]
    assert faults(table) == [(5, "事项编码")]
    assert [note[:8] for note in table.notes] == [".xls 文件中", "隐藏的工作表“旧", "第 1 行在列名"]


# -- as Excel and WPS of this country write them ---------------------------------------------------


def rewritten(content: bytes, part: str, change: Any) -> bytes:
    """The package with one part changed, as text."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(old.read(name).decode()) if name == part else old.read(name))
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize("number", [14, 22, *range(27, 37), *range(50, 59)])
def test_a_date_is_a_date_in_every_format_of_a_chinese_excel(number: int) -> None:
    """27-36 and 50-58 have no code in the file (ECMA-376 part 1, 18.8.30): 长日期 arrived as 45000."""
    content = excel(["机构", "职责"], ["民政局", 45000], formats={"B2": "mm-dd-yy"})
    content = rewritten(
        content, "xl/styles.xml", lambda text: text.replace('numFmtId="14"', f'numFmtId="{number}"')
    )
    assert read(content).rows == ((2, {"机构": "民政局", "职责": "2023-03-15"}),)


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (0.5, "0%", "50%"),
        (0.125, "0.00%", "12.5%"),
        (1.1, "0.00", "1.10"),
        (3, "0.0_ ", "3.0"),
        (1.234, "0.00", "1.234"),
        (0.1 + 0.2, "General", "0.3"),
        (2.5, "[h]:mm:ss", "60:00:00"),
        ("甲_x000D_\n乙", "General", "甲\r\n乙"),
    ],
)
def test_a_cell_is_read_as_it_is_shown(value: Any, form: str, text: str) -> None:
    assert (
        read(excel(HEAD, ["民政局", value, "A-1", "甲"], formats={"B2": form})).rows[0][1]["职责"]
        == text
    )


def test_cells_merged_down_the_rows_are_no_empty_cells() -> None:
    """One body for three duties: people read its name in every row, the file has it in the
    first."""
    book, out = Workbook(), io.BytesIO()
    for row in (
        ["职责清单"],
        [],
        HEAD,
        ROW,
        ["", "收养登记", "A-2", "收养登记"],
        ["", "殡葬管理", "A-3", ""],
        ["卫健委", "生育登记", "", ""],
    ):
        book.active.append(row)
    for area in ("A1:D2", "A4:A6", "C7:C8", "B7:D7"):
        book.active.merge_cells(area)
    book.save(out)
    table = read(out.getvalue())
    assert faults(table) == [(5, "机构"), (6, "机构")] and "第 4 行" in table.faults[0].message
    assert [row for row, _ in table.rows] == [4, 5, 6, 7]


def test_a_million_merged_areas_end_with_words() -> None:
    areas = '<mergeCell ref="A2:A1048576"/>' * 1_000_000
    content = rewritten(
        excel(HEAD, ROW),
        SHEET,
        lambda text: text.replace("</sheetData>", f"</sheetData><mergeCells>{areas}</mergeCells>"),
    )
    with pytest.raises(Unreadable, match="过大"):
        read(content)


@pytest.mark.parametrize("area", ["A1:XFD1048576", "A1:A1048576", "A2:B400000"])
def test_a_whole_sheet_merged_ends_with_words(area: str) -> None:
    """A hundred bytes that a program unfolds to billions of cells."""
    merged = f'</sheetData><mergeCells><mergeCell ref="{area}"/></mergeCells>'
    content = rewritten(excel(HEAD, ROW), SHEET, lambda text: text.replace("</sheetData>", merged))
    with pytest.raises(Unreadable, match="取消整列、整行或整张表的合并"):
        read(content)


def test_a_title_merged_over_a_whole_row_is_read() -> None:
    merged = '</sheetData><mergeCells><mergeCell ref="A9:XFD9"/></mergeCells>'
    content = rewritten(excel(HEAD, ROW), SHEET, lambda text: text.replace("</sheetData>", merged))
    assert len(read(content).rows) == 1


def test_hidden_rows_and_columns_are_read_and_mentioned() -> None:
    book, out = Workbook(), io.BytesIO()
    for row in (HEAD, ROW, ROW):
        book.active.append(row)
    book.active.auto_filter.ref = "A1:D3"
    book.active.row_dimensions[3].hidden = True
    book.save(out)
    table = read(out.getvalue())
    assert len(table.rows) == 2 and "隐藏" in table.notes[0]
    assert not read(excel(HEAD, ROW)).notes


def test_a_formula_without_its_result_is_no_empty_cell_whatever_its_prefix() -> None:
    """Programs of .NET write every name with a prefix."""
    content = rewritten(
        excel(HEAD, ["民政局", "=1+1", "A-1", "甲"]),
        SHEET,
        lambda text: re.sub(r"<(/?)(?=\w)", r"<\1x:", text).replace("xmlns=", "xmlns:x="),
    )
    assert faults(read(content)) == [(2, "职责")]


def test_one_text_in_a_hundred_thousand_cells_ends_with_words() -> None:
    with pytest.raises(Unreadable, match="万字"):
        read(excel(HEAD, *[["长" * 32_000] * 4] * 500))


FAR, TIME = struct.pack("<HH", 65535, 255), struct.pack("<H", 46)
NUMBERS = (INPUTS / "numbers.xls").read_bytes()


@pytest.mark.parametrize(
    "content",
    [
        NUMBERS[:2333] + b"\x33" + NUMBERS[2334:],
        re.sub(rb"(\xfd\x00\x0a\x00)\x00\x00\x00\x00", rb"\1" + re.escape(FAR), NUMBERS),
        re.sub(rb"(\xe0\x00\x14\x00..)..", rb"\1" + TIME, NUMBERS, flags=re.DOTALL),
    ],
    ids=["terabytes", "a cell in the last corner", "a code as a time"],
)
def test_a_damaged_old_excel_file_ends_with_words_and_nothing_else(content: bytes) -> None:
    """A parser that is asked for terabytes ends its process: it must not be ours. A cell in the
    last corner took 1.7 GB."""
    assert content != NUMBERS
    with pytest.raises(Unreadable, match="损坏"):
        read(content)
