"""Looking at a source while an act runs: every failure becomes a fault of the field it concerns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from huitong.catalog import queries as catalog
from huitong.catalog.rules import UNREADABLE
from huitong.connectors import CAPABILITIES, ConnectorProblem, TableFound, connect, scan
from huitong.connectors.databases import named_errors
from huitong.kernel import vault
from huitong.kernel.procedure import Malformed

#: which field of a mount form a failed connection is about; the rest concerns the database
FIELD_OF = dict.fromkeys(("no_such_table", "no_privilege", "rows_hidden"), "table")
#: what is said of a database from which no plane can read yet
ONLY_SCANNED = (
    "“{}”是 {} 数据库，平台只能扫描编目，不能由它提供库表和接口。"
    "请挂接为文件，或把数据汇入 PostgreSQL 前置库后，挂接那里的表。"
)


@contextmanager
def look(database: Any, schema: str, table: str) -> Iterator[tuple[psycopg.Connection, TableFound]]:
    """A guarded, read-only connection and the table found. Raises `Malformed` naming the field,
    the cause, the remedy."""
    where, kind = schema or database.schema, CAPABILITIES[database.kind]
    if not kind.source:
        raise Malformed({"database": ONLY_SCANNED.format(database.name, kind.label)}, article="A13")
    try:
        address = catalog.address_of(database)
    except vault.Unreadable:
        raise Malformed({"database": UNREADABLE}, article="A13") from None
    try:
        with connect(
            address, guard=catalog.guard(), statement_s=30, name="huitong mount"
        ) as connection:
            tables = scan(connection, where, only=[table])
            if not tables:
                raise ConnectorProblem("no_such_table", f"{where}.{table}")
            if not tables[0].readable:
                raise ConnectorProblem("no_privilege", f"账号不能读取 {where}.{table}")
            # a policy that hides rows is told by no catalog, of a view's tables least of all
            with named_errors():
                connection.execute(
                    sql.SQL("SELECT FROM {} LIMIT 0").format(sql.Identifier(where, table))
                )
            yield connection, tables[0].granted
    except ConnectorProblem as wrong:
        message = f"{wrong.cause}{f'（{wrong.detail}）' if wrong.detail else ''}。{wrong.remedy}"
        raise Malformed({FIELD_OF.get(wrong.code, "database"): message}, article="A13") from None


def unique_in(connection: psycopg.Connection, table: TableFound, key: Sequence[str]) -> bool:
    """Do these columns tell every row apart, none of them empty? Asked of the data, for tables
    and views without such a key."""
    columns = sql.SQL(", ").join(map(sql.Identifier, key))
    empty = sql.SQL(" OR ").join(sql.SQL("{} IS NULL").format(sql.Identifier(c)) for c in key)
    name = sql.Identifier(table.schema, table.name)
    query = sql.SQL(
        "SELECT EXISTS (SELECT FROM {0} WHERE {1}) OR EXISTS (SELECT FROM {0} GROUP BY {2} HAVING"
        " pg_catalog.count(*) OPERATOR(pg_catalog.>) 1)"
    )
    with named_errors(), connection.transaction():
        row = connection.execute(query.format(name, empty, columns)).fetchone()
    return row is not None and not row[0]
