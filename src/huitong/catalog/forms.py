"""Forms of the compiling pages. Labels and hints come from the table of elements; nothing is
required while one is drafting.

What is typed goes to the verb ``entry.edit``, whose own types judge it; what the verb refuses is
put beside its field.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django import forms

from huitong.catalog import queries
from huitong.catalog.models import Entry, Item, Version
from huitong.catalog.rules import (
    ELEMENTS,
    FORMAT_DETAILS,
    Category,
    ClassKind,
    Element,
    Format,
    ItemRow,
    ItemType,
    Kind,
    Level,
    Overtaken,
    Section,
    ShareClass,
    choices,
    words,
)
from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.doing.given import is_key
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.organizations import queries as organizations
from huitong.scope.masks import NAMED
from huitong.work.rules import Secret

ASK = ("", "请选择")


def _about(element: Element, more: str = "") -> dict[str, Any]:
    return {
        "label": element.label,
        "help_text": element.hint + more,
        "required": element.name == "name",
    }


def _text(element: Element, actor: Actor) -> forms.Field:
    several = forms.Textarea(attrs={"rows": element.lines})
    return forms.CharField(
        **_about(element),
        min_length=element.shortest or None,
        max_length=element.longest,
        widget=forms.TextInput if element.lines == 1 else several,
    )


def _choice(element: Element, actor: Actor) -> forms.Field:
    if element.radio:
        return forms.ChoiceField(
            **_about(element), choices=_options(element), widget=forms.RadioSelect
        )
    return forms.ChoiceField(**_about(element), choices=[ASK, *_options(element)])


def _choices(element: Element, actor: Actor) -> forms.Field:
    return forms.MultipleChoiceField(
        **_about(element), choices=_options(element), widget=forms.CheckboxSelectMultiple
    )


def _options(element: Element) -> list[Any]:
    if element.choices == tuple(Category):
        return [
            (kind.label, [(c.value, c.label) for c in Category if c.kind is kind])
            for kind in ClassKind
        ]
    return [(choice.value, choice.label) for choice in element.choices]


def _day(element: Element, actor: Actor) -> forms.Field:
    return forms.DateField(**_about(element))


def _system(element: Element, actor: Actor) -> forms.Field:
    own = queries.systems_visible_to(actor).values_list("pk", "name")
    return forms.TypedChoiceField(
        **_about(element), choices=[ASK, *own], coerce=int, empty_value=""
    )


def _bodies(element: Element, actor: Actor) -> forms.Field:
    every = organizations.visible_to(actor).exclude(pk=actor.body).values_list("pk", "short_name")
    return forms.TypedMultipleChoiceField(
        **_about(element), choices=list(every), coerce=int, widget=forms.CheckboxSelectMultiple
    )


#: the words after a parameter's names → what they set
PARAMETER_WORDS = {
    "事项": ("kind", "matter"),
    "一般": ("kind", "text"),
    "原样": ("recorded", "plain"),
    "摘要": ("recorded", "hashed"),
}


class ParametersField(forms.CharField):
    """Control parameters, one a line: the name that travels, what people call it, and if need be
    its kind and how it is recorded."""

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(self._line, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[dict[str, Any]]:
        lines = [line.split() for line in (super().clean(value) or "").splitlines() if line.strip()]
        if any(len(line) < 2 or set(line[2:]) - set(PARAMETER_WORDS) for line in lines):
            raise forms.ValidationError(
                "每行写一个参数：英文名 中文名，后面可加“事项”“摘要”“原样”，如 matter-code 事项编码 事项。"
            )
        return [
            {"name": name, "title": title} | dict(PARAMETER_WORDS[word] for word in words)
            for name, title, *words in lines
        ]

    def _line(self, parameter: Mapping[str, Any]) -> str:
        words = [
            word
            for word, (what, value) in PARAMETER_WORDS.items()
            if parameter.get(what) == value and word != "一般"
        ]
        return " ".join([parameter["name"], "".join(parameter["title"].split()), *words])


def _parameters(element: Element, actor: Actor) -> forms.Field:
    how = (
        "每行一个：英文名 中文名，后面可加“事项”（只放行授权载明的事项）、"
        "“摘要”（记录时只留摘要）、“原样”，如 matter-code 事项编码 事项。"
    )
    return ParametersField(**_about(element, how), widget=forms.Textarea(attrs={"rows": 3}))


#: how an element is asked for, by its kind; items have a grid of their own, grounds a page
FIELDS: Mapping[Kind, Callable[[Element, Actor], forms.Field]] = {
    Kind.TEXT: _text,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.DAY: _day,
    Kind.SYSTEM: _system,
    Kind.BODIES: _bodies,
    Kind.PARAMETERS: _parameters,
}


def asked_in(section: Section) -> list[Element]:
    """The elements a section's form asks for."""
    return [e for e in ELEMENTS.values() if e.section is section and e.kind in FIELDS]


