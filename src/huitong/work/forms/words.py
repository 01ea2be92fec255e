"""Values of forms and of the ledger, in words."""

from __future__ import annotations

from typing import Any

from django import forms
from pydantic.fields import FieldInfo

from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.ui.selectors import flat
from huitong.work.forms.fields import choices_of
from huitong.work.forms.inputs import UploadField
from huitong.work.rules import AttachmentRef, Find, Hidden, Pick, shape_of


def words(bound: forms.BoundField) -> str:
    """The value of a bound field, in words."""
    value, field = bound.value(), bound.field
    if isinstance(field, UploadField):
        return "、".join(a.name for a in field.attachments(value)) or "—"
    if isinstance(field, forms.BooleanField):
        return "是" if value else "否"
    if isinstance(field, forms.MultipleChoiceField | forms.ChoiceField):
        keys = {str(v) for v in (value if isinstance(value, list) else [value])}
        return (
            "、".join(str(label) for key, label in flat(field.choices) if str(key) in keys) or "—"
        )
    return str(value) if value not in (None, "") else "—"


def value_words(field: FieldInfo, value: Any, actor: Actor, case: Case | None) -> str:
    """A parameter's value from the ledger, in words; empty for files, hidden and structured
    values."""
    shape = shape_of(field)
    if (
        value in (None, "", [])
        or shape.mark(AttachmentRef)
        or shape.mark(Hidden)
        or isinstance(value, dict)
    ):
        return ""
    pick, find = shape.mark(Pick), shape.mark(Find)
    values = value if shape.many else [value]
    choices = (
        find.names(actor, [v for v in values if isinstance(v, int)]).items()
        if find
        else pick.choices(actor, case)
        if pick
        else choices_of(shape.base) or ()
    )
    labels = {str(k): str(label) for k, label in flat(choices)}
    texts = [
        ("是" if v else "否") if isinstance(v, bool) else labels.get(str(v), str(v)) for v in values
    ]
    return (
        "" if any(isinstance(v, dict) for v in (value if shape.many else ())) else "、".join(texts)
    )
