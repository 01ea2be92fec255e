"""The form of a code list: its values in a grid, pasted from Excel or read from a file."""

from __future__ import annotations

from typing import Any

from huitong.catalog.forms.filling import RowsForm
from huitong.catalog.forms.rows import longest_of
from huitong.catalog.rules import CodeRow
from huitong.catalog.rules.standards import CODE_HEADINGS, LABEL_HEADINGS, MOST_CODES
from huitong.kernel.requests import Request
from huitong.ui.grids import Column

CODE, LABEL = CodeRow.model_fields["code"], CodeRow.model_fields["label"]
COLUMNS = (
    Column(
        "code",
        str(CODE.title),
        also=CODE_HEADINGS,
        required=True,
        longest=longest_of("code", CodeRow),
    ),
    Column(
        "label",
        str(LABEL.title),
        "wide",
        LABEL_HEADINGS,
        required=True,
        longest=longest_of("label", CodeRow),
    ),
)


class CodeListForm(RowsForm):
    """A verb that takes the values of a code list."""

    def __init__(self, name: str, request: Request, **more: Any) -> None:
        super().__init__(name, request, rows="values", columns=COLUMNS, most=MOST_CODES, **more)
