"""Selectors: one of many, or several of many, searched by name, short name, pinyin and initials.

Up to twelve choices stand open; more are a ``<select>``, grouped by kind, that `picker.js` makes a
combobox (of several: chips and a tree by kind). What runs into the thousands is never on the page:
`LookupField` asks the server, and without JavaScript the form itself does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from huitong.ui.pinyin import letters, readings, spelled_from
from huitong.ui.rules import is_key

#: up to so many choices are shown at once
OPEN = 12
#: up to so many, when only one can be chosen, as buttons beside each other
FEW = 5
#: so many hits a search shows: who does not find among them types more
HITS = 20

#: ``(value, label)``, or ``(kind, [(value, label), …])``
Choices = Sequence[tuple[Any, Any]]


class Named(str):
    """The label of a choice, with the other names it is found by."""

    also: tuple[str, ...]

    def __new__(cls, label: str, *also: str) -> Named:
        self = super().__new__(cls, label)
        self.also = tuple(name for name in also if name and name != label)
        return self


def flat(choices: Iterable[tuple[Any, Any]]) -> Iterator[tuple[Any, str]]:
    """The choices without their kinds."""
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from label
        else:
            yield value, label


def search_keys(label: str) -> str:
    """What a choice is found by besides its label: its readings, then each other name with its
    own; see `picker.js`."""
    names = (f"{name}:{readings(name)}" for name in getattr(label, "also", ()))
    return "|".join([readings(str(label)), *names])


class Picker(forms.Select):
    """A select that becomes a combobox when it has more than `OPEN` choices."""

    template_name = "ui/widgets/picker.html"
    many = False

    def create_option(self, name: str, value: Any, label: Any, *args: Any, **more: Any) -> Any:
        option = super().create_option(name, value, label, *args, **more)
        if self.many and value not in (None, ""):
            option["attrs"]["data-find"] = search_keys(label)
        return option

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        self.many = sum(1 for value, _ in flat(self.choices) if value not in (None, "")) > OPEN
        return super().get_context(name, value, attrs) | {"picker": self.many}

    def build_attrs(self, *args: Any, **more: Any) -> dict[str, Any]:
        attrs: dict[str, Any] = super().build_attrs(*args, **more)
        return attrs | {"data-picker": ""} if self.many else attrs


class SeveralPicker(Picker, forms.SelectMultiple):
    """The same for several: chips of what is chosen, and a tree by kind."""


def one_of(choices: Choices, **about: Any) -> forms.TypedChoiceField:
    """A field for one of these choices, or for none of them where it is not required and has no
    value to begin with."""
    values = [value for value, _ in flat(choices)]
    few = len(values) <= FEW and len(values) == len(choices)
    none = not about.get("required", True) and about.get("initial") in (None, "")
    head = [("", "不选")] if none else [] if few else [("", "请选择")]
    return forms.TypedChoiceField(
        **about,
        choices=[*head, *choices],
        coerce=_coerce(values),
        empty_value=None,
        widget=forms.RadioSelect if few else Picker,
    )


def several_of(choices: Choices, **about: Any) -> forms.TypedMultipleChoiceField:
    """A field for several of these choices: check boxes up to `OPEN`, then chips and a tree."""
    values = [value for value, _ in flat(choices)]
    return forms.TypedMultipleChoiceField(
        **about,
        choices=list(choices),
        coerce=_coerce(values),
        widget=forms.CheckboxSelectMultiple()
        if len(values) <= OPEN
        else SeveralPicker(attrs={"size": 10}),
    )


def _coerce(values: Collection[Any]) -> Callable[[Any], Any]:
    return int if all(isinstance(value, int) for value in values) else str


def matching(
    rows: QuerySet[Any], words: str, called: Callable[[str], Q], *names: str
) -> QuerySet[Any]:
    """The rows that the words mean: each word as ``called`` asks the database, or all together as
    pinyin or initials of one of these fields."""
    if not (spelled := letters(words)):
        return rows.filter(*map(called, words.split()))
    spells = cache(lambda name: spelled_from(spelled, readings(name or "")) is not None)
    named = rows.order_by("pk").values_list("pk", *names)
    hits = [pk for pk, *texts in named if any(map(spells, texts))]
    return rows.filter(Q(pk__in=hits) | called(words))


# -- thousands -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Typed:
    """Words typed where no script could turn them into a choice, beside what was chosen: the field
    looks them up."""

    words: str
    value: str


class LookupWidget(Picker):
    """A combobox over what a search finds. Without JavaScript words are typed and the form is sent:
    what they name is taken, or chosen from what they find."""

    template_name = "ui/widgets/lookup.html"
    words: str = ""

    def __init__(self, source: str = "", attrs: Any = None) -> None:
        super().__init__(attrs)
        self.source = source

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        words = str(data.get(f"{name}-words") or "").strip()[:60]
        return Typed(words, str(value or "")) if words else value

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        if isinstance(value, Typed):
            self.words, value = value.words, value.value
        more = {"picker": True, "words": self.words}
        return super().get_context(name, value, attrs) | more

    def build_attrs(self, *args: Any, **more: Any) -> dict[str, Any]:
        return super().build_attrs(*args, **more) | {"data-picker": "", "data-source": self.source}


class LookupField(forms.ChoiceField):
    """One of thousands: ``search(words)`` returns at most `HITS` pairs of value and label,
    ``names(values)`` the labels of what is chosen; both give only what the person may choose.
    ``source`` is the address that answers the same search as JSON (``?q=``)."""

    def __init__(
        self,
        *,
        search: Callable[[str], Choices],
        names: Callable[[list[int]], dict[int, str]],
        source: str,
        **about: Any,
    ) -> None:
        super().__init__(**about, widget=LookupWidget(source))
        self.search, self.names = search, names

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, Typed) and is_key(str(value)):
            named = self.names([int(value)])
            self.choices = [("", "不选"), *named.items()]
        return value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, Typed):
            hits = list(self.search(value.words))
            chosen = [key for key, _ in hits if str(key) == value.value or len(hits) == 1]
            if chosen:
                return chosen[0]
            self.choices = [("", "请选择"), *hits]
            raise forms.ValidationError(
                f"“{value.words}”找到多项，请在列表中选择。"
                if hits
                else f"没有找到“{value.words}”，请换一个名称。"
            )
        if value in self.empty_values:
            return None
        if not is_key(str(value)) or int(value) not in self.names([int(value)]):
            raise forms.ValidationError(
                self.error_messages["invalid_choice"],
                code="invalid_choice",
                params={"value": value},
            )
        return int(value)

    def validate(self, value: Any) -> None:
        forms.Field.validate(self, value)
