"""Compiling a scope to PostgreSQL: one SELECT per grant, identifiers quoted, every value bound (A8, A30).

Plain text never leaves the provider where a mask applies: masks are SQL expressions and the database does the work. The one
exception is the keyed token: it is listed in `Query.tokens` and made in Python from the plain column (`finish`), because a key
inside an SQL text ends up in the logs of the provider's server.

Sessions must run with ``TimeZone = Asia/Shanghai`` (connectors see to it), so that moments compare as the clock on the wall.
Always execute with the parameters, even when there are none: a ``%`` in an identifier is doubled for psycopg.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from psycopg import sql

from huitong.scope import masks
from huitong.scope.evaluate import check_types
from huitong.scope.filters import And, Between, Compare, Filter, IsNull, Not, OneOf, Or, Prefix, all_of
from huitong.scope.literals import ItemType, Literal
from huitong.scope.masks import Mask
from huitong.scope.reading import ScopeError
from huitong.scope.scope import Scope


@dataclass(frozen=True)
class Column:
    """Where an item lives: column name, item type, and the column's own type (``format_type``) when it is known."""

    name: str
    item_type: ItemType
    sql_type: str = ""


@dataclass(frozen=True)
class Query:
    """A statement with its parameters; ``items`` names the output columns, ``tokens`` what `finish` must still do."""

    statement: sql.Composed
    parameters: tuple[Any, ...]
    items: tuple[str, ...]
    tokens: Mapping[int, Mask]

    def finish(self, row: Sequence[Any], keys: Mapping[str, bytes]) -> tuple[Any, ...]:
        """The row with its keyed tokens made. Raises `ScopeError` when a key is missing."""
        return tuple(masks.apply(self.tokens[at], v, keys) if at in self.tokens else v for at, v in enumerate(row))


def select(
    scope: Scope,
    table: Sequence[str],
    columns: Mapping[str, Column],
    *,
    asked: Filter | None = None,
    order_by: Sequence[str] = (),
    after: Literal | None = None,
    limit: int | None = None,
) -> Query:
    """``SELECT`` of what the scope lets through. ``table`` is (schema, name); ``asked`` a caller's own filter on top; ``after`` skips
    the rows up to this value of the one item they are ordered by.

    Raises `ScopeError`: comparison-only scope, unknown item, literal that does not fit its item.
    """
    if scope.comparison_only:
        raise ScopeError("comparison_only", "该授权只允许比对，不得提供数据")
    if not scope.items:
        raise ScopeError("items", "没有可提供的信息项")
    whole = Scope(scope.items, all_of(scope.row_filter, asked), scope.masks)
    check_types(whole, {item: column.item_type for item, column in columns.items()})
    binds: list[Any] = []
    outputs = [sql.SQL("{} AS {}").format(_output(columns[i], scope.masks.get(i), binds), name(i)) for i in scope.items]
    parts: list[sql.Composable] = [sql.SQL("SELECT "), sql.SQL(", ").join(outputs), sql.SQL(" FROM "), _dotted(table)]
    conditions = [_condition(whole.row_filter, columns, binds)] if whole.row_filter is not None else []
    if after is not None:
        conditions.append(_beyond(columns[order_by[0]], after, binds))
    if conditions:
        parts += [sql.SQL(" WHERE "), sql.SQL(" AND ").join(conditions)]
    if order_by:
        parts += [sql.SQL(" ORDER BY "), sql.SQL(", ").join(_sorted_by(columns[i]) for i in order_by)]
    if limit is not None:
        parts.append(sql.SQL(" LIMIT %s"))
        binds.append(limit)
    tokens = {at: mask for at, item in enumerate(scope.items) if (mask := scope.masks.get(item)) and mask.keyed}
    return Query(sql.Composed(parts), tuple(binds), scope.items, tokens)


def select_plain(
    scope: Scope, table: Sequence[str], columns: Mapping[str, Column], *, limit: int | None = None, order_by: Sequence[str] = ()
) -> Query:
    """The same rows before filter and masks, with every item the scope names: what `evaluate.shape` takes for a simulation."""
    items = tuple(dict.fromkeys((*scope.items, *scope.filtered_items)))
    outputs = [sql.SQL("{} AS {}").format(_comparable(columns[i]), name(i)) for i in items]
    parts: list[sql.Composable] = [sql.SQL("SELECT "), sql.SQL(", ").join(outputs), sql.SQL(" FROM "), _dotted(table)]
    if order_by:
        parts += [sql.SQL(" ORDER BY "), sql.SQL(", ").join(name(columns[i].name) for i in order_by)]
    parts += [sql.SQL(" LIMIT %s")] if limit is not None else []
    return Query(sql.Composed(parts), () if limit is None else (limit,), items, {})


def where(tree: Filter, columns: Mapping[str, Column]) -> tuple[sql.Composable, tuple[Any, ...]]:
    """A filter as a condition with its parameters. Raises `ScopeError`."""
    check_types(Scope((), tree), {item: column.item_type for item, column in columns.items()})
    binds: list[Any] = []
    return _condition(tree, columns, binds), tuple(binds)


def name(identifier: str) -> sql.Composable:
    """A quoted identifier, safe beside ``%s`` placeholders (psycopg does not double the ``%`` itself)."""
    return sql.SQL(sql.Identifier(identifier).as_string(None).replace("%", "%%"))


def _dotted(table: Sequence[str]) -> sql.Composable:
    return sql.SQL(".").join(name(part) for part in table)


# -- values --------------------------------------------------------------------------------------------------------

