"""Tables as clerks send them, as bytes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from huitong.connectors.sheets import Table, read_table

INPUTS = Path(__file__).parents[4] / "tests" / "inputs" / "imports"
HEAD = ["机构", "职责", "事项编码", "事项名称"]
ROW = ["南通市民政局", "婚姻登记服务一", "A-1", "婚姻登记"]


def read(content: bytes) -> Table:
    return read_table(content, ["机构|body", "职责|duty"], {*HEAD, "body", "duty", "依据"})


def text(*rows: list[str]) -> bytes:
    return "".join(",".join(row) + "\r\n" for row in rows).encode()


def excel(*rows: list[Any], formats: dict[str, str] | None = None, **sheets: Any) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    for cell, form in (formats or {}).items():
        book.active[cell].number_format = form
    for name, (state, lines) in sheets.items():
        other = book.create_sheet(name)
        other.sheet_state = state
        for line in lines:
            other.append(line)
    book.save(out)
    return out.getvalue()


def faults(table: Table) -> list[tuple[int, str]]:
    return [(fault.row, fault.column) for fault in table.faults]
