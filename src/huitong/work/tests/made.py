"""Files and cases for the tests of this context."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from datetime import date
from typing import Any

from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject
from tests.toy import actions as toy

from huitong.kernel import doing
from huitong.kernel.case import Case


def pdf(pages: int = 1, **more: Any) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(210, 297)
    if "javascript" in more:
        action = {
            NameObject("/S"): NameObject("/JavaScript"),
            NameObject("/JS"): TextStringObject(more["javascript"]),
        }
        writer.root_object[NameObject("/OpenAction")] = writer._add_object(DictionaryObject(action))
    if "attached" in more:
        writer.add_attachment("a.exe", more["attached"])
    if "password" in more:
        writer.encrypt(more["password"], algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def png() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    picture = zlib.compress(b"\0\xff\xff\xff")
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", picture)
        + chunk(b"IEND", b"")
    )


def jpeg() -> bytes:
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, 1, 1, 1) + b"\x01\x11\x00"
    scan = b"\xff\xda" + struct.pack(">HB", 8, 1) + b"\x01\x00\x00\x3f\x00" + b"\x12\xff\x00\x34"
    return (
        b"\xff\xd8\xff\xe0"
        + struct.pack(">H", 16)
        + b"JFIF\0\1\1\0\0\1\0\1\0\0"
        + frame
        + scan
        + b"\xff\xd9"
    )


def package(**parts: bytes) -> bytes:
    """A zip archive; ``__`` in a name stands for ``/``."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name.replace("__", "/").replace("CT", "[Content_Types].xml"), body)
    return out.getvalue()


def docx(**more: bytes) -> bytes:
    return package(CT=b"<Types/>", **{"word__document.xml": b"<w:document/>"}, **more)


def room(
    cast: Any,
    purpose: str = "协调会",
    sent: bool = True,
    asker: str = "housing",
    lender: str = "civil",
    **more: Any,
) -> Case:
    """A case of the toy procedure, waiting at the lender's manager when sent."""
    ask = {"lender": cast.body(lender).pk, "purpose": purpose, "on": date(2026, 12, 1), **more}
    case = doing.perform(getattr(cast, f"{asker}_operator"), "room.ask_room", ask).case
    if sent:
        toy.send(getattr(cast, f"{asker}_manager"), case)
        case.refresh_from_db()
    return case
