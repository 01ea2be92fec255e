"""What a door may give for each element: types with the element's own label and hint, so that
forms, API and command agree."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from huitong.catalog.rules.elements import ELEMENTS
from huitong.catalog.rules.facts import ItemRow
from huitong.catalog.rules.vocabulary import (
    THEMES,
    Category,
    Cycle,
    Format,
    Industry,
    OpenClass,
    OpenMode,
    Origin,
    Shape,
    ShareClass,
    ShareMode,
    Usage,
)
from huitong.kernel.words import unworded
from huitong.scope.parameters import parameter_from_json, parameter_to_json
from huitong.scope.reading import ScopeError
from huitong.work.rules import Hidden


def _about(name: str, **limits: Any) -> Any:
    element = ELEMENTS[name]
    return Field(title=element.label, description=element.hint or None, **limits)


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
    return {field.strip(): said.strip() for field, said in lines}


def _parameters(value: Any) -> Any:
    """Control parameters as `scope` reads them, kept as plain JSON."""
    told = _from_json(value)
    if not isinstance(told, list):
        raise ValueError("管控参数应为列表")
    try:
        return [parameter_to_json(parameter_from_json(v, f"[{n}]")) for n, v in enumerate(told)]
    except ScopeError as fault:
        raise ValueError(str(fault)) from None


Listed = BeforeValidator(_from_json)
Empty = Literal[""]

Name = Annotated[str | None, _about("name", min_length=2, max_length=120)]
System = Annotated[int | Empty | None, _about("system")]
OriginGiven = Annotated[Origin | Empty | None, _about("origin")]
Summary = Annotated[str | None, _about("summary", max_length=2000)]
CategoryGiven = Annotated[Category | Empty | None, _about("category")]
Themes = Annotated[list[Literal[tuple(t.value for t in THEMES)]] | None, _about("themes"), Listed]  # type: ignore[valid-type,misc]
IndustryGiven = Annotated[Industry | Empty | None, _about("industry")]
FormatGiven = Annotated[Format | Empty | None, _about("format")]
FormatDetail = Annotated[str | None, _about("format_detail", max_length=60)]
Items = Annotated[list[ItemRow] | None, _about("items", max_length=1600), Listed]
Standard = Annotated[str | None, _about("standard", max_length=200)]
Dictionary = Annotated[str | None, _about("dictionary", max_length=300)]
ShareClassGiven = Annotated[ShareClass | Empty | None, _about("share_class")]
Shapes = Annotated[list[Shape] | None, _about("shapes"), Listed]
NamedBodies = Annotated[list[int] | None, _about("named_bodies", max_length=500), Listed]
Condition = Annotated[str | None, _about("condition", max_length=500)]
PersonalReason = Annotated[str | None, _about("personal_reason", max_length=500)]
ShareModes = Annotated[list[ShareMode] | None, _about("share_modes"), Listed]
Usages = Annotated[list[Usage] | None, _about("usage"), Listed]
ControlParameters = Annotated[
    list[dict[str, Any]] | None,
    _about("control_parameters", max_length=20),
    BeforeValidator(_parameters),
]
OpenClassGiven = Annotated[OpenClass | Empty | None, _about("open_class")]
OpenModeGiven = Annotated[OpenMode | Empty | None, _about("open_mode")]
OpenCondition = Annotated[str | None, _about("open_condition", max_length=300)]
UpdateCycle = Annotated[Cycle | Empty | None, _about("update_cycle")]
DataCycle = Annotated[Cycle | Empty | None, _about("data_cycle")]
PublishOn = Annotated[date | None, _about("publish_on")]
ContactOffice = Annotated[str | None, _about("contact_office", max_length=80)]
ContactName = Annotated[str | None, _about("contact_name", max_length=60)]
ContactPhone = Annotated[str | None, _about("contact_phone", max_length=40)]
Remark = Annotated[str | None, _about("remark", max_length=500)]

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
