"""Documents that are zip archives: Office Open XML (ECMA-376, as Office and WPS write it) and OFD
(GB/T 33190-2016).

Every part is of a listed name, content and kind of relation, or the document is refused: macros,
macro sheets, objects, controls, links to other files and data, whatever name they hide behind. What
is left shows text, tables and pictures.
"""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote
from xml.parsers import expat

from huitong.audit.rules.archive import ArchiveError, Limits, members
from huitong.work.rules.checked import Checked, Refused, named

#: a document may unpack to so many bytes, into so many parts, and shrink by so much at most; and be
#: looked at so long
UNPACKED_BYTES = 200 * 1024 * 1024
PARTS = 5000
RATIO = 200
SECONDS = 30.0

OBJECTS = "含有不接受的内容“{}”（如宏或嵌入对象、控件、外部数据），请去除后另存上传。"
LINKS = "含有指向文件之外的链接（{}），请“断开链接”“取消超链接”后另存上传。"
BROKEN = "文件已损坏，或内部结构不合规：{}。"
#: what a strict reading of the archive says, for people
ARCHIVE = {
    "bomb": "展开后过大，疑似压缩炸弹。",
    "password": "有密码保护，请去除密码后上传。",
    "trailing": "文件尾部附有其他内容。",
    "name": "内部结构不合规（文件名）。",
    "twice": "内部结构不合规（同名文件）。",
    "gap": "内部夹有其他内容。",
}

_PICTURE = r"[\w\- ]+\.(?i:png|jpe?g|gif|bmp|tiff?|emf|wmf)"
_COMMON = (
    r"\[Content_Types\]\.xml|_rels/\.rels|docProps/(?:app|core|custom)\.xml|docProps/thumbnail\.(?:jpe?g|png|emf|wmf)|docMetadata/LabelInfo\.xml"
    r"|customXml/(?:item|itemProps)\d*\.xml|customXml/_rels/item\d*\.xml\.rels"
    r"|package/services/metadata/core-properties/[0-9a-f]{32}\.psmdcp"
)
_SHAPES = r"(?:charts/(?:chart|style|colors|chartEx)\d*|diagrams/(?:data|layout|quickStyle|colors|drawing)\d*|theme/(?:theme|themeOverride)\d*)\.xml"
_RELS = r"(?:charts|diagrams|theme|drawings|worksheets|chartsheets|pivotTables|pivotCache|richData)/_rels/[\w\-]+\.(?:xml|vml)\.rels"
WORD = re.compile(
    rf"{_COMMON}|word/(?:{_SHAPES}|{_RELS}|media/{_PICTURE}|fonts/font\d*\.odttf|_rels/[\w\-]+\.xml\.rels|glossary/_rels/document\.xml\.rels"
    r"|(?:glossary/)?(?:document|styles|stylesWithEffects|settings|webSettings|fontTable|numbering|footnotes|endnotes|comments|commentsExtended"
    r"|commentsIds|commentsExtensible|people|intelligence2?|header\d*|footer\d*)\.xml)"
)
SHEETS = re.compile(
    rf"{_COMMON}|xl/(?:{_SHAPES}|{_RELS}|media/{_PICTURE}|_rels/(?:workbook|cellimages|metadata)\.xml\.rels|(?:worksheets|chartsheets)/sheet\d*\.xml"
    r"|drawings/(?:drawing|vmlDrawing|commentsDrawing|legacyDrawing)\d*\.(?:xml|vml)|tables/table\d*\.xml|comments\d*\.xml|comments/comment\d*\.xml"
    r"|threadedComments/threadedComment\d*\.xml|persons/person\d*\.xml|pivotTables/pivotTable\d*\.xml"
    r"|pivotCache/pivotCache(?:Definition|Records)\d*\.xml|printerSettings/printerSettings\d*\.bin|richData/\w+\.xml|featurePropertyBag/featurePropertyBag\d*\.xml"
    r"|(?:workbook|styles|sharedStrings|calcChain|metadata|cellimages)\.xml)"
)
OFD = re.compile(
    r"(?:[\w\-]+/)*[\w\-. ]+\.(?:xml|png|jpe?g|bmp|gif|tiff?|jb2|gbig2|ttf|otf|ttc|dat|esl)",
    re.IGNORECASE,
)

