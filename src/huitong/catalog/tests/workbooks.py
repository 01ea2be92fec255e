"""Workbooks as clerks hand them in, and what came of them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from huitong.catalog import actions, jobs, queries
from huitong.catalog.forms import sheets
from huitong.catalog.models import ChangeSet
from huitong.catalog.rules.sheets import SheetFile
from huitong.kernel.actor import Actor

#: what a complete entry says, by the headings of the template
COMPLETE: dict[str, str] = {
    "资源名称": "婚姻登记信息",
    "信息系统名称": "业务管理系统",
    "采集来源": "本部门直接采集",
    "资源摘要": "全市婚姻登记机关办理的结婚、离婚登记信息，1987 年至今。",
    "资源分类": "人口信息",
    "资源格式": "数据库",
    "格式说明": "PostgreSQL",
    "执行的数据标准": "MZ/T 044",
    "共享类型": "有条件共享",
    "共享条件的形式": "脱敏后提供",
    "共享条件说明": "用于住房保障资格审核。",
    "共享方式": "库表、接口",
    "开放类型": "不予开放",
    "业务更新周期": "每日",
    "联系处室": "婚姻管理处",
    "联系电话": "0513-85512345",
}
ITEM_HEADS = ("目录序号", "名称", "列名", "类型", "长度", "主键", "分级", "共享类型", "脱敏")
ITEMS = (
    ("登记编号", "reg_no", "字符型", 30, "是", "二级", "无条件", "不脱敏"),
    ("男方姓名", "m_name", "字符型", 50, "否", "三级", "有条件", "姓名（保留首字）"),
    ("登记日期", "reg_date", "日期型", None, "否", "二级", "无条件", "不脱敏"),
)


def book_of(*entries: dict[str, Any], items: Iterable[Sequence[Any]] | None = None) -> Workbook:
    """A workbook of these entries, each with `ITEMS` or with ``items``."""
    book = Workbook()
    page = book.active
    assert isinstance(page, Worksheet)
    page.title = "目录"
    heads = ["序号", *dict.fromkeys(head for entry in entries for head in entry)]
    page.append(heads)
    rows = book.create_sheet("信息项")
    rows.append(ITEM_HEADS)
    for number, entry in enumerate(entries, 1):
        page.append([number, *(entry.get(head) for head in heads[1:])])
        for item in ITEMS if items is None else ():
            rows.append((number, *item))
    for item in items or ():
        rows.append(item)
    return book


def content_of(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def handed_in(actor: Actor, file: Workbook | bytes, name: str = "目录.xlsx") -> ChangeSet:
    """The set of a workbook, checked as the worker would."""
    content = content_of(file) if isinstance(file, Workbook) else file
    row = actions.hand_in_workbook(actor, name=name, file=SheetFile(content))
    jobs.check_workbook(changes=row.pk)
    return ChangeSet.objects.get(pk=row.pk)


def exported(actor: Actor) -> Workbook:
    """The export of a body's entries, as Excel opens it."""
    lookup = sheets.Lookup(*queries.names_for_workbook(actor))
    return load_workbook(io.BytesIO(sheets.export(queries.stored_entries(actor), lookup)))


def cell(book: Workbook, sheet: str, head: str, row: int = 3) -> Any:
    """The cell of a column of an export, in its first entry's row."""
    page = book[sheet]
    [column] = {
        c.column
        for line in page.iter_rows(max_row=2)
        for c in line
        if c.value in (head, f"{head}*")
    }
    return page.cell(row, column)
