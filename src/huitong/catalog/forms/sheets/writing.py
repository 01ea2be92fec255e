"""The workbook as the platform gives it out: empty with lists to choose from, or filled with
entries to be edited."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from huitong.catalog.forms.sheets.cells import Lookup
from huitong.catalog.forms.sheets.layout import ENTRIES, PARTS, SHEETS, Heading, Sheet
from huitong.catalog.forms.sheets.reading import MOST
from huitong.catalog.rules import categories_on
from huitong.catalog.rules.sheets import StoredEntry
from huitong.connectors.sheets import GUIDE, MAX_CELL, SIZE_WORDS
from huitong.kernel.workdays import today

LISTS = "选项"
BOLD, WRAPPED = Font(bold=True), Alignment(wrap_text=True, vertical="top")
#: headings by what they ask: needed, free, the platform's own
NEEDED, FREE, OWN = (PatternFill("solid", fgColor=c) for c in ("FFD9E8FB", "FFF0F4FA", "FFE4E4E4"))
#: rows a list is offered in, and how long what Excel shows beside a cell may be
ROWS, PROMPT, TITLE = 20_000, 255, 32
#: what each column offers that the body itself has, in words
OFFERED = {"systems": "本部门登记的信息系统", "bodies": "部门简称或全称，用顿号隔开"}
HOW = (
    "每行一条。“目录”表每行一条目录，其余各表每行一个信息项（或管控参数、依据），用“目录序号”或“资源名称”指明属于哪条目录。",
    "带 * 的列提交审核前必须填写；没有想好的可以先空着，导入后是草稿，还可以在平台上修改。",
    "有下拉箭头的单元格请从中选择，也可以填写代码；可以多选的列，各项之间用顿号“、”隔开。",
    "平台编号、校验码是平台用来认出这一条、发现别人修改的，请不要改动；新增的目录不填。",
    "从文件中删去一行，不会删除平台上的目录；一个信息项删去一行，则这个信息项被删除。",
    "整列删去的，平台上的内容保持不变；单元格清空的，平台上的内容也清空。",
    "只登记非涉密数据：文件中标有密级的，平台拒绝接收，也不保存任何内容。",
    "上传后先检查：有错误的单元格会标出并写明怎样改；无误的先列出修改前后的对照，确认后才写入。",
)


def template(lookup: Lookup) -> bytes:
    """The empty workbook of a body."""
    return export((), lookup)


def export(entries: Iterable[StoredEntry], lookup: Lookup) -> bytes:
    """The workbook with these entries. No cell of it is a formula, whatever stands in it."""
    book = Workbook(write_only=True)
    about = book.create_sheet(GUIDE)
    lists = _Lists()
    pages = {sheet.name: book.create_sheet(sheet.name) for sheet in SHEETS}
    for sheet in SHEETS:
        _head(pages[sheet.name], sheet, lists, lookup)
    for number, entry in enumerate(entries, 1):
        pages[ENTRIES.name].append(_row(pages[ENTRIES.name], ENTRIES, _own(entry, number), lookup))
        for part in PARTS:
            page = pages[part.name]
            link = {"no": str(number), "of": entry.values.get("name", "")}
            for member in entry.values.get(part.holds) or ():
                page.append(_row(page, part, link | dict(member), lookup))
    _explain(about)
    lists.write(book.create_sheet(LISTS))
    book.active = 1
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _own(entry: StoredEntry, number: int) -> dict[str, Any]:
    return {
        **entry.values,
        "no": str(number),
        "code": entry.code,
        "state": entry.state,
        "entry": str(entry.entry),
        "mark": str(entry.mark),
    }


def _row(page: Any, sheet: Sheet, values: Mapping[str, Any], lookup: Lookup) -> list[Any]:
    return [text(page, h.show(values.get(h.name), lookup)) for h in sheet.headings]


def text(page: Any, words: str, style: Mapping[str, Any] | None = None) -> Any:
    """A cell that is text: what begins with ``=`` is no formula."""
    cell = WriteOnlyCell(page, value=ILLEGAL_CHARACTERS_RE.sub("", words)[:MAX_CELL] or None)
    if cell.value is not None:
        cell.data_type = "s"
    for name, value in (style or {}).items():
        setattr(cell, name, value)
    return cell


# -- headings and lists ----------------------------------------------------------------------------


class _Lists:
    """What the lists offer, each once, on a sheet nobody sees."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, ...], str] = {}

    def place(self, choices: tuple[str, ...]) -> str:
        letter = self._columns.setdefault(choices, get_column_letter(len(self._columns) + 1))
        return f"'{LISTS}'!${letter}$1:${letter}${len(choices)}"

    def write(self, page: Any) -> None:
        page.sheet_state = "hidden"
        columns = list(self._columns)
        for n in range(max(map(len, columns), default=0)):
            page.append([text(page, c[n] if n < len(c) else "") for c in columns])


