"""Forms made from what a verb wants: no field is written down twice.

For the pages of any context. A view that wants its own page for a verb (a layout of its own, fewer
fields, some fixed)::

    form = VerbForm("catalog.rename", request, fixed={"entry": entry.pk}, initial={"name":
    entry.name}) if request.method == "POST" and (done := form.perform()):
        messages.success(request, next_words(request.actor, done))
        return redirect(…)
    return render(request, "catalog/rename.html", {"form": form}, status=form.status)

and in the template ``<form method="post" enctype="multipart/form-data" data-guard>{% csrf_token
%}{{ form }}…``, or single fields with ``<c-field :field="form.name" />`` (then also ``{{ form.once
}}``, the one-time token that makes a double click do nothing twice). For a step give ``case=``.
What the form does not show comes in ``fixed``; ``only`` names what is shown.

How a parameter is drawn follows from its type: text (long when it may exceed 120 characters or is
called reasons), whole and decimal numbers, dates, yes/no, `Literal` and `Labelled` choices, lists
(one item a line; of choices: check boxes), `AttachmentId` and lists of them (file upload), `Pick`
(a list asked of a question), `Hidden` (comes with the link), and JSON for anything with a structure
of its own. Title and help are the `Field`'s title and description.
"""

from __future__ import annotations

import enum
import json
import re
import typing
import uuid
from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from annotated_types import Ge, Le, MaxLen
from django import forms
from django.conf import settings
from django.utils.datastructures import MultiValueDict
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.doing.given import is_key
from huitong.kernel.procedure import Malformed, NotVisible, NotYours
from huitong.kernel.requests import Request
from huitong.work import actions, queries
from huitong.work.rules import (
    AttachmentRef,
    CaseRef,
    GroundOf,
    Hidden,
    Pick,
    Shape,
    kind_words,
    shape_of,
)

#: text that may be longer than this gets several lines
LONG = 200
#: up to so many choices are shown at once, more go into a list that opens
FEW = 5
ONCE = "_once"
STORED = "__kept"


