"""A grid for the browser tests: it keeps its rows under a name."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from huitong.ui.grids import Choice, Column, Grid

#: the columns of the sample grid: text, choices, choices by another column, whole numbers
COLUMNS = (
    Column("name", "名称", "wide", ("信息项名称",), required=True, longest=20),
    Column(
        "type",
        "类型",
        "short",
        ("数据类型",),
        (Choice("C", "字符型", ("varchar",)), Choice("D", "日期型", ("date",))),
        start="C",
    ),
    Column("length", "长度", "narrow", whole=(1, 1000)),
    Column(
        "mask",
        "脱敏",
        choices=(
            Choice("", "不脱敏", ("无",)),
            Choice("card", "银行卡号（保留前 6 后 4）", ("银行卡号",), frozenset({"C"})),
            Choice("blank", "置空"),
        ),
        start="blank",
        by="type",
    ),
    Column("remark", "说明", "wide", ("备注",)),
)
ROWS: dict[str, list[dict[str, Any]]] = {}


def gridded(request: HttpRequest, name: str) -> HttpResponse:
    """A grid that keeps its rows under a name."""
    rows = ROWS.setdefault(name, [])
    grid = Grid.of("rows", COLUMNS, rows)
    if request.method == "POST":
        grid = Grid.posted("rows", COLUMNS, request.POST, most=300)
        if not grid.reshaped and (values := grid.read()) is not None:
            ROWS[name] = values
            return redirect(request.path)
    wrong = grid.is_wrong and not grid.reshaped
    context = {"grid": grid, "grids": {} if grid.reshaped else {"rows": grid}}
    return render(request, "ui/styleguide_grid.html", context, status=422 if wrong else 200)
