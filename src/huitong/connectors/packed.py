"""Every text a file carries, whether a reader would come upon it or not: hidden sheets, names of
sheets, headers and footers, comments, drawings, properties, formats, what is embedded.

For what must be looked for everywhere (A3). Of an old .xls, whose parts are binary, it is all that
may be text, and some that is none.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import IO

ZIP, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: how deep packages in packages are opened, what all parts may come to when unpacked, and how much
#: of a part is looked at in one go
DEPTH, MAX_UNPACKED, AT_ONCE = 3, 200 * 1024 * 1024, 1 << 20
#: tags that part a word without ending it: runs of text, and how they look
RUNS = re.compile(
    r"</?(?:\w+:)?(?:r|t|rPr|font|span|b|i|u|strike|sz|color|rFont|family|charset|scheme|vertAlign"
    r"|latin|ea|cs|sym|solidFill|srgbClr|schemeClr|rFonts|szCs|lang|noProof)\b[^>]*>"
)
#: a text in a language written otherwise than in Latin, as far as the next tag or quotation mark
WORDS = re.compile(r"[^\x00-\x7f][^<>\"']*")
REFERENCE = re.compile(r"&#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}));")
#: how a part that is XML begins
XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<|\xff\xfe|\xfe\xff|\0<")
BYTE_ORDERS = (b"\xff\xfe", b"\xfe\xff")
#: two or more ideographs in a row, as the parts of an old .xls have them
IDEOGRAPHS = re.compile("[\u3400-\u9fff\uff01-\uff5e\u2605\u2606\u3000 ]{2,}")
#: what zip files raise that are damaged, encrypted or packed in a way nobody reads
DAMAGED = (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError)


def texts_of(content: bytes) -> set[str]:
    """The texts of an Excel file, or of a page called one, beyond ASCII, each once; of other files
    none: they are what is read of them."""
    if content.startswith(COMPOUND):
        return set(_of_binary(content))
    if content.startswith(ZIP):
        return set(_Package().texts(content, DEPTH))
    return set(_of_page(content))


class _Package:
    """A package and those in it: what all their parts may still come to."""

    def __init__(self) -> None:
        self._left = MAX_UNPACKED

    def texts(self, content: bytes, depth: int) -> Iterator[str]:
        with suppress(*DAMAGED), zipfile.ZipFile(io.BytesIO(content)) as packed:
            for about in packed.infolist():
                yield from _words(about.filename)
                self._left -= about.file_size
                if self._left < 0:
                    return
                with suppress(*DAMAGED), packed.open(about) as part:
                    start = part.read(AT_ONCE)
                    if XML.match(start):
                        yield from _of_xml(start, part)
                    elif start.startswith(ZIP) and depth:
                        yield from self.texts(start + part.read(), depth - 1)
                    elif start.startswith(COMPOUND):
                        yield from _of_binary(start + part.read())


def _of_xml(start: bytes, part: IO[bytes]) -> Iterator[str]:
    if b"\0" in start[:4] or start.startswith((b"\xff\xfe", b"\xfe\xff")):
        turned = start.startswith((b"\0", b"\xfe\xff"))
        whole = start + part.read()
        yield from _words(whole.decode("utf-16-be" if turned else "utf-16-le", "replace"))
        return
    rest = b""
    while start:
        complete, end, rest = (rest + start).rpartition(b">")
        if len(rest) > AT_ONCE:
            complete, rest = complete + end + rest, b""
        if not complete.isascii() or b"&#" in complete:
            yield from _words(complete.decode("utf-8", "replace"))
        start = part.read(AT_ONCE)


def _of_page(content: bytes) -> Iterator[str]:
    for encoding in ("utf-16",) if content[:2] in BYTE_ORDERS else ("utf-8", "gb18030"):
        text = content.decode(encoding, "ignore").lstrip("\ufeff \t\r\n")
        if text.startswith("<"):  # of a table its cells are the texts
            yield from _words(text)


def _words(text: str) -> Iterator[str]:
    plain = REFERENCE.sub(_sign, RUNS.sub("", text))
    yield from (words[0] for words in WORDS.finditer(plain))


def _sign(reference: re.Match[str]) -> str:
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    return chr(code) if code <= 0x10FFFF else ""


def _of_binary(content: bytes) -> Iterator[str]:
    """What stands in two bytes a sign, at even places and at odd ones."""
    for at in (0, 1):
        text = content[at:].decode("utf-16-le", "replace")
        yield from (words[0] for words in IDEOGRAPHS.finditer(text))
