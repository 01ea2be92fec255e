"""The beginning of an entry, and the fields of each of its sections."""

from __future__ import annotations

from typing import Any

from django import forms

from huitong.catalog import queries
from huitong.catalog.forms.fields import FIELDS, asked_in
from huitong.catalog.forms.once import Once
from huitong.catalog.models import Entry, Version
from huitong.catalog.rules import (
    ELEMENTS,
    FORMAT_DETAILS,
    Element,
    Format,
    Kind,
    Overtaken,
    Section,
    words,
)
from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.procedure import AgainstRules


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
            self.fields[element.name] = FIELDS[element.kind](element, actor)
        self.order_fields(["name", "classified", "system", "summary"])

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
            given | ({"system": data["system"]} if data["system"] else {}),
        )


class SectionForm(Once):
    """The fields of one section of an entry. What cannot be kept because somebody was faster
    stays in the form, beside what stands now."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, section: Section, actor: Actor, entry: Entry, data: Any = None) -> None:
        self.section, self.actor, self.draft = section, actor, entry.draft
        self.stopped, draft = False, entry.draft
        elements = asked_in(section)
        values = {e.name: getattr(draft, _column(e)) for e in elements}
        super().__init__(
            None if data is None else data.copy(), initial=values | {"revision": entry.revision}
        )
        for element in elements:
            field = self.fields[element.name] = FIELDS[element.kind](element, actor)
            field.asked_later = element.required and not field.required
        if "format_detail" in self.fields and draft.format:
            self.fields[
                "format_detail"
            ].help_text = f"如 {'、'.join(FORMAT_DETAILS[Format(draft.format)])}。"

    @property
    def status(self) -> int:
        return 409 if self.stopped else super().status

    def is_wide(self, name: str) -> bool:
        """Whether a field takes a whole line."""
        return isinstance(
            self.fields[name].widget,
            forms.Textarea | forms.CheckboxSelectMultiple | forms.RadioSelect,
        )

    def given(self) -> dict[str, Any]:
        """What the section says now: empty means emptied."""
        cleaned = ((e.name, self.cleaned_data[e.name]) for e in asked_in(self.section))
        values: dict[str, Any] = {name: "" if v is None else v for name, v in cleaned}
        if "control_parameters" in values:
            former = {p["name"]: p for p in self.draft.control_parameters}
            values["control_parameters"] = [
                former.get(p["name"], {}) | p for p in values["control_parameters"]
            ]
        return values

    def save(self) -> doing.Done | None:
        return self.keep(self.given()) if self.is_valid() else None

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
            if _plain(given[element.name]) != _plain(getattr(now, _column(element))):
                stands = words(facts, element.name) or "（空）"
                self.add_error(element.name, f"现在的内容：{stands}")


def _column(element: Element) -> str:
    """The column of a version that holds what a form sends for an element."""
    return "system_id" if element.kind is Kind.SYSTEM else element.name


def _plain(value: Any) -> Any:
    """A value as it is compared: nothing is nothing, the order of what was ticked does not
    count."""
    return sorted(map(str, value)) if isinstance(value, list | tuple) else value or None
