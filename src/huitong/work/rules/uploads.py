"""What an uploaded file is, found from its content: never from its name, never from what the browser says.

A file is taken only when it is exactly one well-formed document of a kind we know: nothing before it, nothing after it
(polyglots), no program inside it, no archive that unpacks to more than it should.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

#: an office document may unpack to so many bytes, into so many parts, and shrink by so much at most
UNPACKED_BYTES = 200 * 1024 * 1024
PARTS = 5000
RATIO = 200
#: a picture has so many chunks, segments and fill bytes at most: a scan has a few thousand, and each costs us a look
MARKS = 50_000


@dataclass(frozen=True)
class Checked:
    """What the content turned out to be. ``pages`` is known for PDF; an image is one page."""

    media_type: str
    pages: int | None = None


class Refused(Exception):
    """Why a content is refused, as the end of a sentence for people that begins with the file's name."""


def _pdf(content: bytes) -> Checked:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    if not content.startswith(b"%PDF-"):
        raise Refused("不是 PDF 文件（内容与扩展名不符）。")
    end = content.rfind(b"%%EOF")
    if end < 0 or content[end + 5:].strip(b"\r\n \t\0"):
        raise Refused("不是完整的 PDF 文件，或文件尾部附有其他内容。")
    if zipfile.is_zipfile(io.BytesIO(content)):
        raise Refused("文件中夹带了压缩包。")
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            raise Refused("有密码保护，请去除密码后上传。")
        pages, root = len(reader.pages), reader.root_object
        names = _plain(root.get("/Names")) or {}
        action = _plain(root.get("/OpenAction"))
    except Refused:
        raise
    except (PyPdfError, ValueError, TypeError, KeyError, AttributeError, RecursionError, struct.error, zlib.error) as wrong:
        raise Refused("不是完整的 PDF 文件，无法读取。") from wrong
    if "/AA" in root or "/JavaScript" in names or "/EmbeddedFiles" in names or \
            (isinstance(action, Mapping) and action.get("/S") in ("/JavaScript", "/Launch", "/SubmitForm", "/ImportData")):
        raise Refused("含有脚本、自动动作或夹带文件，请另存为普通 PDF 后上传。")
    if pages < 1:
        raise Refused("没有页面。")
    return Checked("application/pdf", pages)


def _plain(value: Any) -> Any:
    return value.get_object() if hasattr(value, "get_object") else value


def _png(content: bytes) -> Checked:
    if not content.startswith(b"\x89PNG\r\n\x1a\n"):
        raise Refused("不是 PNG 图片（内容与扩展名不符）。")
    at, seen = 8, b""
    for _ in range(MARKS):
        if at + 12 > len(content):
            break
        length, kind = struct.unpack_from(">I4s", content, at)
        body = content[at + 8:at + 8 + length]
        if len(body) < length or content[at + 8 + length:at + 12 + length] != struct.pack(">I", zlib.crc32(kind + body)):
            raise Refused("不是完整的 PNG 图片。")
        at, seen = at + 12 + length, kind
        if kind == b"IEND":
            break
    if seen != b"IEND" or content[12:16] != b"IHDR":
        raise Refused("不是完整的 PNG 图片。")
    if at != len(content):
        raise Refused("图片尾部附有其他内容。")
    return Checked("image/png", 1)


#: JPEG markers without a length: TEM, RST0-7, SOI
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})


def _jpeg(content: bytes) -> Checked:
    if not content.startswith(b"\xff\xd8\xff"):
        raise Refused("不是 JPG 图片（内容与扩展名不符）。")
    at, framed = 2, False
    for _ in range(MARKS):
        if at + 2 > len(content):
            break
        if content[at] != 0xFF:
            raise Refused("不是完整的 JPG 图片。")
        marker = content[at + 1]
        if marker == 0xD9:
            if not framed or content[at + 2:].strip(b"\0\r\n"):
                raise Refused("图片尾部附有其他内容，请用看图软件另存后上传。" if framed else "不是完整的 JPG 图片。")
            return Checked("image/jpeg", 1)
        if marker == 0xFF:
            at += 1
            continue
        at += 2
        if marker in _BARE:
            continue
        if at + 2 > len(content):
            break
        at += struct.unpack_from(">H", content, at)[0]
        framed = framed or marker in {*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)}
        if marker == 0xDA:  # the picture itself runs to the next marker that is neither stuffing nor a restart
            found = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]").search(content, at)
            if found is None:
                break
            at = found.start()
    raise Refused("不是完整的 JPG 图片。")


