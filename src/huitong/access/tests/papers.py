"""Papers as people and machines hand them in: whole, damaged, forged, endless."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

from PIL import Image, ImageDraw
from pypdf import PdfReader, PdfWriter


def written(kind: str, size: tuple[int, int] = (800, 1100)) -> bytes:
    out, page = io.BytesIO(), Image.new("RGB", size, "white")
    ImageDraw.Draw(page).rectangle((50, 50, 90, 400), fill="black")
    page.save(out, kind)
    return out.getvalue()


def bomb() -> bytes:
    """A PNG of a few kilobytes that unpacks to ten gigabytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")
        )

    head = (60_000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(10_000)))
        + chunk(b"IEND", b"")
    )


def endless() -> bytes:
    """A PDF page that draws itself ever again: forms in forms, each twice the one before."""
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources <<"
            b" /XObject << /F 5 0 R >> >> >>"
        ),
        b"<< /Length 4 >>\nstream\n/F Do\nendstream",
    ]
    depth = 40
    for n in range(depth):
        body = b"/F Do /F Do /F Do /F Do" if n < depth - 1 else b"0 0 10 10 re f"
        inner = b" /Resources << /XObject << /F %d 0 R >> >>" % (6 + n) if n < depth - 1 else b""
        parts.append(
            b"<< /Type /XObject /Subtype /Form /BBox [0 0 595 842]%s /Length %d"
            b" >>\nstream\n%s\nendstream" % (inner, len(body), body)
        )
    out, at = b"%PDF-1.7\n", []
    for n, body in enumerate(parts, 1):
        at.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (n, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1) + b"".join(
        b"%010d 00000 n \n" % x for x in at
    )
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        len(parts) + 1,
        table,
    )


def put(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def over_text(content: bytes) -> bytes:
    """A picture of the page put under our own text: it covers the page and hides nothing."""
    out, original, writer = io.BytesIO(), PdfReader(io.BytesIO(content)), PdfWriter()
    page = writer.add_page(PdfReader(io.BytesIO(picture_pdf())).pages[0])
    page.scale_to(float(original.pages[0].mediabox.width), float(original.pages[0].mediabox.height))
    page.merge_page(original.pages[0])
    writer.write(out)
    return out.getvalue()


def picture_pdf() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (827, 1169), "white").save(out, "PDF")
    return out.getvalue()


def resaved(content: bytes) -> bytes:
    """As a PDF tool saves it: other bytes, other producer, no title."""
    out, writer = io.BytesIO(), PdfWriter()
    for page in PdfReader(io.BytesIO(content)).pages:
        writer.add_page(page).scale_by(0.98)
    writer.add_metadata({"/Producer": "Some Scanner 3.0", "/Title": "扫描件"})
    writer.write(out)
    return out.getvalue()


def with_picture_of_a_stamp(content: bytes) -> bytes:
    """A picture of a seal pasted onto the file, nothing printed and nothing stamped."""
    seal = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    ImageDraw.Draw(seal).ellipse((10, 10, 290, 290), outline=(200, 30, 30, 255), width=12)
    picture, out = io.BytesIO(), io.BytesIO()
    seal.convert("RGB").save(picture, "PDF")
    reader, writer = PdfReader(io.BytesIO(content)), PdfWriter()
    page = writer.add_page(reader.pages[-1])
    page.merge_page(PdfReader(io.BytesIO(picture.getvalue())).pages[0])
    writer.write(out)
    return out.getvalue()
