"""What clerks do to an exported workbook without a change in mind (A7, A12): it comes back as it
went."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from tests.cast import Cast

from huitong.catalog import actions
from huitong.catalog.tests.marriage import drafted
from huitong.catalog.tests.workbooks import exported, handed_in


def _heads(page: Worksheet) -> int:
    """The row of the headings: the one with the most cells that hold something."""
    return max((1, 2, 3), key=lambda row: sum(cell.value is not None for cell in page[row]))


def _pages(book: Workbook) -> list[Worksheet]:
    return [book["目录"], book["信息项"]]


def _cells(book: Workbook, kind: type, change: Callable[[Any], object]) -> None:
    """Change every cell below the headings that holds this kind of value."""
    for page in _pages(book):
        for row in page.iter_rows(min_row=_heads(page) + 1):
            for cell in row:
                if isinstance(cell.value, kind):
                    cell.value = change(cell.value)


def entries_turned_around(book: Workbook) -> None:
    page = book["目录"]
    first = _heads(page) + 1
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=first)]
    for number, row in enumerate(reversed(rows), first):
        for column, value in enumerate(row, 1):
            page.cell(number, column).value = value


def columns_turned_around(book: Workbook) -> None:
    for page in _pages(book):
        for row in page.iter_rows():
            for cell, value in zip(row, [cell.value for cell in reversed(row)], strict=True):
                cell.value = value


def coloured_filtered_and_hidden(book: Workbook) -> None:
    for page in _pages(book):
        first = _heads(page) + 1
        page.freeze_panes = page.cell(first, 2)
        page.auto_filter.ref = f"A{first - 1}:{get_column_letter(page.max_column)}{page.max_row}"
        page.row_dimensions[first].hidden = True
        page.column_dimensions["D"].hidden = True
        for cell in page[first]:
            cell.fill = PatternFill("solid", start_color="FFFF00")
        page.cell(first, 3).comment = Comment("请李科长核对", "王芳")


def spaced(book: Workbook) -> None:
    _cells(book, str, lambda text: f" {text}\u3000\n")


def blank_rows(book: Workbook) -> None:
    for page in _pages(book):
        page.insert_rows(_heads(page) + 2)
        page.cell(page.max_row + 5, 1).value = " "


def columns_of_their_own(book: Workbook) -> None:
    for page in _pages(book):
        head, last = _heads(page), page.max_column + 1
        page.cell(head, last).value = "科室内部备注"
        page.cell(head + 1, last).value = "已与李科长核对"


def a_page_of_their_own(book: Workbook) -> None:
    book.copy_worksheet(book["目录"]).title = "目录 (2)"
    book.create_sheet("汇总", 0).append(["单位", "数量"])


def numbers_as_texts(book: Workbook) -> None:
    _cells(book, int, str)


def numbers_with_a_fraction(book: Workbook) -> None:
    _cells(book, int, float)


def enumerated_otherwise(book: Workbook) -> None:
    _cells(book, str, lambda text: text.replace("、", "，") if len(text) < 12 else text)


HABITS = (
    entries_turned_around,
    columns_turned_around,
    coloured_filtered_and_hidden,
    spaced,
    blank_rows,
    columns_of_their_own,
    a_page_of_their_own,
    numbers_as_texts,
    numbers_with_a_fraction,
    enumerated_otherwise,
)


@pytest.mark.django_db
def test_it_comes_back_as_it_went(cast: Cast) -> None:
    actions.register_system(cast.civil_operator, name="业务管理系统")
    clerk = cast.civil_operator
    drafted(clerk)
    drafted(clerk, "收养登记信息")
    changes = {}
    for habit in HABITS:
        book = exported(clerk)
        habit(book)
        own = handed_in(clerk, book)
        changes[habit.__name__] = (own.faults, list(own.rows.values_list("lines")), own.same)
    assert changes == {habit.__name__: ([], [], 2) for habit in HABITS}
