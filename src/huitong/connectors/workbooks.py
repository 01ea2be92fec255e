"""Excel files as rows of the text a person sees: sheets, their cells, and cells that do not hold what they show.

xlsx is read with its number formats (leading zeros); xls by values alone, which a note says.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from typing import Any, NamedTuple

#: what an xlsx may grow to when unpacked, in bytes, and how many cells it may have
MAX_UNPACKED = 200 * 1024 * 1024
MAX_CELLS = 3_000_000
#: digits Excel keeps of a number
EXACT_DIGITS = 15
#: white space and what cannot be seen, around a cell's text
AROUND = " \t\r\n\v\f\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff"
ZEROS = re.compile(r"0{2,}")
#: a format that shows digits as groups of a code: ``000000-0000``, ``"NT"0000``
PATTERN = re.compile(r"0{2,}[^0#.,%;]+0|[\"\\][^;]*0{2,}|0{2,}[\"\\]")
BROKEN = "无法打开 Excel 文件，可能已损坏或加密。请用 Excel 或 WPS 另存为 .xlsx（不设密码）后重试。"


class Unreadable(Exception):
    """Why a file as a whole cannot be read as a table, for people."""


class Line(NamedTuple):
    """One row: its number as Excel shows it, the cells' texts, and what is wrong with which cell (by position)."""

    row: int
    texts: list[str]
    faults: list[tuple[int, str]]


@dataclass(frozen=True)
class Grid:
    """One sheet: ``lines`` begins to read it anew at each call."""

    name: str
    hidden: bool
    lines: Callable[[], Iterator[Line]]


def workbook(content: bytes) -> tuple[list[Grid], list[str]]:
    """The sheets of an Excel file and what to tell about it. Raises `Unreadable`."""
    return _xlsx(content) if content[:2] == b"PK" else _xls(content)


def _xlsx(content: bytes) -> tuple[list[Grid], list[str]]:
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MAX_UNPACKED:
                raise Unreadable("Excel 文件解开后过大，请另存后重试。")
            if "xl/workbook.xml" not in packed.namelist():
                raise Unreadable("不是 Excel 的 .xlsx 文件，请用 Excel 或 WPS 另存为 .xlsx。")
            computed = any(_mentions_formula(packed, name) for name in packed.namelist() if "worksheets/" in name)
        values = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        formulas = openpyxl.load_workbook(io.BytesIO(content), read_only=True) if computed else None
    except Unreadable:
        raise
    except Exception as wrong:  # openpyxl raises whatever its parsers do
        raise Unreadable(BROKEN) from wrong
    return [Grid(sheet.title, sheet.sheet_state != "visible", _xlsx_lines(sheet, formulas and formulas[sheet.title]))
            for sheet in values.worksheets], []


def _xlsx_lines(sheet: Any, formulas: Any) -> Callable[[], Iterator[Line]]:
    def lines() -> Iterator[Line]:
        for part in filter(None, (sheet, formulas)):
            part.reset_dimensions()  # the file may claim any; the rows say what there is
        cells = 0
        try:
            written = formulas.iter_rows(values_only=True) if formulas else iter(())
            for number, row in enumerate(sheet.iter_rows(), 1):
                formula = next(written, ())
                cells += len(row)
                if cells > MAX_CELLS:
                    raise Unreadable("工作表过大，请删去空白的行和列，或分开导入。")
                texts, faults = [], []
                for n, cell in enumerate(row):
                    text, fault = _shown(cell)
                    if not text and not fault and n < len(formula) and formula[n] is not None:
                        fault = "公式没有计算结果，请在 Excel 中打开并保存一次，或粘贴为数值"
                    texts.append(text)
                    faults += [(n, fault)] if fault else []
                yield Line(number, texts, faults)
        except Unreadable:
            raise
        except Exception as wrong:  # openpyxl raises whatever its parsers do
            raise Unreadable(BROKEN) from wrong
    return lines


def _mentions_formula(packed: zipfile.ZipFile, name: str) -> bool:
    """Whether a sheet has a formula at all: only then is it read a second time."""
    with packed.open(name) as part:
        tail = b""
        while chunk := part.read(1 << 16):
            if b"<f" in tail + chunk:
                return True
            tail = chunk[-1:]
    return False


def _shown(cell: Any) -> tuple[str, str]:
    """A cell's text as Excel shows it, and why it must not be taken so."""
    value = cell.value
    if value is None:
        return "", ""
    if cell.data_type == "e":
        return "", f"单元格显示错误值 {value}"
    if isinstance(value, (str, bool, date, time)):
        return _text(value), ""
    text, fault = _number(value)
    form = str(cell.number_format or "").split(";")[0]
    if fault or not isinstance(value, int):
        return text, fault
    if ZEROS.fullmatch(form):
        return text.zfill(len(form)), ""
    if PATTERN.search(form):
        return text, f"单元格显示为“{form}”格式的号码，实际保存的是 {text}：请设为“文本”格式后填写完整的号码"
    return text, ""


def _number(value: float) -> tuple[str, str]:
    if abs(value) >= 10 ** EXACT_DIGITS:
        return "", (f"号码超过 {EXACT_DIGITS} 位，Excel 按数字保存，末几位已丢失：请把该列设为“文本”格式，"
                    "重新填写完整的号码")
    return (str(int(value)) if float(value).is_integer() else repr(value)), ""


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, (date, time)) else str(value).strip(AROUND)


def _xls(content: bytes) -> tuple[list[Grid], list[str]]:
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [(about, book.get_sheet_by_name(about.name).to_python(skip_empty_area=False))
                  for about in book.sheets_metadata]
    except (CalamineError, OSError, ValueError) as wrong:
        raise Unreadable(BROKEN) from wrong
    numbers = any(isinstance(cell, float) for _, rows in sheets for row in rows for cell in row)
    notes = [".xls 文件中的数字按数值读取，看不到单元格格式（如前导零）：请核对编码一类的列，或另存为 .xlsx"]
    return [Grid(about.name, about.visible != SheetVisibleEnum.Visible, partial(_xls_lines, rows))
            for about, rows in sheets], notes if numbers else []


def _xls_lines(rows: list[list[Any]]) -> Iterator[Line]:
    for number, row in enumerate(rows, 1):
        texts, faults = [], []
        for n, cell in enumerate(row):
            plain = isinstance(cell, (int, float)) and not isinstance(cell, bool)
            text, fault = _number(cell) if plain else (_text(cell), "")
            texts.append(text)
            faults += [(n, fault)] if fault else []
        yield Line(number, texts, faults)
