"""Every text of a file is come upon, wherever it stands (A3)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from huitong.connectors import packed
from huitong.connectors.packed import texts_of
from huitong.connectors.tests.tables import INPUTS

WORD = "绝密★一年"
DRAWN = (
    '<xdr:txBody xmlns:xdr="x" xmlns:a="a"><a:p><a:r><a:rPr lang="zh-CN" sz="1100"><a:ea typeface='
    '"宋体"/></a:rPr><a:t>绝</a:t></a:r><a:r><a:rPr lang="zh-CN"/><a:t>密★一年</a:t></a:r></a:p>'
    "</xdr:txBody>"
)


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def having(change: Callable[[Workbook, Worksheet], object]) -> bytes:
    book = Workbook()
    assert isinstance(book.active, Worksheet)
    change(book, book.active)
    return saved(book)


def with_part(name: str, part: bytes) -> bytes:
    file = io.BytesIO(saved(Workbook()))
    with zipfile.ZipFile(file, "a") as target:
        target.writestr(name, part)
    return file.getvalue()


def hidden(book: Workbook) -> None:
    sheet = book.create_sheet("底稿")
    sheet.sheet_state = "veryHidden"
    sheet.append([WORD])


def offered(page: Worksheet) -> None:
    page.add_data_validation(DataValidation(type="whole", prompt=WORD, sqref="A1"))


PLACES: dict[str, Callable[[], bytes]] = {
    "a hidden sheet": lambda: having(lambda book, page: hidden(book)),
    "a sheet's name": lambda: having(lambda book, page: book.create_sheet(WORD)),
    "a header": lambda: having(lambda book, page: setattr(page.oddHeader.center, "text", WORD)),
    "a footer": lambda: having(lambda book, page: setattr(page.evenFooter.left, "text", WORD)),
    "a comment": lambda: having(
        lambda book, page: setattr(page["C3"], "comment", Comment(WORD, "王"))
    ),
    "a hint": lambda: having(lambda book, page: offered(page)),
    "a number's format": lambda: having(
        lambda book, page: setattr(page["A1"], "number_format", f'"{WORD}"0')
    ),
    "a property": lambda: having(lambda book, page: setattr(book.properties, "title", WORD)),
    "a drawing": lambda: with_part("xl/drawings/drawing1.xml", DRAWN.encode()),
    "a drawing in UTF-16": lambda: with_part("xl/drawings/drawing1.xml", DRAWN.encode("utf-16")),
    "signs by number": lambda: with_part(
        "xl/a.xml", "".join(f"&#{ord(c)};" for c in WORD).join(("<a>", "</a>")).encode()
    ),
    "an embedded file": lambda: with_part(
        "xl/embeddings/a.docx", with_part("word/document.xml", DRAWN.encode())
    ),
    "an embedded object": lambda: with_part(
        "xl/embeddings/a.bin", packed.COMPOUND + b"\0\1\2" + WORD.encode("utf-16-le") + b"\0\0"
    ),
    "a part's name": lambda: with_part(f"xl/{WORD}.xml", b"<a/>"),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_text_is_come_upon_wherever_it_stands(place: str) -> None:
    assert any(WORD in text for text in texts_of(PLACES[place]())), place


def test_words_of_neighbours_are_not_put_together() -> None:
    """Cells, paragraphs and values apart from one another are no word."""
    book = Workbook()
    book.active.append(["绝", "密"])
    content = saved(book)
    assert {"绝", "密"} <= texts_of(content) and not any("绝密" in t for t in texts_of(content))


def test_an_old_workbook_is_looked_through_as_it_is() -> None:
    content = (INPUTS / "numbers.xls").read_bytes()
    assert any("事项编码" in text for text in texts_of(content))
    hidden_name = "旧表".encode("utf-16-le")
    assert content.count(hidden_name) == 1, "the name of a hidden sheet"
    marked = content.replace(hidden_name, "机密".encode("utf-16-le"))
    assert any("机密" in text for text in texts_of(marked))


def test_a_damaged_part_does_not_hide_the_others() -> None:
    content = with_part("xl/z.xml", f"<a>{WORD}</a>".encode())
    at = content.index(b"xl/theme/theme1.xml") + 40
    damaged = content[:at] + b"\0\1\2\3\4\5\6\7" + content[at + 8 :]
    with pytest.raises(Exception, match=r"CRC|invalid|Error|incorrect"):
        zipfile.ZipFile(io.BytesIO(damaged)).read("xl/theme/theme1.xml")
    assert any(WORD in text for text in texts_of(damaged))


def test_packages_in_packages_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """What all parts come to is counted through every package within."""
    content = with_part("xl/a.bin", b"PK")
    for _ in range(packed.DEPTH + 3):
        content = with_part("xl/a.zip", content)
    assert texts_of(content) == set()
    monkeypatch.setattr(packed, "MAX_UNPACKED", 1_000)
    assert texts_of(with_part("xl/z.xml", f"<a>{WORD * 500}</a>".encode())) == set()


def test_what_is_no_workbook_has_no_texts() -> None:
    assert texts_of("目录,绝密".encode()) == texts_of(b"PK\x03\x04" + b"x" * 90) == set()
    assert texts_of("司机\t密封".encode("utf-16")) == set(), "two cells are not one word"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_page_called_a_workbook_is_looked_through(encoding: str) -> None:
    assert "绝密" in texts_of("\n<html><td>目录</td><td>绝密</td>".encode(encoding))
