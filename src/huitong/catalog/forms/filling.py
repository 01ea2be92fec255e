"""The form of a verb that takes rows: typed or pasted into a grid, or read from a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from huitong.connectors.sheets import read_table
from huitong.connectors.workbooks import Unreadable
from huitong.kernel.procedure import Malformed
from huitong.kernel.requests import Request
from huitong.ui.grid_fields import GridField
from huitong.ui.grids import Column, Grid
from huitong.work.forms import VerbForm

#: what is said of a file at most
MOST_NOTICES = 20


class RowsForm(VerbForm):
    """A verb one parameter of which is rows of these columns. A file is only read into the grid, to
    be looked at before anything is done."""

    def __init__(
        self,
        name: str,
        request: Request,
        *,
        rows: str,
        columns: Sequence[Column],
        most: int,
        **more: Any,
    ) -> None:
        super().__init__(name, request, **more)
        self.rows, self.columns, self.most = rows, columns, most
        field = self.fields[rows]
        about = {"label": field.label, "help_text": field.help_text}
        self.fields[rows] = GridField(columns, most=most, **about)
        self.order_fields([*(n for n in self.fields if n != rows), rows])
        #: what is to be said of the file that was read
        self.notices: list[str] = []
        if request.method == "POST" and "read" in request.POST:
            self._read(request)
        if self.reshaped:
            self.errors.clear()

    @property
    def grid(self) -> Grid:
        """The grid as it was posted."""
        widget = self.fields[self.rows].widget
        grid: Grid = widget.value_from_datadict(self.data, self.files, self.rows)
        return grid

    @property
    def reshaped(self) -> bool:
        """Whether only other rows were asked for: then nothing is done."""
        return self.is_bound and bool(self.grid.reshaped)

    @property
    def status(self) -> int:
        return 200 if self.reshaped else super().status

    def refuse(self, problem: Malformed) -> None:
        """What the verb says of a cell stands beside it, and above with its row and column."""
        left, before = dict[str, list[str]](), {fault.text for fault in self.grid.faults}
        for where, texts in problem.fields.items():
            name, _, place = where.partition(".")
            if name != self.rows or not self.grid.refuse(place, texts):
                left[where] = texts
        for fault in self.grid.faults:
            if fault.text not in before:
                self.add_error(self.rows, fault.text)
        if left:
            super().refuse(Malformed(left))

    def _read(self, request: Request) -> None:
        """Put the rows of a file into the grid."""
        grid = self.grid
        grid.reshaped = True
        if (file := request.FILES.get("file")) is None:
            self.notices = ["请先选择文件。"]
            return
        ways = {column.name: (column.label, *column.also) for column in self.columns}
        required = [c for c in self.columns if c.required or c.choices]
        try:
            table = read_table(
                file.read(),
                tuple("|".join(ways[c.name]) for c in required),
                tuple(way for names in ways.values() for way in names),
            )
        except Unreadable as why:
            self.notices = [str(why)]
            return
        at = {name: _heading(table.headings, names) for name, names in ways.items()}
        if not all(at[c.name] for c in required):
            labels = "”“".join(c.label for c in required)
            self.notices = [f"没有认出“{labels}”列：第一行应为列名。"]
            return
        rows = [
            {name: cells.get(heading, "") if heading else "" for name, heading in at.items()}
            for _, cells in table.rows
        ]
        read = Grid.of(self.rows, self.columns, rows[: self.most], blank=0, most=self.most)
        grid.rows = read.rows
        self.notices = [
            f"已读入 {len(grid.rows)} 行，请核对后提交。",
            *table.notes,
            *(f"第 {fault.row} 行“{fault.column}”：{fault.message}" for fault in table.faults),
        ][:MOST_NOTICES]
        if len(rows) > self.most:
            self.notices.append(f"最多 {self.most} 行，文件中有 {len(rows)} 行，其余没有读入。")


def _heading(headings: tuple[str, ...], names: tuple[str, ...]) -> str:
    return next((heading for heading in headings if heading in names), "")