# Column types a comparison can use as they stand, so that an index on the column serves; all others are cast first.
NATIVE = {
    "text": {"text", "character varying"}, "number": {"numeric", "smallint", "integer", "bigint"}, "float": {"double precision"},
    "date": {"date"}, "time": {"timestamp without time zone"}, "truth": {"boolean"},
}
CASTS = {"text": "::text", "number": "::numeric", "float": "::double precision", "date": "::date", "time": "::timestamp",
         "truth": "::text::boolean", "": ""}


def _comparable(column: Column) -> sql.Composable:
    """The column as its item type promises it. ``::text`` also drops the padding of char(n)."""
    family = column.item_type.family
    bare = re.sub(r"\(.*?\)", "", column.sql_type)
    return sql.SQL("{}{}").format(name(column.name), sql.SQL("" if bare in NATIVE.get(family, ()) else CASTS[family]))


def _bind(value: Literal, column: Column, binds: list[Any]) -> sql.Composable:
    family = column.item_type.family
    binds.append(value)
    if isinstance(value, Decimal) and family == "number":
        whole = value == value.to_integral_value() and abs(value) < 2**63
        binds[-1] = int(value) if whole else value
        return sql.SQL("%s::bigint" if whole else "%s::numeric")
    return sql.SQL("%s::boolean" if family == "truth" else f"%s{CASTS[family]}")


# -- conditions ----------------------------------------------------------------------------------------------------

SIGNS = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}


def _condition(tree: Filter, columns: Mapping[str, Column], binds: list[Any]) -> sql.Composable:
    match tree:
        case And(of):
            return sql.SQL("({})").format(sql.SQL(" AND ").join([_condition(p, columns, binds) for p in of]))
        case Or(of):
            return sql.SQL("({})").format(sql.SQL(" OR ").join([_condition(p, columns, binds) for p in of]))
        case Not(of):
            return sql.SQL("(NOT {})").format(_condition(of, columns, binds))
        case IsNull(item):
            return sql.SQL("({} IS NULL)").format(name(columns[item].name))
        case OneOf(item, values):
            column = columns[item]
            placed = sql.SQL(", ").join([_bind(v, column, binds) for v in values])
            return sql.SQL("({} IN ({}))").format(_comparable(column), placed)
        case Between(item, low, high):
            column, collate = columns[item], _by_code_point(columns[item])
            bounds = [_bind(low, column, binds), _bind(high, column, binds)]
            return sql.SQL("({}{} BETWEEN {} AND {})").format(_comparable(column), collate, *bounds)
        case Prefix(item, value):
            return sql.SQL("({} ^@ {})").format(_comparable(columns[item]), _bind(value, columns[item], binds))
        case Compare(op, item, value):
            column = columns[item]
            collate = sql.SQL("") if op in ("eq", "ne") else _by_code_point(column)
            return sql.SQL("({}{} {} {})").format(_comparable(column), collate, sql.SQL(SIGNS[op]), _bind(value, column, binds))


def _by_code_point(column: Column) -> sql.Composable:
    """Text is ordered as Python orders it, whatever the database's collation."""
    return sql.SQL(' COLLATE "C"' if column.item_type.family == "text" else "")


# -- paging --------------------------------------------------------------------------------------------------------

# Column types of text whose own order a page can follow, so that the key's index serves, with how a value of theirs is written.
OWN_ORDER = {"text": "text", "character varying": "text", "character": "bpchar"}


def _own_order(column: Column) -> str:
    return OWN_ORDER.get(re.sub(r"\(.*?\)", "", column.sql_type), "") if column.item_type.family == "text" else ""


def _sorted_by(column: Column) -> sql.Composable:
    """What rows are ordered by; `_beyond` compares in the very same order, or pages would skip rows."""
    if _own_order(column) or column.sql_type == "uuid":  # whose order is that of its text
        return name(column.name)
    return sql.SQL("{}{}").format(_comparable(column), _by_code_point(column))


def _beyond(column: Column, value: Literal, binds: list[Any]) -> sql.Composable:
    if own := _own_order(column):
        binds.append(value)
        return sql.SQL(f"({{}} > %s::{own})").format(name(column.name))
    return sql.SQL("({}{} > {})").format(_comparable(column), _by_code_point(column), _bind(value, column, binds))


# -- masks ---------------------------------------------------------------------------------------------------------


def _output(column: Column, mask: Mask | None, binds: list[Any]) -> sql.Composable:
    if mask is None:
        return name(column.name)
    text = sql.SQL("{}::text").format(name(column.name))
    if mask.keyed:
        return text
    if mask.kind == "blank":
        return sql.SQL("NULL::text")
    if mask.kind == "email":
        binds.append(f"^{masks.EMAIL}$")
        return sql.SQL(
            "CASE WHEN {0} !~ %s THEN repeat('*', length({0})) WHEN strpos({0}, '@') > 2 THEN left({0}, 1) || '***' ||"
            " substr({0}, strpos({0}, '@')) ELSE '***' || substr({0}, strpos({0}, '@')) END"
        ).format(text)
    if mask.kind == "address":
        binds += [masks.DISTRICT] * 2
        kept = sql.SQL("(regexp_match({}, %s))[1]").format(text)
        return sql.SQL("CASE WHEN {1} = {0} THEN {0} ELSE {1} || '***' END").format(text, kept)
    binds += [mask.least, mask.first, mask.first + mask.last, mask.last]
    return sql.SQL(
        "CASE WHEN length({0}) < %s::int THEN repeat('*', length({0}))"
        " ELSE left({0}, %s::int) || repeat('*', length({0}) - %s::int) || right({0}, %s::int) END"
    ).format(text)
