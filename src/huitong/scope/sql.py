"""Compiling a scope to PostgreSQL: one SELECT per grant, identifiers quoted, every value bound (A8,
A30).

Plain text never leaves the provider where a mask applies: masks are SQL expressions and the
database does the work. The one exception is the keyed token: it is listed in `Query.tokens` and
made in Python from the plain column (`finish`), because a key inside an SQL text ends up in the
logs of the provider's server.

Sessions must run with ``TimeZone = Asia/Shanghai`` (connectors see to it), so that moments compare
as the clock on the wall. Always execute with the parameters, even when there are none: a ``%`` in
an identifier is doubled for psycopg.

The statement runs on the search path of the account, which anybody may have put a function or
operator of any name on, and over tables with columns and collations of any kind. So every function,
operator, type and collation of ours is named with its schema (``BETWEEN`` and ``IN`` look their
operators up and are spelt out), every column with its table, and text is taken apart by code point.
No output has a name: only a position cannot collide with what a column may be called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from psycopg import sql

from huitong.scope import masks
from huitong.scope.columns import Column, check_comparable, through_text
from huitong.scope.evaluate import check_types
from huitong.scope.filters import (
    And,
    Between,
    Compare,
    Filter,
    IsNull,
    Not,
    OneOf,
    Or,
    Prefix,
    all_of,
)
from huitong.scope.literals import Literal
from huitong.scope.masks import Mask
from huitong.scope.reading import ScopeError
from huitong.scope.scope import Scope


@dataclass(frozen=True)
class Query:
    """A statement with its parameters; ``items`` names its outputs in their order, ``tokens`` what
    `finish` must still do.

    ``counts_characters``: a mask keeps or hides so many characters, so the database must know where
    one ends.
    """

    statement: sql.Composed
    parameters: tuple[Any, ...]
    items: tuple[str, ...]
    tokens: Mapping[int, Mask]
    counts_characters: bool = False

    def finish(self, row: Sequence[Any], keys: Mapping[str, bytes]) -> tuple[Any, ...]:
        """The row with its keyed tokens made. Raises `ScopeError` when a key is missing."""
        return tuple(
            masks.apply(self.tokens[at], v, keys) if at in self.tokens else v
            for at, v in enumerate(row)
        )


def select(
    scope: Scope,
    table: Sequence[str],
    columns: Mapping[str, Column],
    *,
    extra: Filter | None = None,
    limit: int | None = None,
) -> Query:
    """``SELECT`` of what the scope lets through. ``table`` is (schema, name); ``extra`` a caller's
    own filter on top.

    Raises `ScopeError`: comparison-only scope, unknown item, literal that does not fit its item.
    """
    total = narrowed(scope, columns, extra)
    binds: list[Any] = []
    parts = _rows_of(table, [output(columns[i], scope.masks.get(i), binds) for i in scope.items])
    if total.row_filter is not None:
        parts += [sql.SQL(" WHERE "), condition(total.row_filter, columns, binds)]
    if limit is not None:
        parts.append(sql.SQL(" LIMIT %s"))
        binds.append(limit)
    tokens = {
        at: mask
        for at, item in enumerate(scope.items)
        if (mask := scope.masks.get(item)) and mask.keyed
    }
    counts = any(mask.counts_characters for item in scope.items if (mask := scope.masks.get(item)))
    return Query(sql.Composed(parts), tuple(binds), scope.items, tokens, counts)


def narrowed(scope: Scope, columns: Mapping[str, Column], extra: Filter | None) -> Scope:
    """The scope with a caller's filter on top, when rows may be selected by it. Raises
    `ScopeError`."""
    if scope.comparison_only:
        raise ScopeError("comparison_only", "该授权只允许比对，不得提供数据")
    if not scope.items:
        raise ScopeError("items", "没有可提供的信息项")
    total = Scope(scope.items, all_of(scope.row_filter, extra), scope.masks)
    check_types(total, {item: column.item_type for item, column in columns.items()})
    check_comparable(total.row_filter, columns)
    return total


def as_text(query: Query, longest: int) -> Query:
    """The same rows, each value as the database writes it, its first ``longest`` characters: for
    people to look at. What becomes a token is left whole."""
    names = [sql.Identifier(f"shown{at}") for at in range(len(query.items))]
    outputs = [
        (
            named
            if at in query.tokens
            else sql.SQL("pg_catalog.left({}::pg_catalog.text, {})").format(
                named, sql.Literal(longest)
            )
        )
        for at, named in enumerate(names)
    ]
    text = sql.SQL("SELECT {} FROM ({}) AS seen ({})").format(
        sql.SQL(", ").join(outputs), query.statement, sql.SQL(", ").join(names)
    )
    return replace(query, statement=text)


def select_plain(
    scope: Scope,
    table: Sequence[str],
    columns: Mapping[str, Column],
    *,
    limit: int | None = None,
    order_by: Sequence[str] = (),
) -> Query:
    """The same rows before filter and masks, with every item the scope names: what
    `evaluate.shape` takes where the two are compared."""
    items = tuple(dict.fromkeys((*scope.items, *scope.filtered_items)))
    parts = _rows_of(table, [_comparable(columns[i]) for i in items])
    if order_by:
        parts += [sql.SQL(" ORDER BY "), sql.SQL(", ").join(own(columns[i]) for i in order_by)]
    parts += [sql.SQL(" LIMIT %s")] if limit is not None else []
    return Query(sql.Composed(parts), () if limit is None else (limit,), items, {})


def name(identifier: str) -> sql.Composable:
    """A quoted identifier, safe beside ``%s`` placeholders (psycopg does not double the ``%``
    itself)."""
    return sql.SQL(sql.Identifier(identifier).as_string(None).replace("%", "%%"))


def _rows_of(table: Sequence[str], outputs: Sequence[sql.Composable]) -> list[sql.Composable]:
    dotted = sql.SQL(".").join(name(part) for part in table)
    return [
        sql.SQL("SELECT "),
        sql.SQL(", ").join(outputs),
        sql.SQL(" FROM "),
        dotted,
        sql.SQL(" AS granted"),
    ]


def own(column: Column) -> sql.Composable:
    """The column of the granted table, whatever else has its name."""
    return sql.SQL("granted.{}").format(name(column.name))


# -- values ----------------------------------------------------------------------------------------

# Column types a comparison can use as they stand, so that an index on the column serves; all others
# are cast first.
NATIVE = {
    "text": {"text", "character varying"},
    "number": {"numeric", "smallint", "integer", "bigint"},
    "float": {"double precision"},
    "date": {"date"},
    "time": {"timestamp without time zone"},
    "truth": {"boolean"},
}
CASTS = {
    "text": "::pg_catalog.text",
    "number": "::numeric",
    "float": "::double precision",
    "date": "::pg_catalog.date",
    "time": "::timestamp",
    "truth": "::pg_catalog.text::boolean",
    "": "",
}


def _native(column: Column) -> bool:
    return column.bare_type in NATIVE.get(column.item_type.family, ())


def _comparable(column: Column) -> sql.Composable:
    """The column as its item type promises it. ``::text`` also drops the padding of char(n)."""
    cast = "" if _native(column) else CASTS[column.item_type.family]
    return sql.SQL("{}{}{}").format(
        own(column),
        sql.SQL(CASTS["text"] if cast and through_text(column.sql_type) else ""),
        sql.SQL(cast),
    )


def _bind(value: Literal, column: Column, binds: list[Any]) -> sql.Composable:
    family = column.item_type.family
    binds.append(value)
    if isinstance(value, Decimal) and family == "number":
        is_whole = value == value.to_integral_value() and abs(value) < 2**63
        binds[-1] = int(value) if is_whole else value
        return sql.SQL("%s::bigint" if is_whole else "%s::numeric")
    return sql.SQL("%s::boolean" if family == "truth" else f"%s{CASTS[family]}")


# -- conditions ------------------------------------------------------------------------------------

SIGNS = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}


def condition(tree: Filter, columns: Mapping[str, Column], binds: list[Any]) -> sql.Composable:
    """A filter that was checked, as SQL; its values are added to ``binds``."""
    match tree:
        case And(of):
            return sql.SQL("({})").format(
                sql.SQL(" AND ").join([condition(p, columns, binds) for p in of])
            )
        case Or(of):
            return sql.SQL("({})").format(
                sql.SQL(" OR ").join([condition(p, columns, binds) for p in of])
            )
        case Not(of):
            return sql.SQL("(NOT {})").format(condition(of, columns, binds))
        case IsNull(item):
            return sql.SQL("({} IS NULL)").format(own(columns[item]))
        case OneOf(item, values):
            return _equal(columns[item], values, binds)
        case Between(item, low, high):
            column = columns[item]
            return sql.SQL("({} AND {})").format(
                _compared(column, "ge", low, binds), _compared(column, "le", high, binds)
            )
        case Prefix(item, value):
            return sql.SQL("({} OPERATOR(pg_catalog.^@) {})").format(
                _by_code_point(columns[item]), _bind(value, columns[item], binds)
            )
        case Compare(op, item, value):
            return (
                _equal(columns[item], (value,), binds)
                if op == "eq"
                else _compared(columns[item], op, value, binds)
            )


def _compared(column: Column, op: str, value: Literal, binds: list[Any]) -> sql.Composable:
    return sql.SQL(f"({{}} OPERATOR(pg_catalog.{SIGNS[op]}) {{}})").format(
        _by_code_point(column), _bind(value, column, binds)
    )


def _equal(column: Column, values: Sequence[Literal], binds: list[Any]) -> sql.Composable:
    """Is it one of these? Asked by the column's own collation, so that its index serves, and once
    more by code point: to a collation that knows no case, what is granted for one code would be
    granted for others.
    """
    terms = [_comparable(column)] if _native(column) or column.item_type.family != "text" else []
    terms += [_by_code_point(column)] if column.item_type.family == "text" else []
    return sql.SQL("({})").format(
        sql.SQL(" AND ").join([_one_of(left, column, values, binds) for left in terms])
    )


def _one_of(
    left: sql.Composable, column: Column, values: Sequence[Literal], binds: list[Any]
) -> sql.Composable:
    placed = [_bind(value, column, binds) for value in values]
    if len(placed) == 1:
        return sql.SQL("{} OPERATOR(pg_catalog.=) {}").format(left, placed[0])
    return sql.SQL("{} OPERATOR(pg_catalog.=) ANY (ARRAY[{}])").format(
        left, sql.SQL(", ").join(placed)
    )


def _by_code_point(column: Column) -> sql.Composable:
    """The column for comparing: text is ordered, and equal, as it is to Python, whatever its
    collation."""
    return sql.SQL(
        '{} COLLATE pg_catalog."C"' if column.item_type.family == "text" else "{}"
    ).format(_comparable(column))


# -- masks -----------------------------------------------------------------------------------------

EMAIL = """
CASE WHEN {0} OPERATOR(pg_catalog.!~) %s THEN pg_catalog.repeat('*', pg_catalog.length({0}))
     WHEN pg_catalog.strpos({0}, '@') OPERATOR(pg_catalog.>) 2
     THEN pg_catalog.left({0}, 1) OPERATOR(pg_catalog.||) '***'
          OPERATOR(pg_catalog.||) pg_catalog.substr({0}, pg_catalog.strpos({0}, '@'))
     ELSE '***' OPERATOR(pg_catalog.||) pg_catalog.substr({0}, pg_catalog.strpos({0}, '@')) END
