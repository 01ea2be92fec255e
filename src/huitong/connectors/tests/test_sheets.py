"""Reading tables from files as clerks make them: read, refused by row and column, or mentioned;
never guessed.

The files under ``tests/inputs/imports`` are kinds other products failed at; the first lines of each
test say what is right.
"""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huitong.connectors.sheets import CellFault
from huitong.connectors.tests.tables import HEAD, INPUTS, ROW, excel, faults, read, text
from huitong.connectors.workbooks import Unreadable

# -- CSV -------------------------------------------------------------------------------------------


def test_empty_columns_at_the_right_of_the_headings_are_ignored() -> None:
    table = read((INPUTS / "trailing-commas.csv").read_bytes())
    assert table.headings == tuple(HEAD) and table.rows == ((2, dict(zip(HEAD, ROW, strict=True))),)
    assert not table.faults


def test_lines_ended_by_cr_alone_are_read() -> None:
    assert read((INPUTS / "mac-cr.csv").read_bytes()).rows == (
        (2, dict(zip(HEAD, ROW, strict=True))),
    )


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
    content = text(
        HEAD,
        [],
        ["民政局", '"甲\r\n乙"', "A-1", "丙"],
        ["", "", "", ""],
        ["民政局", "丁", "1.2E+17", "戊"],
    )
    table = read(content)
    assert [row for row, _ in table.rows] == [3, 5] and faults(table) == [(5, "事项编码")]


@pytest.mark.parametrize(
    ("cell", "reason"), [("1.13206E+17", "长数字"), ("=A1+1", "公式"), ("字" * 32_768, "32767")]
)
def test_a_cell_that_does_not_hold_what_it_shows_is_refused(cell: str, reason: str) -> None:
    table = read(text(HEAD, ["民政局", "甲", cell, "乙"]))
    assert faults(table) == [(2, "事项编码")] and reason in table.faults[0].message


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
    for content in (
        text(["南通市职责清单", "", "", ""], ["填报单位：民政局"], HEAD, ROW),
        excel(["南通市职责清单"], ["填报单位：民政局"], HEAD, ROW),
    ):
        table = read(content)
        assert table.rows == ((4, dict(zip(HEAD, ROW, strict=True))),)
        assert [note[:5] for note in table.notes] == ["第 1 行", "第 2 行"]


def test_what_cannot_be_seen_around_a_text_is_no_part_of_it() -> None:
    table = read(text(["\u200b机构", "职责\u00a0"], ["\u3000民政局\ufeff", "登记\u200b"]))
    assert table.rows == ((2, {"机构": "民政局", "职责": "登记"}),)


def test_a_mark_of_byte_order_is_no_part_of_a_heading_in_any_encoding() -> None:
    assert read('\ufeff"机构","职责"\r\n甲,乙\r\n'.encode("gb18030")).headings == ("机构", "职责")


# -- any bytes -------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from(
        [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe", HEAD[0].encode()]
    ),
)
def test_any_bytes_are_a_table_or_words(content: bytes, start: bytes) -> None:
    try:
        table = read(start + content)
    except Unreadable as why:
        assert str(why)
    else:
        assert all(isinstance(fault, CellFault) and fault.message for fault in table.faults)


CELL = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Zs", "Zl", "Zp"]),
    min_size=1,
    max_size=20,
).filter(lambda cell: not cell.startswith("=") and "E+" not in cell.upper())


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(CELL, min_size=4, max_size=4), min_size=1, max_size=5))
def test_what_a_csv_writer_writes_is_read_back(rows: list[list[str]]) -> None:
    import csv

    out = io.StringIO(newline="")
    csv.writer(out).writerows([HEAD, *rows])
    table = read(out.getvalue().encode())
    assert [list(cells.values()) for _, cells in table.rows] == rows and not table.faults
