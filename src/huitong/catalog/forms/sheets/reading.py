"""Reading a workbook as people hand it in: what is certain is put right and said, what is not is a
fault at its cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from huitong.catalog.forms.sheets.book import Book, Row
from huitong.catalog.forms.sheets.cells import Lookup, narrow
from huitong.catalog.forms.sheets.layout import ENTRIES, HEADINGS, PARTS, SHEETS, Heading, Sheet
from huitong.catalog.forms.sheets.linking import LINKS, attach, record_of, same_twice
from huitong.connectors.packed import ZIP, texts_of
from huitong.connectors.sheets import (
    GUIDE,
    MAX_ROWS,
    MAX_TEXT,
    MAX_TITLES,
    grids_of,
    letters,
    text_fault,
)
from huitong.connectors.workbooks import Grid, Line, Unreadable
from huitong.work.rules import marking_in

#: where a file that was given back says what is wrong: a heading and a sheet, not read again
FAULTS, LISTED = "问题", "问题清单"
#: entries of one file
MOST = 5000


def read_book(content: bytes, lookup: Lookup) -> Book:
    """Everything a file says. Raises `Unreadable` when the file as a whole cannot be used."""
    book = Book()
    if _is_marked(texts_of(content)):
        return Book(marked=True)
    grids, book.notes = grids_of(content, HEADINGS)
    if not content.startswith(ZIP) and _is_marked(_cells(grids)):
        return Book(marked=True)
    chosen = _chosen(grids, book)
    lines = {sheet.name: list(_lines(sheet, grid, book, lookup)) for sheet, grid in chosen.items()}
    book.records = [record_of(row) for row in lines[ENTRIES.name]]
    if not book.records:
        raise Unreadable("“目录”表中没有数据行：列名之下，每行一条目录。")
    if len(book.records) > MOST:
        raise Unreadable(f"一次最多导入 {MOST} 条目录，请分成几个文件。")
    same_twice(book)
    for part in PARTS:
        if part.name in lines:
            attach(part, lines[part.name], book)
    return book


# -- sheets ----------------------------------------------------------------------------------------


def _chosen(grids: Sequence[Grid], book: Book) -> dict[Sheet, Grid]:
    """Which sheet of the file is which of ours: by its name, else by its headings."""
    visible = [grid for grid in grids if not grid.hidden]
    if not visible:
        raise Unreadable("文件中没有可见的工作表。")
    chosen: dict[Sheet, Grid] = {}
    rest: list[Grid] = []
    for grid in visible:
        sheet = next((s for s in SHEETS if s.name == narrow(grid.name)), None)
        if sheet is None or sheet in chosen:
            rest.append(grid)
        else:
            chosen[sheet] = grid
    for grid in rest:
        first = list(islice(grid.lines(), MAX_TITLES + 1))
        if not any(any(line.texts) for line in first):
            continue
        sheet = max(SHEETS, key=lambda s: _fit(s, first))
        if sheet in chosen or _fit(sheet, first) < max(2, len(sheet.needs)):
            if grid.name not in (GUIDE, LISTED):
                book.notes.append(f"工作表“{grid.name}”不是要导入的表，未读取")
        else:
            chosen[sheet] = grid
    if ENTRIES not in chosen:
        raise Unreadable(
            "文件中没有“目录”表：要有一个工作表，列名中有“资源名称”。可以先下载模板，再把内容粘贴进去。"
        )
    book.titles = {sheet.name: grid.name or sheet.name for sheet, grid in chosen.items()}
    book.notes += [note for grid in chosen.values() for note in grid.notes if note]
    return chosen


def _fit(sheet: Sheet, lines: Sequence[Line]) -> int:
    """How many columns of the sheet the best row has, if it has those that are needed."""
    best = 0
    for line in lines:
        names = {h.name for text in line.texts if text and (h := sheet.heading(text))}
        if names.issuperset(sheet.needs):
            best = max(best, len(names))
    return best


def _lines(sheet: Sheet, grid: Grid, book: Book, lookup: Lookup) -> Iterator[Row]:
    """The rows below the headings, read."""
    lines = iter(grid.lines())
    first = list(islice(lines, MAX_TITLES + 1))
    at = max(range(len(first)), key=lambda n: (_fit(sheet, first[n : n + 1]), -n), default=0)
    if not first or not _fit(sheet, first[at : at + 1]):
        needed = "、".join(f"“{sheet.by_name[name].label}”" for name in sheet.needs)
        raise Unreadable(f"工作表“{grid.name}”的前 {MAX_TITLES} 行中找不到列名，至少要有{needed}。")
    headings = _headings(sheet, grid, first[at], book)
    # a row with nothing but its number, or the entry it would belong to, says nothing
    saying = [n for n, heading in headings.items() if heading.name not in LINKS]
    count = size = 0
    for line in chain(first[at + 1 :], lines):
        if not any(line.texts[n] for n in saying if n < len(line.texts)):
            _stray(sheet, headings, line, book)
            continue
        count += 1
        size += sum(map(len, line.texts))
        if count > MAX_ROWS or size > MAX_TEXT:
            raise Unreadable(f"工作表“{grid.name}”过大，一次最多 {MAX_ROWS} 行，请分成几个文件。")
        yield _row(sheet, headings, line, book, lookup)


def _is_marked(texts: Iterable[str]) -> bool:
    """Whether one of these carries a marking of classified matter (A3)."""
    return bool(marking_in("\x01".join(texts)))


def _cells(grids: Iterable[Grid]) -> set[str]:
    """What stands in the cells of a file whose texts are known by reading it alone, hidden sheets
    and their names included."""
    texts = {grid.name for grid in grids}
    texts.update(*(line.texts for grid in grids for line in grid.lines()))
    return texts


def _headings(sheet: Sheet, grid: Grid, line: Line, book: Book) -> dict[int, Heading]:
    """Our columns by position. Raises `Unreadable` for one that stands twice."""
    headings: dict[int, Heading] = {}
    strange = []
    for n, text in enumerate(line.texts):
        if narrow(text) == FAULTS:
            book.asides[book.titles[sheet.name]] = n
        if not text or narrow(text) == FAULTS:
            continue
        if (heading := sheet.heading(text)) is None:
            strange.append(f"{letters(n)} 列“{text[:20]}”")
        elif heading in headings.values():
            raise Unreadable(
                f"工作表“{grid.name}”第 {line.row} 行的列名“{text}”有重复，请删去多余的一列。"
            )
        else:
            headings[n] = heading
    if strange:
        book.notes.append(f"工作表“{grid.name}”中不认识的列未读取：{'、'.join(strange[:10])}")
    book.heads[book.titles[sheet.name]] = line.row
    book.places[sheet.name] = {heading.name: n for n, heading in headings.items()}
    return headings


def _stray(sheet: Sheet, headings: dict[int, Heading], line: Line, book: Book) -> None:
    """What stands in a row outside of every column."""
    lookup = max(headings, default=0)
    if stray := [n for n, text in enumerate(line.texts) if text and n < lookup]:
        book.notes.append(
            f"“{book.titles[sheet.name]}”第 {line.row} 行只在没有列名的 {letters(stray[0])} 列有内容，未读取"
        )


def _row(sheet: Sheet, headings: dict[int, Heading], line: Line, book: Book, lookup: Lookup) -> Row:
    row = Row(line.row, {})
    for n, message in line.faults:
        if n in headings:
            row.wrong.add(headings[n].name)
            book.fault(sheet, line.row, headings[n].name, message)
    for n, message in line.mended:
        if n in headings:
            book.mend(sheet, line.row, headings[n], message)
    for n, heading in headings.items():
        text = line.texts[n] if n < len(line.texts) else ""
        if heading.name in row.wrong:
            row.texts[heading.name] = ""
            continue
        if fault := text_fault(text):
            row.wrong.add(heading.name)
            book.fault(sheet, line.row, heading.name, fault)
            continue
        usual = narrow(text)
        if usual != text:
            book.mend(sheet, line.row, heading, f"全角字符改为半角：“{usual[:40]}”")
        row.texts[heading.name] = usual
        try:
            value = row.values[heading.name] = heading.read(usual, lookup)
        except ValueError as wrong:
            row.wrong.add(heading.name)
            book.fault(sheet, line.row, heading.name, str(wrong))
            continue
        if usual and heading.single and (heading.choices or heading.offers):
            words = heading.show(value, lookup)
            if words not in (usual, "") and str(value) != usual:
                book.mend(sheet, line.row, heading, f"“{usual[:30]}”读作“{words}”")
    return row
