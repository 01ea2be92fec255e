"""What a door may give for each element: types made from the table of elements, so that forms, API
and command agree."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field

from huitong.catalog.rules.element import Element, Kind
from huitong.catalog.rules.elements import ELEMENTS
from huitong.catalog.rules.facts import ItemRow
from huitong.catalog.rules.terms import as_row, term_of
from huitong.kernel.words import unworded
from huitong.scope.parameters import parameter_from_json, parameter_to_json
from huitong.scope.reading import ScopeError
from huitong.work.rules import Hidden

F = TypeVar("F", bound=Callable[..., Any])


def _from_json(value: Any) -> Any:
    """A form or a command line sends lists as JSON text, or as words with commas."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith(("[", "{")):
        return _json(text)
    return [word for word in re.split(r"[,\uff0c、;\uff1b\s]+", text) if word]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise ValueError("不是正确的 JSON") from None


def _remarks(value: Any) -> Any:
    """``{"summary": "…"}``, or lines ``summary: …`` as typed into one box."""
    if not isinstance(value, str):
        return value
    if value.strip().startswith("{"):
        return _json(value)
    lines = [
        re.split(r"[:\uff1a]", line, maxsplit=1) for line in value.splitlines() if line.strip()
    ]
    if any(len(parts) != 2 for parts in lines):
        raise ValueError("每行写一条，格式为“字段：意见”")
    return {field.strip(): remark.strip() for field, remark in lines}


def rows_from_json(value: Any) -> Any:
    """Rows as a form or a command line sends them; an empty box is not given."""
    rows = _from_json(value)
    if not isinstance(rows, list):
        return rows
    return [
        {k: v for k, v in row.items() if v != ""} if isinstance(row, dict) else row for row in rows
    ]


def _parameters(value: Any) -> Any:
    """Control parameters as `scope` reads them, kept as plain JSON."""
    values = _from_json(value)
    if not isinstance(values, list):
        raise ValueError("管控参数应为列表")
    try:
        return [parameter_to_json(parameter_from_json(v, f"[{n}]")) for n, v in enumerate(values)]
    except ScopeError as fault:
        raise ValueError(str(fault)) from None


def _terms(value: Any) -> Any:
    """Sharing conditions with their bases, kept as plain JSON."""
    rows = _from_json(value)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("共享条件应为列表，每条写明 text、document、article")
    terms = []
    for n, row in enumerate(rows):
        try:
            terms.append(as_row(term_of(row)))
        except ValueError as fault:
            raise ValueError(f"[{n}].{fault}") from None
    return terms


Listed = BeforeValidator(_from_json)


def _one_of(element: Element) -> Any:
    """The vocabulary of an element, or those of its values that may be chosen."""
    vocabulary = type(element.choices[0])
    whole = len(element.choices) == len(vocabulary)
    return vocabulary if whole else Literal[tuple(map(str, element.choices))]


def _text_of(element: Element) -> Any:
    return Annotated[str, Field(min_length=1, max_length=element.each)]


#: what a door may send for an element, by its kind; an empty text empties it
_TYPES: Mapping[Kind, Callable[[Element], Any]] = {
    Kind.TEXT: lambda element: str,
    Kind.CHOICE: lambda element: _one_of(element) | Literal[""],
    Kind.CHOICES: lambda element: list[_one_of(element)],  # type: ignore[misc]
    Kind.SYSTEM: lambda element: int | Literal[""],
    Kind.BODIES: lambda element: list[int],
    Kind.WORDS: lambda element: list[_text_of(element)],  # type: ignore[misc]
    Kind.CODES: lambda element: list[_text_of(element)],  # type: ignore[misc]
    Kind.ITEMS: lambda element: list[ItemRow],
    Kind.PARAMETERS: lambda element: list[dict[str, Any]],
    Kind.TERMS: lambda element: list[dict[str, Any]],
}
_READ: Mapping[Kind, BeforeValidator] = {
    Kind.CHOICES: Listed,
    Kind.BODIES: Listed,
    Kind.WORDS: Listed,
    Kind.CODES: Listed,
    Kind.ITEMS: Listed,
    Kind.PARAMETERS: BeforeValidator(_parameters),
    Kind.TERMS: BeforeValidator(_terms),
}


def type_of(element: Element) -> Any:
    """What may be given for an element: not given, it stays as it is."""
    about = Field(
        title=element.label,
        description=element.hint or None,
        min_length=element.shortest or None,
        max_length=element.longest or None,
    )
    marks = (about, _READ[element.kind]) if element.kind in _READ else (about,)
    return Annotated[(_TYPES[element.kind](element) | None, *marks)]


def elements(verb: F) -> F:
    """Let a verb be given every element that has a type, as the keyword parameters its
    ``**changes`` stands for."""
    signature = inspect.signature(verb)
    own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    types = {
        name: type_of(element)
        for name, element in ELEMENTS.items()
        if element.kind in _TYPES and not element.filled_in and name not in signature.parameters
    }
    typed = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in types.items()
    ]
    needed = [p for p in own if p.default is p.empty]
    optional = [p for p in own if p.default is not p.empty]
    parameters = [*needed, *typed, *optional]
    verb.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    verb.__annotations__ |= types
    return verb


Revision = Annotated[
    int | None,
    Hidden(),
    Field(
        title="所见版本",
        ge=0,
        description="读取目录时的 revision：此后若有别人改过同样的要素，本次修改不保存（409）；不填则不核对。",
    ),
]
Classified = Annotated[
    bool, Field(title="是否涉密", description="涉密资源不得录入，选“是”将被拒绝且不保存。")
]


def _in_words(remarks: dict[str, str]) -> dict[str, str]:
    if wordless := [field for field, text in remarks.items() if unworded(text)]:
        raise ValueError(f"的意见不是文字：{'、'.join(wordless)}")
    return remarks


_Remarks = Annotated[
    dict[str, Annotated[str, Field(min_length=1, max_length=500)]], AfterValidator(_in_words)
]
_ABOUT_REMARKS = Field(
    title="字段意见",
    description="字段名 → 意见，如 summary: 请写明时间范围；信息项写作 items.信息项名称。",
)
Remarks = Annotated[_Remarks, _ABOUT_REMARKS, BeforeValidator(_remarks)]
SomeRemarks = Annotated[_Remarks | None, _ABOUT_REMARKS, BeforeValidator(_remarks)]
Reasons = Annotated[str, Field(title="意见", max_length=1000)]
