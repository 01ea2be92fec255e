"""Tables in files: one reader of CSV and Excel for every import, which guesses nothing silently
(A3, A6, A7).

What stands in the file is either read, or refused with its row and column as Excel shows them, or
mentioned in a note.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from huitong.connectors.cells import AROUND
from huitong.connectors.packed import COMPOUND, ZIP
from huitong.connectors.workbooks import TRIMMED, Grid, Line, Unreadable, workbook

MAX_BYTES = 10 * 1024 * 1024
#: the same as people say it
SIZE_WORDS = f"{MAX_BYTES // 1024**2} MB"
TOO_LARGE = f"文件超过 {SIZE_WORDS}，请分开导入。"
#: data rows of one file
MAX_ROWS = 100_000
#: characters of one cell, as Excel has it
MAX_CELL = 32_767
#: characters of all cells: in a file one long text may stand in any number of them
MAX_TEXT = 50_000_000
#: the sheet of our own templates that says how to fill in the others: no news when it is not read
GUIDE = "填写说明"
#: so many rows may stand above the headings
MAX_TITLES = 10
#: what Excel makes of a long number when it saves CSV
ROUNDED = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE | re.ASCII)
DELIMITERS = ",\t;"
#: how a page or XML begins that some system calls .xls: Excel opens it, with a warning
MARKUP = re.compile(r"\s*<(?:!doctype|html|head|meta|style|table|\?xml)\b", re.IGNORECASE)


@dataclass(frozen=True)
class CellFault:
    """A fault in one cell; ``row`` counts as Excel shows it, ``column`` is its heading."""

    row: int
    column: str
    message: str


@dataclass(frozen=True)
class Table:
    """A table as read: texts by heading with the row they stand in, cells that must be mended,
    what to tell the reader."""

    headings: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]
    faults: tuple[CellFault, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass
class _Reading:
    """State of reading one file: faults and notes so far."""

    faults: list[CellFault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_table(content: bytes, required: Collection[str], columns: Collection[str]) -> Table:
    """Read a CSV (UTF-8, UTF-16 or GB 18030) or Excel file, recognized by its content, not its
    name.

    ``required`` are headings one of whose alternatives (``"名称|name"``) must be there, ``columns``
    all that may be: the heading row is the first that has the required ones. Raises `Unreadable`
    when the file as a whole cannot be used.
    """
    if len(content) > MAX_BYTES:
        raise Unreadable(TOO_LARGE)
    reading = _Reading()
    if content.startswith((ZIP, COMPOUND)):
        grids, notes = workbook(content)
        reading.notes += notes
        grid = _chosen(grids, required, columns, reading)
        reading.notes += grid.notes
    else:
        grid = _csv(content, columns)
    return _table(grid, required, columns, reading)


def grids_of(content: bytes, columns: Collection[str]) -> tuple[list[Grid], list[str]]:
    """Every sheet of an Excel file, or the one table of a CSV (``columns`` tell its delimiter), its
    merged cells spread, and what to tell the reader. Raises `Unreadable`."""
    if len(content) > MAX_BYTES:
        raise Unreadable(TOO_LARGE)
    if content.startswith((ZIP, COMPOUND)):
        return workbook(content, spread=True)
    return [_csv(content, columns)], []


# -- from rows to a table --------------------------------------------------------------------------


def _table(
    grid: Grid, required: Collection[str], columns: Collection[str], reading: _Reading
) -> Table:
    lines = iter(grid.lines())
    first = [line for line in islice(lines, MAX_TITLES + 1) if any(line.texts)]
    if not first:
        raise Unreadable("文件中没有数据行：第一行应为列名，其后每行一条。")
    at = _heading_row([line.texts for line in first], required, columns)
    for above in first[:at]:
        words = next(text for text in above.texts if text)
        reading.notes.append(f"第 {above.row} 行在列名之上，未导入：“{words[:30]}”")
    headings = _headings(first[at].texts, first[at].row)
    rows: list[tuple[int, dict[str, str]]] = []
    size = 0
    for line in chain(first[at + 1 :], lines):
        size += sum(map(len, line.texts))
        reading.faults += [
            CellFault(line.row, _name(headings, n), message) for n, message in line.faults
        ]
        if not any(line.texts):
            continue
        if size > MAX_TEXT:
            raise Unreadable(f"文件中的文字超过 {MAX_TEXT // 10_000} 万字，请分开导入。")
        if len(rows) >= MAX_ROWS:
            raise Unreadable(f"一次最多导入 {MAX_ROWS} 行，请分开导入。")
        rows.append((line.row, _row(headings, line.texts, line.row, reading)))
    if not rows and not reading.faults:
        raise Unreadable("文件中没有数据行：第一行应为列名，其后每行一条。")
    return Table(
        tuple(h for h in headings if h), tuple(rows), tuple(reading.faults), tuple(reading.notes)
    )


def _heading_row(
    lines: Sequence[Sequence[str]], required: Collection[str], columns: Collection[str]
) -> int:
    """The first row with every required heading; else that with most known ones; else the first."""
    for n, texts in enumerate(lines):
        if required and not lacking(texts, required):
            return n
    counts = [len(set(texts) & set(columns)) for texts in lines]
    return counts.index(max(counts))


def lacking(headings: Collection[str], required: Collection[str]) -> list[str]:
    """Return those of ``required`` (``"名称|name"``: one of these) that are not among the headings,
    by their first name."""
    return [names.split("|")[0] for names in required if not set(names.split("|")) & set(headings)]


def _headings(texts: Sequence[str], row: int) -> list[str]:
    """Return the names by position; empty columns at the right are no columns."""
    headings = list(texts)
    while headings and not headings[-1]:
        headings.pop()
    named = [h for h in headings if h]
    if twice := sorted({h for h in named if named.count(h) > 1}):
        raise Unreadable(f"第 {row} 行的列名有重复：{'、'.join(twice)}。")
    return headings


def _row(
    headings: Sequence[str], texts: Sequence[str], row: int, reading: _Reading
) -> dict[str, str]:
    """Return one row by heading. A value outside every column, or one that cannot be a cell, is a
    fault."""
    for n, text in enumerate(texts):
        if text and not (n < len(headings) and headings[n]):
            reading.faults.append(
                CellFault(
                    row,
                    _name(headings, n),
                    f"这一格没有列名：“{text[:30]}”。单元格比列名多，"
                    "可能是内容里的逗号把一格分成了两格：含逗号的内容要用英文双引号括起来",
                )
            )
            break
    cells = dict(zip(headings, [*texts, *[""] * (len(headings) - len(texts))], strict=False))
    cells.pop("", None)
    for heading, text in cells.items():
        if fault := text_fault(text):
            reading.faults.append(CellFault(row, heading, fault))
    return cells


def text_fault(text: str) -> str:
    """What is wrong with a cell's text, whatever its column; empty when nothing is."""
    if len(text) > MAX_CELL:
        return f"单元格有 {len(text)} 个字，最多 {MAX_CELL} 个"
    if ROUNDED.fullmatch(text):
        return f"“{text}”是 Excel 缩写的长数字，末几位已丢失：请把该列设为“文本”格式，重新填写完整的号码"
    if text.startswith("=") and len(text) > 1:
        return "单元格是公式，请“选择性粘贴”为数值或文本后再导入"
    return ""


