"""Forms of the pages, made from the parameters of a verb, with the lists to choose from."""

from __future__ import annotations

import enum
import functools
import typing
import uuid
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from annotated_types import Ge, Le, MaxLen
from django import forms
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from huitong.connectors.sheets import SIZE_WORDS
from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.laws import LAWS
from huitong.kernel.procedure import LIMIT_WORDS, Malformed
from huitong.kernel.requests import Request
from huitong.kernel.workdays import UnitOfLimit
from huitong.organizations import queries
from huitong.organizations.rules import LENDABLE, REGISTERS, Sheet, read_sheet
from huitong.ui.grid_fields import GridField, columns_of
from huitong.ui.grids import Grid
from huitong.ui.lists import conditions
from huitong.ui.rules import question
from huitong.ui.selectors import Choices, LookupField, one_of, several_of

#: text that may be longer than this gets several lines
LONG = 200
ONCE = "_once"


def bodies(actor: Actor) -> Choices:
    return queries.by_kind(queries.visible_to(actor).filter(valid_to=None), full=True)


def colleagues(actor: Actor) -> Choices:
    return (
        [(p.pk, p.name) for p in queries.people_of([actor.body]) if p.pk != actor.person]
        if actor.body
        else []
    )


def own_business_posts(actor: Actor) -> Choices:
    return [
        (p.value, p.label)
        for p in Post
        if p in LENDABLE and (p in actor.posts or actor.has(Post.MANAGER))
    ]


def unconfirmed_duties(actor: Actor) -> Choices:
    return [
        (d.pk, f"{d.body.short_name}：{d.text}（{d.source or '没有依据'}）")
        for d in queries.unconfirmed_duties(actor)
    ]


def limit_parts(actor: Actor) -> Choices:
    return sorted(LIMIT_WORDS.items(), key=lambda part: part[1])


def laws_to_adopt(actor: Actor) -> Choices:
    return [(code, LAWS[code].title) for code in queries.laws_to_adopt()]


#: parameter → the list it is chosen from by default
PICK: Mapping[str, Callable[[Actor], Choices]] = {
    "body": bodies,
    "parent": bodies,
    "predecessors": bodies,
    "successors": bodies,
    "heir": bodies,
    "deputy": colleagues,
    "duties": unconfirmed_duties,
    "principal": colleagues,
    "law": lambda actor: [(law.code, law.title) for law in LAWS.values()],
    "unit": lambda actor: [(u.value, u.label) for u in UnitOfLimit],  # type: ignore[attr-defined]
}


class ActForm(forms.Form):
    """The form of a recorded verb for one actor; ``status`` is the page's HTTP status."""

    def __init__(
        self,
        name: str,
        request: Request,
        *,
        fixed: Mapping[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
        pick: Mapping[str, Callable[[Actor], Choices]] | None = None,
    ) -> None:
        self.verb, self.fixed = doing.VERBS[name], dict(fixed or {})
        self.actor = request.actor
        self.verb.seats_of(self.actor)
        super().__init__(
            request.POST if request.method == "POST" else None, initial=dict(initial or {})
        )
        for key, field in self.verb.given.model_fields.items():
            if key not in self.fixed:
                self.fields[key] = field_for(
                    key, field, self.actor, {**PICK, **(pick or {})}.get(key)
                )
        self.fields[ONCE] = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)
        self.initial.setdefault(ONCE, uuid.uuid4().hex)

    @property
    def status(self) -> int:
        return 422 if self.errors else 200

    def perform(self) -> doing.Done | None:
        """Perform the verb; None when the form has errors, shown beside its fields, or only asks
        for other rows of a grid."""
        valid = self.is_valid()
        if any(grid.reshaped for grid in self._grids.values()):
            self.errors.clear()
            return None
        if not valid:
            return None
        given = {
            k: v for k, v in self.cleaned_data.items() if k != ONCE and v is not None
        } | self.fixed
        try:
            once = self.cleaned_data.get(ONCE)
            return doing.perform(
                self.actor, self.verb.name, given, request_key=f"form:{once}" if once else ""
            )
        except Malformed as problem:
            for where, errors in problem.fields.items():
                name, _, cell = where.partition(".")
                if name in self._grids and self._grids[name].refuse(cell, errors):
                    errors = [fault.text for fault in self._grids[name].faults]
                for text in errors:
                    self.add_error(name if name in self.fields else None, text)
            return None

    @property
    def _grids(self) -> dict[str, Grid]:
        """What was posted as a grid, by field."""
        values = {name: self[name].value() for name in self.fields if self.is_bound}
        return {name: value for name, value in values.items() if isinstance(value, Grid)}


