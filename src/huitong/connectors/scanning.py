"""Scanner of a PostgreSQL: tables, columns, comments, keys: the draft of a catalog entry (反向编目,
A7, A10)."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

from huitong.connectors import tables
from huitong.connectors.address import DatabaseAddress
from huitong.connectors.databases import connect, named_errors
from huitong.connectors.guard import Guard
from huitong.connectors.guest import GuestConnection, our_path
from huitong.connectors.tables import COUNTED, ColumnFound, TableFound
from huitong.scope import ItemType


def scan(
    connection: psycopg.Connection,
    schema: str = "public",
    only: Sequence[str] | None = None,
    *,
    count: bool = True,
) -> list[TableFound]:
    """Every table and view of a schema, or those named in ``only``. Raises `ConnectorProblem`.

    ``count``: where the database has no estimate of the rows, count some; a view is carried out for
    it.
    """
    with named_errors(), connection.transaction():
        with our_path(connection):
            listed = connection.execute(
                TABLES, {"schema": schema, "only": None if only is None else list(only)}
            ).fetchall()
            oids = [t[0] for t in listed]
            columns: dict[int, list[Any]] = {oid: [] for oid in oids}
            for oid, *column in connection.execute(COLUMNS, {"oids": oids}):
                columns[oid].append(column)
            keys: dict[int, tuple[str, ...]] = {}
            primary: dict[int, tuple[str, ...]] = {}
            for oid, is_primary, names in connection.execute(KEYS, {"oids": oids}):
                keys.setdefault(oid, tuple(names))
                if is_primary:
                    primary[oid] = tuple(names)
        result, enough = [], time.monotonic() + tables.COUNTING_S
        for oid, name, kind, comment, estimate, readable in listed:
            is_estimate = estimate >= 0 or not readable or not count or time.monotonic() > enough
            rows = estimate if is_estimate else _counted(connection, schema, name)
            held = tuple(_column(c, primary.get(oid, ())) for c in columns[oid])
            result.append(
                TableFound(
                    schema,
                    name,
                    KINDS[kind],
                    comment or "",
                    rows,
                    readable,
                    held,
                    keys.get(oid, ()),
                )
            )
        return result


KINDS = {"r": "table", "p": "table", "v": "view", "m": "view", "f": "foreign table"}

TABLES = """
SELECT c.oid, c.relname, c.relkind::text, obj_description(c.oid, 'pg_class'),
       CASE WHEN c.relkind IN ('r', 'p', 'm') THEN c.reltuples::bigint ELSE -1 END,
       has_any_column_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE')
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = %(schema)s AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
   AND (%(only)s::text[] IS NULL OR c.relname = ANY (%(only)s::text[]))
 ORDER BY c.relname
