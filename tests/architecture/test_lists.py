"""Every list is drawn by the one machinery (`huitong.ui.lists`): no view pages, sorts by address or
writes files of rows on its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from tests.each import each

from huitong.catalog.queries.search import SORTS
from huitong.ui.lists import List

SRC = Path(__file__).parents[2] / "src" / "huitong"
VIEWS = sorted(
    path
    for path in SRC.rglob("*.py")
    if (path.name == "views.py" or "views" in path.parent.parts) and "tests" not in path.parts
)
#: every list of the product
LISTS = {
    spec.key: spec
    for path in VIEWS
    for spec in vars(
        import_module(".".join(("huitong", *path.relative_to(SRC).with_suffix("").parts)))
    ).values()
    if isinstance(spec, List)
}
#: what no two rows of a list share, where it is not the key of their own table → why
UNIQUE = {
    "audit.entries": ("seq", "the number of an entry is its key"),
    "work.notices": ("newest", "the key of a notice, which stands in one line alone"),
    "work.limits": ("of limit", "the table and the key in it"),
    "access.applications": ("case_id", "one case each"),
    "access.grants": ("case_id", "one case each"),
    "files.files": ("grant__grant", "one line a grant"),
    "catalog.missed": ("text", "one line a question"),
    "catalog.coverage": ("ref", "kind and key of a line"),
    "catalog.census_report": ("body", "one line a body"),
    "catalog.check_rules": ("rule", "one line a rule"),
    "catalog.rules_of_checks": ("name", "one line a rule"),
    "catalog.check_bodies": ("body", "one line a body"),
}
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


@pytest.mark.parametrize("key", LISTS)
def test_every_order_ends_with_what_is_unique(key: str) -> None:
    """A place between two rows is told by the fields they are sorted by: of two alike, one would
    be skipped or shown twice."""
    spec = LISTS[key]
    fields, _ = UNIQUE.get(key, ("pk", ""))
    sorts = ["", *(f"{turn}{c.key}" for c in spec.columns if c.sort for turn in ("", "-"))]
    orders = [spec.order_by(sort) for sort in sorts]
    if key == "catalog.browse":  # sorted by links of its own
        orders = [order for _, order, _ in SORTS.values()]
    for order in orders:
        ends = [field.lstrip("-") for field in order]
        assert ends[-len(fields.split()) :] == fields.split(), order


#: what the heading of a column with people's names says
NAMES = re.compile("姓名|人$|用户名|手机|代理|收件")
#: lists whose texts name people though no heading says so → who
NAMING = {"work.notices": "who handed over, copied or answered"}


@pytest.mark.parametrize("key", LISTS)
def test_taking_people_along_is_recorded(key: str) -> None:
    """Whoever takes a file with the names of people stands in the ledger for it (A28)."""
    spec = LISTS[key]
    named = [column.label for column in spec.columns if NAMES.search(column.label)]
    assert spec.personal or not (named or key in NAMING), (
        f"{key} names people in {named}: personal=True"
    )


def test_what_counts_as_unique_is() -> None:
    assert {*UNIQUE, *NAMING} <= set(LISTS) and len(LISTS) > 20
    assert apps.get_model("kernel.Entry")._meta.pk.name == "seq"
    for model in ("access.Application", "access.Grant"):
        assert apps.get_model(model)._meta.get_field("case").unique


def test_the_exceptions_are_still_there() -> None:
    for name, word in NO_LIST:
        assert word in used((SRC / name).read_text("utf-8")), (name, word)


@each(TEMPLATES)
def test_no_template_pages_by_number(path: Path) -> None:
    """Addresses with ``?page=`` still work; none is made any more."""
    text = path.read_text("utf-8")
    assert not re.search(r"[?&]page=|paginator|page\.number|next_page_number", text), path.name


@each(TEMPLATES)
def test_no_link_says_nothing(path: Path) -> None:
    """``href="?"`` opens one's default view of a list; the list itself knows the way out of it."""
    assert 'href="?"' not in path.read_text("utf-8"), path.name


#: a list that reads its question itself → why
OWN_QUESTION = {"catalog/views/browse.py": "no form: cut to its length, whatever it says"}


@pytest.mark.parametrize("path", VIEWS, ids=lambda path: str(path.relative_to(SRC)))
def test_rows_are_narrowed_by_what_the_form_can_read(path: Path) -> None:
    """Not by all answers or none, nor by the text of an address, of which chips and files know
    nothing: `conditions`."""
    name, text = str(path.relative_to(SRC)), path.read_text("utf-8")
    if "Listing(" in text and name not in OWN_QUESTION:
        own = re.findall(r'cleaned_data if \w+\.is_valid\(\)|request\.GET(?:\.get)?[(\[]"q"', text)
        assert not own, f"{name}: narrow by `conditions(form)`"