"""
ADDRESS = (
    "CASE WHEN {1} OPERATOR(pg_catalog.=) {0} THEN {0} ELSE {1} OPERATOR(pg_catalog.||) '***' END"
)
PARTIAL = """
CASE WHEN pg_catalog.length({0}) OPERATOR(pg_catalog.<) %s::int
     THEN pg_catalog.repeat('*', pg_catalog.length({0}))
     ELSE pg_catalog.left({0}, %s::int)
          OPERATOR(pg_catalog.||)
          pg_catalog.repeat('*', pg_catalog.length({0}) OPERATOR(pg_catalog.-) %s::int)
          OPERATOR(pg_catalog.||) pg_catalog.right({0}, %s::int) END
"""


def output(column: Column, mask: Mask | None, binds: list[Any]) -> sql.Composable:
    """Return the SQL of what leaves of a column: itself, or what a mask leaves of its text; of a
    keyed token the plain text."""
    if mask is None:
        return own(column)
    if mask.kind == "blank":
        return sql.SQL("NULL::pg_catalog.text")
    text = sql.SQL("{}::pg_catalog.text").format(own(column))
    if mask.keyed:
        return text
    text = sql.SQL('({} COLLATE pg_catalog."C")').format(text)
    if mask.kind == "email":
        binds.append(f"^{masks.EMAIL}$")
        return sql.SQL(EMAIL).format(text)
    if mask.kind == "address":
        binds += [masks.DISTRICT] * 2
        return sql.SQL(ADDRESS).format(
            text, sql.SQL("(pg_catalog.regexp_match({}, %s))[1]").format(text)
        )
    binds += [mask.least, mask.first, mask.first + mask.last, mask.last]
    return sql.SQL(PARTIAL).format(text)