"""
COLUMNS = """
SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       col_description(a.attrelid, a.attnum),
       has_column_privilege(a.attrelid, a.attnum, 'SELECT')
  FROM pg_attribute a
 WHERE a.attrelid = ANY (%(oids)s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attrelid, a.attnum
"""
# what the account may read first, of it the primary key, then unique indexes that are valid, whole,
# plain and without NULLs, the narrowest first
KEYS = """
SELECT i.indrelid, i.indisprimary, array_agg(a.attname::text ORDER BY k.place)
  FROM pg_index i
  JOIN LATERAL unnest(i.indkey::int[]) WITH ORDINALITY AS k(attnum, place)
    ON k.place <= i.indnkeyatts
  LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
 WHERE i.indrelid = ANY (%(oids)s::oid[]) AND i.indisunique AND i.indisvalid
   AND i.indpred IS NULL AND i.indexprs IS NULL
 GROUP BY i.indexrelid, i.indrelid, i.indisprimary
HAVING bool_and(a.attnotnull)
 ORDER BY i.indrelid, bool_and(has_column_privilege(i.indrelid, k.attnum::int2, 'SELECT')) DESC,
          i.indisprimary DESC, count(*), i.indexrelid
"""


def _counted(connection: psycopg.Connection, schema: str, name: str) -> int:
    """Count the rows, up to `COUNTED`; -1 when it takes too long or fails: a broken view must not
    end the scan."""
    query = sql.SQL("SELECT pg_catalog.count(*) FROM (SELECT FROM {} LIMIT %s) AS few").format(
        _table(schema, name)
    )
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(f"SET LOCAL statement_timeout = {tables.COUNT_S * 1000}".encode())
            return int(connection.execute(query, (COUNTED,)).fetchall()[0][0])
    except psycopg.Error:
        if connection.closed:
            raise
        return -1  # a view that cannot be carried out hides no other table


def _column(row: Sequence[Any], primary: tuple[str, ...]) -> ColumnFound:
    name, declared, not_null, comment, readable = row
    size = re.search(r"\((\d+)", declared)
    return ColumnFound(
        name,
        declared,
        int(size[1]) if size else 0,
        not not_null,
        comment or "",
        name in primary,
        item_type_of(declared),
        bool(readable),
    )


# PostgreSQL's names → item type codes of the catalog; whatever is not here is 通用型
TYPES: tuple[tuple[str, ItemType], ...] = (
    (r"character varying|character|varchar|\"char\"|name|uuid|inet|cidr|macaddr8?", ItemType.TEXT),
    (r"text|citext|json|jsonb|xml", ItemType.MEMO),
    (r"smallint|integer|bigint|oid", ItemType.INTEGER),
    (r"numeric", ItemType.NUMBER),
    (r"money", ItemType.MONEY),
    (r"double precision", ItemType.DOUBLE),
    (r"real", ItemType.FLOAT),
    (r"date", ItemType.DATE),
    (r"timestamp with(out)? time zone", ItemType.TIME),
    (r"boolean", ItemType.TRUTH),
)


def item_type_of(declared: str) -> ItemType:
    """The catalog's type for a column type as ``format_type`` writes it."""
    bare = re.sub(r"\(.*?\)", "", declared).strip()
    return next((code for pattern, code in TYPES if re.fullmatch(pattern, bare)), ItemType.GENERAL)


def samples(
    connection: psycopg.Connection, schema: str, table: str, columns: Sequence[str], n: int = 20
) -> list[dict[str, str | None]]:
    """The first ``n`` rows as text, long values cut: for suggesting masks and for a clerk's eye.
    Raises `ConnectorProblem`."""
    outputs = sql.SQL(", ").join(
        sql.SQL("pg_catalog.left(sampled.{}::pg_catalog.text, 200)").format(_escaped(c))
        for c in columns
    )
    query = sql.SQL("SELECT {} FROM {} AS sampled LIMIT %s").format(outputs, _table(schema, table))
    with named_errors(), connection.transaction():
        return [dict(zip(columns, row, strict=True)) for row in connection.execute(query, (n,))]


def _table(schema: str, name: str) -> sql.Composable:
    return sql.SQL("{}.{}").format(_escaped(schema), _escaped(name))


def _escaped(name: str) -> sql.Composable:
    return sql.SQL(sql.Identifier(name).as_string(None).replace("%", "%%"))


class PostgresReader:
    """A `Reader` of one PostgreSQL database."""

    def __init__(self, connection: GuestConnection) -> None:
        self._connection = connection

    @property
    def closed(self) -> bool:
        return self._connection.closed

    def scan(self, schema: str) -> list[TableFound]:
        """See `Reader`."""
        return scan(self._connection, schema)

    def samples(
        self, schema: str, table: str, columns: Sequence[str], n: int = 20
    ) -> list[dict[str, str | None]]:
        """See `Reader`."""
        return samples(self._connection, schema, table, columns, n)

    def close(self) -> None:
        self._connection.close()


def reader(
    address: DatabaseAddress, *, guard: Guard, statement_s: int = 0, name: str = "huitong"
) -> PostgresReader:
    """An open reader. Raises `ConnectorProblem`."""
    return PostgresReader(connect(address, guard=guard, statement_s=statement_s, name=name))
