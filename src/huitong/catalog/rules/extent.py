"""What an update changes, and whether it needs the bureau (A10, A11, A12).

The bureau reviews the form of what an entry says (A10). Whom to call about it is no matter of form:
a change of that alone is the department's own (A12).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from huitong.catalog.rules.elements import ELEMENTS
from huitong.catalog.rules.facts import EntryFacts
from huitong.kernel.actor import Labelled

#: elements a department corrects without the bureau (A12)
OF_CONTACT = frozenset({"contact_office", "contact_name", "contact_phone", "remark"})


class Extent(Labelled):
    """How far an update goes: the fact of its case that decides who reviews it."""

    NONE = "none", "没有改动"
    CONTACT = "contact", "只更正联系方式或备注"
    CONTENT = "", "变更目录内容"


def differing(before: EntryFacts, after: EntryFacts) -> list[str]:
    """The names of the elements in which two versions differ, in the order of the table; what the
    platform fills in by itself is none of them."""
    return [
        name
        for name, element in ELEMENTS.items()
        if not element.filled_in and value_of(before, name) != value_of(after, name)
    ]


def extent_of(names: Collection[str]) -> Extent:
    """What an update amounts to, by the elements in which it differs alone."""
    if not names:
        return Extent.NONE
    return Extent.CONTACT if OF_CONTACT.issuperset(names) else Extent.CONTENT


def value_of(facts: EntryFacts, name: str) -> Any:
    """What is said of an element; when a ground was filed is no part of it."""
    value = getattr(facts, name)
    if name == "grounds":
        return [ground.model_copy(update={"filed_on": None}) for ground in value]
    return value
