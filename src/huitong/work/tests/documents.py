"""Documents of Office, WPS and OFD, as offices and attackers make them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image as Picture
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table
from PIL import Image

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
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{space}">{listed}</Relationships>'


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
    begin, separate, end = (mark.format(kind) for kind in ("begin", "separate", "end"))
    return f"<w:p>{begin}{runs}{separate}<w:r><w:t>1</w:t></w:r>{end}</w:p>"


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
