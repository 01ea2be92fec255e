"""What a caller may ask of a table's API: equality, ranges and prefixes on granted, unmasked columns; paging by key.

``?idno=…``, ``?date.ge=2026-01-01&date.lt=…``, ``?name.prefix=张``, ``limit``, ``after``. No SQL, no hidden or masked column
(rows chosen by a hidden value tell that value), no unknown parameter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from huitong.planes.gateway.rules import MOST_ROWS
from huitong.scope import Compare, Filter, Prefix, Scope, ScopeError, peeks
from huitong.scope.filters import all_of
from huitong.scope.literals import Literal, Unreadable, as_value, fits, read_literal
from huitong.scope.reading import NOT_UTF8, read_query
from huitong.scope.sql import Column

OPERATORS = {"eq", "ne", "lt", "le", "gt", "ge", "prefix"}
USUAL_ROWS = 100
#: parameters of one call: more than anybody asks, fewer than a planner minds
MOST_PARAMETERS = 50


class Refused(Exception):
    """A call the service does not answer with data: an HTTP status line and the error body every door uses."""

    def __init__(self, status: str, code: str, detail: str, *, who: str = "", remedy: str = "", fields: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.who, self.remedy, self.fields = status, code, detail, who, remedy, dict(fields or {})

    def body(self) -> dict[str, Any]:
        told: dict[str, Any] = {"status": int(self.status[:3]), "code": self.code, "detail": self.detail}
        told |= {name: said for name, said in (("who", self.who), ("remedy", self.remedy)) if said}
        return told | ({"fields": {k: [v] for k, v in self.fields.items()}} if self.fields else {})


@dataclass(frozen=True)
class Ask:
    """The rows a caller wants; ``after``: the key of the last row it has."""

    filter: Filter | None = None
    limit: int = USUAL_ROWS
    after: Literal | None = None


def read(query: str, scope: Scope, columns: Mapping[str, Column], key: Sequence[str]) -> Ask:
    """The caller's question; ``columns`` and ``key`` go by item. Raises `Refused` (422) naming what is wrong."""
    items = {column.name: item for item, column in columns.items() if item in scope.items}
    parts: list[Filter] = []
    limit, after, wrong = USUAL_ROWS, None, dict[str, str]()
    for name, text in _pairs(query):
        if name == "limit":
            if text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= MOST_ROWS:
                limit = int(text)
            else:
                wrong[name] = f"limit 应为 1 到 {MOST_ROWS} 的整数"
            continue
        column, _, operator = name.partition(".")
        pages = name == "after" and len(key) == 1
        item, operator = key[0] if pages else items.get(column, ""), operator or "eq"
        if not item or operator not in OPERATORS:
            wrong[name] = f"不能按“{name}”查询"
            continue
        known = columns[item].item_type
        try:
            value = _literal(columns[item], text)
            if pages:
                after = value
            elif (operator == "prefix" and known.family != "text") or not fits(value, known):
                wrong[name] = f"“{item}”是{known.label}，不能这样查询"
            else:
                parts.append(Prefix(item, text) if operator == "prefix" else Compare(operator, item, value))
        except (Unreadable, ScopeError, ValueError, KeyError):
            wrong[name] = f"“{name}”的值不合格式"
    asked = all_of(*parts)
    wrong |= {columns[item].name: f"“{item}”未授权明文，不能作为查询条件" for item in peeks(scope, asked)}
    if wrong:
        raise _malformed(wrong)
    return Ask(asked, limit, after)


def written(value: Any, column: Column) -> str | None:
    """A key as a caller gives it back in ``after``."""
    try:
        value = as_value(value, column.item_type)
    except Unreadable:
        return None
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        pairs, broken = read_query(query, most=MOST_PARAMETERS)
    except ValueError:
        raise _malformed({"": f"一次调用最多 {MOST_PARAMETERS} 个参数"}) from None
    if broken:
        raise _malformed(dict.fromkeys(broken, NOT_UTF8))
    return pairs


def _malformed(wrong: Mapping[str, str]) -> Refused:
    return Refused("422 Unprocessable Content", "malformed", "；".join(wrong.values()), fields=wrong)


def _literal(column: Column, text: str) -> Literal:
    """The text as the column's type promises it. Raises ValueError, KeyError."""
    family = column.item_type.family
    if family in ("number", "float"):
        return read_literal("number", text)
    if family in ("date", "time"):
        return read_literal(family, text)
    if family == "truth":
        return {"true": True, "false": False}[text.lower()]
    if "\0" in text:
        raise ValueError("no text of a database has this character")
    return text
