"""Control parameters: on each call the consumer says why it asks (管控参数, A18, A30)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from huitong.scope import reading
from huitong.scope.reading import ScopeError
from huitong.scope.suggest import suggest

# characters of a value; with the pattern grammar below no value can make matching slow
LONGEST = 200
NAME = re.compile(r"[a-z][a-z0-9_-]{0,49}", re.ASCII)  # it travels as a header
# fmt: off
#: headers that mean something already (RFC 9110, RFC 6750) or are the gateway's own: a parameter of
#: that name would be read, logged or answered as something else
RESERVED = frozenset(
    {
        "accept", "accept-charset", "accept-encoding", "accept-language", "authorization",
        "cache-control", "connection", "content-encoding", "content-length", "content-type",
        "cookie", "date", "expect", "forwarded", "from", "host", "if-match", "if-modified-since",
        "if-none-match", "if-range", "if-unmodified-since", "keep-alive", "origin", "path",
        "pragma", "proxy-authorization", "range", "referer", "te", "trailer", "traceparent",
        "tracestate", "transfer-encoding", "upgrade", "user-agent", "via", "x-request-id",
    }
)
# fmt: on
RESERVED_BEGINNINGS = ("x-huitong-", "x-envoy-", "x-forwarded-", "proxy-", "sec-", "grpc-")
#: what a parameter may be about
KINDS = {"text": "一般", "matter": "事项"}
#: how the evidence of a call keeps what was said
RECORDED = {"plain": "原样", "hashed": "只留摘要"}
MATTER = re.compile(r"事项(编码|代码|编号)|^(x[-_])?matter([-_](code|no|id))?$")


@dataclass(frozen=True)
class ControlParameter:
    """One value demanded on every call: matter code, operator, case number …

    ``choices``: the values allowed; None = any. ``patterns``: all must match the whole value. A
    ``kind`` of *matter* lets only the matters of the grant pass (`of_matters`). ``recorded``:
    whether the evidence keeps the value or a keyed digest of it.
    """

    name: str
    title: str
    required: bool = True
    choices: tuple[str, ...] | None = None
    patterns: tuple[str, ...] = ()
    kind: str = "text"
    recorded: str = "plain"

    @property
    def wire(self) -> str:
        """The name of the header it travels in."""
        return self.name.replace("_", "-")

    def fault(self, value: str | None) -> str | None:
        """Say in Chinese why this value is refused; None = accepted."""
        if value is None or value == "":
            return f"缺少管控参数“{self.title}”（{self.name}）" if self.required else None
        if len(value) > LONGEST:
            return f"管控参数“{self.title}”超过 {LONGEST} 个字符"
        if any(ord(c) < 32 or ord(c) == 127 for c in value):
            return f"管控参数“{self.title}”含有控制字符"
        if self.kind == "matter" and value not in (self.choices or ()):
            return f"管控参数“{self.title}”（{self.name}）不是该授权载明的事项"
        if self.choices is not None and value not in self.choices:
            return f"管控参数“{self.title}”的值不在授权范围内"
        if not all(re.fullmatch(pattern, value) for pattern in self.patterns):
            return f"管控参数“{self.title}”的格式不正确"
        return None


def faults(parameters: tuple[ControlParameter, ...], values: Mapping[str, str]) -> dict[str, str]:
    """Every refused parameter → why. Parameters nobody asked for are ignored: they travel with
    the request anyway."""
    return {p.name: message for p in parameters if (message := p.fault(values.get(p.name)))}


def of_matters(
    parameters: tuple[ControlParameter, ...], codes: Collection[str]
) -> tuple[ControlParameter, ...]:
    """The same, each that asks for the matter letting pass these matters only."""

    def bound(p: ControlParameter) -> ControlParameter:
        return (
            p
            if p.kind != "matter"
            else replace(p, choices=tuple(c for c in codes if p.choices is None or c in p.choices))
        )

    return tuple(map(bound, parameters))


def merge(
    base: tuple[ControlParameter, ...], requested: tuple[ControlParameter, ...]
) -> tuple[ControlParameter, ...]:
    """Return what satisfies both: required by either, allowed by both."""
    by_name = {p.name: p for p in base}
    for p in requested:
        by_name[p.name] = _both(by_name[p.name], p) if p.name in by_name else p
    return tuple(by_name.values())


def _both(one: ControlParameter, other: ControlParameter) -> ControlParameter:
    choices = one.choices if other.choices is None else other.choices
    if one.choices is not None and other.choices is not None:
        choices = tuple(c for c in one.choices if c in other.choices)
    patterns = tuple(dict.fromkeys(one.patterns + other.patterns))
    kind = "matter" if "matter" in (one.kind, other.kind) else "text"
    recorded = "hashed" if "hashed" in (one.recorded, other.recorded) else "plain"
    return ControlParameter(
        one.name, one.title, one.required or other.required, choices, patterns, kind, recorded
    )


def looser(parameter: ControlParameter | None, than: ControlParameter) -> bool:
    """Whether ``parameter`` could accept a call that ``than`` refuses, or record in plain what
    ``than`` does not."""
    if (
        parameter is None
        or than.required > parameter.required
        or not set(than.patterns) <= set(parameter.patterns)
    ):
        return True
    if (than.kind == "matter" and parameter.kind != "matter") or (
        than.recorded == "hashed" and parameter.recorded != "hashed"
    ):
        return True
    return than.choices is not None and (
        parameter.choices is None or not set(parameter.choices) <= set(than.choices)
    )


# -- JSON ------------------------------------------------------------------------------------------


def parameter_to_json(parameter: ControlParameter) -> dict[str, Any]:
    members: dict[str, Any] = {
        "name": parameter.name,
        "title": parameter.title,
        "required": parameter.required,
        "kind": parameter.kind,
        "recorded": parameter.recorded,
    }
    if parameter.choices is not None:
        members["choices"] = list(parameter.choices)
    return members | ({"patterns": list(parameter.patterns)} if parameter.patterns else {})


def parameter_from_json(value: Any, path: str) -> ControlParameter:
    """Read a control parameter. Raises `ScopeError`.

    Where nothing says so, one called after the matter is of that kind, and one called after
    personal data is kept as a digest.
    """
    members = reading.read_object(
        value,
        path,
        required=("name", "title"),
        optional=("required", "choices", "patterns", "kind", "recorded"),
    )
    name = reading.read_text(members["name"], f"{path}.name")
    if not NAME.fullmatch(name):
        raise ScopeError(
            f"{path}.name", "应由小写字母、数字、下划线、连字符组成，以字母开头，最多 50 个字符"
        )
    if name.replace("_", "-") in RESERVED or name.replace("_", "-").startswith(RESERVED_BEGINNINGS):
        raise ScopeError(f"{path}.name", f"“{name}”是 HTTP 或网关自用的请求头名称，请换一个")
    title = reading.read_text(members["title"], f"{path}.title", most=100)
    kind = reading.read_text(
        members.get("kind")
        or ("matter" if MATTER.search(title) or MATTER.search(name) else "text"),
        f"{path}.kind",
    )
    if kind not in KINDS:
        raise ScopeError(f"{path}.kind", f"应为 {'、'.join(KINDS)} 之一")
    recorded = reading.read_text(
        members.get("recorded")
        or ("hashed" if kind == "text" and suggest(name.replace("-", "_"), title) else "plain"),
        f"{path}.recorded",
    )
    if recorded not in RECORDED:
        raise ScopeError(f"{path}.recorded", f"应为 {'、'.join(RECORDED)} 之一")
    choices = None
    if members.get("choices") is not None:
        choices = reading.read_list(members["choices"], f"{path}.choices", _choice, most=5000)
    return ControlParameter(
        name,
        title,
        reading.read_truth(members.get("required", True), f"{path}.required"),
        choices,
        reading.read_list(members.get("patterns", ()), f"{path}.patterns", _pattern, most=10),
        kind,
        recorded,
    )


def _choice(value: Any, path: str) -> str:
    return reading.read_text(value, path, most=LONGEST)


def _pattern(value: Any, path: str) -> str:
    """A pattern without groups and with few open repeats: matching stays quick whatever the
    value."""
    text = reading.read_text(value, path, most=200)
    if re.search(r"[()|]", re.sub(r"\\.", "", text)):
        raise ScopeError(path, "格式中不能使用括号和竖线；多种取值请用“可选值”")
    bare = re.sub(r"\\.|\[\^?\]?[^\]]*\]", "_", text)
    if len(re.findall(r"[*+]|\{\d*,\d*\}", bare)) > 3 or bare.count("?") > 5:
        raise ScopeError(path, "格式中最多使用三个长度不定的重复和五个问号")
    try:
        re.compile(text)
    except (re.error, OverflowError):
        raise ScopeError(path, "不是有效的格式表达式") from None
    return text
