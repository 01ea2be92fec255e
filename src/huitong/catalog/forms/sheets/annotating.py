"""A clerk's own file given back: what is wrong stands at its cell, at the end of its row, and in a
list."""

from __future__ import annotations

import io
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill

from huitong.catalog.forms.sheets.book import Book, Fault
from huitong.catalog.forms.sheets.layout import HEADINGS
from huitong.catalog.forms.sheets.reading import FAULTS, LISTED
from huitong.connectors.packed import ZIP
from huitong.connectors.sheets import MAX_CELL, grids_of

AUTHOR = "汇通"
WRONG, DOUBTFUL, MENDED = "FFFFC7CE", "FFFFEB9C", "FFE2F0D9"
COLOURS = frozenset({WRONG, DOUBTFUL, MENDED})
WORDS = {WRONG: "错误", DOUBTFUL: "提交前须补充", MENDED: "已自动更正"}
NOTHING = PatternFill(fill_type=None)
#: cells of a workbook that is given back whole; of a larger one only the list. All of it is in
#: memory then, sheets that were not read too: so many elements of XML make a few hundred MB
MOST_CELLS, MOST_ELEMENTS = 600_000, 1_000_000
ALONE = "原文件过大或无法重新写出，标出问题的文件只列出问题：请对照单元格位置在自己的文件中改"
#: lines of the list, and how long a comment may be
MOST_LINES, LONGEST = 20_000, 1000


def annotated(content: bytes, book: Book) -> bytes:
    """The file with its faults, as .xlsx: what stood in it stays, its formulas are text.

    A file that cannot be written again as it was, or is too large for that, comes back as the list
    alone.
    """
    noted = [(WRONG if fault.grave else DOUBTFUL, fault) for fault in book.in_order]
    noted += [(MENDED, fault) for fault in book.mended]
    whole = _whole(content)
    if whole is None:
        whole = Workbook()
        whole.remove(whole.active)
        book.notes.append(ALONE)
    else:
        _clear(whole)
        _mark(whole, noted, book)
    _list(whole, noted, book)
    file = io.BytesIO()
    whole.save(file)
    return file.getvalue()


def _whole(content: bytes) -> Workbook | None:
    """The file as a workbook; None where it cannot be had."""
    if not content.startswith(ZIP):
        return _of_texts(content)
    try:
        if _elements(content) > MOST_ELEMENTS:
            return None
        whole = load_workbook(io.BytesIO(content), keep_links=False)
    except Exception:  # openpyxl raises whatever its parsers do
        return None
    size = sum(sheet.max_row * sheet.max_column for sheet in whole.worksheets)
    return whole if size <= MOST_CELLS else None


def _elements(content: bytes) -> int:
    """How many elements the parts of an xlsx begin, counted without taking it apart."""
    count = 0
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for about in packed.infolist():
            if about.filename.endswith((".xml", ".rels", ".vml")):
                with packed.open(about) as part:
                    while chunk := part.read(1 << 20):
                        count += chunk.count(b"<") - chunk.count(b"</")
    return count


def _of_texts(content: bytes) -> Workbook:
    """A CSV or an old .xls, as far as it was read."""
    whole = Workbook()
    whole.remove(whole.active)
    for number, grid in enumerate(grids_of(content, HEADINGS)[0], 1):
        sheet = whole.create_sheet(grid.name or f"表{number}")
        for line in grid.lines():
            for n, text in enumerate(line.texts, 1):
                if text:
                    _put(sheet.cell(line.row, n), text)
    return whole


def _put(cell: Any, text: str) -> None:
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)[:MAX_CELL]
    cell.data_type = "s"


def _clear(whole: Workbook) -> None:
    """Take away what would run or lead outside, and what we wrote into an earlier copy."""
    if LISTED in whole.sheetnames:
        del whole[LISTED]
    whole.defined_names.clear()
    for sheet in whole.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if not isinstance(cell, Cell):
                    continue
                if cell.data_type == "f":
                    _put(cell, str(getattr(cell.value, "text", cell.value)))
                if cell.hyperlink is not None:
                    cell.hyperlink = None
                if cell.comment is not None and cell.comment.author == AUTHOR:
                    cell.comment = None
                if cell.fill.fgColor.rgb in COLOURS:
                    cell.fill = NOTHING


