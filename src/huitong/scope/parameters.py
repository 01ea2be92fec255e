"""Control parameters: on each call the consumer says why it asks (管控参数, A18, A30)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from huitong.scope import reading
from huitong.scope.reading import ScopeError

LONGEST = 200  # characters of a value; with the pattern grammar below no value can make matching slow
NAME = re.compile(r"[a-z][a-z0-9_-]{0,49}", re.ASCII)  # it travels as a header


@dataclass(frozen=True)
class ControlParameter:
    """One thing to be said on every call: matter code, operator, case number …

    ``choices``: the values allowed (a dictionary, or the matters named in the grant); None = any.
    ``patterns``: all must match the whole value.
    """

    name: str
    title: str
    required: bool = True
    choices: tuple[str, ...] | None = None
    patterns: tuple[str, ...] = ()

    def fault(self, value: str | None) -> str | None:
        """Why this value is refused, in Chinese; None = accepted."""
        if value is None or value == "":
            return f"缺少管控参数“{self.title}”（{self.name}）" if self.required else None
        if len(value) > LONGEST:
            return f"管控参数“{self.title}”超过 {LONGEST} 个字符"
        if self.choices is not None and value not in self.choices:
            return f"管控参数“{self.title}”的值不在授权范围内"
        if not all(re.fullmatch(pattern, value) for pattern in self.patterns):
            return f"管控参数“{self.title}”的格式不正确"
        return None


def faults(parameters: tuple[ControlParameter, ...], given: Mapping[str, str]) -> dict[str, str]:
    """Every refused parameter → why. Parameters nobody asked for are ignored: they travel with the request anyway."""
    return {p.name: said for p in parameters if (said := p.fault(given.get(p.name)))}


def merge(base: tuple[ControlParameter, ...], asked: tuple[ControlParameter, ...]) -> tuple[ControlParameter, ...]:
    """What satisfies both: required by either, allowed by both."""
    by_name = {p.name: p for p in base}
    for p in asked:
        by_name[p.name] = _both(by_name[p.name], p) if p.name in by_name else p
    return tuple(by_name.values())


def _both(one: ControlParameter, other: ControlParameter) -> ControlParameter:
    choices = one.choices if other.choices is None else other.choices
    if one.choices is not None and other.choices is not None:
        choices = tuple(c for c in one.choices if c in other.choices)
    patterns = tuple(dict.fromkeys(one.patterns + other.patterns))
    return ControlParameter(one.name, one.title, one.required or other.required, choices, patterns)


def looser(parameter: ControlParameter | None, than: ControlParameter) -> bool:
    """Could ``parameter`` accept a call that ``than`` refuses?"""
    if parameter is None or than.required > parameter.required or not set(than.patterns) <= set(parameter.patterns):
        return True
    return than.choices is not None and (parameter.choices is None or not set(parameter.choices) <= set(than.choices))


# -- JSON ----------------------------------------------------------------------------------------------------------


def parameter_to_json(parameter: ControlParameter) -> dict[str, Any]:
    told: dict[str, Any] = {"name": parameter.name, "title": parameter.title, "required": parameter.required}
    if parameter.choices is not None:
        told["choices"] = list(parameter.choices)
    return told | ({"patterns": list(parameter.patterns)} if parameter.patterns else {})


def parameter_from_json(value: Any, path: str) -> ControlParameter:
    """Read a control parameter. Raises `ScopeError`."""
    told = reading.read_object(value, path, required=("name", "title"), optional=("required", "choices", "patterns"))
    name = reading.read_text(told["name"], f"{path}.name")
    if not NAME.fullmatch(name):
        raise ScopeError(f"{path}.name", "应由小写字母、数字、下划线、连字符组成，以字母开头，最多 50 个字符")
    choices = None
    if told.get("choices") is not None:
        choices = reading.read_list(told["choices"], f"{path}.choices", _choice, most=5000)
    return ControlParameter(
        name,
        reading.read_text(told["title"], f"{path}.title", most=100),
        reading.read_truth(told.get("required", True), f"{path}.required"),
        choices,
        reading.read_list(told.get("patterns", ()), f"{path}.patterns", _pattern, most=10),
    )


def _choice(value: Any, path: str) -> str:
    return reading.read_text(value, path, most=LONGEST)


def _pattern(value: Any, path: str) -> str:
    """A pattern without groups and with few open repeats: matching stays quick whatever the value."""
    text = reading.read_text(value, path, most=200)
    if re.search(r"[()|]", re.sub(r"\\.", "", text)):
        raise ScopeError(path, "格式中不能使用括号和竖线；多种取值请用“可选值”")
    bare = re.sub(r"\\.|\[\^?\]?[^\]]*\]", "_", text)
    if len(re.findall(r"[*+]|\{\d*,\d*\}", bare)) > 3 or bare.count("?") > 5:
        raise ScopeError(path, "格式中最多使用三个长度不定的重复和五个问号")
    if re.search(r"\\[1-9]", text):
        raise ScopeError(path, "格式中不能使用反向引用")
    try:
        re.compile(text)
    except (re.error, OverflowError):
        raise ScopeError(path, "不是有效的格式表达式") from None
    return text
