"""Excel files as rows of the text a person sees: sheets, their cells, and cells that do not hold
what they show.

xlsx is read with its number formats (leading zeros); xls by values alone, which a note says.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from huitong.connectors.cells import AROUND, display, number, words

#: what an xlsx may grow to when unpacked, in bytes, and how many cells it may have
MAX_UNPACKED = 200 * 1024 * 1024
MAX_CELLS = 3_000_000
#: rows of a sheet, the empty ones between others included
MAX_LINES = 300_000
#: areas of merged cells of one sheet: a table of 100,000 rows has fewer; and how many cells they
#: may cover in a file: who merges a whole column or sheet has done it by mistake
MAX_MERGED, MOST_MERGED_CELLS = 100_000, 500_000
#: what concerns us of a sheet's own text, whatever its prefix
MARKS = re.compile(rb"<(?:\w+:)?(f|row|col|mergeCell)\b([^>]*)>")
HIDDEN = re.compile(rb"\bhidden=[\"'](1|true)[\"']")
AREA = re.compile(rb"\bref\s*=\s*[\"']\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})[\"']")
HUNG = "与第 {0} 行的单元格合并在一起，内容只存在第 {0} 行：请取消合并，每行都填写"
SPREAD = "与第 {0} 行的单元格合并在一起，按那一行的内容读取"
TRIMMED = "去掉了前后的空格"
MACROS = (
    "文件带有宏（VBA 程序），平台不接收：请用 Excel 或 WPS 另存为“Excel 工作簿（.xlsx）”后重试。"
)
LOCKED = "文件设有打开密码，平台读不了：请在 Excel 或 WPS 中去掉密码后重新上传。"
#: how the one stream of a workbook that is encrypted is called (MS-OFFCRYPTO 2.3.4.4)
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
BROKEN = "无法打开 Excel 文件，可能已损坏或加密。请用 Excel 或 WPS 另存为 .xlsx（不设密码）后重试。"
MERGED = "文件中合并了 {} 个单元格，超过 {}：请在 Excel 中取消整列、整行或整张表的合并，只合并需要的单元格。"
TOO_WIDE = "工作表过大（或文件已损坏），请删去空白的行和列，或分开导入。"
#: reads an .xls; how it ends when that is damaged (when too large, the kernel may end it); seconds
#: by the clock it may take
SCRIPT, DAMAGED, PATIENCE_S = Path(__file__).with_name("read_xls.py"), 3, 40
#: what it writes for values JSON has no word for
READ: dict[str, Callable[[Any], Any]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "seconds": lambda n: timedelta(seconds=n),
}


class Unreadable(Exception):
    """The reason why a file as a whole cannot be read as a table, for people."""


class Line(NamedTuple):
    """One row: its number as Excel shows it, the cells' texts, what is wrong with which cell (by
    position), and which cell is read otherwise than it stands, and how."""

    row: int
    texts: list[str]
    faults: list[tuple[int, str]]
    mended: Sequence[tuple[int, str]] = ()


@dataclass(frozen=True)
class Grid:
    """One sheet: ``lines`` begins to read it anew at each call. ``notes``: what to tell when it
    is read."""

    name: str
    hidden: bool
    lines: Callable[[], Iterator[Line]]
    notes: tuple[str, ...] = ()


@dataclass
class Marks:
    """What the values of a sheet do not tell: has it formulas, hides it rows or columns, which of
    its cells hang together.

    ``merged``: by first row, the column (from 0) and the last row of each area of several rows;
    ``covered``: the cells of all areas.
    """

    formulas: bool = False
    hidden: bool = False
    merged: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    covered: int = 0


def workbook(content: bytes, *, spread: bool = False) -> tuple[list[Grid], list[str]]:
    """The sheets of an Excel file and what to tell about it. ``spread``: cells merged down the
    rows each have the text that stands in the first; otherwise they are faults. Raises
    `Unreadable`."""
    if content[:2] == b"PK":
        return _xlsx(content, spread)
    if ENCRYPTED in content:
        raise Unreadable(LOCKED)
    return _xls(content, spread)


def _xlsx(content: bytes, spread: bool) -> tuple[list[Grid], list[str]]:
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MAX_UNPACKED:
                raise Unreadable("Excel 文件解开后过大，请另存后重试。")
            names = packed.namelist()
            if "xl/workbook.xml" not in names:
                raise Unreadable("不是 Excel 的 .xlsx 文件，请用 Excel 或 WPS 另存为 .xlsx。")
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                raise Unreadable(MACROS)
            marks = {name: _marks(packed, name) for name in names if "worksheets/" in name}
        if (covered := sum(mark.covered for mark in marks.values())) > MOST_MERGED_CELLS:
            raise Unreadable(MERGED.format(covered, MOST_MERGED_CELLS))
        values = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        computed = any(mark.formulas for mark in marks.values())
        formulas = openpyxl.load_workbook(io.BytesIO(content), read_only=True) if computed else None
    except Unreadable:
        raise
    except Exception as wrong:  # openpyxl raises whatever its parsers do
        raise Unreadable(BROKEN) from wrong
    return [
        _xlsx_grid(
            sheet,
            formulas and formulas[sheet.title],
            marks.get(sheet._worksheet_path, Marks()),
            spread,
        )
        for sheet in values.worksheets
    ], _left_out(names)


def _left_out(names: Sequence[str]) -> list[str]:
    """What of a workbook is not read, by the names of its parts."""
    pictures = sum(name.startswith("xl/media/") for name in names)
    linked = any(name.startswith("xl/externalLinks/") for name in names)
    return [
        note
        for there, note in (
            (
                pictures,
                f"文件中有 {pictures} 张图片：平台不读取图片里的内容，要导入的请填写到单元格中",
            ),
            (linked, "文件链接了其他文件：平台不打开它们，只读取单元格中已保存的值"),
        )
        if there
    ]


def _xlsx_grid(sheet: Any, formulas: Any, marks: Marks, spread: bool) -> Grid:
    notes = (
        ("工作表中有隐藏（如筛选掉）的行或列，它们也已读取：不需要的请先删除",)
        if marks.hidden
        else ()
    )
    return Grid(
        sheet.title,
        sheet.sheet_state != "visible",
        _xlsx_lines(sheet, formulas, marks, spread),
        notes,
    )


def _xlsx_lines(
    sheet: Any, formulas: Any, marks: Marks, spread: bool
) -> Callable[[], Iterator[Line]]:
    def lines() -> Iterator[Line]:
        for part in filter(None, (sheet, formulas)):
            part.reset_dimensions()  # the file may claim any; the rows say what there is
        cells, hanging = 0, Hanging(marks, spread)
        try:
            written = formulas.iter_rows(values_only=True) if formulas else iter(())
            for number, row in enumerate(sheet.iter_rows(), 1):
                formula = next(written, ())
                cells += len(row)
                if cells > MAX_CELLS or number > MAX_LINES:
                    raise Unreadable(TOO_WIDE)
                texts, faults, mended = [], [], list[tuple[int, str]]()
                for n, cell in enumerate(row):
                    text, fault = display(cell)
                    if not text and not fault and n < len(formula) and formula[n] is not None:
                        fault = "公式没有计算结果，请在 Excel 中打开并保存一次，或粘贴为数值"
                    texts.append(text)
                    faults += [(n, fault)] if fault else []
                    if cell.data_type == "s" and cell.value != text == str(cell.value).strip(
                        AROUND
                    ):
                        mended.append((n, TRIMMED))
                yield hanging.line(Line(number, texts, faults, mended))
        except Unreadable:
            raise
        except Exception as wrong:  # openpyxl raises whatever its parsers do
            raise Unreadable(BROKEN) from wrong

    return lines


class Hanging:
    """Cells merged down the rows: a cell merged with one above is empty in the file, and people
    read that one's text in it."""

    def __init__(self, marks: Marks, spread: bool = False) -> None:
        self._begins, self._spread = marks.merged, spread
        self._open = dict[int, tuple[int, int, str]]()

    def line(self, line: Line) -> Line:
        """Return this row, which comes next: with the texts of those above it in the cells it
        hangs on, or with a fault in each of these."""
        row, texts, faults, mended = line
        below = {
            n: (first, text)
            for n, (first, last, text) in self._open.items()
            if row <= last and any(texts)
        }
        self._open = {n: area for n, area in self._open.items() if row < area[1]} | {
            n: (row, last, texts[n])
            for n, last in self._begins.get(row, ())
            if n < len(texts) and texts[n]
        }
        if self._spread:
            for n, (_, text) in below.items():
                texts += [""] * (n + 1 - len(texts))
                texts[n] = text
            filled = [(n, SPREAD.format(first)) for n, (first, _) in below.items()]
            return Line(row, texts, faults, [*mended, *filled])
        return Line(row, texts, faults + [(n, HUNG.format(at)) for n, (at, _) in below.items()])


