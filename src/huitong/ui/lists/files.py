"""A list as a file: CSV, Excel or JSON, row by row, whatever its length."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from huitong.ui.lists.columns import Column
from huitong.ui.moments import absolute
from huitong.ui.rules import cell

#: the longest file; a sheet of Excel holds a million rows
MOST = 100_000
#: characters a cell of Excel holds
LONGEST = 32_767
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Facts = Sequence[tuple[str, str]]


class _Echo:
    def write(self, text: str) -> str:
        return text


def as_csv(columns: Sequence[Column], rows: Iterable[Any], _: Facts) -> HttpResponseBase:
    """With the byte order mark Excel wants, and no cell that would run as a formula."""
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        yield "\ufeff" + writer.writerow([cell(column.label) for column in columns])
        for row in rows:
            yield writer.writerow([cell(words(column.of(row))) for column in columns])

    return StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")


def as_json(columns: Sequence[Column], rows: Iterable[Any], _: Facts) -> HttpResponseBase:
    """An array of objects whose members are called as the columns are."""

    def lines() -> Iterator[str]:
        before = "["
        for row in rows:
            values = {column.label: _member(column.of(row)) for column in columns}
            yield before + json.dumps(values, ensure_ascii=False)
            before = ",\n"
        yield "[]" if before == "[" else "]"

    return StreamingHttpResponse(lines(), content_type="application/json; charset=utf-8")


def as_xlsx(columns: Sequence[Column], rows: Iterable[Any], facts: Facts) -> HttpResponseBase:
    """A workbook written row by row onto the disk: the list, and on a second sheet what it is."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("列表")
    sheet.freeze_panes = "A2"
    for number, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = (
            12 if column.num else 18 if column.chosen else 24
        )
    sheet.append([_heading(sheet, column.label) for column in columns])
    for row in rows:
        sheet.append([_cell_of(sheet, column.of(row)) for column in columns])
    about = book.create_sheet("说明")
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 14, 60
    for label, text in facts:
        about.append([_heading(about, label), _cell_of(about, text)])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    return FileResponse(file, content_type=XLSX)


def _heading(sheet: Any, label: str) -> Any:
    heading = WriteOnlyCell(sheet, value=label)
    heading.font = Font(bold=True)
    return heading


def _cell_of(sheet: Any, value: Any) -> Any:
    """A typed cell: dates stay dates, numbers numbers; text that begins with ``=`` is text."""
    if isinstance(value, datetime):
        own = WriteOnlyCell(sheet, value=timezone.localtime(value).replace(tzinfo=None))
        own.number_format = "yyyy-mm-dd hh:mm"
        return own
    if isinstance(value, date):
        own = WriteOnlyCell(sheet, value=value)
        own.number_format = "yyyy-mm-dd"
        return own
    if value is None or (isinstance(value, int | float | Decimal) and not isinstance(value, bool)):
        return value
    own = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", words(value))[:LONGEST])
    own.data_type = "s"
    return own


def words(value: Any) -> str:
    """A value as a file of text holds it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    return absolute(value) if isinstance(value, date) else str(value)


def _member(value: Any) -> Any:
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat() if timezone.is_aware(value) else str(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


Writer = Callable[[Sequence[Column], Iterable[Any], Facts], HttpResponseBase]
#: the formats there are: the end of the file's name → what a person calls it, how it is written
FORMATS: dict[str, tuple[str, Writer]] = {
    "xlsx": ("Excel", as_xlsx),
    "csv": ("CSV", as_csv),
    "json": ("JSON", as_json),
}


def file_of(
    kind: str, label: str, columns: Sequence[Column], rows: Iterable[Any], facts: Facts
) -> HttpResponseBase:
    """The rows as a file to keep."""
    response = FORMATS[kind][1](columns, rows, facts)
    name = f"{label}-{timezone.localdate():%Y%m%d}.{kind}"
    response.headers["Content-Disposition"] = (
        f"attachment; filename=list.{kind}; filename*=UTF-8''{quote(name)}"
    )
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
