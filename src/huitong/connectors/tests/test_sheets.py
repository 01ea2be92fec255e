"""Reading tables from files as clerks make them: read, refused by row and column, or mentioned; never guessed.

The files under ``tests/inputs/imports`` are kinds other products failed at; the first lines of each test say what is right.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from huitong.connectors.sheets import CellFault, Table, letters, read_table
from huitong.connectors.workbooks import Unreadable

INPUTS = Path(__file__).parents[4] / "tests" / "inputs" / "imports"
HEAD = ["机构", "职责", "事项编码", "事项名称"]
ROW = ["南通市民政局", "婚姻登记服务一", "A-1", "婚姻登记"]


def read(content: bytes) -> Table:
    return read_table(content, ["机构|body", "职责|duty"], {*HEAD, "body", "duty", "依据"})


def text(*rows: list[str]) -> bytes:
    return "".join(",".join(row) + "\r\n" for row in rows).encode()


def excel(*rows: list[Any], formats: dict[str, str] | None = None, **sheets: Any) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    for cell, form in (formats or {}).items():
        book.active[cell].number_format = form
    for name, (state, lines) in sheets.items():
        other = book.create_sheet(name)
        other.sheet_state = state
        for line in lines:
            other.append(line)
    book.save(out)
    return out.getvalue()


def faults(table: Table) -> list[tuple[int, str]]:
    return [(fault.row, fault.column) for fault in table.faults]


# -- CSV -------------------------------------------------------------------------------------------------------


def test_empty_columns_at_the_right_of_the_headings_are_ignored() -> None:
    table = read((INPUTS / "trailing-commas.csv").read_bytes())
    assert table.headings == tuple(HEAD) and table.rows == ((2, dict(zip(HEAD, ROW, strict=True))),)
    assert not table.faults


def test_lines_ended_by_cr_alone_are_read() -> None:
    assert read((INPUTS / "mac-cr.csv").read_bytes()).rows == ((2, dict(zip(HEAD, ROW, strict=True))),)


def test_a_quotation_mark_never_closed_is_named_by_the_row_where_it_opens() -> None:
    with pytest.raises(Unreadable, match="第 2 行的双引号不成对"):
        read((INPUTS / "open-quote.csv").read_bytes())


def test_a_quotation_mark_closed_only_by_another_rows_is_named_too() -> None:
    content = text(HEAD, ["民政局", '"登记', "A-1", "甲"], ["民政局", '"养老"', "A-2", "乙"])
    with pytest.raises(Unreadable, match="第 2 行的双引号不成对"):
        read(content)


def test_more_cells_than_headings_are_an_error_naming_the_row() -> None:
    table = read((INPUTS / "unquoted-comma.csv").read_bytes())
    assert faults(table) == [(2, "E 列")] and "双引号" in table.faults[0].message


def test_rows_are_numbered_as_excel_shows_them() -> None:
    """Empty lines count, and a cell with a line break is one row."""
    content = text(HEAD, [], ["民政局", '"甲\r\n乙"', "A-1", "丙"], ["", "", "", ""], ["民政局", "丁", "1.2E+17", "戊"])
    table = read(content)
    assert [row for row, _ in table.rows] == [3, 5] and faults(table) == [(5, "事项编码")]


@pytest.mark.parametrize(("cell", "why"), [
    ("1.13206E+17", "长数字"), ("=A1+1", "公式"), ("字" * 32_768, "32767"),
])
def test_a_cell_that_does_not_hold_what_it_shows_is_refused(cell: str, why: str) -> None:
    table = read(text(HEAD, ["民政局", "甲", cell, "乙"]))
    assert faults(table) == [(2, "事项编码")] and why in table.faults[0].message


def test_a_giant_cell_ends_with_words() -> None:
    with pytest.raises(Unreadable, match="第 2 行有一格过长"):
        read(text(HEAD, ["民政局", "字" * 140_000, "A", "乙"]))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("sign", [",", "\t", ";"])
def test_what_the_office_saves_is_read(encoding: str, sign: str) -> None:
    content = "\n".join(sign.join(row) for row in (HEAD, ROW)).encode(encoding)
    assert read(content).rows == ((2, dict(zip(HEAD, ROW, strict=True))),)


def test_one_bad_byte_does_not_turn_utf_8_into_other_characters() -> None:
    """GB 18030 reads nearly any bytes: a damaged UTF-8 file would be imported as nonsense."""
    content = text(HEAD, *[ROW] * 20, ["民政局", "登记", "A-9", "乙"])
    with pytest.raises(Unreadable, match="第 22 行有损坏的字符"):
        read(content.replace("登记,A-9".encode(), "登记".encode()[:5] + b",A-9"))


def test_rows_above_the_headings_are_mentioned_not_imported() -> None:
    for content in (text(["南通市职责清单", "", "", ""], ["填报单位：民政局"], HEAD, ROW),
                    excel(["南通市职责清单"], ["填报单位：民政局"], HEAD, ROW)):
        table = read(content)
        assert table.rows == ((4, dict(zip(HEAD, ROW, strict=True))),)
        assert [note[:5] for note in table.notes] == ["第 1 行", "第 2 行"]


def test_what_cannot_be_seen_around_a_text_is_no_part_of_it() -> None:
    table = read(text(["\u200b机构", "职责\u00a0"], ["\u3000民政局\ufeff", "登记\u200b"]))
    assert table.rows == ((2, {"机构": "民政局", "职责": "登记"}),)


# -- Excel -----------------------------------------------------------------------------------------------------


def test_a_code_stored_as_a_number_of_more_than_15_digits_is_refused_with_its_remedy() -> None:
    table = read((INPUTS / "longnum.xlsx").read_bytes())
    assert faults(table) == [(2, "事项编码")] and "设为“文本”格式" in table.faults[0].message
    assert table.rows[0][1]["事项编码"] == ""  # never another number


def test_leading_zeros_shown_by_a_format_are_kept() -> None:
    table = read(excel(HEAD, ["民政局", "登记", 123, "甲"], ["民政局", "登记", 123, "甲"], formats={"C2": "000000"}))
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
    assert table.notes == ("工作表“说明”未导入，只读取了“Sheet”", "隐藏的工作表“旧表”未导入，只读取了“Sheet”")


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
    """Each row says it begins in the last column: a few kilobytes that would unfold to gigabytes."""
    out = io.BytesIO(excel(HEAD, ROW))
    rows = "".join(f'<row r="{n}"><c r="XFD{n}" t="inlineStr"><is><t>x</t></is></c></row>' for n in range(3, 400))
    packed = zipfile.ZipFile(out)
    again = io.BytesIO()
    with zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as made:
        for name in packed.namelist():
            part = packed.read(name)
            if name.endswith("sheet1.xml"):
                part = part.replace(b"</sheetData>", rows.encode() + b"</sheetData>")
            made.writestr(name, part)
    with pytest.raises(Unreadable, match="工作表过大"):
        read(again.getvalue())


def test_letters_are_those_of_excel() -> None:
    assert [letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_an_old_excel_file_is_read_and_says_what_it_cannot_show() -> None:
    table = read((INPUTS / "numbers.xls").read_bytes())
    assert [(row, cells["事项编码"]) for row, cells in table.rows] == [(4, "123"), (5, "")]
    assert faults(table) == [(5, "事项编码")]
    assert [note[:8] for note in table.notes] == [".xls 文件中", "隐藏的工作表“旧", "第 1 行在列名"]


# -- any bytes -------------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe", HEAD[0].encode()]))
def test_any_bytes_are_a_table_or_words(content: bytes, start: bytes) -> None:
    try:
        table = read(start + content)
    except Unreadable as why:
        assert str(why)
    else:
        assert all(isinstance(fault, CellFault) and fault.message for fault in table.faults)


CELL = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Zs", "Zl", "Zp"]), min_size=1, max_size=20) \
    .filter(lambda cell: not cell.startswith("=") and "E+" not in cell.upper())


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(CELL, min_size=4, max_size=4), min_size=1, max_size=5))
def test_what_a_csv_writer_writes_is_read_back(rows: list[list[str]]) -> None:
    import csv

    out = io.StringIO(newline="")
    csv.writer(out).writerows([HEAD, *rows])
    table = read(out.getvalue().encode())
    assert [list(cells.values()) for _, cells in table.rows] == rows and not table.faults