class Once(forms.Form):
    """A form whose second submission does nothing: the one-time token becomes the request key of
    the act."""

    once = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.initial.setdefault("once", uuid.uuid4().hex)

    @property
    def status(self) -> int:
        return 422 if self.is_bound and self.errors else 200

    def do(
        self, actor: Actor, verb: str, given: Mapping[str, Any], case: int | None = None
    ) -> doing.Done | None:
        """Perform the verb; what it finds malformed is put beside the fields. Other refusals
        pass through."""
        once = self.cleaned_data.get("once")
        try:
            return doing.perform(
                actor, verb, given, case=case, request_key=f"form:{once}" if once else ""
            )
        except Malformed as wrong:
            self.refuse(wrong)
            return None

    def refuse(self, wrong: Malformed) -> None:
        """Put what the verb refused beside the field it concerns."""
        for where, messages in wrong.fields.items():
            field = where.partition(".")[0]
            for text in messages:
                self.add_error(field if field in self.fields else None, text)


class ClearedForm(Once):
    """What goes with a submission and with the manager's passing: the secrecy review (A3)."""

    cleared = forms.MultipleChoiceField(
        label="保密审查：经审查，提交内容不含",
        choices=choices(Secret),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="提交的经办人逐项声明，本部门负责人逐项确认；拿不准的，先送本部门保密机构。",
    )


