"""Compiling a scope to pages of rows, each row the database's own JSON (RFC 8259), found and
ordered by the key (A8, A30).

The database writes the JSON because it alone loses nothing: numbers keep every digit, days beyond
any calendar stay days, a ``json`` column is passed on letter by letter. What differs from its
``to_json``: ``numeric`` becomes a string, or every reader that takes numbers for binary ones would
round it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from huitong.scope.columns import ORDERED, READ_AS, Column, is_opaque
from huitong.scope.filters import Filter
from huitong.scope.masks import Mask, apply
from huitong.scope.scope import Scope
from huitong.scope.sql import condition, name, narrowed, output, own

JSON = "pg_catalog.to_json({})::pg_catalog.text"
NUMERIC, NUMERICS = (
    "pg_catalog.to_json({}::pg_catalog.text)",
    "pg_catalog.to_json({}::pg_catalog.text::pg_catalog.text[])",
)
#: of a type of the provider's own only the database knows what it is made of; beside a bare NULL a
#: domain counts as its base
OWN = (
    "CASE WHEN {own} 'pg_catalog.numeric'::pg_catalog.regtype THEN {numeric} WHEN {own}"
    " 'pg_catalog.numeric[]'::pg_catalog.regtype THEN {numerics} ELSE pg_catalog.to_json({{0}})"
    " END::pg_catalog.text"
).format(
    own="pg_catalog.pg_typeof(COALESCE(NULL, {0})) OPERATOR(pg_catalog.=)",
    numeric=NUMERIC.replace("{}", "{0}"),
    numerics=NUMERICS.replace("{}", "{0}"),
)
#: whether a row without a key can exist at all is asked of the catalog first: looking for one may
#: take a whole table
KEYLESS = """
SELECT CASE WHEN (SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute
                   WHERE attrelid OPERATOR(pg_catalog.=) %s::pg_catalog.regclass AND attnotnull
                     AND attname OPERATOR(pg_catalog.=) ANY (%s::pg_catalog.name[]))
                 OPERATOR(pg_catalog.=) %s
       THEN false ELSE EXISTS (SELECT FROM {table} AS granted WHERE {conditions}) END
