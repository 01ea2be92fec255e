"""Every list is drawn by the one machinery (`huitong.ui.lists`): no view pages, sorts by address or
writes files of rows on its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src" / "huitong"
VIEWS = sorted(
    path
    for path in SRC.rglob("*.py")
    if (path.name == "views.py" or "views" in path.parent.parts) and "tests" not in path.parts
)
TEMPLATES = sorted(SRC.rglob("templates/**/*.html"))
#: what pages, writes or streams rows; the remedy is a `List`
FORBIDDEN = {
    "Paginator": "paging",
    "get_page": "paging",
    "csv.writer": "a file of rows",
    "Workbook": "a file of rows",
    "StreamingHttpResponse": "a file of rows",
}
#: a file that is no list: (view, what it uses) → why
NO_LIST = {("organizations/views/imports.py", "csv.writer"): "an empty table to fill in and import"}


def used(source: str) -> Iterator[str]:
    """What of `FORBIDDEN` a module calls or brings in."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names if alias.name in FORBIDDEN)
        if isinstance(node, ast.Attribute):
            dotted = ast.unparse(node)
            yield from (word for word in FORBIDDEN if dotted == word or node.attr == word)


@pytest.mark.parametrize("path", VIEWS, ids=lambda path: str(path.relative_to(SRC)))
def test_no_view_pages_or_writes_rows_by_itself(path: Path) -> None:
    name = str(path.relative_to(SRC))
    own = {word for word in used(path.read_text("utf-8")) if (name, word) not in NO_LIST}
    assert not own, f"{name} uses {sorted(own)}: declare a `List` and answer with a `Listing`"


@pytest.mark.parametrize(
    "bad",
    [
        "from django.core.paginator import Paginator",
        "from django.http import StreamingHttpResponse",
        "import csv\ncsv.writer(out)",
        "import openpyxl\nopenpyxl.Workbook()",
    ],
)
def test_the_check_would_notice(bad: str) -> None:
    assert list(used(bad))


def test_the_exceptions_are_still_there() -> None:
    for name, word in NO_LIST:
        assert word in used((SRC / name).read_text("utf-8")), (name, word)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(SRC)))
def test_no_template_pages_by_number(path: Path) -> None:
    """Addresses with ``?page=`` still work; none is made any more."""
    text = path.read_text("utf-8")
    assert not re.search(r"[?&]page=|paginator|page\.number|next_page_number", text), path.name
