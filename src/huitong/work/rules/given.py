"""Marks on a verb's parameters beyond their type: a file, a choice, a case, a ground. Every door
draws and reads them alike."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field
from pydantic.fields import FieldInfo

from huitong.kernel.actor import Actor
from huitong.work.rules.kinds import HANDED_OUT, PAPERS


@dataclass(frozen=True)
class AttachmentRef:
    """Marks a parameter that names an uploaded file of one of these kinds (suffixes, see
    `kinds`)."""

    suffixes: tuple[str, ...] = PAPERS


@dataclass(frozen=True)
class Pick:
    """Marks a parameter that is chosen from a list: ``choices(actor, case or None)`` returns it as
    ``[(value, label), …]``. The list helps people: the action still checks in its own `queries`
    that the actor may name the value. Raises `TypeError` for what is no function.
    """

    choices: Callable[[Actor, Any], Iterable[tuple[Any, str]]]

    def __post_init__(self) -> None:
        if not callable(self.choices):
            raise TypeError(f"Pick takes the function itself, not {self.choices!r}")


@dataclass(frozen=True)
class Find:
    """Marks a parameter chosen from more than a page can hold: ``search(actor, case or None,
    words)`` returns the first ``[(value, label), …]`` that the words mean, ``names(actor, values)``
    the labels of some values. Both give only what the actor may choose; the action checks again.
    """

    search: Callable[[Actor, Any, str], list[tuple[Any, str]]]
    names: Callable[[Actor, list[int]], dict[int, str]]


@dataclass(frozen=True)
class GroundOf:
    """Marks a parameter that names a ground of a decision, of those the law in force has for the
    verb."""


@dataclass(frozen=True)
class Hidden:
    """Marks a parameter that comes with the link to a form; forms carry it hidden."""


@dataclass(frozen=True)
class CaseRef(Hidden):
    """A hidden parameter that names the case an act is about; lists to pick from get that case."""


#: the type of a parameter that names a case
CaseId = Annotated[int, CaseRef(), Field(ge=1, title="事项")]
#: the ground a decision rests on, and what of it: a provision, or the field or item it concerns
GroundRef = Annotated[str, GroundOf(), Field(title="理由类别", max_length=40)]
Cites = Annotated[
    str,
    Field(
        title="涉及的条款、栏目或信息项",
        description="如：使用目的；男方身份号码；实施细则第三十条。",
        max_length=200,
    ),
]
#: the type of a parameter that names an attachment; the form uploads it, the act binds it to its
#: case
AttachmentId = Annotated[int, AttachmentRef(), Field(ge=1)]
#: the same for a file of data that is handed out (A13)
DataFileId = Annotated[int, AttachmentRef(HANDED_OUT), Field(ge=1)]


@dataclass(frozen=True)
class Shape:
    """The type of a field: its base, whether it may be left out or is a list, its marks."""

    base: Any
    optional: bool
    many: bool
    marks: tuple[Any, ...]

    def mark(self, kind: type[Any]) -> Any:
        return next((m for m in self.marks if isinstance(m, kind)), None)


def shape_of(field: FieldInfo) -> Shape:
    """The shape of a field, through Annotated, ``X | None`` and list/set/tuple."""
    base, marks, optional, many = (
        field.annotation,
        list(field.metadata),
        not field.is_required(),
        False,
    )
    while True:
        origin = typing.get_origin(base)
        if origin is Annotated:
            base, *more = typing.get_args(base)
            marks += [x for m in more for x in (m.metadata if isinstance(m, FieldInfo) else [m])]
        elif origin in (typing.Union, types.UnionType):
            members = [a for a in typing.get_args(base) if a is not type(None)]
            optional = optional or len(members) < len(typing.get_args(base))
            if len(members) != 1:
                return Shape(Any, optional, many, tuple(marks))
            base = members[0]
        elif origin in (list, set, frozenset, tuple):
            base, many = (typing.get_args(base) or (str,))[0], True
        else:
            return Shape(base, optional, many, tuple(marks))
