"""Rows that belong together: which are the same, which entry a row of another sheet belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from huitong.catalog.forms.sheets.book import Book, Record, Row
from huitong.catalog.forms.sheets.cells import compact
from huitong.catalog.forms.sheets.layout import ENTRIES, Sheet
from huitong.catalog.rules.codes import LONGEST
from huitong.ui.rules import is_key

#: columns of an entry's own row that are no elements, and of other sheets those that name the entry
OWN, LINKS = ("no", "code", "state", "entry", "mark"), ("no", "of")
ONCE = "与第 {} 行完全相同，只读取一次"


def record_of(row: Row) -> Record:
    """The entry of a row of the first sheet."""
    no, key, mark, code = (compact(row.texts.get(n, "")) for n in ("no", "entry", "mark", "code"))
    values = {name: value for name, value in row.values.items() if name not in OWN}
    return Record(row.row, no, key, mark, code, values, bool(row.wrong))


def same_twice(book: Book) -> None:
    """Rows that are the same are one; rows that only say they are the same entry are faults."""
    single: list[Record] = []
    first: dict[tuple[str, str], Record] = {}
    for record in book.records:
        if record.key and not is_key(record.key):
            _wrong(book, record, "entry", f"“{record.key[:20]}”不是平台编号，新目录请留空")
        if not record.name:
            _wrong(book, record, "name", "缺少资源名称" if "name" in record.values else "")
        if not record.key and len(record.code) > LONGEST:
            words = f"资源代码有 {len(record.code)} 个字符，最多 {LONGEST} 个"
            _wrong(book, record, "code", words)
        marks = {
            "no": record.no,
            "entry": record.key,
            "name": record.name,
            "code": "" if record.key else record.code,
        }
        same = first.get(("entry", record.key)) or first.get(("name", record.name))
        if same is not None and _alike(same, record):
            book.mend(ENTRIES, record.row, ENTRIES.by_name["name"], ONCE.format(same.row))
            continue
        for name, text in marks.items():
            if text and (other := first.setdefault((name, text), record)) is not record:
                label = ENTRIES.by_name[name].label
                _wrong(book, record, name, f"{label}“{text[:40]}”与第 {other.row} 行重复")
        single.append(record)
    book.records = single


def _alike(one: Record, other: Record) -> bool:
    return (one.values, one.key, one.code) == (other.values, other.key, other.code)


def _wrong(book: Book, record: Record, name: str, message: str) -> None:
    record.wrong = True
    if message:
        book.fault(ENTRIES, record.row, name, message)


def attach(part: Sheet, rows: Sequence[Row], book: Book) -> None:
    """Give the rows of a sheet to the entries they name, by number, else by name."""
    by_no = {record.no: record for record in book.records if record.no}
    by_name: dict[str, list[Record]] = {}
    for record in book.records:
        by_name.setdefault(record.name, []).append(record)
        record.values[part.holds], record.rows[part.holds] = [], []
    first: dict[tuple[int, str], Row] = {}
    for row in rows:
        if (owner := _owner(part, row, by_no, by_name, book)) is None:
            continue
        record = owner
        record.wrong |= bool(row.wrong)
        value = {name: v for name, v in row.values.items() if name not in LINKS}
        name = str(value.get(part.needs[0]) or "")
        before = first.setdefault((record.row, name), row) if part.holds == "items" else row
        if name and before is not row:
            _again(part, row, before, record, book)
            continue
        record.values[part.holds].append(value)
        record.rows[part.holds].append(row.row)


def _again(part: Sheet, row: Row, before: Row, record: Record, book: Book) -> None:
    """A second row of the same name: the same in every cell, it is left out; otherwise a fault."""
    name = part.by_name[part.needs[0]]
    if _texts(row) == _texts(before):
        book.mend(part, row.row, name, ONCE.format(before.row))
        return
    record.wrong = True
    book.fault(
        part,
        row.row,
        name.name,
        f"“{row.texts[name.name][:40]}”与第 {before.row} 行重复：同一条目录中{part.name}不能同名，"
        "请删去一行或改名",
    )


def _texts(row: Row) -> Mapping[str, str]:
    return {name: text for name, text in row.texts.items() if name not in LINKS}


def _owner(
    part: Sheet,
    row: Row,
    by_no: Mapping[str, Record],
    by_name: Mapping[str, Sequence[Record]],
    book: Book,
) -> Record | None:
    """The entry a row belongs to; None, with a fault, where none or several could be meant."""
    number, name = compact(row.texts.get("no", "")), row.texts.get("of", "")
    named = by_name.get(name, []) if name else []
    if number:
        if (record := by_no.get(number)) is None:
            book.fault(part, row.row, "no", f"“目录”表中没有序号为“{number[:20]}”的一行")
        elif named and record not in named:  # a name nobody bears is one from before a renaming
            record.wrong = True
            words = f"序号 {number} 是“{record.name[:40]}”，这里写的是“{name[:40]}”，请改成一致"
            book.fault(part, row.row, "of", words)
        return record
    if len(named) == 1:
        return named[0]
    if not name:
        column = "no" if "no" in book.places[part.name] else "of"
        book.fault(part, row.row, column, "没有写明属于哪条目录：请填目录序号或资源名称")
    elif named:
        words = f"“目录”表中有 {len(named)} 条都叫“{name[:40]}”，请填目录序号"
        book.fault(part, row.row, "of", words)
    else:
        words = f"“目录”表中没有“{name[:40]}”，请核对名称，或填目录序号"
        book.fault(part, row.row, "of", words)
    return None
