"""What becomes of an element when another says something else: it follows, or means nothing."""

from __future__ import annotations

from typing import Any

from huitong.catalog.rules.categories import THEMES
from huitong.catalog.rules.element import Kind
from huitong.catalog.rules.elements import ELEMENTS


def irrelevant(values: Any) -> set[str]:
    """The elements that mean nothing beside what these values say (A8: a condition belongs to the
    conditional class). What hangs on something not yet chosen may still come to mean something."""
    idle: set[str] = set()
    for name, element in ELEMENTS.items():
        if element.only_for is None:
            continue
        on, choices = element.only_for
        held = getattr(values, on)
        chosen = {
            str(v) for v in (held if isinstance(held, list | tuple) else [held] if held else [])
        }
        if on in idle or (chosen and not chosen & set(choices)):
            idle.add(name)
    return idle


def follow_category(values: Any) -> None:
    """A theme category that was chosen is a theme."""
    if values.category in {t.value for t in THEMES} and values.category not in values.themes:
        values.themes = [*values.themes, values.category]


def settle(values: Any) -> list[str]:
    """Let elements follow what they hang on: what is the same as another while nobody says
    otherwise, what means nothing beside the others. Returns the names of those that were
    emptied, in the order of the table."""
    for name, element in ELEMENTS.items():
        if element.same_as and not getattr(values, name):
            setattr(values, name, getattr(values, element.same_as))
    emptied, idle = [], irrelevant(values)
    for name in filter(idle.__contains__, ELEMENTS):
        element, value = ELEMENTS[name], getattr(values, name)
        if element.kind is Kind.GROUNDS:  # taken back by a verb of their own
            continue
        if value and value != element.otherwise:
            emptied.append(name)
        setattr(values, name, element.otherwise or type(value)())
    return emptied
