"""What a caller may ask of a table's API: equality, ranges and prefixes on granted, unmasked columns; paging by key.

``?idno=…``, ``?date.ge=2026-01-01&date.lt=…``, ``?name.prefix=张``, ``limit``, ``after``. No SQL, no hidden or masked column
(rows chosen by a hidden value tell that value), no unknown parameter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from huitong.planes.gateway.rules import MOST_ROWS
from huitong.scope import Compare, Filter, Prefix, Scope, ScopeError, peeks
from huitong.scope.filters import all_of
from huitong.scope.literals import Literal, Unreadable, read_literal
from huitong.scope.sql import Column

OPERATORS = {"eq", "ne", "lt", "le", "gt", "ge", "prefix"}
USUAL_ROWS = 100


class Refused(Exception):
    """A call the service does not answer with data: an HTTP status line and the error body every door uses."""

    def __init__(self, status: str, code: str, detail: str, *, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.fields = status, code, detail, dict(fields or {})

    def body(self) -> dict[str, Any]:
        told = {"status": int(self.status[:3]), "code": self.code, "detail": self.detail}
        return told | ({"fields": {k: [v] for k, v in self.fields.items()}} if self.fields else {})


@dataclass(frozen=True)
class Ask:
    filter: Filter | None = None
    limit: int = USUAL_ROWS
    wrong: Mapping[str, str] = field(default_factory=dict)


def read(query: Sequence[tuple[str, str]], scope: Scope, columns: Mapping[str, Column], key: Sequence[str]) -> Ask:
    """The caller's question, in column names; ``columns`` and ``key`` go by item. Raises `Refused` (422) naming what is wrong."""
    items = {column.name: item for item, column in columns.items()}
    parts: list[Filter | None] = []
    limit, wrong = USUAL_ROWS, {}
    for name, text in query:
        if name == "limit":
            if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_ROWS):
                wrong[name] = f"limit 应为 1 到 {MOST_ROWS} 的整数"
            else:
                limit = int(text)
            continue
        column, _, operator = name.partition(".")
        item, operator = (key[0], "gt") if name == "after" and len(key) == 1 else (items.get(column, ""), operator or "eq")
        known = columns.get(item)
        if known is None or item not in scope.items or operator not in OPERATORS:
            wrong[name] = f"不能按“{name}”查询"
            continue
        try:
            parts.append(Prefix(item, text) if operator == "prefix" else Compare(operator, item, _literal(known, text)))
        except (Unreadable, ScopeError, ValueError, KeyError):
            wrong[name] = f"“{name}”的值不合格式"
    asked = all_of(*parts)
    wrong |= {columns[item].name: f"“{item}”未授权明文，不能作为查询条件" for item in peeks(scope, asked)}
    if wrong:
        raise Refused("422 Unprocessable Content", "malformed", ";".join(wrong.values()), fields=wrong)
    return Ask(asked, limit)


def _literal(column: Column, text: str) -> Literal:
    """The text as the column's type promises it. Raises ValueError."""
    family = column.item_type.family
    if family in ("number", "float"):
        return read_literal("number", text)
    if family in ("date", "time"):
        return read_literal(family, text)
    if family == "truth":
        return {"true": True, "false": False}[text.lower()]
    return text
