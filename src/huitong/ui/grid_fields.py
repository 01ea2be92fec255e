"""A grid as a field of a form: a list of rows beside other questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from annotated_types import MaxLen
from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from pydantic import BaseModel

from huitong.ui.grids import Column, Grid, Judge


def columns_of(model: type[BaseModel]) -> list[Column]:
    """A column for each text of a model: its title, whether it may be empty, how long it may be."""
    return [
        Column(
            name,
            str(field.title or name),
            required=field.is_required(),
            longest=next((m.max_length for m in field.metadata if isinstance(m, MaxLen)), 0),
        )
        for name, field in model.model_fields.items()
    ]


class GridWidget(forms.Widget):
    """A spreadsheet with its style and scripts. Its value is a `Grid`, or the values of rows."""

    def __init__(self, columns: Sequence[Column], most: int, caption: str) -> None:
        super().__init__()
        self.columns, self.most, self.caption = columns, most, caption
        #: what was posted, with what is wrong in it: a form asks for its data again and again
        self.posted: Grid | None = None

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Grid:
        self.posted = self.posted or Grid.posted(name, self.columns, data, most=self.most)
        return self.posted

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}.{self.columns[0].name}" not in data

    @property
    def at_fault(self) -> dict[str, str]:
        """Where the cells are that something is wrong with, by what is."""
        return {f.text: f.target for f in self.posted.faults if f.target} if self.posted else {}

    def id_for_label(self, id_: str) -> str:
        return f"{id_.removeprefix('id_')}-1-{self.columns[0].name}"

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        grid = (
            value
            if isinstance(value, Grid)
            else Grid.of(name, self.columns, value or (), most=self.most)
        )
        return render_to_string("ui/widgets/grid.html", {"grid": grid, "caption": self.caption})


class GridField(forms.Field):
    """Rows of these columns, at most ``most``; ``judge`` says what is wrong with a row as a whole.
    While the form only asked for other rows (`Grid.reshaped`) nothing of them is judged: it is to
    be drawn again, and nothing performed."""

    def __init__(
        self, columns: Sequence[Column], *, most: int, judge: Judge | None = None, **about: Any
    ) -> None:
        super().__init__(**about, widget=GridWidget(columns, most, str(about.get("label") or "")))
        self.judge = judge

    def clean(self, value: Grid) -> list[dict[str, Any]]:
        if value.reshaped:
            return []
        rows = value.read(self.judge)
        if rows is None:
            raise forms.ValidationError([fault.text for fault in value.faults])
        if self.required and not rows:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return rows
