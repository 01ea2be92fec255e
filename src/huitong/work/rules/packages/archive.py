"""The archive a document is packed in, and the reading of its XML parts."""

from __future__ import annotations

import re
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from huitong.audit.rules.archive import Limits
from huitong.work.rules.checked import Refused
from huitong.work.rules.zips import RATIO, TRAILING, UNPACKED_BYTES, open_zip

#: the parts of an archive, and the seconds its check may take
PARTS = 5000
SECONDS = 30.0

OBJECTS = "含有不接受的内容“{}”（如宏或嵌入对象、控件、外部数据），请去除后另存上传。"
BROKEN = "文件已损坏，或内部结构不合规：{}。"
#: why an archive is refused, for people: by kind of `ArchiveError`
PROBLEMS = {
    "bomb": "展开后过大，疑似压缩炸弹。",
    "password": "有密码保护，请去除密码后上传。",
    "trailing": TRAILING,
    "name": "内部结构不合规（文件名）。",
    "twice": "内部结构不合规（同名文件）。",
    "gap": "内部夹有其他内容。",
    "damaged": "文件已损坏，无法读取，或各部分的实际大小与所称不符。",
}
# fmt: off
#: what a part's content begins with, by its suffix
BEGINNINGS: Mapping[str, tuple[bytes, ...]] = {
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",), "jpeg": (b"\xff\xd8\xff",),
    "gif": (b"GIF87a", b"GIF89a"),
    "bmp": (b"BM",),
    "tif": (b"II*\0", b"MM\0*"), "tiff": (b"II*\0", b"MM\0*"),
    "emf": (b"\1\0\0\0",), "wmf": (b"\xd7\xcd\xc6\x9a", b"\1\0\x09\0", b"\2\0\x09\0"),
    "ttf": (b"\0\1\0\0", b"true"), "otf": (b"OTTO", b"\0\1\0\0"), "ttc": (b"ttcf",),
    "dat": (b"0",), "esl": (b"0",),
    "jb2": (b"\x97JB2", b"\0\0\0"),
}
# fmt: on


def open_archive(content: bytes, allowed: re.Pattern[str], required: set[str]) -> zipfile.ZipFile:
    """Open a document whose parts all have allowed names. Raises `Refused`."""
    if not content.startswith(b"PK\x03\x04"):
        raise Refused("内容与扩展名不符。")
    limits = Limits(PARTS, UNPACKED_BYTES, RATIO, 1 << 20)
    archive, parts = open_zip(content, limits, PROBLEMS)
    names = {part.filename for part in parts}
    if not names.issuperset(required):
        raise Refused("内容与扩展名不符。")
    for part in parts:
        if not allowed.fullmatch(part.filename):
            raise Refused(OBJECTS.format(part.filename[:80]))
        starts = BEGINNINGS.get(part.filename.rpartition(".")[2].lower())
        if starts is not None:
            with archive.open(part) as file:
                if not file.read(8).startswith(starts):
                    raise Refused(OBJECTS.format(part.filename[:80]))
    return archive


@dataclass
class Part:
    """One XML part of a document, read until ``until`` (of `time.monotonic`).

    ``element`` gets each element with its attributes and returns whether ``text`` is to get its
    text; ``end`` gets each element that closes.
    """

    name: str
    until: float
    element: Callable[[str, dict[str, str]], bool]
    text: Callable[[str, str], None]
    end: Callable[[str], None] = lambda _: None
    chunks: list[str] = field(default_factory=list)
    collecting: bool = False

    def read(self, archive: zipfile.ZipFile) -> None:
        """Read the part. Raises `Refused` where it is no XML or has a document type, which
        would bring entities and outside references."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = parser.ProcessingInstructionHandler = self._refuse
        try:
            with archive.open(self.name) as file:
                while chunk := file.read(1 << 16):
                    parser.Parse(chunk, False)
                    if time.monotonic() > self.until:
                        raise Refused("内容过于复杂，请精简后上传。")
                parser.Parse(b"", True)
        except (expat.ExpatError, ValueError) as error:
            raise Refused(BROKEN.format(self.name[:60])) from error

    def _refuse(self, target: str, *_: object) -> None:
        if target not in ("mso-application", "mso-contentType"):
            raise Refused(BROKEN.format(f"{self.name[:60]} 含有文档类型声明或处理指令"))

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.collecting, self.chunks = self.element(tag.rpartition(":")[2], attributes), []

    def _text(self, text: str) -> None:
        if self.collecting:
            self.chunks.append(text)

    def _end(self, tag: str) -> None:
        if self.collecting:
            self.text(tag.rpartition(":")[2], "".join(self.chunks))
        self.collecting = False
        self.end(tag.rpartition(":")[2])


def ignore_text(tag: str, text: str) -> None:
    """Some elements are judged by their attributes alone."""
