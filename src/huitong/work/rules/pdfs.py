"""PDF documents: every object in the file is checked against lists of what is allowed, whether a
reader would reach it or not.

Readers differ in where they look for an object: by the table at the end, by an older table, by
searching the file for ``n n obj``. So each object is read wherever one begins and whatever leads to
it, those packed into object streams too. What acts (ISO 32000-2, 12.6: scripts, launching, sending,
links that leave the file; 7.11.4 embedded files, 12.7.8 XFA, 13 multimedia) is refused, also where
nothing refers to it. What is left shows pages, as paper does.
"""

from __future__ import annotations

import io
import re
import time
import zipfile
from typing import TYPE_CHECKING, Any

from huitong.work.rules.checked import Checked, Refused, named

if TYPE_CHECKING:
    from pypdf import PdfReader

#: actions that stay inside the document, and the four names of the one called Named
ACTIONS = frozenset({"/GoTo", "/Named"})
NAMED = frozenset({"/NextPage", "/PrevPage", "/FirstPage", "/LastPage"})
#: every other action of ISO 32000-2 table 201, and of Adobe's supplement
ACTING = named(
    "GoToR GoToE GoToDp Launch Thread URI Sound Movie Hide SubmitForm ResetForm ImportData"
    " JavaScript SetOCGState Rendition Trans GoTo3DView RichMediaExecute SetState",
    "/",
)
#: values of /S elsewhere: groups, masks, output intents, labels of pages, transitions, borders, and
#: kinds of signatures
STYLES = named(
    "Transparency Luminosity Alpha GTS_PDFX GTS_PDFA1 ISO_PDFE1 D R r A a S B I U C"
    " Split Blinds Box Wipe Dissolve Glitter Fly Push Cover Uncover Fade",
    "/",
)
TYPES = named(
    "Action Annot Bead Border Catalog CMap CIDFont DeveloperExtensions DocTimeStamp DSS Encoding"
    " ExtGState Extensions Font FontDescriptor Group Halftone Info Mask MarkInfo MCR Measure"
    " Metadata Namespace NumberFormat ObjStm OBJR OCG OCMD OutputIntent Outlines Page PageLabel"
    " Pages Pattern Resources Shading Sig SigFieldLock SigRef StructElem StructTreeRoot SV Thread"
    " Trans TransformParams ViewerPreferences Viewport VRI XObject XRef",
    "/",
)
ANNOTATIONS = named(
    "Caret Circle FreeText Highlight Ink Line Link Polygon PolyLine Popup PrinterMark Redact Square"
    " Squiggly Stamp StrikeOut Text TrapNet Underline Watermark Widget",
    "/",
)
#: kinds of streams: pictures, forms, fonts, metadata
STREAMS = frozenset({"/Image", "/Form", "/Type1C", "/CIDFontType0C", "/OpenType", "/XML"})
#: keys of a stream that refer to another file: for its bytes, a page, a picture (7.3.8.2, 8.10.4,
#: 14.11.7)
OUTSIDE = ("/F", "/Ref", "/OPI")
CATALOG = named(
    "AcroForm Dests DSS Extensions Lang Legal MarkInfo Metadata Names OCProperties OpenAction"
    " Outlines OutputIntents PageLabels PageLayout PageMode Pages Perms PieceInfo StructTreeRoot"
    " Threads Type Version ViewerPreferences",
    "/",
)
NAMES = frozenset({"/Dests"})
FORM = frozenset({"/Fields", "/SigFlags", "/DR", "/DA", "/Q", "/NeedAppearances", "/Type"})
TRAILER = frozenset({"/Size", "/Root", "/Info", "/ID", "/Prev", "/XRefStm", "/DocChecksum"})
#: keys that bring programs or invisible content, in whatever dictionary they stand
NEVER = named(
    "3DA 3DD AA AF AlternatePresentations Collection EF EmbeddedFiles Encrypt FDecodeParms FFilter"
    " JavaScript JS Launch Mac Movie Rendition Renditions RF RichMedia RichMediaContent"
    " RichMediaSettings Sound UF Unix URI URLS Win XFA",
    "/",
)