def field_for(
    name: str, field: FieldInfo, actor: Actor, pick: Callable[[Actor], Choices] | None
) -> forms.Field:
    """The form field of one parameter, by its type."""
    base, optional, many = _shape(field.annotation)
    limits = {type(m): m for m in field.metadata}
    about: dict[str, Any] = {
        "label": field.title or name,
        "help_text": field.description or "",
        "required": field.is_required() and not optional,
        "initial": None if field.is_required() else field.get_default(call_default_factory=True),
    }
    if isinstance(base, type) and issubclass(base, BaseModel):
        return GridField(columns_of(base), most=limits[MaxLen].max_length, **about)
    if name == "person":
        return LookupField(
            **about,
            search=functools.partial(queries.find_accounts, actor),
            names=functools.partial(queries.account_names, actor),
            source=reverse("organizations:find_accounts"),
        )
    if pick is not None or (isinstance(base, type) and issubclass(base, enum.Enum)):
        choices = pick(actor) if pick else [(m.value, getattr(m, "label", m.value)) for m in base]
        return (several_of if many else one_of)(choices, **about)
    if base is bool:
        return forms.BooleanField(**about | {"required": False})
    if base is int:
        least, most = limits.get(Ge), limits.get(Le)
        return forms.IntegerField(
            **about, min_value=least.ge if least else None, max_value=most.le if most else None
        )
    if base is date:
        return forms.DateField(**about)
    longest = limits[MaxLen].max_length if MaxLen in limits else None
    return forms.CharField(
        **about,
        max_length=longest,
        widget=forms.Textarea if (longest or 0) > LONG else forms.TextInput,
    )


def _shape(annotation: Any) -> tuple[Any, bool, bool]:
    """The type inside ``X | None`` and ``list[X]``; whether it may be None; whether it is a
    list."""
    args = typing.get_args(annotation)
    if type(None) in args:
        base, _, many = _shape(next(a for a in args if a is not type(None)))
        return base, True, many
    if typing.get_origin(annotation) is list:
        return args[0], False, True
    return annotation, False, False


class BodyFilter(forms.Form):
    """The search of the directory."""

    q = forms.CharField(label="名称或代码", required=False, max_length=60)
    kind = forms.ChoiceField(label="类型", required=False)
    division = forms.CharField(label="行政区划代码", required=False, max_length=12)

    def __init__(self, *args: Any, **more: Any) -> None:
        from huitong.organizations.rules import BodyKind

        super().__init__(*args, **more)
        self.fields["kind"].choices = [("", "全部"), *BodyKind.choices()]


class Search(forms.Form):
    """The search box of a list."""

    q = forms.CharField(label="查找", required=False, max_length=60)

    def __init__(self, *args: Any, label: str = "查找", **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["q"].label = label

    @property
    def words(self) -> str:
        """What is looked for."""
        return question(conditions(self).get("q") or "")


class ImportForm(forms.Form):
    """The file of a register; for a calendar also its year and source, for duties their source."""

    file = forms.FileField(
        label="文件",
        help_text=(
            "CSV（UTF-8 或 GB18030）或 Excel（.xlsx、.xls），列名之上可以有标题行，"
            f"不超过 {SIZE_WORDS}。"
        ),
    )

    def __init__(self, register: str, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.register = REGISTERS[register]
        if register == "calendar":
            self.fields["year"] = forms.IntegerField(label="年度", min_value=2004, max_value=2100)
            self.fields["source"] = forms.CharField(
                label="依据名称和文号",
                max_length=200,
                min_length=4,
                help_text="如 国办发明电〔2026〕9号。",
            )
        if register == "duties":
            self.fields["source"] = forms.CharField(
                label="依据名称和文号",
                max_length=200,
                required=False,
                help_text="如“三定”规定的文号；没有依据的职责，不能据以申请有条件共享的数据。",
            )

    def sheet(self) -> Sheet | None:
        """The table in the file; None when it is no table, with the reason beside the field."""
        try:
            return read_sheet(self.register.name, self.cleaned_data["file"].read())
        except Malformed as problem:
            self.add_error("file", [text for errors in problem.fields.values() for text in errors])
            return None
