"""Registers that come as tables from a city's other systems: their columns, and reading CSV or Excel (A3).

A `Sheet` is what a file or an API caller gives: rows of text under known column names. The ledger keeps its digest and its
size, not its rows: the register itself holds them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from huitong.kernel.actor import Labelled
from huitong.kernel.procedure import Malformed
from huitong.organizations.rules.bodies import BodyKind, DivisionLevel, check_credit_code

MAX_BYTES = 10 * 1024 * 1024
#: an Excel file is a zip: what it may grow to when unpacked
MAX_UNPACKED = 200 * 1024 * 1024
MAX_ROWS = 100_000
#: how xlsx (a zip) and xls (a compound file) begin
EXCEL = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


class Sheet:
    """Rows of text by column. Compares and prints by content digest."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.rows = [{str(k): "" if v is None else str(v).strip() for k, v in row.items()} for row in rows]

    def __iter__(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Each row with the number it has in the file: the header is row 1."""
        return iter(enumerate(self.rows, start=2))

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        told = json.dumps(self.rows, ensure_ascii=False, sort_keys=True).encode()
        return f"{len(self.rows)} 行，sha256 {hashlib.sha256(told).hexdigest()}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """A Sheet, or (from the API) a list of objects."""
        rows = core_schema.list_schema(core_schema.dict_schema(core_schema.str_schema(), core_schema.any_schema()),
                                       max_length=MAX_ROWS)
        made = core_schema.no_info_after_validator_function(cls, rows)
        return core_schema.json_or_python_schema(
            json_schema=made, python_schema=core_schema.union_schema([core_schema.is_instance_schema(cls), made]),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda sheet: sheet.rows))


@dataclass(frozen=True)
class Column:
    """A column: its name in our files and API, its Chinese heading, whether it must be filled, how it is read."""

    name: str
    heading: str
    required: bool = False
    read: Callable[[str], Any] = str
    default: Any = ""


@dataclass(frozen=True)
class Register:
    """A register that can be imported: ``key`` are the columns that tell its rows apart."""

    name: str
    label: str
    article: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)


@dataclass(frozen=True)
class RowError:
    """What is wrong in one cell; ``row`` counts as Excel shows it."""

    row: int
    column: str
    message: str

    @property
    def where(self) -> str:
        return f"第 {self.row} 行“{self.column}”" if self.column else f"第 {self.row} 行"


@dataclass
class Report:
    """What an import would do: the rows as read, what is new, changed or the same, and every error."""

    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    added: int = 0
    changed: int = 0
    same: int = 0
    errors: list[RowError] = field(default_factory=list)

    def wrong(self, row: int, column: str, message: str) -> None:
        self.errors.append(RowError(row, column, message))

    def check(self, article: str) -> None:
        """Raises `Malformed` with every error, each under its row and column."""
        if self.errors:
            fields: dict[str, str | list[str]] = {}
            for error in self.errors[:200]:
                fields[error.where] = error.message
            raise Malformed(fields, article=article)


def parse(register: Register, sheet: Sheet) -> Report:
    """Read every cell by its column; find missing, unreadable and repeated ones."""
    report, seen = Report(), dict[tuple[Any, ...], int]()
    headings = {c.heading: c.name for c in register.columns} | {c.name: c.name for c in register.columns}
    if len(sheet) > MAX_ROWS:
        raise Malformed({"sheet": f"一次最多导入 {MAX_ROWS} 行，请分开导入。"})
    if sheet.rows and (lacking := [c.heading for c in register.columns if c.required
                                   and not {c.name, c.heading} & set(sheet.rows[0])]):
        raise Malformed({"sheet": f"缺少列：{'、'.join(lacking)}。请下载模板对照。"})
    for number, cells in sheet:
        given = {headings[k]: v for k, v in cells.items() if k in headings}
        row, wrong = _read_row(register, given, number, report)
        key = tuple(row.get(name) for name in register.key)
        if not wrong and (first := seen.setdefault(key, number)) != number:
            report.wrong(number, register.column(register.key[-1]).heading, f"与第 {first} 行重复")
        elif not wrong:
            report.rows.append((number, row))
    return report


def _read_row(register: Register, given: Mapping[str, str], number: int, report: Report) -> tuple[dict[str, Any], bool]:
    row, wrong = {}, False
    for column in register.columns:
        text = given.get(column.name, "")
        if not text:
            row[column.name] = column.default
            if column.required:
                report.wrong(number, column.heading, "必须填写")
                wrong = True
            continue
        try:
            row[column.name] = column.read(text)
        except Malformed as why:
            report.wrong(number, column.heading, why.detail)
            wrong = True
        except ValueError as why:
            report.wrong(number, column.heading, str(why))
            wrong = True
    return row, wrong


# -- reading cells ---------------------------------------------------------------------------------------------


def day(text: str) -> date:
    for pattern in ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(text, pattern).date()
        except ValueError:
            continue
    raise ValueError(f"“{text}”不是日期，应如 2026-11-23")


def yes(text: str) -> bool:
    try:
        return {"1": True, "是": True, "true": True, "0": False, "否": False, "false": False}[text.lower()]
    except KeyError:
        raise ValueError(f"“{text}”应为 是 或 否") from None


def one_of(words: type[Labelled], what: str) -> Callable[[str], str]:
    """Reads a member by its value or its label."""
    def read(text: str) -> str:
        for member in words:
            if text in (member.value, member.label):
                return member.value
        raise ValueError(f"“{text}”不是{what}，应为：{'；'.join(m.label for m in words)}")
    return read


def worked(text: str) -> bool:
    try:
        return {"off": False, "放假": False, "休": False, "work": True, "上班": True, "班": True}[text.lower()]
    except KeyError:
        raise ValueError(f"“{text}”应为 放假 或 上班") from None


def at_most(size: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > size:
            raise ValueError(f"最多 {size} 个字，现有 {len(text)} 个")
        return text
    return read


REGISTERS: Mapping[str, Register] = {r.name: r for r in (
    Register("divisions", "行政区划", "A6", ("code",), (
        Column("code", "代码", True, at_most(12)), Column("name", "名称", True, at_most(80)),
        Column("level", "级别", True, one_of(DivisionLevel, "行政区划级别")), Column("parent_code", "上级代码", read=at_most(12)),
        Column("source", "来源", read=at_most(20), default="local"), Column("valid_from", "生效日期", read=day, default=None),
        Column("valid_to", "失效日期", read=day, default=None), Column("successor", "承接代码", read=at_most(12)),
        Column("note", "备注", read=at_most(200)))),
    Register("bodies", "机构", "A2", ("credit_code",), (
        Column("name", "名称", True, at_most(120)), Column("short_name", "简称", True, at_most(40)),
        Column("kind", "机构类型", True, one_of(BodyKind, "机构类型")), Column("credit_code", "统一社会信用代码", True, check_credit_code),
        Column("division_code", "行政区划代码", True, at_most(12)), Column("parent", "上级机构", read=at_most(120)),
        Column("bureau", "大数据主管部门", read=yes, default=False), Column("managing_organ", "共享主管机构", read=yes, default=False))),
    Register("duties", "职责与事项", "A3", ("body", "duty", "matter_code"), (
        Column("body", "机构", True, at_most(120)), Column("duty", "职责", True, at_most(300)),
        Column("matter_code", "事项编码", read=at_most(40)), Column("matter_name", "事项名称", read=at_most(120)),
        Column("matter_kind", "事项类型", read=at_most(40)), Column("basis", "依据", read=at_most(200)))),
    Register("calendar", "节假日安排", "A21", ("date",), (
        Column("date", "日期", True, day), Column("kind", "类型", True, worked), Column("name", "名称", True, at_most(40)))),
)}


# -- reading files ---------------------------------------------------------------------------------------------


def read_sheet(content: bytes) -> Sheet:
    """A CSV (UTF-8 or GB 18030) or Excel file, told by its content, not its name. Raises `Malformed`."""
    if len(content) > MAX_BYTES:
        raise Malformed({"file": "文件超过 10 MB，请分开导入。"})
    lines = _excel(content) if content.startswith(EXCEL) else list(csv.reader(io.StringIO(_text(content))))
    lines = [line for line in lines if any(cell.strip() for cell in line)]
    if len(lines) < 2:
        raise Malformed({"file": "文件中没有数据行：第一行应为列名，其后每行一条。"})
    if len(set(head := [cell.strip() for cell in lines[0]])) != len(head):
        raise Malformed({"file": "第一行的列名有重复。"})
    return Sheet([dict(zip(head, line + [""] * len(head), strict=False)) for line in lines[1:]])


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Malformed({"file": "无法识别文件：请上传 CSV（UTF-8 或 GB18030 编码）或 Excel 文件。"})


def _excel(content: bytes) -> list[list[str]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        if content[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                if sum(part.file_size for part in packed.infolist()) > MAX_UNPACKED:
                    raise Malformed({"file": "Excel 文件解开后过大，请另存后重试。"})
        rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    except (CalamineError, zipfile.BadZipFile, IndexError) as wrong:
        raise Malformed({"file": "无法打开 Excel 文件，可能已损坏或加密。"}) from wrong
    return [[_cell(cell) for cell in row] for row in rows]


def _cell(cell: Any) -> str:
    """As a person reads it: whole numbers without a fraction, dates in ISO form."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date) else str(cell)
