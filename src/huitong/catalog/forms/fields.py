"""How each element is asked for: labels, hints and choices come from the table of elements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms

from huitong.catalog import queries
from huitong.catalog.forms.rows import COLUMNS
from huitong.catalog.rules import (
    ELEMENTS,
    Category,
    ClassKind,
    Element,
    Kind,
    Section,
    categories_on,
)
from huitong.kernel.actor import Actor
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations
from huitong.ui.selectors import Picker, several_of

ASK = ("", "请选择")


def _about(element: Element, more: str = "") -> dict[str, Any]:
    return {
        "label": element.label,
        "help_text": element.hint + more,
        "required": element.name == "name",
    }


def _text(element: Element, actor: Actor, body: int) -> forms.Field:
    several = forms.Textarea(attrs={"rows": element.lines})
    return forms.CharField(
        **_about(element),
        min_length=element.shortest or None,
        max_length=element.longest,
        widget=forms.TextInput if element.lines == 1 else several,
    )


def _choice(element: Element, actor: Actor, body: int) -> forms.Field:
    if element.radio:
        field = forms.ChoiceField(
            **_about(element), choices=_options(element), widget=forms.RadioSelect
        )
        # what it is when nobody is asked is understood, and not offered
        offered = [
            (value, label) for value, label in _options(element) if value != element.otherwise
        ]
        field.widget.choices = offered
        return field
    return forms.ChoiceField(**_about(element), choices=[ASK, *_options(element)])


def _choices(element: Element, actor: Actor, body: int) -> forms.Field:
    return forms.MultipleChoiceField(
        **_about(element), choices=_options(element), widget=forms.CheckboxSelectMultiple
    )


def _options(element: Element) -> list[Any]:
    if element.choices == tuple(Category):
        return [
            (kind.label, [(c.value, c.label) for c in categories_on(today()) if c.kind is kind])
            for kind in ClassKind
        ]
    return [(choice.value, choice.label) for choice in element.choices]


class WordsField(forms.CharField):
    """Several short texts in one line, divided as people divide them."""

    def prepare_value(self, value: Any) -> Any:
        return "、".join(value) if isinstance(value, list | tuple) else value


def _words(element: Element, actor: Actor, body: int) -> forms.Field:
    most = element.longest * (element.each + 1)
    return WordsField(**_about(element), max_length=most)


def _system(element: Element, actor: Actor, body: int) -> forms.Field:
    rows = queries.systems_of(body).order_by("name")
    own = [(s.pk, f"{s.name}（已停用）" if s.retired_on else s.name) for s in rows]
    return forms.TypedChoiceField(
        **_about(element), choices=[ASK, *own], coerce=int, empty_value="", widget=Picker
    )


def _bodies(element: Element, actor: Actor, body: int) -> forms.Field:
    others = organizations.visible_to(actor).exclude(pk=body)
    return several_of(organizations.by_kind(others), **_about(element))


#: how an element of a body's entry is asked for, by its kind; rows have a grid (`forms.rows`),
#: grounds a page
FIELDS: Mapping[Kind, Callable[[Element, Actor, int], forms.Field]] = {
    Kind.TEXT: _text,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.SYSTEM: _system,
    Kind.BODIES: _bodies,
    Kind.WORDS: _words,
    Kind.CODES: _words,
}


def asked_in(section: Section) -> list[Element]:
    """The elements a section's form asks for: in a field, or row by row."""
    return [
        e
        for e in ELEMENTS.values()
        if e.section is section and not e.filled_in and (e.kind in FIELDS or e.kind in COLUMNS)
    ]