#: beginnings of objects and of trailers, wherever they stand
_BEGIN = re.compile(
    rb"(?<![0-9])\d{1,10}[\0\t\n\f\r ]+\d{1,5}[\0\t\n\f\r ]+obj(?![a-zA-Z])"
    rb"|(?<![a-z])trailer(?![a-z])"
)
#: limits of one document: objects, tokens, bytes of one object stream, seconds. A scan has some
#: hundred objects
OBJECTS, TOKENS, PACKED, SECONDS = 200_000, 1_500_000, 16 << 20, 15.0
ACTIVE = "含有脚本、动作、链接、夹带文件或其他非纸面内容（{}），请打印为普通 PDF 后上传。"


def check_pdf(content: bytes) -> Checked:
    """Check a PDF document. Raises `Refused`."""
    if not content.startswith(b"%PDF-"):
        raise Refused("不是 PDF 文件（内容与扩展名不符）。")
    end = content.rfind(b"%%EOF")
    if end < 0 or content[end + 5 :].strip(b"\r\n \t\0"):
        raise Refused("不是完整的 PDF 文件，或文件尾部附有其他内容。")
    if zipfile.is_zipfile(io.BytesIO(content)):
        raise Refused("文件中夹带了压缩包。")
    from pypdf import PdfReader
    from pypdf.errors import LimitReachedError

    try:
        with _limited():
            reader = PdfReader(io.BytesIO(content))
            if reader.is_encrypted:
                raise Refused("有密码保护，请去除密码后上传。")
            _Inspection(reader, content).check()
            pages = len(reader.pages)
    except Refused:
        raise
    except LimitReachedError as error:
        raise Refused("内容过于复杂，请打印为普通 PDF 后上传。") from error
    except Exception as error:  # the library raises anything on a hostile file
        raise Refused("不是完整的 PDF 文件，无法读取。") from error
    if pages < 1:
        raise Refused("没有页面。")
    return Checked("application/pdf", pages)


def _limited() -> Any:
    """The library's own limits, lowered for what we read: structure, never pictures."""
    from pypdf import apply_configuration

    return apply_configuration(
        zlib_maximum_output_length=PACKED,
        lzw_maximum_output_length=PACKED,
        run_length_maximum_output_length=PACKED,
        brotli_maximum_output_length=PACKED,
        array_based_stream_maximum_output_length=PACKED,
        stream_decoding_work_maximum_length=2 * PACKED,
    )