def _name(headings: Sequence[str], n: int) -> str:
    """A column by its heading, else by the letters Excel shows."""
    return headings[n] if n < len(headings) and headings[n] else f"{letters(n)} 列"


def letters(n: int) -> str:
    """The name Excel gives the column at this position, counted from 0."""
    name, n = "", n + 1
    while n:
        n, rest = divmod(n - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _chosen(
    grids: Sequence[Grid], required: Collection[str], columns: Collection[str], reading: _Reading
) -> Grid:
    """The one visible sheet that has the headings; the others are named in notes."""

    def fits(grid: Grid) -> bool:
        heads = [line.texts for line in islice(grid.lines(), MAX_TITLES + 1)]
        return any(not lacking(texts, required) for texts in heads)

    visible = [grid for grid in grids if not grid.hidden]
    if not visible:
        raise Unreadable("文件中没有可见的工作表。")
    fitting = [grid for grid in visible if fits(grid)] if len(visible) > 1 else visible
    if len(fitting) > 1:
        names = "、".join(f"“{grid.name}”" for grid in fitting)
        raise Unreadable(f"有几个工作表都像要导入的表：{names}。请只保留一个，或分开导入。")
    chosen = fitting[0] if fitting else visible[0]
    for grid in grids:
        if grid is chosen or grid.name == GUIDE:
            continue
        if any(any(line.texts) for line in islice(grid.lines(), MAX_TITLES)):
            kind = "隐藏的工作表" if grid.hidden else "工作表"
            reading.notes.append(f"{kind}“{grid.name}”未导入，只读取了“{chosen.name}”")
    return chosen


# -- CSV -------------------------------------------------------------------------------------------


def _csv(content: bytes, columns: Collection[str]) -> Grid:
    text = _decoded(content)
    if MARKUP.match(text):
        raise Unreadable(
            "文件内容是网页或 XML，不是 Excel 工作簿（有的系统导出的 .xls 就是这样）：请用 Excel 或"
            " WPS 打开，另存为“Excel 工作簿（.xlsx）”后重试。"
        )
    return Grid("", False, lambda: _csv_lines(text, _delimiter(text, columns)))


def _csv_lines(text: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    row = 0
    while True:
        row += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as wrong:
            if "field larger" in str(wrong):
                raise Unreadable(
                    f"第 {row} 行有一格过长，最多 {MAX_CELL} 个字；也可能是这一行的双引号没有闭合。"
                ) from wrong
            raise Unreadable(
                f"第 {row} 行的双引号不成对：从这一行起，后面的内容都会被当成一格。请补上或删去多余的引号。"
            ) from wrong
        texts = [cell.strip(AROUND) for cell in cells]
        trimmed = [(n, TRIMMED) for n, text in enumerate(texts) if text != cells[n]]
        yield Line(row, texts, [], trimmed)


def _delimiter(text: str, columns: Collection[str]) -> str:
    """Return the sign that separates most of the headings in the first rows."""
    heads = re.split(r"\r\n|\r|\n", text[:20_000])[: MAX_TITLES + 1]

    def count(sign: str) -> int:
        return max(
            len({part.strip(AROUND + '"') for part in head.split(sign)} & set(columns))
            for head in heads
        )

    return max(DELIMITERS, key=count)  # of equals the comma, which comes first


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: Sequence[str] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
        if (broken := _broken_utf8(content)) is not None:
            raise Unreadable(
                f"文件像是 UTF-8 编码，但第 {broken} 行有损坏的字符，请修正后重新保存。"
            )
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text.removeprefix("\ufeff")  # which GB 18030 has too
    raise Unreadable(
        "无法识别文件：请上传 CSV（UTF-8 或 GB18030 编码）或 Excel 文件（xlsx、xls）。"
    )


def _broken_utf8(content: bytes) -> int | None:
    """The line of the first bad byte of a text that otherwise is UTF-8; None when it is UTF-8 or
    something else."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as wrong:
        text = content.decode("utf-8", "replace")
        good = sum(1 for sign in text if ord(sign) > 0x7F and sign != "\ufffd")
        return (
            content.count(b"\n", 0, wrong.start) + 1 if good > 20 * text.count("\ufffd") else None
        )
    return None