class VerbForm(forms.Form):
    """The form of a verb for one actor. ``perform`` does it; ``status`` is what the page answers
    with (200, or 422)."""

    def __init__(
        self,
        name: str,
        request: Request,
        *,
        case: Case | None = None,
        fixed: Mapping[str, Any] | None = None,
        only: Collection[str] | None = None,
        initial: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        if (verb := doing.VERBS.get(name)) is None:
            raise NotVisible("该操作")
        self.verb, self.case, self.fixed = verb, case, dict(fixed or {})
        self.actor = request.actor
        posted = request.method == "POST"
        data = request.POST.copy() if posted else None
        super().__init__(
            data, request.FILES if posted else None, initial=dict(initial or {}), **more
        )
        self.about = about = case or self._case_named(request, verb, posted)
        demanded = self._demanded()
        for key, field in verb.given.model_fields.items():
            if key not in self.fixed and (only is None or key in only):
                self.fields[key] = field_for(
                    key, field, self.actor, about, required=key in demanded, verb=verb.name
                )
        self.fields[ONCE] = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)
        self.initial.setdefault(ONCE, uuid.uuid4().hex)

    def _case_named(self, request: Request, verb: doing.Verb, posted: bool) -> Case | None:
        """The case a hidden parameter names, for the lists that depend on it."""
        key = next(
            (k for k, f in verb.given.model_fields.items() if shape_of(f).mark(CaseRef)), None
        )
        named = (
            self.fixed.get(key)
            or (request.POST if posted else request.GET).get(key)
            or self.initial.get(key)
            if key
            else None
        )
        return queries.case_for(self.actor, int(named)) if named and is_key(str(named)) else None

    def _demanded(self) -> frozenset[str]:
        """What the table demands of this step here, unless the case holds it already."""
        rows = [row for table in self.verb.tables for row in table.rows(self.verb.verb)]
        current = [
            row for row in rows if (self.case.state in row.origin if self.case else row.opening)
        ]
        held = self.case.facts if self.case else {}
        return frozenset(d for row in current[:1] for d in row.demands if not held.get(d))

    @property
    def once(self) -> forms.BoundField:
        """The one-time token, for templates that draw single fields."""
        return self[ONCE]

    @property
    def status(self) -> int:
        return 422 if self.is_bound else 200

    @property
    def needs_nothing(self) -> bool:
        """Nothing to fill in: a button alone will do."""
        return all(isinstance(f.widget, forms.HiddenInput) for f in self.fields.values())

    def given(self) -> dict[str, Any] | None:
        """What was filled in, uploads taken in; None when something is wrong (then the errors
        say what)."""
        self._take_uploads()
        whole = self.is_valid()
        fields = self.verb.given.model_fields
        given = {
            key: value
            for key in self.fields
            if key != ONCE
            and key in self.cleaned_data
            and (not _blank(value := self.cleaned_data[key]) or fields[key].is_required())
        } | self.fixed
        try:
            self.verb.validate(given)
        except Malformed as wrong:  # what the first look found wrong is said already
            self.refuse(
                Malformed(
                    {
                        k: v
                        for k, v in wrong.fields.items()
                        if k.partition(".")[0] not in self.errors
                    }
                    or {"": []}
                )
            )
            whole = whole and not wrong.fields
        return given if whole else None

    def perform(self) -> doing.Done | None:
        """Do it. None when what was given is wrong; raises `NotYours`, `AgainstRules`,
        `NotVisible`."""
        if (given := self.given()) is None:
            return None
        once = self.cleaned_data.get(ONCE)
        try:
            return doing.perform(
                self.actor,
                self.verb.name,
                given,
                case=self.case.pk if self.case else None,
                request_key=f"form:{once}" if once else "",
            )
        except Malformed as wrong:
            self.refuse(wrong)
            return None

    def may_now(self) -> None:
        """Say at once why a step can't be taken, before anything is filled in. Raises `NotYours`
        or `AgainstRules`."""
        case, actor = self.case, self.actor
        if case is None or any(v is self.verb for _, v in doing.open_to(actor, case)):
            return
        table = doing.procedure_of(case)
        demanded = {d: "-" for row in table.rows(self.verb.verb) for d in row.demands}
        row = table.check(self.verb.verb, case.state, actor.seats_in(case.parties), demanded)
        raise NotYours(
            f"{doing.other_hand(actor, case, row.who)}，本环节须由另一人办理。",
            article="A12",
            remedy="请由同岗位的其他人员办理。",
        )

    def refuse(self, wrong: Malformed) -> None:
        """Put what is wrong beside the fields it concerns; what was typed stays."""
        for where, texts in wrong.fields.items():
            name = where.partition(".")[0]
            for text in texts:
                self.add_error(name if name in self.fields else None, text)

    def answers(self) -> list[tuple[str, str]]:
        """What was filled in, in words, for a page that asks for confirmation."""
        return [
            (str(self.fields[key].label), words(self[key]))
            for key in self.fields
            if key != ONCE and not isinstance(self.fields[key].widget, forms.HiddenInput)
        ]

    def _take_uploads(self) -> None:
        """Files are taken in first and kept by key, so that an error elsewhere does not lose
        them."""
        for key, field in self.fields.items():
            if not isinstance(field, UploadField):
                continue
            name = self.add_prefix(key)
            try:
                stored = (
                    [actions.attach(self.actor, upload=file) for file in self.files.getlist(name)]
                    if isinstance(self.files, MultiValueDict)
                    else []
                )
            except Malformed as wrong:
                field.refused = [text for texts in wrong.fields.values() for text in texts]
                continue
            if stored:
                self.data.setlist(name + STORED, [str(a.pk) for a in stored])


def _blank(value: Any) -> bool:
    return value is None or value == "" or value == []