"""


@dataclass(frozen=True)
class Statement:
    """SQL with its parameters. ``counts_characters``: a mask keeps or hides so many, so the
    database must know where one ends."""

    text: sql.Composed
    parameters: tuple[Any, ...]
    counts_characters: bool = False


@dataclass(frozen=True)
class Row:
    """One row of a page. ``json``: its JSON, None when it is larger than allowed; ``size`` in bytes
    either way. ``place``: its key as text; ``step``: the number of its key's value among those of
    the page, so that equal keys have equal steps. Both empty without a key.
    """

    json: bytes | None
    size: int
    place: tuple[str | None, ...]
    step: int


class Pages:
    """The granted rows of a table, in the order of the key's own type. ``table`` is (schema, name);
    ``key`` names items granted in the clear, or none: then there is no order and nothing to go on
    from. ``largest``: bytes a row may have.
    """

    def __init__(
        self,
        scope: Scope,
        table: Sequence[str],
        columns: Mapping[str, Column],
        key: Sequence[str],
        largest: int,
    ) -> None:
        self.scope, self.columns, self.key = scope, columns, tuple(columns[item] for item in key)
        self._table = sql.SQL(".").join(name(part) for part in table)
        self._dotted = ".".join(sql.Identifier(part).as_string(None) for part in table)
        keyed = {
            item: mask for item in scope.items if (mask := scope.masks.get(item)) and mask.keyed
        }
        self._tokens: list[tuple[bytes, Mask]] = [
            (_member(columns[item]).encode(), mask) for item, mask in keyed.items()
        ]
        self._binds: list[Any] = [largest]
        members = [
            _as_json(columns[item], scope.masks.get(item), self._binds)
            for item in scope.items
            if item not in keyed
        ]
        plain = [output(columns[item], mask, self._binds) for item, mask in keyed.items()]
        self._counts = any(mask.counts_characters for mask in scope.masks.values())
        self._head, self._tail = self._around(members, plain)

    def _around(
        self, members: Sequence[sql.Composable], plain: Sequence[sql.Composable]
    ) -> tuple[sql.SQL, sql.SQL]:
        """Return the SQL before and after the conditions, put together once for all calls."""
        keyed_row = sql.SQL(
            "'{{' OPERATOR(pg_catalog.||) pg_catalog.array_to_string(ARRAY[{}]::pg_catalog.text[],"
            " ',') OPERATOR(pg_catalog.||) '}}'"
        )
        inner = [sql.SQL("{} AS made").format(keyed_row.format(_listed(members)))]
        keys, tokens = (
            [sql.Identifier(f"{kind}{n}") for n in range(len(of))]
            for kind, of in (("key", self.key), ("token", plain))
        )
        inner += [
            sql.SQL("{} AS {}").format(what, called)
            for what, called in zip(
                [*map(_ordered, self.key), *plain], [*keys, *tokens], strict=True
            )
        ]
        size = sql.SQL(" OPERATOR(pg_catalog.+) ").join(
            sql.SQL("COALESCE(pg_catalog.octet_length({}), 0)").format(part)
            for part in (sql.Identifier("made"), *tokens)
        )
        outer = [
            sql.SQL("CASE WHEN {0} OPERATOR(pg_catalog.<=) %s THEN made END, {0}").format(size),
            sql.SQL("ARRAY[{}]::pg_catalog.text[]").format(
                _listed([sql.SQL("{}::pg_catalog.text").format(key) for key in keys])
            ),
            (
                sql.SQL("pg_catalog.dense_rank() OVER (ORDER BY {})").format(_listed(keys))
                if keys
                else sql.SQL("0")
            ),
            *tokens,
        ]
        head = sql.SQL("SELECT {} FROM (SELECT {} FROM {} AS granted").format(
            _listed(outer), _listed(inner), self._table
        )
        order = (
            sql.SQL(" ORDER BY {}").format(_listed([_ordered(column) for column in self.key]))
            if self.key
            else sql.SQL("")
        )
        return sql.SQL(head.as_string(None)), sql.SQL(order.as_string(None) + " LIMIT %s) AS page")

    def page(
        self, *, limit: int, extra: Filter | None = None, after: Sequence[str] | None = None
    ) -> Statement:
        """The next ``limit`` rows after the place ``after``. Raises `ScopeError`."""
        binds = list(self._binds)
        conditions = self._conditions(extra, binds)
        if after is not None:
            conditions.append(self._beyond(after, binds))
        where = [sql.SQL(" WHERE "), sql.SQL(" AND ").join(conditions)] if conditions else []
        return Statement(
            sql.Composed([self._head, *where, self._tail]), (*binds, limit), self._counts
        )

    def keyless(self, extra: Filter | None = None) -> Statement:
        """Ask whether any granted row lacks a part of its key. No page that goes on from a place
        ever meets it."""
        binds: list[Any] = [self._dotted, [column.name for column in self.key], len(self.key)]
        conditions = self._conditions(extra, binds)
        conditions.append(
            sql.SQL("({})").format(
                sql.SQL(" OR ").join(
                    sql.SQL("{} IS NULL").format(own(column)) for column in self.key
                )
            )
        )
        return Statement(
            sql.SQL(KEYLESS).format(
                table=self._table, conditions=sql.SQL(" AND ").join(conditions)
            ),
            tuple(binds),
        )

    def row(self, values: Sequence[Any], keys: Mapping[str, bytes]) -> Row:
        """A row of `page` as it came (text as bytes), its keyed tokens made. Raises `ScopeError`
        without a key, UnicodeDecodeError when the database holds bytes that are no text."""
        json_row, size, place, step, *plain = values
        places = tuple(None if part is None else part.decode() for part in place)
        if json_row is None:
            return Row(None, size, places, step)
        json_row.decode()
        made_tokens = [
            member + _text(apply(mask, text if text is None else text.decode(), keys))
            for (member, mask), text in zip(self._tokens, plain, strict=True)
        ]
        if made_tokens:
            json_row = (
                json_row[:-1] + b",".join(([b""] if len(json_row) > 2 else []) + made_tokens) + b"}"
            )
        return Row(json_row, len(json_row), places, step)

    def _conditions(self, extra: Filter | None, binds: list[Any]) -> list[sql.Composable]:
        tree = narrowed(self.scope, self.columns, extra).row_filter
        return [] if tree is None else [condition(tree, self.columns, binds)]

    def _beyond(self, after: Sequence[str], binds: list[Any]) -> sql.Composable:
        """Compare in the very order of the page; the parameters take the columns' own types."""
        binds += after
        left, right = (
            _listed([_ordered(column) for column in self.key]),
            _listed([sql.SQL("%s")] * len(self.key)),
        )
        return sql.SQL("(({}) OPERATOR(pg_catalog.>) ({}))").format(left, right)


def _ordered(column: Column) -> sql.Composable:
    return (
        own(column)
        if column.bare_type in ORDERED
        else sql.SQL('({}::pg_catalog.text COLLATE pg_catalog."C")').format(own(column))
    )


def _as_json(column: Column, mask: Mask | None, binds: list[Any]) -> sql.Composable:
    """``"name":value``, of a column or of what its mask leaves."""
    value_shown = output(column, mask, binds) if mask else own(column)
    value = sql.SQL(
        JSON if mask or column.bare_type in READ_AS or is_opaque(column.sql_type) else OWN
    )
    if not mask and column.bare_type in ("numeric", "numeric[]"):
        value = sql.SQL(
            f"{NUMERIC if column.bare_type == 'numeric' else NUMERICS}::pg_catalog.text"
        )
    member = sql.SQL(sql.Literal(_member(column)).as_string(None).replace("%", "%%"))
    return sql.SQL("{} OPERATOR(pg_catalog.||) COALESCE({}, 'null')").format(
        member, value.format(value_shown)
    )


def _member(column: Column) -> str:
    return json.dumps(column.name, ensure_ascii=False) + ":"


def _text(text: str | None) -> bytes:
    return json.dumps(text, ensure_ascii=False).encode()


def _listed(parts: Sequence[sql.Composable]) -> sql.Composable:
    return sql.SQL(", ").join(parts)
