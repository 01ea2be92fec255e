"""The form in which data are registered with the bodies that collect them."""

from __future__ import annotations

from typing import Any

from huitong.catalog.forms.filling import RowsForm
from huitong.catalog.forms.rows import longest_of
from huitong.catalog.rules.leads import MOST_DATA, DatumRow
from huitong.kernel.requests import Request
from huitong.organizations import queries as organizations
from huitong.ui.grids import Choice, Column

FIELDS = DatumRow.model_fields
#: what else the columns of a list of data are called
ALSO = {
    "name": ("名称", "数据项", "数据元", "数据元名称"),
    "synonyms": ("同义词", "别名"),
    "code": ("代码", "数据元标识"),
    "body": ("部门", "采集部门", "牵头采集部门"),
    "basis": ("文件依据", "职责依据"),
}


def columns() -> tuple[Column, ...]:
    """The columns, with today's bodies to choose from."""
    bodies = tuple(
        Choice(str(pk), str(name), getattr(name, "also", ()))
        for pk, name in organizations.all_body_names().items()
    )
    return tuple(
        Column(
            name,
            str(field.title),
            "wide" if name in ("synonyms", "basis") else "usual",
            ALSO[name],
            bodies if name == "body" else (),
            required=field.is_required() and name != "body",
            longest=longest_of(name, DatumRow),
        )
        for name, field in FIELDS.items()
    )


class DataForm(RowsForm):
    """A verb that registers data."""

    def __init__(self, request: Request, **more: Any) -> None:
        super().__init__(
            "catalog.register_data", request, rows="data", columns=columns(), most=MOST_DATA, **more
        )