#: content types by what follows the family's name
_TYPE = re.compile(
    r"application/xml|text/xml|image/(?:png|jpe?g|gif|bmp|tiff?|x-emf|x-wmf)|application/vnd\.openxmlformats-(?:package\.(?:relationships|core-properties)\+xml"
    r"|officedocument\.(?:custom-properties|extended-properties|customXmlProperties|theme|themeOverride|vmlDrawing|obfuscatedFont|drawing"
    r"|drawingml\.(?:chart|chartshapes|diagram(?:Data|Layout|Style|Colors))|wordprocessingml\.(?:document\.main|document\.glossary|styles|settings"
    r"|webSettings|fontTable|numbering|footnotes|endnotes|comments|commentsExtended|commentsIds|commentsExtensible|people|header|footer)"
    r"|spreadsheetml\.(?:sheet\.main|worksheet|chartsheet|sharedStrings|styles|calcChain|comments|table|pivotTable|pivotCacheDefinition"
    r"|pivotCacheRecords|sheetMetadata|printerSettings))(?:\+xml)?)"
    r"|application/vnd\.ms-(?:office\.(?:chartstyle|chartcolorstyle|chartex|drawingml\.diagramDrawing|classificationlabels|intelligence2?)"
    r"|word\.stylesWithEffects|excel\.(?:threadedcomments|person|featurepropertybag|rdrichvalue\w*|richvaluerel|rdarray|richstyles|rdsupportingpropertybag\w*))\+xml"
    r"|application/vnd\.ms-office\.drawingml\.diagramDrawing\+xml|application/vnd\.wps-officedocument\.cellimage\+xml"
)
#: relations by their last word, in the families of ECMA-376 (transitional and strict), Microsoft
#: and WPS
_FAMILY = re.compile(
    r"https?://(?:schemas\.openxmlformats\.org/(?:officeDocument|package)/2006/relationships(?:/metadata)?"
    r"|purl\.oclc\.org/ooxml/officeDocument/relationships(?:/metadata)?|schemas\.microsoft\.com/office/(?:\w+/)*\d{4}(?:/\d+)?(?:/relationships)?"
    r"|www\.wps\.cn/officeDocument/\d{4})/(\w[\w\-]*)"
)
RELATIONS = named(
    "officeDocument core-properties extended-properties custom-properties thumbnail styles settings"
    " webSettings fontTable theme themeOverride numbering footnotes endnotes comments"
    " commentsExtended commentsIds commentsExtensible people header footer image customXml"
    " customXmlProps worksheet chartsheet sharedStrings calcChain drawing vmlDrawing chart chartEx"
    " chartStyle chartColorStyle chartUserShapes table pivotTable pivotCacheDefinition"
    " pivotCacheRecords printerSettings sheetMetadata person threadedComment stylesWithEffects"
    " glossaryDocument diagramData diagramLayout diagramQuickStyle diagramColors diagramDrawing"
    " font cellImage hyperlink classificationlabels rdRichValue rdRichValueStructure"
    " rdRichValueTypes richValueRel FeaturePropertyBag intelligence richStyles rdArray"
)
#: Word's fields that show what the document itself holds (ECMA-376 part 1, 17.16.5)
FIELDS = named(
    "PAGE NUMPAGES SECTION SECTIONPAGES PAGEREF REF NOTEREF STYLEREF SEQ TOC TC TOA TA INDEX XE"
    " DATE TIME CREATEDATE SAVEDATE PRINTDATE EDITTIME AUTHOR TITLE SUBJECT KEYWORDS COMMENTS"
    " FILENAME FILESIZE NUMCHARS NUMWORDS REVNUM LASTSAVEDBY USERNAME USERINITIALS USERADDRESS"
    " TEMPLATE INFO DOCPROPERTY DOCVARIABLE EQ SYMBOL LISTNUM AUTONUM AUTONUMLGL AUTONUMOUT ADVANCE"
    " MERGEFIELD FORMTEXT FORMCHECKBOX FORMDROPDOWN CITATION BIBLIOGRAPHY BARCODE DISPLAYBARCODE"
    " BIDIOUTLINE SHAPE IF MERGEREC MERGESEQ NEXT ADDIN ="
)
#: a field or formula that leads to a place in the document itself, and nowhere else
PLACE = re.compile(
    r'\s*HYPERLINK\s+(?:""\s+)?\\l\s+(?:"[^"]*"|[^\s"\\]+)(?:\s+\\[a-z](?:\s+"[^"]*")?)*\s*',
    re.IGNORECASE,
)
PLACE_IN_SHEET = re.compile(r'\bHYPERLINK\s*\(\s*"#', re.IGNORECASE)
#: the roots of Word's parts that hold text
PARTS_OF_WORD = frozenset(
    {"document", "hdr", "ftr", "footnotes", "endnotes", "comments", "glossaryDocument"}
)
#: functions of sheets that reach outside; and a bar outside of quotation marks, which is DDE: no
#: operator of a sheet has one
OUTSIDE = re.compile(
    r"\b(?:WEBSERVICE|RTD|CALL|REGISTER(?:\.ID)?|EXEC|IMAGE|HYPERLINK|SQL\.REQUEST|DDE|IMPORT\w+"
    r"|PY|STOCKHISTORY|TRANSLATE|DETECTLANGUAGE|COPILOT|CUBE\w+)\s*\(|\|",
    re.IGNORECASE,
)
QUOTED = re.compile(r'"[^"]*"')
#: a reference to another workbook: its name in brackets before a sheet's. Sheets have none in
#: theirs, columns of tables stand behind a name
WORKBOOK = re.compile(r"'[^']*\[[^']*'\s*!|(?<![\w\]])\[[^\]\[]+\][\w.]*!")
ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.\-]{1,20}:|//|\\\\)", re.IGNORECASE)
#: elements of OFD that act or bring what is not on a page
OFD_NEVER = frozenset(
    {"URI", "GotoA", "Sound", "Movie", "Attachment", "Video", "Audio", "Script", "JavaScript"}
)
BEGINNINGS: Mapping[str, tuple[bytes, ...]] = {
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "gif": (b"GIF87a", b"GIF89a"),
    "bmp": (b"BM",),
    "tif": (b"II*\0", b"MM\0*"),
    "tiff": (b"II*\0", b"MM\0*"),
    "emf": (b"\1\0\0\0",),
    "wmf": (b"\xd7\xcd\xc6\x9a", b"\1\0\x09\0", b"\2\0\x09\0"),
    "ttf": (b"\0\1\0\0", b"true"),
    "otf": (b"OTTO", b"\0\1\0\0"),
    "ttc": (b"ttcf",),
    "dat": (b"0",),
    "esl": (b"0",),
    "jb2": (b"\x97JB2", b"\0\0\0"),
}


