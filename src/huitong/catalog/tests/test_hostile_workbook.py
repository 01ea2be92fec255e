"""Files that are no workbook of entries, or want to harm: each gets a clear answer, and little of
the worker."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from huitong.catalog.forms import sheets
from huitong.catalog.forms.sheets import annotating, reading
from huitong.catalog.tests.test_messy_workbook import LOOKUP, checked
from huitong.catalog.tests.workbooks import COMPLETE, book_of, content_of
from huitong.connectors import workbooks
from huitong.connectors.workbooks import Unreadable


def packed(**parts: bytes) -> bytes:
    """A workbook with further parts in it."""
    file = io.BytesIO(content_of(book_of(COMPLETE)))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return file.getvalue()


def rows_without_end() -> bytes:
    """A sheet that claims rows beyond what Excel has."""
    content = content_of(book_of(COMPLETE))
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                far = b'<row r="2000000"><c r="A2000000" t="inlineStr"><is><t>x</t></is></c></row>'
                part = part.replace(b"</sheetData>", far + b"</sheetData>")
            new.writestr(name, part)
    return file.getvalue()


HOSTILE: dict[str, tuple[Any, str]] = {
    "macros": (lambda: packed(**{"xl__vbaProject.bin": b"x"}), "宏"),
    "a bomb": (lambda: packed(**{"xl__media__a.bin": b"0" * 3_000_000}), "解开后过大"),
    "rows without end": (rows_without_end, "过大"),
    "encrypted": (
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
        "打开密码",
    ),
    "cut off": (lambda: content_of(book_of(COMPLETE))[:900], "损坏"),
    "an old workbook, broken": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "损坏"),
    "no table": (lambda: b"\x89PNG\r\n\x1a\n\x00\x00", "无法识别"),
    "another table": (lambda: content_of(another()), "没有“目录”表"),
    "another program's package": (lambda: other_package(), "不是 Excel"),
    "a page called .xls": (
        lambda: "<html><table><tr><td>资源名称</td></tr></table></html>".encode("gb18030"),
        "内容是网页",
    ),
    "XML of an old Excel": (lambda: b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "另存为"),
    "hidden sheets only": (lambda: hidden(), "没有可见的工作表"),
    "entries without end": (
        lambda: content_of(book_of(*({"资源名称": f"登记{n}"} for n in range(31)), items=[])),
        "最多导入 30 条",
    ),
    "nothing in it": (lambda: content_of(book_of({"资源名称": None})), "没有数据行"),
    "a heading twice": (lambda: content_of(twice()), "重复"),
    "too large": (lambda: b"PK\x03\x04" + b"0" * 11 * 1024 * 1024, "10 MB"),
}


def another() -> Workbook:
    book = Workbook()
    book.active.append(["姓名", "电话"])
    book.active.append(["张三", "1"])
    return book


def other_package() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
    return file.getvalue()


def hidden() -> bytes:
    """All of it hidden, which Excel does not let anybody do: a program wrote it."""
    file = io.BytesIO()
    content = content_of(book_of(COMPLETE))
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/workbook.xml":
                part = part.replace(b'state="visible"', b'state="hidden"')
            new.writestr(name, part)
    return file.getvalue()


def twice() -> Workbook:
    book = book_of(COMPLETE)
    book["目录"].cell(1, 30, "资源名称")
    return book


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_cannot_be_used_gets_a_clear_answer(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "MAX_UNPACKED", 2_000_000)  # as a file of 200 MB would be
    monkeypatch.setattr(workbooks, "MAX_LINES", 3_000)
    monkeypatch.setattr(reading, "MOST", 30)
    make, words = HOSTILE[name]
    with pytest.raises(Unreadable, match=words):
        sheets.read_book(make(), LOOKUP)


def test_a_copy_that_would_fill_the_memory_is_the_list_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A sheet nobody reads may hold any number of cells: they are counted before it is opened."""
    wrong = book_of(COMPLETE | {"共享类型": "有条件共亨"})
    for _ in range(300):
        wrong.copy_worksheet(wrong["信息项"])
    content = content_of(wrong)
    book, _ = checked(content)
    assert len(load_workbook(io.BytesIO(sheets.annotated(content, book))).sheetnames) == 303
    monkeypatch.setattr(annotating, "MOST_ELEMENTS", 10_000)
    copy = load_workbook(io.BytesIO(sheets.annotated(content, book)))
    assert copy.sheetnames == ["问题清单"] and book.notes[-1] == annotating.ALONE
    assert "J2" in [row[2] for row in copy.active.iter_rows(values_only=True)]


def test_links_to_other_files_are_not_followed_and_not_given_back() -> None:
    """A formula that leads outside is text in the copy, and its stored value is what is read."""
    book = book_of(COMPLETE | {"资源摘要": '=HYPERLINK("http://evil.example/","摘要")'})
    book["目录"]["C2"].hyperlink = "http://evil.example/"
    content = content_of(book)
    result, _ = checked(content)
    copy = sheets.annotated(content, result)
    with zipfile.ZipFile(io.BytesIO(copy)) as parts:
        texts = b"".join(parts.read(n) for n in parts.namelist() if n.endswith((".rels",)))
        cells = parts.read("xl/worksheets/sheet2.xml")
    assert b"evil.example" not in texts and b"<f>" not in cells