def _package(media_type: str, *wanted: str) -> Callable[[bytes], Checked]:
    """A document that is a zip archive with these parts."""

    def check(content: bytes) -> Checked:
        if not content.startswith(b"PK\x03\x04"):
            raise Refused("内容与扩展名不符。")
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                parts = archive.infolist()
                end = content.rfind(b"PK\x05\x06")
                if end + 22 + struct.unpack_from("<H", content, end + 20)[0] != len(content):
                    raise Refused("文件尾部附有其他内容。")
        except (zipfile.BadZipFile, struct.error, ValueError, RuntimeError) as wrong:  # RuntimeError: a packing we cannot read
            raise Refused("文件已损坏，无法读取。") from wrong
        names = {part.filename for part in parts}
        unpacked = sum(part.file_size for part in parts)
        if len(parts) > PARTS or unpacked > UNPACKED_BYTES or unpacked > RATIO * max(len(content), 1):
            raise Refused("展开后过大，疑似压缩炸弹。")
        if any(part.flag_bits & 1 for part in parts):
            raise Refused("有密码保护，请去除密码后上传。")
        if not all(honest(part, content) for part in parts):
            raise Refused("文件已损坏，或各部分的实际大小与所称不符。")
        if any(name.startswith(("/", "\\")) or ".." in PurePath(name).parts for name in names):
            raise Refused("内部结构不合规。")
        if not names.issuperset(wanted):
            raise Refused("内容与扩展名不符。")
        if any("vbaproject" in name.lower() or "/embeddings/" in name.lower() for name in names):
            raise Refused("含有宏或嵌入对象，请去除后上传。")
        if media_type == "application/ofd" and b"<!ENTITY" in archive_part(content, "OFD.xml"):
            raise Refused("内部结构不合规。")
        return Checked(media_type)

    return check


def honest(part: zipfile.ZipInfo, content: bytes) -> bool:
    """Does a part unpack to exactly the size the archive's directory says? Whoever unpacks it later may not ask the directory."""
    at = part.header_offset
    if content[at:at + 4] != b"PK\x03\x04" or len(content) < at + 30:
        return False
    name, extra = struct.unpack_from("<HH", content, at + 26)
    begin = at + 30 + name + extra
    packed = content[begin:begin + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        return len(packed) == part.file_size
    if part.compress_type != zipfile.ZIP_DEFLATED:
        return False
    reading, size = zlib.decompressobj(-zlib.MAX_WBITS), 0
    try:
        for start in range(0, len(packed), 1 << 16):
            size += len(reading.decompress(packed[start:start + (1 << 16)], part.file_size - size + 1))
            if size > part.file_size:
                return False
    except zlib.error:
        return False
    return reading.eof and size == part.file_size


def archive_part(content: bytes, name: str) -> bytes:
    """The first 64 KiB of a part: enough to look at a document's head without unpacking it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(name) as part:
        return part.read(65536)


#: documents of an office by their suffix
DOCUMENTS: Mapping[str, Callable[[bytes], Checked]] = {
    ".pdf": _pdf,
    ".jpg": _jpeg,
    ".jpeg": _jpeg,
    ".png": _png,
    ".ofd": _package("application/ofd", "OFD.xml"),
    ".xlsx": _package("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "[Content_Types].xml", "xl/workbook.xml"),
    ".docx": _package("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "[Content_Types].xml",
                      "word/document.xml"),
}