@dataclass
class Part:
    """One XML part while it is read: each element is shown to ``element``, the text of those it
    asks for to ``text``."""

    name: str
    until: float
    element: Callable[[str, dict[str, str]], bool]
    text: Callable[[str, str], None]
    end: Callable[[str], None] = lambda _: None
    said: list[str] = field(default_factory=list)
    wanted: bool = False

    def read(self, archive: zipfile.ZipFile) -> None:
        """Raises `Refused` for what is no XML, or has a document type: entities and outside
        references come with one."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = parser.ProcessingInstructionHandler = self._never
        try:
            with archive.open(self.name) as file:
                while chunk := file.read(1 << 16):
                    parser.Parse(chunk, False)
                    if time.monotonic() > self.until:
                        raise Refused("内容过于复杂，请精简后上传。")
                parser.Parse(b"", True)
        except (expat.ExpatError, ValueError) as wrong:
            raise Refused(BROKEN.format(self.name[:60])) from wrong

    def _never(self, target: str, *_: object) -> None:
        if target not in ("mso-application", "mso-contentType"):
            raise Refused(BROKEN.format(f"{self.name[:60]} 含有文档类型声明或处理指令"))

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.wanted, self.said = self.element(tag.rpartition(":")[2], attributes), []

    def _text(self, text: str) -> None:
        if self.wanted:
            self.said.append(text)

    def _end(self, tag: str) -> None:
        if self.wanted:
            self.text(tag.rpartition(":")[2], "".join(self.said))
        self.wanted = False
        self.end(tag.rpartition(":")[2])


def _opened(content: bytes, allowed: re.Pattern[str], wanted: set[str]) -> zipfile.ZipFile:
    """The archive, read strictly, of parts with these names. Raises `Refused`."""
    if not content.startswith(b"PK\x03\x04"):
        raise Refused("内容与扩展名不符。")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        parts = members(archive, Limits(PARTS, UNPACKED_BYTES, RATIO, 1 << 20))
    except ArchiveError as wrong:
        raise Refused(
            ARCHIVE.get(wrong.kind, "文件已损坏，或各部分的实际大小与所称不符。")
        ) from wrong
    except Exception as wrong:
        end = content.rfind(b"PK\x05\x06")
        trailing = end >= 0 and end + 22 < len(content)
        raise Refused("文件尾部附有其他内容。" if trailing else "文件已损坏，无法读取。") from wrong
    names = {part.filename for part in parts}
    if not names.issuperset(wanted):
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


def _office(media_type: str, allowed: re.Pattern[str], main: str) -> Callable[[bytes], Checked]:
    def check(content: bytes) -> Checked:
        until = time.monotonic() + SECONDS
        archive = _opened(content, allowed, {"[Content_Types].xml", main})
        names = set(archive.namelist())
        for name in sorted(names):
            if name == "[Content_Types].xml":
                Part(name, until, _content_type, _ignore).read(archive)
            elif name.endswith(".rels"):
                Part(name, until, _Relations(name, names), _ignore).read(archive)
            elif name.endswith((".xml", ".vml", ".psmdcp")):
                fields = _Fields() if name.startswith("word/") else _Formulas(name)
                Part(name, until, fields, fields.text, fields.end).read(archive)
        return Checked(media_type)

    return check


def _ignore(tag: str, text: str) -> None:
    """Some elements are known by their attributes alone."""


def _content_type(tag: str, attributes: dict[str, str]) -> bool:
    kind = attributes.get("ContentType", "")
    if tag in ("Default", "Override") and not _TYPE.fullmatch(kind):
        raise Refused(OBJECTS.format(kind[:80]))
    return False


@dataclass
class _Relations:
    name: str
    parts: set[str]

    def __call__(self, tag: str, attributes: dict[str, str]) -> bool:
        if tag != "Relationship":
            return False
        target, kind = (
            unquote(attributes.get("Target", "")),
            _FAMILY.fullmatch(attributes.get("Type", "")),
        )
        place = target.startswith("#") and kind is not None and kind[1] == "hyperlink"
        inside = attributes.get("TargetMode", "Internal") == "Internal" or place
        if not inside or ADDRESS.match(target):
            raise Refused(LINKS.format(target[:60]))
        if kind is None or kind[1] not in RELATIONS:
            raise Refused(OBJECTS.format(attributes.get("Type", "").rpartition("/")[2][:60]))
        if place or target == "NULL":
            return False
        folder = (
            self.name.partition("_rels/")[0].split("/")[:-1] if not target.startswith("/") else []
        )
        for step in target.lstrip("/").partition("#")[0].split("/"):
            if step == "..":
                folder = folder[:-1] if folder else [".."]
            elif step not in ("", "."):
                folder = [*folder, step]
        if "/".join(folder) not in self.parts:
            raise Refused(BROKEN.format(f"{self.name[:60]} 所指的部分不存在"))
        return False


class _Fields:
    """The fields of a Word part: their codes, put together from the runs they are split into."""

    def __init__(self) -> None:
        self.open: list[list[str] | None] = []

    def __call__(self, tag: str, attributes: dict[str, str]) -> bool:
        given = {
            name.rpartition(":")[2]: value
            for name, value in attributes.items()
            if not name.startswith("xmlns")
        }
        if tag == "fldSimple":
            self._check(given.get("instr", ""))
        elif tag == "fldChar":
            self._mark(given.get("fldCharType", ""))
        elif tag in (
            "OLEObject",
            "control",
            "altChunk",
            "object",
            "subDoc",
            "attachedTemplate",
            "dataSource",
            "query",
            "connectString",
        ):
            raise Refused(OBJECTS.format(tag))
        elif tag in ("imagedata", "fill", "stroke", "shape", "rect", "hlink") or "href" in given:
            _inside_only(given)
        return tag in ("instrText", "delInstrText")

    def _mark(self, kind: str) -> None:
        if kind == "begin":
            self.open.append([])
        elif self.open and kind in ("separate", "end"):
            if (code := self.open[-1]) is not None:
                self._check("".join(code))
            self.open[-1] = None
            if kind == "end":
                self.open.pop()

    def text(self, tag: str, text: str) -> None:
        if self.open and (code := self.open[-1]) is not None:
            code.append(text)
        else:
            self._check(text)

    def end(self, tag: str) -> None:
        """Fields end by their marks; those that have none end with the part."""
        if tag in PARTS_OF_WORD:
            for code in filter(None, self.open):
                self._check("".join(code))

    @staticmethod
    def _check(code: str) -> None:
        first = re.match(r"\s*(=|[A-Za-z]*)", code)
        word = first[1].upper() if first else ""
        if PLACE.fullmatch(code):
            return
        if word not in FIELDS:
            raise Refused(LINKS.format(f"域“{code.strip()[:30]}”"))


@dataclass
class _Formulas:
    """The formulas of a sheet's part, and names that are programs."""

    name: str

    def __call__(self, tag: str, attributes: dict[str, str]) -> bool:
        given = {
            name.rpartition(":")[2]: value
            for name, value in attributes.items()
            if not name.startswith("xmlns")
        }
        if tag == "definedName" and (
            {"xlm", "vbProcedure", "macro", "function"}
            & {k for k, v in given.items() if v not in ("0", "false")}
            or "auto_" in given.get("name", "").lower()
        ):
            raise Refused(OBJECTS.format(f"宏名称“{given.get('name', '')[:40]}”"))
        if tag in (
            "oleObject",
            "control",
            "OLEObject",
            "ddeLink",
            "webPublishItem",
            "externalReference",
            "controls",
            "oleObjects",
        ):
            raise Refused(OBJECTS.format(tag))
        if self.name.endswith(".vml") or "href" in given:
            _inside_only(given)
        return tag in (
            "f",
            "definedName",
            "formula",
            "formula1",
            "formula2",
            "calculatedColumnFormula",
            "FmlaMacro",
            "FmlaLink",
        )

    def text(self, tag: str, text: str) -> None:
        bare = QUOTED.sub("", PLACE_IN_SHEET.sub('"', text))
        if tag == "FmlaMacro" or OUTSIDE.search(bare) or WORKBOOK.search(bare):
            raise Refused(LINKS.format(f"公式“{text.strip()[:40]}”"))

    def end(self, tag: str) -> None:
        """A formula is whole when its element is."""


def _inside_only(given: dict[str, str]) -> None:
    for key in ("src", "href", "althref"):
        if ADDRESS.match(given.get(key, "")):
            raise Refused(LINKS.format(given[key][:60]))


def check_ofd(content: bytes) -> Checked:
    """GB/T 33190: XML, pictures, fonts and seals. Raises `Refused`."""
    until = time.monotonic() + SECONDS
    archive = _opened(content, OFD, {"OFD.xml"})
    for name in sorted(archive.namelist()):
        if name.lower().endswith(".xml"):
            Part(name, until, _ofd_element, _ignore).read(archive)
    return Checked("application/ofd")


def _ofd_element(tag: str, attributes: dict[str, str]) -> bool:
    if tag in OFD_NEVER:
        raise Refused(OBJECTS.format(tag))
    return False


check_xlsx = _office(
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", SHEETS, "xl/workbook.xml"
)
check_docx = _office(
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    WORD,
    "word/document.xml",
)
