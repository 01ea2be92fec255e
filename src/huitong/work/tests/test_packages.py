"""A document of Office, WPS or OFD that holds text, tables and pictures passes (A28)."""

from __future__ import annotations

import contextlib
import io
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from huitong.kernel.procedure import Malformed
from huitong.work.rules import check_upload
from huitong.work.tests.documents import (
    OFFICE,
    SHEET,
    W,
    changed,
    docx,
    field,
    ofd,
    with_formula,
    with_part,
)
from huitong.work.tests.test_hostile_documents import HOSTILE

LIMIT = 20 << 20
REPEATED = f"<w:p>{field(' PAGE ')}</w:p>"
#: by suffix
HONEST: dict[str, dict[str, bytes]] = {
    "docx": {
        "letter": docx(),
        "letter with numbers of pages and a table of contents": docx(
            field(' TOC \\o "1-3" \\h ').replace("<w:t>1</w:t>", "<w:t/>")
            + field(' HYPERLINK \\l "_Toc1" ')
            + field("PAGE", " \\* MERGEFORMAT")
            + field(" = SUM(ABOVE) ")
            + '<w:fldSimple w:instr=" NUMPAGES "/>'
        ),
        "letter with header, styles and a picture": docx(
            "<w:p/>",
            ("styles", "styles.xml", ""),
            ("header", "header1.xml", ""),
            ("image", "media/image1.png", ""),
            ("settings", "/word/settings.xml", ""),
            ("customXml", "../customXml/item1.xml", ""),
            ("hyperlink", "#_Toc1", ""),
            parts={
                "word/styles.xml": "<a/>",
                "word/header1.xml": f"<w:hdr {W}>{REPEATED}</w:hdr>",
                "word/media/image1.png": b"\x89PNG\r\n\x1a\n",
                "word/settings.xml": f"<w:settings {W}/>",
                "customXml/item1.xml": "<b/>",
                "docProps/app.xml": "<p/>",
                "docProps/core.xml": "<p/>",
                "docProps/custom.xml": "<p/>",
                "word/theme/theme1.xml": "<t/>",
                "word/fontTable.xml": "<f/>",
                "word/numbering.xml": "<n/>",
            },
        ),
        "letter with a picture in capitals": docx(
            "<w:p/>",
            ("image", "media/image1.PNG", ""),
            parts={"word/media/image1.PNG": b"\x89PNG\r\n\x1a\n"},
        ),
        "letter made from an older format, merged, with references": docx(
            field("SHAPE  \\* MERGEFORMAT")
            + field(' IF 1 = 1 "男" "女" ')
            + field(" ADDIN CNKISM.UserStyle")
            + field(' HYPERLINK \\l "_Toc1" \\o "目录" ')
        ),
        "letter kept on SharePoint": docx(
            parts={
                "customXml/item1.xml": (
                    "<?mso-contentType?><FormTemplates"
                    ' xmlns="http://schemas.microsoft.com/sharepoint/v3/contenttype/forms"/>'
                ),
                f"package/services/metadata/core-properties/{'0a' * 16}.psmdcp": "<p/>",
            }
        ),
    },
    "xlsx": {
        "workbook": SHEET,
        "workbook saved again": (
            lambda out: (load_workbook(io.BytesIO(SHEET)).save(out), out.getvalue())[1]
        )(io.BytesIO()),
        "workbook with a printer's settings": with_part(
            "printerSettings/printerSettings1.bin", f"{OFFICE}/printerSettings", b"\0\1"
        ),
        "workbook with formulas that look alike": with_formula(
            'IF(A1="a|b","RECALL(",VLOOKUP(A2,机构表[],2,0)&amp;"[1]x!")'
        ),
        "workbook of WPS with pictures in cells": with_part(
            "cellimages.xml", "http://www.wps.cn/officeDocument/2020/cellImage"
        ),
        "workbook with a table of contents": with_formula('HYPERLINK("#第二张!A1","第二张")'),
        "workbook with columns called by numbers": with_formula(
            "SUM(机构表[2024])+Sheet!A1+'第 二张'!A1+机构表[[#This Row],[数量]]+第二张!B2"
        ),
        "workbook with a picture in a cell": with_part(
            "richData/richValueRel.xml",
            "http://schemas.microsoft.com/office/2022/10/relationships/richValueRel",
        ),
        "workbook with boxes to tick": with_part(
            "featurePropertyBag/featurePropertyBag.xml",
            "http://schemas.microsoft.com/office/2022/11/relationships/FeaturePropertyBag",
        ),
        "workbook of the Open XML SDK, whose first part has no number": with_part(
            "worksheets/sheet.xml"
        ),
        "workbook with folders in its archive": changed(
            SHEET, lambda parts: parts.update({"xl/": b"", "xl/media/": b""})
        ),
    },
    "ofd": {
        "OFD": ofd(
            **{
                "Doc_0/Res/image_1.png": b"\x89PNG\r\n\x1a\n",
                "Doc_0/Annots/Annotations.xml": "<a/>",
                "Doc_0/Tpls/Tpl_0/Content.xml": "<Page><Goto/></Page>",
                "Doc_0/Res/font_1.ttf": b"\0\1\0\0",
            }
        )
    },
}

CASES = [(suffix, name) for suffix, documents in HONEST.items() for name in documents]


@pytest.mark.parametrize(("suffix", "name"), CASES)
def test_documents_of_an_office_pass(suffix: str, name: str) -> None:
    try:
        assert check_upload(f"a.{suffix}", HONEST[suffix][name], LIMIT).media_type
    except Malformed as refusal:
        pytest.fail(refusal.detail)


def test_a_large_workbook_is_looked_at_in_time() -> None:
    book, out = Workbook(write_only=True), io.BytesIO()
    page = book.create_sheet()
    for n in range(20_000):
        page.append([n, "民政局", "=A1+1", n / 7, "x" * 20])
    book.save(out)
    start = time.process_time()
    assert check_upload("a.xlsx", out.getvalue(), LIMIT)
    assert time.process_time() - start < 10


def documents_of(table: dict[str, dict[str, bytes]]) -> list[tuple[str, bytes]]:
    return [
        (suffix, content) for suffix, contents in table.items() for content in contents.values()
    ]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_damaged_document_breaks_the_check(data: st.DataObject) -> None:
    suffix, content = data.draw(st.sampled_from([*documents_of(HONEST), *documents_of(HOSTILE)]))
    at = data.draw(st.integers(0, len(content) - 1))
    to = data.draw(st.integers(at, min(len(content), at + 20)))
    with contextlib.suppress(Malformed):
        check_upload(
            f"a.{suffix}", content[:at] + data.draw(st.binary(max_size=20)) + content[to:], LIMIT
        )