def _mark(whole: Workbook, noted: Iterable[tuple[str, Fault]], book: Book) -> None:
    cells: dict[tuple[str, int, int], list[tuple[str, Fault]]] = defaultdict(list)
    rows: dict[tuple[str, int], list[tuple[str, Fault]]] = defaultdict(list)
    for colour, fault in noted:
        if fault.column is not None:
            cells[fault.sheet, fault.row, fault.column + 1].append((colour, fault))
        rows[fault.sheet, fault.row].append((colour, fault))
    names = {sheet.title: sheet for sheet in whole.worksheets}
    if len(names) == 1:  # a CSV has no name
        names |= dict.fromkeys(book.titles.values(), whole.worksheets[0])
    for (name, row, column), those in cells.items():
        if (sheet := names.get(name)) is None:
            continue
        cell = sheet.cell(row, column)
        cell.fill = PatternFill("solid", fgColor=those[0][0])
        if isinstance(cell, Cell):  # of merged cells only the first can have a comment
            text = "\n".join(f"{WORDS[colour]}：{fault.message}" for colour, fault in those)
            cell.comment = Comment(text[:LONGEST], AUTHOR, width=320, height=120)
    for title, at in book.heads.items():
        if (sheet := names.get(title)) is not None:
            own = {row: those for (name, row), those in rows.items() if name == title}
            _column(sheet, at, own, book.asides.get(title))


def _column(
    sheet: Any, head: int, rows: dict[int, list[tuple[str, Fault]]], place: int | None
) -> None:
    """The column of faults: behind all others, or where it stood in an earlier copy."""
    column = sheet.max_column + 1 if place is None else place + 1
    if place is not None:
        for row in range(head + 1, sheet.max_row + 1):
            if isinstance(sheet.cell(row, column), Cell):
                sheet.cell(row, column).value = None
    heading = sheet.cell(head, column)
    _put(heading, FAULTS)
    heading.font = Font(bold=True)
    sheet.column_dimensions[heading.column_letter].width = 60
    for row, those in rows.items():
        asking = [(c, f) for c, f in those if c != MENDED]
        if asking and isinstance(cell := sheet.cell(row, column), Cell):
            _put(cell, "\n".join(_sentence(fault) for _, fault in asking))
            cell.fill = PatternFill("solid", fgColor=asking[0][0])
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _sentence(fault: Fault) -> str:
    return f"{fault.heading}：{fault.message}" if fault.heading else fault.message


def _list(whole: Workbook, noted: Sequence[tuple[str, Fault]], book: Book) -> None:
    """The sheet in front: every fault with a way to its cell."""
    sheet = whole.create_sheet(LISTED, 0)
    whole.active = 0
    for other in whole.worksheets[1:]:
        other.sheet_view.tabSelected = False
    for letter, width in zip("ABCDE", (14, 14, 10, 22, 90), strict=True):
        sheet.column_dimensions[letter].width = width
    heads = ("类别", "工作表", "单元格", "列", "问题和改法")
    for n, words in enumerate(heads, 1):
        sheet.cell(1, n, words).font = Font(bold=True)
    sheet.freeze_panes = "A2"
    titles = set(whole.sheetnames)
    for row, (colour, fault) in enumerate(noted[:MOST_LINES], 2):
        for n, words in enumerate(
            (WORDS[colour], fault.sheet, fault.cell, fault.heading, fault.message), 1
        ):
            _put(sheet.cell(row, n), words)
        sheet.cell(row, 1).fill = PatternFill("solid", fgColor=colour)
        if fault.sheet in titles and fault.column is not None:
            quoted = fault.sheet.replace("'", "''")
            sheet.cell(row, 3).hyperlink = f"#'{quoted}'!{fault.cell}"
    for n, note in enumerate(book.notes, len(noted[:MOST_LINES]) + 3):
        _put(sheet.cell(n, 1), "说明")
        _put(sheet.cell(n, 5), note)
