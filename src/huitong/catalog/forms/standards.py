"""The form of a code list: its values in a grid, pasted from Excel or read from a file."""

from __future__ import annotations

from typing import Any

from huitong.catalog.rules import CodeRow
from huitong.catalog.rules.standards import CODE_HEADINGS, LABEL_HEADINGS, MOST_CODES
from huitong.connectors.sheets import read_table
from huitong.connectors.workbooks import Unreadable
from huitong.kernel.requests import Request
from huitong.ui.grid_fields import GridField
from huitong.ui.grids import Column, Grid
from huitong.work.forms import VerbForm

CODE, LABEL = CodeRow.model_fields["code"], CodeRow.model_fields["label"]
COLUMNS = (
    Column("code", str(CODE.title), also=CODE_HEADINGS, required=True, longest=60),
    Column("label", str(LABEL.title), "wide", LABEL_HEADINGS, required=True, longest=200),
)
#: what is said of a file at most
MOST_NOTICES = 20


class CodeListForm(VerbForm):
    """A verb that takes the values of a code list. A file is only read into the grid, to be looked
    at before anything is filed."""

    def __init__(self, name: str, request: Request, **more: Any) -> None:
        super().__init__(name, request, **more)
        field = self.fields["values"]
        about = {"label": field.label, "help_text": field.help_text}
        self.fields["values"] = GridField(COLUMNS, most=MOST_CODES, **about)
        self.order_fields([*(n for n in self.fields if n != "values"), "values"])
        #: what is to be said of the file that was read
        self.notices: list[str] = []
        if request.method == "POST" and "read" in request.POST:
            self._read(request)
        if self.reshaped:
            self.errors.clear()

    @property
    def reshaped(self) -> bool:
        """Whether only other rows were asked for: then nothing is filed."""
        if not self.is_bound:
            return False
        grid = self.fields["values"].widget.value_from_datadict(self.data, self.files, "values")
        return bool(grid.reshaped)

    @property
    def status(self) -> int:
        return 200 if self.reshaped else super().status

    def _read(self, request: Request) -> None:
        """Put the rows of a file into the grid."""
        grid = self.fields["values"].widget.value_from_datadict(self.data, self.files, "values")
        grid.reshaped = True
        if (file := request.FILES.get("file")) is None:
            self.notices = ["请先选择文件。"]
            return
        required = ("|".join(CODE_HEADINGS), "|".join(LABEL_HEADINGS))
        try:
            table = read_table(file.read(), required, (*CODE_HEADINGS, *LABEL_HEADINGS))
        except Unreadable as why:
            self.notices = [str(why)]
            return
        if not (code := _heading(table.headings, CODE_HEADINGS)) or not (
            label := _heading(table.headings, LABEL_HEADINGS)
        ):
            self.notices = ["没有认出“代码”和“含义”两列：第一行应为列名。"]
            return
        rows = [{"code": cells[code], "label": cells[label]} for _, cells in table.rows]
        read = Grid.of("values", COLUMNS, rows[:MOST_CODES], blank=0, most=MOST_CODES)
        grid.rows = read.rows
        self.notices = [
            f"已读入 {len(grid.rows)} 行，请核对后提交。",
            *table.notes,
            *(f"第 {fault.row} 行“{fault.column}”：{fault.message}" for fault in table.faults),
        ][:MOST_NOTICES]
        if len(rows) > MOST_CODES:
            self.notices.append(f"最多 {MOST_CODES} 行，文件中有 {len(rows)} 行，其余没有读入。")


def _heading(headings: tuple[str, ...], names: tuple[str, ...]) -> str:
    return next((heading for heading in headings if heading in names), "")