class _Inspection:
    """One inspection of every object in a document."""

    def __init__(self, reader: PdfReader, content: bytes) -> None:
        from pypdf.generic import StreamParsingBudget

        self.reader, self.content = reader, content
        self.budget = StreamParsingBudget(TOKENS)
        self.left, self.until = OBJECTS, time.monotonic() + SECONDS
        self.inspected: set[int] = set()
        # from here on a key that stands twice, which readers take differently, is an error
        reader.strict = True

    def check(self) -> None:
        for match in _BEGIN.finditer(self.content):
            if match[0] == b"trailer":
                self._trailer(self._read(self.content, match.end()))
            else:
                self._object(match.end())
        for table in self.reader.xref.values():
            for at in table.values():
                self._object_in_table(at)
        self._trailer(self.reader.trailer, keys=False)

    def _object_in_table(self, at: int) -> None:
        """Check an object of the cross-reference table; space and remarks may precede its
        header."""
        stream = io.BytesIO(self.content)
        stream.seek(at)
        try:
            self.reader.read_object_header(stream)
        except (ValueError, OSError, IndexError):
            return  # no reader can read an object there
        self._object(stream.tell())

    def _object(self, at: int) -> None:
        while self.content[at : at + 1] in (b" ", b"\r", b"\n", b"\t", b"\f", b"\0"):
            at += 1
        if at in self.inspected:
            return
        self.inspected.add(at)
        self._count()
        value = self._read(self.content, at)
        self._check_name(value)
        self._check_nested(value)
        if (
            isinstance(value, dict)
            and hasattr(value, "get_data")
            and (value.get("/Type") == "/ObjStm" or {"/N", "/First"} <= set(value))
        ):
            self._object_stream(value)

    def _object_stream(self, stream: Any) -> None:
        """Check the objects of an object stream (7.5.7)."""
        if stream.get("/Filter") not in (None, "/FlateDecode", ["/FlateDecode"]):
            raise Refused(ACTIVE.format("对象流的压缩方式不常见"))
        data = stream.get_data()
        count, first = int(stream["/N"]), int(stream["/First"])
        if not 0 <= count <= self.left or not 0 <= first <= len(data):
            raise Refused("不是完整的 PDF 文件，无法读取。")
        numbers = [int(n) for n in data[:first].split()[: 2 * count]]
        for at in numbers[1::2]:
            self._count()
            value = self._read(data, first + at)
            self._check_name(value)
            self._check_nested(value)

    def _read(self, data: bytes, at: int) -> Any:
        from pypdf.generic import read_object

        stream = io.BytesIO(data)
        stream.seek(at)
        while stream.read(1) in (b" ", b"\r", b"\n", b"\t", b"\f", b"\0"):
            pass
        stream.seek(-1, 1)
        return read_object(stream, self.reader, parsing_budget=self.budget)

    def _count(self) -> None:
        self.left -= 1
        if self.left < 0 or time.monotonic() > self.until:
            raise Refused("内容过于复杂，请打印为普通 PDF 后上传。")

    # -- what is allowed

    @staticmethod
    def _check_name(value: Any) -> None:
        """Refuse a name that another object could take as its kind by a reference."""
        if isinstance(value, str) and (value in ACTING or value in NEVER):
            raise Refused(ACTIVE.format(value[:30]))

    def _trailer(self, trailer: Any, keys: bool = True) -> None:
        if not isinstance(trailer, dict) or "/Encrypt" in trailer:
            raise Refused("有密码保护，请去除密码后上传。")
        if keys:
            _check_keys(trailer, TRAILER)
        if isinstance(root := _plain(trailer.get("/Root")), dict):
            self._catalog(root)

    def _catalog(self, root: Any) -> None:
        _check_keys(root, CATALOG)
        for key, allowed in (("/Names", NAMES), ("/AcroForm", FORM)):
            if isinstance(inner := _plain(root.get(key)), dict):
                _check_keys(inner, allowed)

    def _check_nested(self, root: Any) -> None:
        """Check every dictionary in an object; objects it refers to are checked by themselves."""
        waiting = [root]
        while waiting:
            value = waiting.pop()
            if isinstance(value, dict):
                self._dictionary(value)
                waiting += value.values()
            elif isinstance(value, list):
                waiting += value

    def _dictionary(self, value: Any) -> None:
        from pypdf.generic import IndirectObject

        for key in value:
            if key in NEVER:
                raise Refused(ACTIVE.format(key[:30]))
        kind, subtype, style = (_name(value.get(key)) for key in ("/Type", "/Subtype", "/S"))
        if any(isinstance(dict.get(value, key), IndirectObject) for key in ("/Type", "/Subtype")):
            # two objects, each harmless alone, would make one that is not
            raise Refused(ACTIVE.format("类型写在别处"))
        if kind and kind not in TYPES:
            raise Refused(ACTIVE.format(kind[:30]))
        if kind == "/Catalog":
            self._catalog(value)
        if ("/Rect" in value or kind == "/Annot") and subtype and subtype not in ANNOTATIONS:
            raise Refused(ACTIVE.format(subtype[:30]))
        if hasattr(value, "get_data") and (
            outside := next((key for key in OUTSIDE if key in value), "")
        ):
            raise Refused(ACTIVE.format(outside))
        if hasattr(value, "get_data") and subtype and subtype not in STREAMS:
            raise Refused(ACTIVE.format(subtype[:30]))
        if (
            style
            and style not in ACTIONS | STYLES
            and (style in ACTING or not (kind == "/StructElem" or "/P" in value))
        ):
            raise Refused(ACTIVE.format(style[:30]))
        if kind == "/Action" and style not in ACTIONS:
            raise Refused(ACTIVE.format((style or kind)[:30]))
        if style == "/Named" and value.get("/N") not in NAMED:
            raise Refused(ACTIVE.format("/Named"))


def _check_keys(value: Any, allowed: frozenset[str]) -> None:
    if strange := next(iter(key for key in value if key not in allowed), ""):
        raise Refused(ACTIVE.format(strange[:30]))


def _plain(value: Any) -> Any:
    return value.get_object() if hasattr(value, "get_object") else value


def _name(value: Any) -> str:
    return value if isinstance(value, str) and value.startswith("/") else ""
