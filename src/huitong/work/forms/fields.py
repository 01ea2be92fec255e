"""The form field of a parameter, by its type."""

from __future__ import annotations

import enum
import functools
import typing
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from annotated_types import Ge, Le, MaxLen
from django import forms
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.ui.selectors import Choices, LookupField, one_of, several_of
from huitong.work import queries
from huitong.work.forms.inputs import JsonField, LinesField, UploadField
from huitong.work.rules import AttachmentRef, Find, GroundOf, Hidden, Pick, Shape, shape_of

#: text that may be longer than this many characters gets several lines
LONG = 200


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
        return _choice_field(
            shape, queries.grounds_to_choose(verb, case), **about | {"initial": None}
        )
    if find := shape.mark(Find):
        return LookupField(
            **about,
            search=functools.partial(find.search, actor, case),
            names=functools.partial(find.names, actor),
            source=queries.choices_url(verb, name, case),
        )
    if pick := shape.mark(Pick):
        return _choice_field(shape, list(pick.choices(actor, case)), **about)
    if (choices := choices_of(shape.base)) is not None:
        return _choice_field(shape, choices, **about)
    if shape.many:
        return (
            LinesField(shape.base, **about) if not _structured(shape.base) else JsonField(**about)
        )
    return _plain_field(name, shape, about)


def _plain_field(name: str, shape: Shape, about: dict[str, Any]) -> forms.Field:
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


def choices_of(base: Any) -> list[tuple[Any, str]] | None:
    """The choices of a type, each with its words; None for a type that has no list of them."""
    if typing.get_origin(base) is typing.Literal:
        return [(value, str(value)) for value in typing.get_args(base)]
    if isinstance(base, type) and issubclass(base, enum.Enum):
        return [(m.value, getattr(m, "label", "") or str(m.value)) for m in base]
    return None


def _choice_field(shape: Shape, choices: Choices, **about: Any) -> forms.Field:
    return (several_of if shape.many else one_of)(choices, **about)
