"""The queries of a table's API: equality, ranges and prefixes on granted, unmasked columns; paging
by key.

``?idno=…``, ``?date.ge=2026-01-01&date.lt=…``, ``?name.prefix=张``, ``limit``, and ``after`` from
the last page. No SQL, no hidden or masked column (rows chosen by a hidden value tell that value),
no unknown parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from huitong.planes.gateway.rules import MOST_ROWS
from huitong.scope import Compare, Filter, Prefix, Scope, ScopeError, peeks
from huitong.scope.columns import Column, not_comparable, read_as
from huitong.scope.filters import all_of
from huitong.scope.literals import Literal, Unreadable, fits, read_literal
from huitong.scope.reading import NOT_UTF8, read_query

OPERATORS = {"eq", "ne", "lt", "le", "gt", "ge", "prefix"}
DEFAULT_ROWS = 100
#: parameters of one call: more than anybody needs, few enough for a planner
MOST_PARAMETERS = 50


class Refused(Exception):
    """A call answered without data: an HTTP status line and the error body of every door."""

    def __init__(
        self,
        status: str,
        code: str,
        detail: str,
        *,
        who: str = "",
        remedy: str = "",
        fields: Mapping[str, str] | None = None,
        after: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.who, self.remedy, self.fields = (
            status,
            code,
            detail,
            who,
            remedy,
            dict(fields or {}),
        )
        self.after = after

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "status": int(self.status[:3]),
            "code": self.code,
            "detail": self.detail,
        }
        body |= {
            name: value
            for name, value in (("who", self.who), ("remedy", self.remedy), ("after", self.after))
            if value
        }
        return body | ({"fields": {k: [v] for k, v in self.fields.items()}} if self.fields else {})


@dataclass(frozen=True)
class Ask:
    """The rows a caller queries; ``after``: the key of the last row it has, as the database writes
    it."""

    filter: Filter | None = None
    limit: int = DEFAULT_ROWS
    after: tuple[str, ...] | None = None


def read(
    query: str,
    scope: Scope,
    columns: Mapping[str, Column],
    place: Callable[[str], tuple[str, ...]] | None,
) -> Ask:
    """The caller's query. ``columns``: by item; ``place`` reads ``after``, None = pages cannot go
    on. Raises `Refused` (422), which names each wrong parameter.
    """
    items = {column.name: item for item, column in columns.items() if item in scope.items}
    parts: list[Filter] = []
    limit, after, problems = DEFAULT_ROWS, None, dict[str, str]()
    for name, text in _pairs(query):
        if name == "limit":
            if text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= MOST_ROWS:
                limit = int(text)
            else:
                problems[name] = f"limit 应为 1 到 {MOST_ROWS} 的整数"
            continue
        if name == "after" and place is not None:
            try:
                after = place(text)
            except ValueError:
                problems[name] = "after 应为上一页应答中的原值；主键变更后请从第一页重新查询"
            continue
        # a column's own name may have a point in it
        column, _, operator = (name, "", "eq") if name in items else name.rpartition(".")
        item = items.get(column, "")
        if not item or operator not in OPERATORS:
            problems[name] = f"不能按“{name}”查询"
            continue
        item_type = columns[item].item_type
        if not read_as(item_type, columns[item].sql_type):
            problems[name] = not_comparable(item, columns[item])
            continue
        try:
            value = _literal(columns[item], text)
            if (operator == "prefix" and item_type.family != "text") or not fits(value, item_type):
                problems[name] = f"“{item}”是{item_type.label}，不能这样查询"
            else:
                parts.append(
                    Prefix(item, text) if operator == "prefix" else Compare(operator, item, value)
                )
        except (Unreadable, ScopeError, ValueError, KeyError):
            problems[name] = f"“{name}”的值不合格式"
    condition = all_of(*parts)
    problems |= {
        columns[item].name: f"“{item}”未授权明文，不能作为查询条件"
        for item in peeks(scope, condition)
    }
    if problems:
        raise _malformed(problems)
    return Ask(condition, limit, after)


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        pairs, broken = read_query(query, most=MOST_PARAMETERS)
    except ValueError:
        raise _malformed({"": f"一次调用最多 {MOST_PARAMETERS} 个参数"}) from None
    if broken:
        raise _malformed(dict.fromkeys(broken, NOT_UTF8))
    return pairs


def _malformed(problems: Mapping[str, str]) -> Refused:
    return Refused(
        "422 Unprocessable Content", "malformed", "；".join(problems.values()), fields=problems
    )


def _literal(column: Column, text: str) -> Literal:
    """The value of a text for the column's type. Raises ValueError, KeyError."""
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
