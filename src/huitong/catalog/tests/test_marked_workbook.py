"""Of a workbook that carries a marking of classified matter nothing is kept, wherever the marking
stands (A3); what only speaks of such matters is read as any other."""

from __future__ import annotations

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment
from tests.cast import Cast

from huitong.catalog import actions, queries
from huitong.catalog.forms import sheets
from huitong.catalog.models import EntryChange
from huitong.catalog.tests.marriage import drafted
from huitong.catalog.tests.workbooks import COMPLETE, book_of, content_of, exported, handed_in
from huitong.connectors.tests.tables import INPUTS
from huitong.kernel.ledger import Entry as LedgerEntry

pytestmark = pytest.mark.django_db


def marked(place: str) -> Workbook:
    book = book_of(COMPLETE | ({"资源摘要": "本表为机密★10年"} if place == "cell" else {}))
    page = book["目录"]
    match place:
        case "title":
            page.insert_rows(1)
            page["A1"] = "秘密★ 民政局目录"
        case "sheet":
            book.create_sheet("底稿").append(["绝密"])
        case "hidden sheet":
            page = book.create_sheet("底稿")
            page.sheet_state = "hidden"
            page.append(["绝密"])
        case "name of a sheet":
            book.create_sheet("机密（勿外传）")
        case "header":
            page.oddHeader.right.text = "机密★长期"
        case "comment":
            page["B2"].comment = Comment("此行涉密", "王经办")
        case "beyond the columns":
            page["ZZ2"] = "工作秘密"
        case "item":
            book["信息项"]["B2"] = "涉 密 编号"
    return book


PLACES = ("cell", "title", "sheet", "hidden sheet", "name of a sheet", "header", "comment")


@pytest.mark.parametrize("place", [*PLACES, "beyond the columns", "item"])
def test_of_a_classified_file_nothing_is_kept(cast: Cast, place: str) -> None:
    own = handed_in(cast.civil_operator, marked(place), "机要.xlsx")
    assert own.state == "refused"
    assert (own.file, own.annotated, own.faults, own.name) == ("", "", [], "（未保存）")
    assert not EntryChange.objects.exists()
    texts = str(list(LedgerEntry.objects.values("before", "after")))
    assert "机密" not in texts and "绝密" not in texts


@pytest.mark.parametrize(
    "content",
    [
        "序号,资源名称\r\n1,收养信息\r\n,,绝密\r\n".encode("gb18030"),
        "<html><td>资源名称</td><td>绝密</td></html>".encode("gb18030"),
        "<table><td>资源名称</td><td>绝密</td></table>".encode("utf-16"),
        (INPUTS / "numbers.xls")
        .read_bytes()
        .replace("旧表".encode("utf-16-le"), "机密".encode("utf-16-le")),
    ],
    ids=[
        "a CSV",
        "a page called .xls",
        "one in UTF-16",
        "a hidden sheet's name in an old workbook",
    ],
)
def test_nor_of_one_in_another_form(cast: Cast, content: bytes) -> None:
    assert handed_in(cast.civil_operator, content).state == "refused"


def test_what_the_platform_gives_out_is_no_classified_file(cast: Cast) -> None:
    """Its own lists and instructions speak of 非涉密 and of grounds about secrets."""
    clerk = cast.civil_operator
    actions.register_system(clerk, name="业务管理系统")
    drafted(clerk, summary="不含涉密内容，不涉及国家秘密、商业秘密。")
    assert handed_in(clerk, exported(clerk)).same == 1
    blank = sheets.template(sheets.Lookup(*queries.names_for_workbook(clerk)))
    assert "没有数据行" in handed_in(clerk, blank).error
    assert handed_in(clerk, content_of(book_of(COMPLETE))).state == "faulty", "the same name twice"
