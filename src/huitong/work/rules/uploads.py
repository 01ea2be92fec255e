"""The kind of an uploaded file, by its content: never by its name or by the browser's word.

A file is accepted only when it is exactly one well-formed document of a kind we know: nothing
before it, nothing after it (polyglots), and inside it only what a list allows: `pdfs`, `packages`,
and pictures here.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Mapping

from huitong.work.rules.checked import Checked, Refused
from huitong.work.rules.packages import check_docx, check_ofd, check_xlsx
from huitong.work.rules.pdfs import check_pdf

__all__ = ["DOCUMENTS", "Checked", "Refused"]

#: the most chunks, segments and fill bytes of a picture; a scan has a few thousand
MARKS = 50_000


def _png(content: bytes) -> Checked:
    if not content.startswith(b"\x89PNG\r\n\x1a\n"):
        raise Refused("不是 PNG 图片（内容与扩展名不符）。")
    at, last = 8, b""
    for _ in range(MARKS):
        if at + 12 > len(content):
            break
        length, kind = struct.unpack_from(">I4s", content, at)
        body = content[at + 8 : at + 8 + length]
        if len(body) < length or content[at + 8 + length : at + 12 + length] != struct.pack(
            ">I", zlib.crc32(kind + body)
        ):
            raise Refused("不是完整的 PNG 图片。")
        at, last = at + 12 + length, kind
        if kind == b"IEND":
            break
    if last != b"IEND" or content[12:16] != b"IHDR":
        raise Refused("不是完整的 PNG 图片。")
    if at != len(content):
        raise Refused("图片尾部附有其他内容。")
    return Checked("image/png", 1)


#: JPEG markers without a length: TEM, RST0-7, SOI
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})


def _jpeg(content: bytes) -> Checked:
    if not content.startswith(b"\xff\xd8\xff"):
        raise Refused("不是 JPG 图片（内容与扩展名不符）。")
    at, has_frame = 2, False
    for _ in range(MARKS):
        if at + 2 > len(content):
            break
        if content[at] != 0xFF:
            raise Refused("不是完整的 JPG 图片。")
        marker = content[at + 1]
        if marker == 0xD9:
            if not has_frame or content[at + 2 :].strip(b"\0\r\n"):
                raise Refused(
                    "图片尾部附有其他内容，请用看图软件另存后上传。"
                    if has_frame
                    else "不是完整的 JPG 图片。"
                )
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
        has_frame = has_frame or marker in {
            *range(0xC0, 0xC4),
            *range(0xC5, 0xC8),
            *range(0xC9, 0xCC),
            *range(0xCD, 0xD0),
        }
        # the picture itself runs to the next marker that is neither stuffing nor a restart
        if marker == 0xDA:
            marker_after = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]").search(content, at)
            if marker_after is None:
                break
            at = marker_after.start()
    raise Refused("不是完整的 JPG 图片。")


#: documents of an office by their suffix
DOCUMENTS: Mapping[str, Callable[[bytes], Checked]] = {
    ".pdf": check_pdf,
    ".jpg": _jpeg,
    ".jpeg": _jpeg,
    ".png": _png,
    ".ofd": check_ofd,
    ".xlsx": check_xlsx,
    ".docx": check_docx,
}
