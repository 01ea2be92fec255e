"""Registers that come as tables from a city's other systems: their columns, and reading CSV or
Excel (A3).

A `Sheet` comes from a file or an API caller: rows of text under column names. The ledger records
its digest and size; the rows are in the register itself.
"""

from __future__ import annotations

import hashlib
import json
from bisect import insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from huitong.connectors.sheets import MAX_ROWS, CellFault, lacking, read_table
from huitong.connectors.workbooks import Unreadable
from huitong.kernel.actor import Labelled
from huitong.kernel.procedure import Malformed
from huitong.organizations.rules.bodies import BodyKind, DivisionLevel, check_credit_code


class Sheet:
    """Rows of text by column, each with its number in the file. Prints as its content's digest.

    ``faults``: cells the reader could not use as they are; ``notes``: what it left out.
    """

    def __init__(
        self,
        rows: Sequence[Mapping[str, Any]],
        numbers: Sequence[int] = (),
        faults: Sequence[CellFault] = (),
        notes: Sequence[str] = (),
    ) -> None:
        self.rows = [
            {str(k): "" if v is None else str(v).strip() for k, v in row.items()} for row in rows
        ]
        self.numbers = list(numbers) or list(range(2, len(self.rows) + 2))
        self.faults, self.notes = tuple(faults), tuple(notes)

    def __iter__(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Each row with its number in the file; headings are row 1, also of a list from the API."""
        return iter(zip(self.numbers, self.rows, strict=True))

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        content = json.dumps(self.rows, ensure_ascii=False, sort_keys=True).encode()
        return f"{len(self.rows)} 行，sha256 {hashlib.sha256(content).hexdigest()}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """A Sheet, or (from the API) a list of objects."""
        rows = core_schema.list_schema(
            core_schema.dict_schema(core_schema.str_schema(), core_schema.any_schema()),
            max_length=MAX_ROWS,
        )
        from_rows = core_schema.no_info_after_validator_function(cls, rows)
        return core_schema.json_or_python_schema(
            json_schema=from_rows,
            python_schema=core_schema.union_schema(
                [core_schema.is_instance_schema(cls), from_rows]
            ),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda sheet: sheet.rows
            ),
        )


@dataclass(frozen=True)
class Column:
    """A column: its name in files and API, its Chinese heading, whether it is required, and the
    function that reads its cells."""

    name: str
    heading: str
    required: bool = False
    read: Callable[[str], Any] = str
    default: Any = ""


@dataclass(frozen=True)
class Register:
    """A register that can be imported; ``key``: the columns that identify a row."""

    name: str
    label: str
    article: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)

    def under_headings(self, cells: Mapping[str, str]) -> dict[str, str]:
        """A row under the headings of the template, by whichever of its two names each column
        came; without columns the register does not have."""
        given = ((c.heading, cells.get(c.heading, cells.get(c.name))) for c in self.columns)
        return {heading: text for heading, text in given if text is not None}


@dataclass(frozen=True)
class RowError:
    """An error in one cell; ``row`` as Excel numbers it."""

    row: int
    column: str
    message: str

    @property
    def where(self) -> str:
        return f"第 {self.row} 行“{self.column}”" if self.column else f"第 {self.row} 行"


@dataclass
class Report:
    """The effect of an import: its rows as read; how many are new, changed or the same; every
    error; notes of what was left out."""

    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    added: int = 0
    changed: int = 0
    same: int = 0
    errors: list[RowError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add_error(self, row: int, column: str, message: str) -> None:
        """Add an error, in the order of the file's rows."""
        insort(self.errors, RowError(row, column, message), key=lambda error: error.row)

    def check(self, article: str) -> None:
        """Raise `Malformed` with every error under its row and column, if there is one."""
        if self.errors:
            fields: dict[str, str | list[str]] = {}
            for error in self.errors[:200]:
                fields[error.where] = error.message
            raise Malformed(fields, article=article)


def parse(register: Register, sheet: Sheet) -> Report:
    """Read every cell by its column; report missing, unreadable and repeated ones."""
    report, first_rows = Report(notes=list(sheet.notes)), dict[tuple[Any, ...], int]()
    headings = {c.heading: c.name for c in register.columns} | {
        c.name: c.name for c in register.columns
    }
    if len(sheet) > MAX_ROWS:
        raise Malformed({"sheet": f"一次最多导入 {MAX_ROWS} 行，请分开导入。"})
    _check_headings(register, sheet, headings, report)
    faulty = {(fault.row, fault.column) for fault in sheet.faults}
    for fault in sheet.faults:
        report.add_error(fault.row, fault.column, fault.message)
    for number, cells in sheet:
        if any((number, name) in faulty for name in cells):
            continue
        by_name = {headings[k]: v for k, v in cells.items() if k in headings}
        row, has_error = _read_row(register, by_name, number, report)
        key = tuple(row.get(name) for name in register.key)
        if not has_error and (first := first_rows.setdefault(key, number)) != number:
            report.add_error(
                number, register.column(register.key[-1]).heading, f"与第 {first} 行重复"
            )
        elif not has_error:
            report.rows.append((number, row))
    return report


def _check_headings(
    register: Register, sheet: Sheet, headings: Mapping[str, str], report: Report
) -> None:
    """Check that required columns are present, none twice under its two names; note columns the
    register does not have."""
    if not sheet.rows:
        return
    present = list(sheet.rows[0])
    if missing := lacking(
        present, [f"{c.heading}|{c.name}" for c in register.columns if c.required]
    ):
        raise Malformed({"sheet": f"缺少列：{'、'.join(missing)}。请下载模板对照。"})
    if doubled := [
        c.heading
        for c in register.columns
        if c.heading != c.name and {c.heading, c.name} <= set(present)
    ]:
        raise Malformed(
            {"sheet": f"列“{'、'.join(doubled)}”出现两次（中文名和英文名），请删去一个。"}
        )
    if unknown := [name for name in present if name not in headings]:
        report.notes.append(f"模板中没有这些列，未导入：{'、'.join(unknown[:20])}")


def _read_row(
    register: Register, given: Mapping[str, str], number: int, report: Report
) -> tuple[dict[str, Any], bool]:
    row, has_error = {}, False
    for column in register.columns:
        text = given.get(column.name, "")
        if not text:
            row[column.name] = column.default
            if column.required:
                report.add_error(number, column.heading, "必须填写")
                has_error = True
            continue
        try:
            row[column.name] = column.read(text)
        except Malformed as error:
            report.add_error(number, column.heading, error.detail)
            has_error = True
        except ValueError as error:
            report.add_error(number, column.heading, str(error))
            has_error = True
    return row, has_error


# -- reading cells ---------------------------------------------------------------------------------


def day(text: str) -> date:
    for pattern in (
        "%Y-%m-%d",
        "%Y/%m/%d",
        "%Y.%m.%d",
        "%Y%m%d",
        "%Y年%m月%d日",
        "%Y-%m-%d %H:%M:%S",
    ):
        try:
            return datetime.strptime(text, pattern).date()
        except ValueError:
            continue
    raise ValueError(f"“{text}”不是日期，应如 2026-11-23")


def boolean(text: str) -> bool:
    try:
        return {"1": True, "是": True, "true": True, "0": False, "否": False, "false": False}[
            text.lower()
        ]
    except KeyError:
        raise ValueError(f"“{text}”应为 是 或 否") from None


def choice_of(words: type[Labelled], what: str) -> Callable[[str], str]:
    """A reader of members by their value or label."""

    def read(text: str) -> str:
        for member in words:
            if text in (member.value, member.label):
                return member.value
        raise ValueError(f"“{text}”不是{what}，应为：{'；'.join(m.label for m in words)}")

    return read


def workday(text: str) -> bool:
    try:
        return {"off": False, "放假": False, "休": False, "work": True, "上班": True, "班": True}[
            text.lower()
        ]
    except KeyError:
        raise ValueError(f"“{text}”应为 放假 或 上班") from None


def at_most(size: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > size:
            raise ValueError(f"最多 {size} 个字，现有 {len(text)} 个")
        return text

    return read


REGISTERS: Mapping[str, Register] = {
    r.name: r
    for r in (
        Register(
            "divisions",
            "行政区划",
            "A6",
            ("code",),
            (
                Column("code", "代码", True, at_most(12)),
                Column("name", "名称", True, at_most(80)),
                Column("level", "级别", True, choice_of(DivisionLevel, "行政区划级别")),
                Column("parent_code", "上级代码", read=at_most(12)),
                Column("source", "来源", read=at_most(20), default="local"),
                Column("valid_from", "生效日期", read=day, default=None),
                Column("valid_to", "失效日期", read=day, default=None),
                Column("successor", "承接代码", read=at_most(12)),
                Column("note", "备注", read=at_most(200)),
            ),
        ),
        Register(
            "bodies",
            "机构",
            "A2",
            ("credit_code",),
            (
                Column("name", "名称", True, at_most(120)),
                Column("short_name", "简称", True, at_most(40)),
                Column("kind", "机构类型", True, choice_of(BodyKind, "机构类型")),
                Column("credit_code", "统一社会信用代码", True, check_credit_code),
                Column("division_code", "行政区划代码", True, at_most(12)),
                Column("parent", "上级机构", read=at_most(120)),
                Column("bureau", "大数据主管部门", read=boolean, default=False),
                Column("managing_organ", "共享主管机构", read=boolean, default=False),
            ),
        ),
        Register(
            "duties",
            "职责与事项",
            "A3",
            ("body", "duty", "matter_code"),
            (
                Column("body", "机构", True, at_most(120)),
                Column("duty", "职责", True, at_most(300)),
                Column("matter_code", "事项编码", read=at_most(40)),
                Column("matter_name", "事项名称", read=at_most(120)),
                Column("matter_kind", "事项类型", read=at_most(40)),
                Column("basis", "依据", read=at_most(200)),
            ),
        ),
        Register(
            "calendar",
            "节假日安排",
            "A21",
            ("date",),
            (
                Column("date", "日期", True, day),
                Column("kind", "类型", True, workday),
                Column("name", "名称", True, at_most(40)),
            ),
        ),
    )
}


# -- reading files ---------------------------------------------------------------------------------


def read_sheet(register: str, content: bytes) -> Sheet:
    """The table of a CSV or Excel file for one of the `REGISTERS`. Raises `Malformed`."""
    return sheet_of(REGISTERS[register], content)


def sheet_of(register: Register, content: bytes) -> Sheet:
    """The same for any register. Raises `Malformed` for a file that cannot be used as a whole."""
    columns = register.columns
    required = [f"{c.heading}|{c.name}" for c in columns if c.required]
    try:
        table = read_table(
            content, required, {name for c in columns for name in (c.heading, c.name)}
        )
    except Unreadable as error:
        raise Malformed({"file": str(error)}) from error
    return Sheet(
        [cells for _, cells in table.rows],
        [row for row, _ in table.rows],
        table.faults,
        table.notes,
    )
