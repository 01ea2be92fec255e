"""How each element is asked for: labels, hints and choices come from the table of elements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms

from huitong.catalog import queries
from huitong.catalog.rules import ELEMENTS, Category, ClassKind, Element, Kind, Section
from huitong.kernel.actor import Actor
from huitong.organizations import queries as organizations

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