def words(bound: forms.BoundField) -> str:
    """What a field holds, as a person would say it."""
    value, field = bound.value(), bound.field
    if isinstance(field, UploadField):
        return "、".join(a.name for a in field.attachments(value)) or "—"
    if isinstance(field, forms.BooleanField):
        return "是" if value else "否"
    if isinstance(field, forms.MultipleChoiceField | forms.ChoiceField):
        chosen = {str(v) for v in (value if isinstance(value, list) else [value])}
        return "、".join(str(label) for key, label in field.choices if str(key) in chosen) or "—"
    return str(value) if value not in (None, "") else "—"


def value_words(field: FieldInfo, value: Any, actor: Actor, case: Case | None) -> str:
    """What the ledger keeps of a parameter, as a person would say it; empty for files, hidden
    and structured values."""
    shape = shape_of(field)
    if (
        value in (None, "", [])
        or shape.mark(AttachmentRef)
        or shape.mark(Hidden)
        or isinstance(value, dict)
    ):
        return ""
    pick = shape.mark(Pick)
    labels = {
        str(k): str(label)
        for k, label in (pick.choices(actor, case) if pick else _choices(shape.base) or ())
    }
    parts = [
        ("是" if v else "否") if isinstance(v, bool) else labels.get(str(v), str(v))
        for v in (value if shape.many else [value])
    ]
    return (
        "" if any(isinstance(v, dict) for v in (value if shape.many else ())) else "、".join(parts)
    )


# -- fields ----------------------------------------------------------------------------------------


def field_for(
    name: str,
    field: FieldInfo,
    actor: Actor,
    case: Case | None,
    *,
    required: bool = False,
    verb: str = "",
) -> forms.Field:
    """The form field of one parameter of a verb."""
    shape = shape_of(field)
    default = (
        None
        if field.is_required() or field.default is None
        else field.get_default(call_default_factory=True)
    )
    about: dict[str, Any] = {
        "label": field.title or name,
        "help_text": field.description or "",
        "required": required or not shape.optional,
        "initial": default,
    }
    if shape.mark(Hidden):
        return forms.CharField(**about | {"widget": forms.HiddenInput})
    if file := shape.mark(AttachmentRef):
        return UploadField(actor, file.suffixes, many=shape.many, **about)
    if shape.mark(GroundOf):
        return _chosen(shape, queries.grounds_to_choose(verb, case), **about | {"initial": None})
    if pick := shape.mark(Pick):
        return _chosen(shape, list(pick.choices(actor, case)), **about)
    if (choices := _choices(shape.base)) is not None:
        return _chosen(shape, choices, **about)
    if shape.many:
        return (
            LinesField(shape.base, **about) if not _structured(shape.base) else JsonField(**about)
        )
    return _plain(name, shape, about)


def _plain(name: str, shape: Shape, about: dict[str, Any]) -> forms.Field:
    base, limits = shape.base, {type(m): m for m in shape.marks}
    least, most = limits.get(Ge), limits.get(Le)
    bounds = {"min_value": least.ge if least else None, "max_value": most.le if most else None}
    if base is bool:
        return forms.BooleanField(**about | {"required": False})
    if base is int:
        return forms.IntegerField(**about, **bounds)
    if base in (Decimal, float):
        return forms.DecimalField(**about, **bounds)
    if base is datetime:
        return forms.DateTimeField(**about)
    if base is date:
        return forms.DateField(**about)
    if base is SecretStr:
        return forms.CharField(
            **about, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
        )
    if _structured(base):
        return JsonField(**about)
    longest = limits[MaxLen].max_length if MaxLen in limits else None
    long = name == "reasons" or (longest or 0) > LONG
    return forms.CharField(
        **about, max_length=longest, widget=forms.Textarea if long else forms.TextInput
    )


def _structured(base: Any) -> bool:
    return (
        base is Any
        or base is dict
        or typing.get_origin(base) is dict
        or (isinstance(base, type) and issubclass(base, BaseModel))
    )


def _choices(base: Any) -> list[tuple[Any, str]] | None:
    if typing.get_origin(base) is typing.Literal:
        return [(value, str(value)) for value in typing.get_args(base)]
    if isinstance(base, type) and issubclass(base, enum.Enum):
        return [(m.value, getattr(m, "label", "") or str(m.value)) for m in base]
    return None


