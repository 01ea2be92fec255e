"""Office Open XML: letters and workbooks as Office and WPS write them (ECMA-376)."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from urllib.parse import unquote

from huitong.work.rules.checked import Checked, Refused
from huitong.work.rules.packages.archive import (
    BROKEN,
    OBJECTS,
    SECONDS,
    Part,
    ignore_text,
    open_archive,
)
from huitong.work.rules.packages.vocabulary import (
    CONTENT_TYPE,
    FIELDS,
    FORBIDDEN_IN_SHEETS,
    FORBIDDEN_IN_WORD,
    FORMULAS,
    RELATION,
    RELATIONS,
    SHEETS,
    WORD,
)

LINKS = "含有指向文件之外的链接（{}），请“断开链接”“取消超链接”后另存上传。"
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


def check_docx(content: bytes) -> Checked:
    """Check a letter. Raises `Refused`."""
    _check_parts(content, WORD, "word/document.xml")
    return Checked("application/vnd.openxmlformats-officedocument.wordprocessingml.document")


def check_xlsx(content: bytes) -> Checked:
    """Check a workbook. Raises `Refused`."""
    _check_parts(content, SHEETS, "xl/workbook.xml")
    return Checked("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def _check_parts(content: bytes, allowed: re.Pattern[str], main: str) -> None:
    until = time.monotonic() + SECONDS
    archive = open_archive(content, allowed, {"[Content_Types].xml", main})
    names = set(archive.namelist())
    for name in sorted(names):
        if name == "[Content_Types].xml":
            Part(name, until, _check_content_type, ignore_text).read(archive)
        elif name.endswith(".rels"):
            Part(name, until, _Relations(name, names), ignore_text).read(archive)
        elif name.endswith((".xml", ".vml", ".psmdcp")):
            check = _Fields() if name.startswith("word/") else _Formulas(name)
            Part(name, until, check, check.text, check.end).read(archive)


def _check_content_type(tag: str, attributes: dict[str, str]) -> bool:
    kind = attributes.get("ContentType", "")
    if tag in ("Default", "Override") and not CONTENT_TYPE.fullmatch(kind):
        raise Refused(OBJECTS.format(kind[:80]))
    return False


@dataclass
class _Relations:
    """The relations of a part: each to another part, or to a place in this one."""

    name: str
    parts: set[str]

    def __call__(self, tag: str, attributes: dict[str, str]) -> bool:
        if tag != "Relationship":
            return False
        target = unquote(attributes.get("Target", ""))
        kind = RELATION.fullmatch(attributes.get("Type", ""))
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
        attributes = _without_prefixes(attributes)
        if tag == "fldSimple":
            self._check(attributes.get("instr", ""))
        elif tag == "fldChar":
            self._mark(attributes.get("fldCharType", ""))
        elif tag in FORBIDDEN_IN_WORD:
            raise Refused(OBJECTS.format(tag))
        elif (
            tag in ("imagedata", "fill", "stroke", "shape", "rect", "hlink") or "href" in attributes
        ):
            _check_addresses(attributes)
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
        """Check fields without an end mark: they end with the part."""
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
        attributes = _without_prefixes(attributes)
        if tag == "definedName" and (
            {"xlm", "vbProcedure", "macro", "function"}
            & {k for k, v in attributes.items() if v not in ("0", "false")}
            or "auto_" in attributes.get("name", "").lower()
        ):
            raise Refused(OBJECTS.format(f"宏名称“{attributes.get('name', '')[:40]}”"))
        if tag in FORBIDDEN_IN_SHEETS:
            raise Refused(OBJECTS.format(tag))
        if self.name.endswith(".vml") or "href" in attributes:
            _check_addresses(attributes)
        return tag in FORMULAS

    def text(self, tag: str, text: str) -> None:
        bare = QUOTED.sub("", PLACE_IN_SHEET.sub('"', text))
        if tag == "FmlaMacro" or OUTSIDE.search(bare) or WORKBOOK.search(bare):
            raise Refused(LINKS.format(f"公式“{text.strip()[:40]}”"))

    def end(self, tag: str) -> None:
        """Do nothing: a formula ends with its element."""


def _without_prefixes(attributes: dict[str, str]) -> dict[str, str]:
    """An element's attributes by their local names."""
    return {
        name.rpartition(":")[2]: value
        for name, value in attributes.items()
        if not name.startswith("xmlns")
    }


def _check_addresses(attributes: dict[str, str]) -> None:
    for key in ("src", "href", "althref"):
        if ADDRESS.match(attributes.get(key, "")):
            raise Refused(LINKS.format(attributes[key][:60]))
