"""The beginning of an entry, and the fields of each of its sections."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from django import forms

from huitong.catalog import queries
from huitong.catalog.forms.fields import FIELDS, asked_in
from huitong.catalog.forms.once import Once
from huitong.catalog.forms.rows import COLUMNS, offering
from huitong.catalog.models import Entry, Version
from huitong.catalog.rules import (
    ELEMENTS,
    FORMAT_DETAILS,
    Element,
    Format,
    Kind,
    Overtaken,
    Section,
    irrelevant,
    words,
)
from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.organizations import queries as organizations
from huitong.ui.grids import Column, Grid


class StartForm(Once):
    """The beginning of an entry: what it is called, and whether it may be here at all (A3)."""

    classified = forms.ChoiceField(
        label="是否涉及国家秘密",
        choices=[("no", "否，不涉密"), ("yes", "是，涉密")],
        widget=forms.RadioSelect,
        help_text="本平台只登记非涉密数据；选“是”将拒绝登记，且不保存任何内容。",
    )

    def __init__(self, actor: Actor, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.actor = actor
        for element in (ELEMENTS["name"], ELEMENTS["system"], ELEMENTS["summary"]):
            self.fields[element.name] = FIELDS[element.kind](element, actor, actor.body or 0)
        if units := organizations.unit_choices(actor):
            self.fields["unit"] = forms.TypedChoiceField(
                label="所属下属单位",
                choices=[("", "本部门自己的资源"), *units],
                coerce=int,
                empty_value=None,
                required=False,
                help_text="资源属于下属单位的，由本部门以其名义编目和发布；存为草稿后不再变更。",
            )
        self.order_fields(["name", "classified", "unit", "system", "summary"])

    def save(self) -> doing.Done | None:
        if not self.is_valid():
            return None
        data = self.cleaned_data
        given = {
            "name": data["name"],
            "classified": data["classified"] == "yes",
            "summary": data["summary"],
        }
        return self.do(
            self.actor,
            "entry.draft",
            given
            | ({"system": data["system"]} if data["system"] else {})
            | ({"unit": unit} if (unit := data.get("unit")) else {}),
        )


class SectionForm(Once):
    """What one section of an entry says: fields, and what is edited row by row. What cannot be kept
    because somebody was faster stays in the form, beside what stands now."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, section: Section, actor: Actor, entry: Entry, data: Any = None) -> None:
        self.section, self.actor, self.draft = section, actor, entry.draft
        self.stopped, draft = False, entry.draft
        elements = [e for e in asked_in(section) if e.name not in self._idle(section, draft)]
        values = {e.name: getattr(draft, _column(e)) for e in elements if e.kind in FIELDS}
        if section is Section.SHARING:
            values |= queries.sharing_proposed(draft)
        super().__init__(
            None if data is None else data.copy(), initial=values | {"revision": entry.revision}
        )
        for element in elements:
            if element.kind in FIELDS:
                field = FIELDS[element.kind](element, actor, entry.body_id)
                self.fields[element.name] = field
                field.asked_later = element.required and not field.required and not element.same_as
        self.grids = {e.name: self._grid(e, data) for e in elements if e.kind in COLUMNS}
        #: fields and grids as they are drawn
        self.order = [e.name for e in elements]
        #: the labels of what was filled in but means nothing beside the rest
        self.ignored: list[str] = []
        if "format_detail" in self.fields and draft.format:
            self.fields[
                "format_detail"
            ].help_text = f"如 {'、'.join(FORMAT_DETAILS[Format(draft.format)])}。"

    def _idle(self, section: Section, draft: Version) -> set[str]:
        """What is not asked at all: the reason for giving personal data to all, where none is
        given."""
        if section is not Section.SHARING or any(
            item.personal for item in queries.facts_of(draft).shared_items
        ):
            return set()
        return {"personal_reason"}

    def _grid(self, element: Element, data: Any) -> Grid:
        columns = self._columns(element)
        if data is not None and f"{element.name}.{columns[0].name}" in data:
            return Grid.posted(element.name, columns, data, most=element.longest)
        values = (
            [row.model_dump() for row in queries.items_of(self.draft)]
            if element.kind is Kind.ITEMS
            else [
                {c.name: row.get(c.name, "") for c in columns}
                for row in getattr(self.draft, element.name)
            ]
        )
        grid = Grid.of(element.name, columns, values, most=element.longest)
        if data is not None and element.kind is Kind.ITEMS:
            grid.broken = "表格没有完整送到，请刷新页面后重新填写。"
        return grid

    def _columns(self, element: Element) -> Sequence[Column]:
        """The columns of what is edited row by row, with what may be cited to choose from."""
        if element.kind is not Kind.ITEMS:
            return COLUMNS[element.kind]
        items = queries.items_of(self.draft)
        offered = {
            "code_list": queries.list_choices({item.code_list for item in items}),
            "standard": queries.standard_choices({item.standard for item in items}),
        }
        return [
            offering(column, offered[column.name]) if column.name in offered else column
            for column in COLUMNS[element.kind]
        ]

    @property
    def status(self) -> int:
        if self.stopped:
            return 409
        return 200 if self.reshaped else 422 if self.is_bound and self.is_wrong else 200

    @property
    def reshaped(self) -> bool:
        """Whether only other rows were asked for."""
        return any(grid.reshaped for grid in self.grids.values())

    @property
    def is_wrong(self) -> bool:
        return bool(self.errors) or any(grid.is_wrong for grid in self.grids.values())

    def is_wide(self, name: str) -> bool:
        """Whether a field takes a whole line."""
        return isinstance(
            self.fields[name].widget,
            forms.Textarea | forms.CheckboxSelectMultiple | forms.RadioSelect,
        )

    def given(self) -> dict[str, Any] | None:
        """What the section says now: empty means emptied. None when a field or a cell cannot be
        read. What means nothing beside the rest is left out, and named in ``ignored``."""
        rows = {name: grid.read() for name, grid in self.grids.items()}
        if not self.is_valid() or any(read is None for read in rows.values()):
            return None
        values: dict[str, Any] = {
            name: self.cleaned_data[name] for name in self.fields if name in ELEMENTS
        } | rows
        values = {name: "" if value is None else value for name, value in values.items()}
        if "control_parameters" in values:
            former = {p["name"]: p for p in self.draft.control_parameters}
            values["control_parameters"] = [
                {k: v for k, v in former.get(p["name"], {}).items() if k not in p}
                | {k: v for k, v in p.items() if v}
                for p in values["control_parameters"]
            ]
        stand = {name: getattr(self.draft, name, "") for name in ELEMENTS}
        idle = irrelevant(SimpleNamespace(**stand | values))
        self.ignored = [ELEMENTS[n].label for n in values if n in idle and values[n]]
        return {name: value for name, value in values.items() if name not in idle}

    def save(self) -> doing.Done | None:
        """Perform the edit; None when something is wrong in a field or a cell, or somebody was
        faster."""
        return None if (given := self.given()) is None else self.keep(given)

    def keep(self, given: dict[str, Any]) -> doing.Done | None:
        """Perform the edit; None when it is malformed or somebody was faster."""
        try:
            return self.do(
                self.actor,
                "entry.edit",
                given | {"revision": self.cleaned_data["revision"]},
                case=self.draft.case_id,
            )
        except AgainstRules as refused:
            self.stopped, now = True, queries.entry_for(self.actor, self.draft.entry_id)
            self.data["revision"] = str(now.revision)
            self.add_error(
                None, f"没有保存：{refused.detail}{refused.remedy}您填写的内容仍在下面。"
            )
            if isinstance(refused, Overtaken):
                self.compare(given, now.draft)
            return None

    def compare(self, given: dict[str, Any], now: Version) -> None:
        """Say beside each field what stands there now, where that is something else."""
        facts = queries.facts_of(now)
        for element in asked_in(self.section):
            name = element.name
            if element.kind is Kind.ITEMS or name not in given:
                continue
            if _plain(given[name]) != _plain(getattr(now, _column(element))):
                stands = words(facts, name) or "（空）"
                self.add_error(name if name in self.fields else None, f"现在的内容：{stands}")

    def refuse(self, wrong: Malformed) -> None:
        left = {
            where: texts for where, texts in wrong.fields.items() if not self._cell(where, texts)
        }
        if left:
            super().refuse(Malformed(left))

    def _cell(self, where: str, texts: list[str]) -> bool:
        """Put what the verb refused beside its cell (``items.3.name``); False when it has none."""
        name, _, place = where.partition(".")
        if (grid := self.grids.get(name)) is None:
            return False
        named = re.match(r"\[(\d+)\]\.(\w+)", texts[0]) if not place else None
        return grid.refuse(f"{named[1]}.{named[2]}" if named else place, texts)


def _column(element: Element) -> str:
    """The column of a version that holds what a form sends for an element."""
    return "system_id" if element.kind is Kind.SYSTEM else element.name


def _plain(value: Any) -> Any:
    """A value as it is compared: nothing is nothing, the order of what was ticked does not
    count."""
    return sorted(map(str, value)) if isinstance(value, list | tuple) else value or None
