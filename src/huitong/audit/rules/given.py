"""The words of what a verb was given: titles of its parameters, and of the values they may have."""

from __future__ import annotations

import enum
import typing
from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import BaseModel


@cache
def words_of(given: type[BaseModel]) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Titles by parameter, and for those with a closed vocabulary its words by value; of rows
    inside parameters too."""
    titles: dict[str, str] = {}
    choices: dict[str, dict[str, str]] = {}
    models = [given]
    while models:
        for name, field in models.pop().model_fields.items():
            if field.title:
                titles.setdefault(name, field.title)
            for kind in _kinds(field.annotation):
                if issubclass(kind, BaseModel):
                    models.append(kind)
                elif issubclass(kind, enum.Enum):
                    words = choices.setdefault(name, {})
                    words.update({str(m.value): getattr(m, "label", str(m.value)) for m in kind})
    return titles, choices


def _kinds(annotation: Any) -> Iterator[type]:
    """The classes an annotation is made of."""
    if isinstance(annotation, type) and not typing.get_origin(annotation):
        yield annotation
    for part in typing.get_args(annotation):
        yield from _kinds(part)