def _chosen(shape: Shape, choices: list[tuple[Any, str]], **about: Any) -> forms.Field:
    read = int if shape.base is int or all(isinstance(value, int) for value, _ in choices) else str
    few = len(choices) <= FEW
    if shape.many:
        widget = (
            forms.CheckboxSelectMultiple()
            if len(choices) <= 4 * FEW
            else forms.SelectMultiple(attrs={"size": 10})
        )
        return forms.TypedMultipleChoiceField(**about, choices=choices, coerce=read, widget=widget)
    if not about["required"] and about["initial"] in (None, ""):
        choices = [("", "不选"), *choices]
    elif not few:
        choices = [("", "请选择"), *choices]
    return forms.TypedChoiceField(
        **about,
        choices=choices,
        coerce=read,
        empty_value=None,
        widget=forms.RadioSelect if few else forms.Select,
    )


class LinesField(forms.CharField):
    """A list, one item a line; numbers may also be parted by commas."""

    def __init__(self, base: Any, **about: Any) -> None:
        self.base = base
        if isinstance(about.get("initial"), list | tuple | set | frozenset):
            about["initial"] = "\n".join(str(x) for x in about["initial"])
        super().__init__(
            **about | {"help_text": about["help_text"] or "每行一项"}, widget=forms.Textarea
        )

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        parts = re.split(r"[\s,，、;；]+" if self.base is int else r"\r?\n", text)
        return [part.strip() for part in parts if part.strip()]


class JsonField(forms.CharField):
    """A value with a structure of its own, as JSON: the fallback for which contexts make better
    pages."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return (
            value
            if isinstance(value, str) or value is None
            else json.dumps(value, ensure_ascii=False, indent=1, default=str)
        )

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return json.loads(text) if text else None
        except (ValueError, RecursionError):
            raise forms.ValidationError("不是有效的 JSON。") from None


class UploadInput(forms.FileInput):
    """A file input that remembers what was uploaded before."""

    template_name = "work/widgets/upload.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[int]:
        return (
            [int(pk) for pk in data.getlist(name + STORED) if is_key(pk)]
            if hasattr(data, "getlist")
            else []
        )

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name + STORED not in data

    def use_required_attribute(self, initial: Any) -> bool:
        return False

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        context["widget"]["kept"] = self.of(value) if value else []
        context["widget"]["kept_name"] = name + STORED
        return context


class ManyUploadInput(UploadInput):
    """The same for several files at once."""

    allow_multiple_selected = True


class UploadField(forms.Field):
    """A parameter that names one uploaded file or several."""

    def __init__(
        self, actor: Actor, suffixes: tuple[str, ...], *, many: bool = False, **about: Any
    ) -> None:
        self.actor, self.many = actor, many
        self.refused: list[str] = []
        widget = ManyUploadInput(attrs={"multiple": True}) if many else UploadInput()
        widget.of = self.attachments
        widget.attrs["accept"] = ",".join(suffixes)
        accepted = (
            f"支持 {kind_words(suffixes)}，单个文件不超过"
            f" {settings.ATTACHMENT_MAX_BYTES // 1024 // 1024} MB。"
        )
        super().__init__(**about | {"help_text": about["help_text"] or accepted}, widget=widget)

    def attachments(self, value: Any) -> list[Any]:
        keys = value if isinstance(value, list) else [value] if isinstance(value, int) else []
        return list(queries.attachments_to_hand_in(self.actor).filter(pk__in=keys))

    def clean(self, value: list[int]) -> int | list[int] | None:
        if self.refused:
            raise forms.ValidationError(self.refused)
        if not value and self.required:
            raise forms.ValidationError("请选择要上传的文件。", code="required")
        return value if self.many else (value[0] if value else None)

    def bound_data(self, data: Any, initial: Any) -> Any:
        return data if data else initial

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data)


__all__ = [
    "JsonField",
    "LinesField",
    "UploadField",
    "VerbForm",
    "field_for",
    "value_words",
    "words",
]