def _marks(packed: zipfile.ZipFile, name: str) -> Marks:
    """Read the marks of a sheet. Raises `Unreadable`."""
    marks, areas = Marks(), 0
    with packed.open(name) as part:
        rest = b""
        while chunk := part.read(1 << 16):
            complete, end, rest = (rest + chunk).rpartition(b">")
            rest = rest[-(1 << 16) :]
            for kind, about in MARKS.findall(complete + end):
                marks.formulas |= kind == b"f"
                marks.hidden |= HIDDEN.search(about) is not None
                areas += kind == b"mergeCell"
                if areas > MAX_MERGED:
                    raise Unreadable(TOO_WIDE)
                if kind == b"mergeCell" and (area := AREA.search(about)):
                    _merge(
                        marks, _position(area[1]), int(area[2]), _position(area[3]), int(area[4])
                    )
    return marks


def _merge(marks: Marks, left: int, top: int, right: int, bottom: int) -> None:
    marks.covered += (abs(right - left) + 1) * (abs(bottom - top) + 1)
    if bottom > top:
        marks.merged.setdefault(top, []).append((left, bottom))


def _position(letters: bytes) -> int:
    n = 0
    for letter in letters:
        n = n * 26 + letter - ord("A") + 1
    return n - 1


def _xls(content: bytes, spread: bool) -> tuple[list[Grid], list[str]]:
    try:
        result = subprocess.run(
            [sys.executable, "-I", str(SCRIPT)],
            input=content,
            capture_output=True,
            timeout=PATIENCE_S,
            env={},
            cwd="/",
            check=False,
        )
        sheets = json.loads(result.stdout) if result.returncode == 0 else None
    except (subprocess.SubprocessError, ValueError) as wrong:
        raise Unreadable(BROKEN) from wrong
    if sheets is None:
        raise Unreadable(BROKEN if result.returncode == DAMAGED else TOO_WIDE)
    numbers = any(
        isinstance(cell, float) for sheet in sheets for row in sheet["rows"] for cell in row
    )
    notes = [
        ".xls 文件中的数字按数值读取，看不到单元格格式（如前导零）：请核对编码一类的列，或另存为"
        " .xlsx"
    ]
    return [
        Grid(sheet["name"], sheet["hidden"], partial(_xls_lines, sheet, spread)) for sheet in sheets
    ], (notes if numbers else [])


def _xls_lines(sheet: dict[str, Any], spread: bool) -> Iterator[Line]:
    marks = Marks()
    for first, column, last in sheet["merged"]:
        marks.merged.setdefault(first + 1, []).append((column, last + 1))
    hanging = Hanging(marks, spread)
    for row, cells in enumerate(sheet["rows"], 1):
        texts, faults = [], []
        for n, cell in enumerate(cells):
            plain = isinstance(cell, (int, float)) and not isinstance(cell, bool)
            value = READ[cell[0]](cell[1]) if isinstance(cell, list) else cell
            text, fault = number(cell) if plain else (words(value), "")
            texts.append(text)
            faults += [(n, fault)] if fault else []
        yield hanging.line(Line(row, texts, faults))