class ReviewForm(ClearedForm):
    """What a reviewer says of the whole entry; the ground is of a return only (A10, A12)."""

    ground = forms.ChoiceField(label="退回的理由类别", required=False, help_text="退回时必选。")
    reasons = forms.CharField(
        label="总体意见",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        required=False,
        help_text="退回时请在上面相应字段旁写明意见；编制人员会在表单中逐条看到。",
    )

    def __init__(self, grounds: list[tuple[str, str]], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["ground"].choices = [("", "不选（通过）"), *grounds]


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
        values = {e.name: self.cleaned_data[e.name] for e in asked_in(self.section)}
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


# -- the grid of items -----------------------------------------------------------------------------


class ItemForm(forms.Form):
    """One row of the grid."""

    name = forms.CharField(label="信息项名称", required=False, max_length=100)
    column = forms.CharField(label="列名", required=False, max_length=128)
    type = forms.ChoiceField(
        label="类型", choices=[(t.value, t.label) for t in ItemType], initial=ItemType.TEXT.value
    )
    length = forms.IntegerField(
        label="长度",
        required=False,
        min_value=1,
        max_value=100_000_000,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    is_key = forms.BooleanField(label="主键", required=False)
    nullable = forms.BooleanField(label="可空", required=False, initial=True)
    level = forms.ChoiceField(
        label="分级", choices=[(v.value, v.label[:2]) for v in Level], initial=Level.TWO.value
    )
    share_class = forms.ChoiceField(
        label="共享类型",
        choices=[(v.value, v.label.removesuffix("共享")) for v in ShareClass],
        initial=ShareClass.UNCONDITIONAL.value,
    )
    mask = forms.ChoiceField(
        label="脱敏",
        choices=[("", "不脱敏"), *((n, label) for n, (label, _) in NAMED.items())],
        required=False,
    )
    dictionary = forms.CharField(label="代码表", required=False, max_length=120)
    remark = forms.CharField(label="说明", required=False, max_length=300)
    accept = forms.BooleanField(label="采纳建议", required=False)

    use_required_attribute = False

    def __init__(self, *args: Any, scanned: Mapping[str, Item], **more: Any) -> None:
        super().__init__(*args, **more)
        self.scanned = scanned

    @property
    def source(self) -> Item | None:
        """What stands in the entry for the column of this row, wherever the row stands now."""
        return self.scanned.get(self["column"].value() or "")

    @property
    def column_type(self) -> str:
        return self.source.column_type if self.source else ""

    @property
    def suggestion(self) -> dict[str, str]:
        suggestion: dict[str, str] = self.source.suggestion if self.source else {}
        return suggestion if self.source and suggestion.get("mask") != self.source.mask else {}

    @property
    def is_empty(self) -> bool:
        return not (self.cleaned_data.get("name") or self.cleaned_data.get("column"))


class ItemGrid(forms.BaseFormSet):
    """All rows. Rows without name and column are left out; a row is taken out by its box;
    ``more`` adds empty ones."""

    MORE = 5

    def __init__(self, draft: Version, data: Any = None, more: int = 0) -> None:
        items = list(draft.items.all())
        self.scanned = {item.column: item for item in items if item.column}
        if data is not None and is_key(total := data.get("items-TOTAL_FORMS", "")):
            data = data.copy()
            data["items-TOTAL_FORMS"] = str(int(total) + more)
        super().__init__(
            data,
            initial=[{n: getattr(item, n) for n in ItemRow.model_fields} for item in items],
            prefix="items",
        )

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        # Django would skip a row that equals what stands there already; here every row is said
        # anew, and empty ones are ours to see
        return {"use_required_attribute": False, "empty_permitted": False, "scanned": self.scanned}

    def given(self, accept_all: bool = False) -> list[dict[str, Any]]:
        """The rows as ``entry.edit`` takes them. A suggestion is applied where its box was
        ticked."""
        rows = []
        for form in self.forms:
            if form.cleaned_data.get("DELETE") or form.is_empty:
                continue
            row = {k: v for k, v in form.cleaned_data.items() if k in ItemRow.model_fields}
            if form.suggestion and (accept_all or form.cleaned_data.get("accept")):
                row |= {"mask": form.suggestion["mask"], "level": form.suggestion["level"]}
            rows.append(row)
        return rows

    def refuse(self, where: str, messages: list[str]) -> bool:
        """Put what the verb refused beside its cell (``items.3.name``); False when it has none."""
        rows = [f for f in self.forms if not (f.cleaned_data.get("DELETE") or f.is_empty)]
        parts = re.match(r"items\.(\d+)\.(\w+)", where)
        if (
            parts is None
            or int(parts[1]) >= len(rows)
            or parts[2] not in rows[int(parts[1])].fields
        ):
            return False
        for text in messages:
            rows[int(parts[1])].add_error(parts[2], text)
        return True


ItemFormSet = forms.formset_factory(
    ItemForm, formset=ItemGrid, extra=3, can_delete=True, max_num=1600, absolute_max=1600
)


class ItemsForm(SectionForm):
    """The section of items: dictionary and standard, and the grid."""

    def __init__(self, actor: Actor, entry: Entry, data: Any = None, more: int = 0) -> None:
        super().__init__(Section.ITEMS, actor, entry, data)
        self.grid = ItemFormSet(entry.draft, data, more)

    def save_all(self, accept_all: bool) -> doing.Done | None:
        """Both at once; None when something is wrong in a field or a cell, or somebody was
        faster."""
        if not (self.grid.is_valid() and self.is_valid()):
            for message in self.grid.non_form_errors():
                self.add_error(None, message)
            return None
        return self.keep(self.given() | {"items": self.grid.given(accept_all)})

    def compare(self, given: dict[str, Any], now: Version) -> None:
        super().compare(given, now)
        typed, stand = (
            {row["name"]: row for row in rows}
            for rows in (given["items"], [i.model_dump() for i in queries.items_of(now)])
        )
        other = [
            name
            for name in typed.keys() & stand.keys()
            if any(str(typed[name][n] or "") != str(stand[name][n] or "") for n in typed[name])
        ]
        for difference, names in (
            ("现在有而您没有", stand.keys() - typed.keys()),
            ("您有而现在没有", typed.keys() - stand.keys()),
            ("内容不同", other),
        ):
            if names:
                self.add_error(None, f"信息项中{difference}的：{'、'.join(sorted(names))}。")

    def refuse(self, wrong: Malformed) -> None:
        left = {
            where: messages
            for where, messages in wrong.fields.items()
            if not self.grid.refuse(where, messages)
        }
        if left:
            super().refuse(Malformed(left))

    @property
    def status(self) -> int:
        return super().status if self.stopped or not self.is_wrong else 422

    @property
    def is_wrong(self) -> bool:
        return bool(self.errors) or any(f.errors for f in self.grid.forms)
