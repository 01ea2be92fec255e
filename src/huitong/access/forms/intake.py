"""The table in which older grants are brought in: its template, and the file it comes as (A19)."""

from __future__ import annotations

import io
from typing import Any

from django import forms
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from huitong.access.rules.intake import CHOICES, GRANTS, HINTS, MOST_ROWS
from huitong.connectors.sheets import GUIDE, SIZE_WORDS
from huitong.kernel.procedure import Malformed
from huitong.organizations.rules import Sheet, sheet_of

TABLE = "授权"
BOLD, WRAPPED = Font(bold=True), Alignment(wrap_text=True, vertical="top")
NEEDED, FREE = (PatternFill("solid", fgColor=c) for c in ("FFD9E8FB", "FFF0F4FA"))
HOW = (
    "每行一项授权：一个使用部门的一个信息系统，按一种方式使用一项资源。",
    "一个文件只填一个来源（一个旧平台，或纸质档案）的授权；来源在上传时填写。",
    "深色的列必须填写；日期如 2025-01-01；请勿改动列名。",
    "范围不能超出目录现在规定的：要补录的资源须已发布并挂接，信息项须在目录之内。",
    "由局经办人上传、检查，由另一人（负责人）确认；依规定由提供部门决定的，其负责人同意后才生效。",
    "补录不追记过去各环节的时限；长期未使用从补录生效之日起计算。",
    f"一个文件最多 {MOST_ROWS} 行，不超过 {SIZE_WORDS}；只登记非涉密内容。",
)
#: rows a list is offered in
ROWS = MOST_ROWS + 1


def template() -> bytes:
    """The empty table, and how it is filled in."""
    book = Workbook()
    page, about = book.active, book.create_sheet(GUIDE)
    page.title, page.freeze_panes = TABLE, "B2"
    for n, column in enumerate(GRANTS.columns, 1):
        head = page.cell(1, n, column.heading)
        head.font, head.fill = BOLD, NEEDED if column.required else FREE
        letter = get_column_letter(n)
        page.column_dimensions[letter].width = 18
        page.add_data_validation(_offer(column, f"{letter}2:{letter}{ROWS}"))
    _explain(about)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _offer(column: Any, cells: str) -> DataValidation:
    """The list of a column, or what Excel says beside its cells."""
    choices, prompt = CHOICES.get(column.name, ()), HINTS.get(column.name, "")
    rule = DataValidation(
        type="list" if choices else None,
        formula1=f'"{",".join(choices)}"' if choices else None,
        allow_blank=True,
        showErrorMessage=bool(choices),
        error="请从下拉列表中选择。",
        showInputMessage=bool(prompt),
        promptTitle=column.heading,
        prompt=prompt[:255] or None,
    )
    rule.add(cells)
    return rule


def _explain(page: Any) -> None:
    for letter, width in zip("ABCD", (24, 10, 80, 30), strict=True):
        page.column_dimensions[letter].width = width
    page.append(["授权补录表填写说明"])
    page["A1"].font = Font(bold=True, size=14)
    for number, line in enumerate(HOW, 1):
        page.append([f"{number}. {line}"])
    page.append([])
    page.append(["列", "必填", "怎样填写", "可选内容"])
    for cell in page[page.max_row]:
        cell.font, cell.fill = BOLD, NEEDED
    for column in GRANTS.columns:
        needed = "必填" if column.required else ""
        choices = "、".join(CHOICES.get(column.name, ()))
        page.append([column.heading, needed, HINTS.get(column.name, ""), choices])
        for cell in page[page.max_row]:
            cell.alignment = WRAPPED


class TableForm(forms.Form):
    """The file of a table."""

    file = forms.FileField(
        label="补录表",
        help_text=(
            f"按模板填写的 Excel（.xlsx、.xls）或 CSV（UTF-8 或 GB18030），不超过 {SIZE_WORDS}。"
        ),
        error_messages={"required": "请选择填好的补录表"},
    )

    def sheet(self) -> Sheet | None:
        """The table in the file; None when it is none, with the reason beside the field."""
        if not self.is_valid():
            return None
        try:
            return sheet_of(GRANTS, self.cleaned_data["file"].read())
        except Malformed as problem:
            self.refuse(problem)
            return None

    def refuse(self, problem: Malformed) -> None:
        self.add_error("file", [text for texts in problem.fields.values() for text in texts])