def _head(page: Any, sheet: Sheet, lists: _Lists, lookup: Lookup) -> None:
    """The headings, below the sections they belong to, and what each column offers."""
    banded = any(heading.group for heading in sheet.headings)
    page.freeze_panes = "D3" if banded else "C2"
    for n, heading in enumerate(sheet.headings, 1):
        page.column_dimensions[get_column_letter(n)].width = heading.width
        if rule := _offer(heading, lists, lookup):
            rule.add(f"{get_column_letter(n)}{3 if banded else 2}:{get_column_letter(n)}{ROWS}")
            page.data_validations.append(rule)
    if banded:
        page.append([text(page, words, {"font": BOLD}) for words in _bands(sheet.headings)])
    page.append(
        [
            text(
                page,
                heading.label + ("*" if heading.required else ""),
                {
                    "font": BOLD,
                    "alignment": WRAPPED,
                    "fill": OWN if heading.locked else NEEDED if heading.required else FREE,
                },
            )
            for heading in sheet.headings
        ]
    )


def _bands(headings: Sequence[Heading]) -> Iterator[str]:
    """The section of each heading where it begins."""
    before = ""
    for heading in headings:
        yield heading.group if heading.group != before else ""
        before = heading.group


def _offered(heading: Heading, lookup: Lookup) -> tuple[str, ...]:
    """What may be chosen in a column today."""
    if heading.name == "category":
        return tuple(category.label for category in categories_on(today()))
    return heading.choices or tuple(getattr(lookup, heading.offers) if heading.offers else ())


def _offer(heading: Heading, lists: _Lists, lookup: Lookup) -> DataValidation | None:
    """The list of a column, or what Excel says beside its cells."""
    choices = _offered(heading, lookup)
    strict = heading.single and choices
    prompt = heading.hint
    if choices and not heading.single:
        names = "、".join(choices) if len(choices) < 30 else f"如：{'、'.join(choices[:5])}"
        prompt = f"可填几项，用顿号隔开：{names}"
    if not strict and not prompt:
        return None
    return DataValidation(
        type="list" if strict else None,
        formula1=lists.place(choices) if strict else None,
        allow_blank=True,
        showErrorMessage=bool(strict),
        errorTitle="没有这个选项",
        error=f"“{heading.label}”请从下拉列表中选择。",
        showInputMessage=bool(prompt),
        promptTitle=heading.label[:TITLE],
        prompt=prompt[:PROMPT] or None,
    )


# -- instructions ----------------------------------------------------------------------------------


def _explain(page: Any) -> None:
    """How it is filled in, and what each column wants."""
    for letter, width in zip("ABCDE", (16, 22, 10, 60, 60), strict=True):
        page.column_dimensions[letter].width = width
    page.append([text(page, "政务信息资源目录填写说明", {"font": Font(bold=True, size=14)})])
    for number, line in enumerate(HOW, 1):
        page.append([text(page, f"{number}. {line}")])
    page.append([text(page, f"{len(HOW) + 1}. 一个文件最多 {MOST} 条目录，不超过 {SIZE_WORDS}。")])
    page.append([])
    heads = ("工作表", "列", "必填", "怎样填写", "可选内容")
    page.append([text(page, words, {"font": BOLD, "fill": NEEDED}) for words in heads])
    for sheet in SHEETS:
        for heading in sheet.headings:
            choices = "、".join(heading.choices) + ("（可多选）" if not heading.single else "")
            cells = (
                sheet.name,
                heading.label,
                "必填" if heading.required else "勿改" if heading.name in ("entry", "mark") else "",
                heading.hint,
                choices if heading.choices else OFFERED.get(heading.offers, ""),
            )
            page.append([text(page, words, {"alignment": WRAPPED}) for words in cells])
