"""The provider's side: check that the table is as it was granted, then read the granted part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psycopg
from psycopg import ClientCursor, IsolationLevel, pq, sql
from psycopg.errors import error_from_result

from huitong.connectors import (
    DatabaseAddress,
    Guard,
    GuestConnection,
    check_characters,
    connect,
    our_path,
    scan,
)
from huitong.planes.tables.engine.plan import Plan
from huitong.planes.tables.engine.problems import DeliveryProblem, errors_of
from huitong.scope import ScopeError
from huitong.scope.masks import Mask
from huitong.scope.sql import select

# bytes joined per write: one Python step per row would cost a third of the speed
JOINED = 256 * 1024

# Types whose binary form means the same on every PostgreSQL. All others (enums, money, reg*,
# extensions) travel as text.
# fmt: off
PORTABLE = frozenset((
    "smallint", "integer", "bigint", "real", "double precision", "numeric", "boolean",
    "text", "character varying", "character", "name", "bytea", "uuid", "json", "jsonb", "xml",
    "date", "interval", "timestamp without time zone", "timestamp with time zone",
    "time without time zone", "time with time zone",
    "inet", "cidr", "macaddr", "bit", "bit varying",
    "point", "line", "lseg", "box", "path", "polygon", "circle",
    "int4range", "int8range", "numrange", "daterange", "tsrange", "tstzrange",
))
# fmt: on


@dataclass(frozen=True)
class Projection:
    """The one SELECT of a run as text, the target's columns with their types, and the masks left to
    Python."""

    query: str
    items: tuple[str, ...]
    types: tuple[str, ...]
    tokens: dict[int, Mask]

    @property
    def fast(self) -> bool:
        """Bytes pass untouched (binary COPY); with keyed tokens each row is opened (text COPY)."""
        return not self.tokens


@contextmanager
def open_source(address: DatabaseAddress, guard: Guard) -> Iterator[GuestConnection]:
    """A read-only connection whose transaction sees one moment of the table, however long the run
    takes.

    It is rolled back in the end: a source lost by then does not matter to what was delivered.
    """
    with errors_of("source"):
        connection = connect(address, guard=guard, name="huitong tables")
    connection.isolation_level, connection.idle_s = IsolationLevel.REPEATABLE_READ, 0
    try:
        yield connection
    finally:
        with suppress(psycopg.Error):  # nobody waits for this answer
            connection.rollback()
        connection.close()


def project(connection: GuestConnection, plan: Plan) -> Projection:
    """Lock the table, check for drift, compile the scope. Raises `DeliveryProblem`."""
    for _ in range(ATTEMPTS):
        with errors_of("source"):
            hold(connection, plan.source)
            _check_drift(connection, plan)
            projection = _projection(connection, plan)
            if not changed(connection, plan.source):
                return projection
            connection.rollback()  # once more, with a younger snapshot
    raise DeliveryProblem("source_changing", "source", ".".join(plan.source))


def _projection(connection: GuestConnection, plan: Plan) -> Projection:
    try:
        query = select(plan.scope, plan.source, plan.by_item())
    except ScopeError as fault:
        raise DeliveryProblem("scope_unusable", detail=str(fault)) from None
    check_characters(connection, query)
    inner = ClientCursor(connection).mogrify(query.statement, query.parameters)
    # of the granted rows: no column can be called like another
    names = ", ".join(f"c{at}" for at in range(len(query.items)))
    rows = f"({inner}) AS granted({names})"
    types = _types(connection, rows)
    carried = tuple(t if portable(t) else "text" for t in types)
    outputs = (
        collated(f"granted.c{at}" + ("" if sent == declared else "::pg_catalog.text"), sent)
        for at, (sent, declared) in enumerate(zip(carried, types, strict=True))
    )
    text = f"SELECT {', '.join(outputs)} FROM {rows}"  # noqa: S608 composed and quoted above
    return Projection(text, query.items, carried, dict(query.tokens))


def collated(output: str, declared: str) -> str:
    """The output with the collation of bytes, for text: to one without case ``A`` and ``a`` would
    have the same checksum."""
    return (
        f'{output} COLLATE pg_catalog."C"'
        if _bare(declared) in ("text", "character varying", "character")
        else output
    )


# -- one moment of the table -----------------------------------------------------------------------

ATTEMPTS = 3


def hold(connection: GuestConnection, table: tuple[str, str]) -> None:
    """Lock the table, and what a view of that name reads, before the transaction takes its
    snapshot.

    A transaction that empties and fills a table holds its lock until it commits. A snapshot taken
    while waiting for it would show an empty table, which never was: the new rows are too young, the
    old ones deleted. (PostgreSQL: LOCK, "before executing any SELECT".) What cannot be locked
    (materialized views, foreign tables, tables of which we may read some columns) is left to
    `changed`.
    """
    connection.begin()
    with (
        suppress(
            psycopg.errors.WrongObjectType,
            psycopg.errors.InsufficientPrivilege,
            psycopg.errors.UndefinedTable,
            psycopg.errors.InvalidSchemaName,
        ),
        connection.transaction(),
    ):
        connection.execute(
            sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(sql.Identifier(*table))
        )


# The catalog's rows are as old as the snapshot, its functions return the present.
CHANGED = """
WITH locked AS (
  SELECT l.relation AS oid, c.oid IS NULL AS invisible, c.relkind, c.relfilenode
    FROM pg_locks l LEFT JOIN pg_class c ON c.oid = l.relation
   WHERE l.locktype = 'relation' AND l.pid = pg_backend_pid() AND l.relation >= 16384)
SELECT EXISTS (
         SELECT FROM locked
          WHERE CASE WHEN invisible THEN pg_get_indexdef(oid) IS NULL
                     ELSE relkind IN ('r', 'm')
                      AND relfilenode IS DISTINCT FROM pg_relation_filenode(oid) END)
    OR to_regclass(format('%%I.%%I', %(schema)s::text, %(name)s::text))::oid IS DISTINCT FROM (
         SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE n.nspname = %(schema)s AND c.relname = %(name)s)
"""
PARTITIONS_CHANGED = """
    OR EXISTS (
         SELECT FROM locked
          WHERE relkind = 'p'
            AND ARRAY(SELECT inhrelid FROM pg_inherits i
                       WHERE inhparent = locked.oid
                         AND NOT coalesce((to_jsonb(i) ->> 'inhdetachpending')::boolean, false)
                       ORDER BY inhrelid)
             <> ARRAY(SELECT relid::oid FROM pg_partition_tree(locked.oid)
                       WHERE level = 1 ORDER BY relid::oid))
"""


def changed(connection: GuestConnection, table: tuple[str, str]) -> bool:
    """Whether anything read so far was emptied, rewritten, or replaced by another table between our
    snapshot and our locks on it.

    A transaction locks what it has read to its end: tables below views, partitions, also those a
    function has read. So what is unchanged now stays so.
    """
    question = CHANGED + (PARTITIONS_CHANGED if connection.info.server_version >= 120000 else "")
    with our_path(connection):
        return bool(
            connection.execute(question, {"schema": table[0], "name": table[1]}).fetchall()[0][0]
        )


def _check_drift(connection: psycopg.Connection, plan: Plan) -> None:
    tables = scan(connection, plan.source[0], only=[plan.source[1]], count=False)
    if not tables:
        raise DeliveryProblem("source_table_missing", "source", ".".join(plan.source))
    planned = plan.by_item()
    for item in dict.fromkeys((*plan.scope.items, *plan.scope.filtered_items)):
        column = tables[0].column(planned[item].name) if item in planned else None
        if column is None:
            raise DeliveryProblem(
                "source_column_missing", "source", planned[item].name if item in planned else item
            )
        if not column.readable:
            raise DeliveryProblem("no_privilege", "source", column.name)
        if column.type != planned[item].sql_type:
            raise DeliveryProblem(
                "source_type_changed",
                "source",
                f"{column.name}：{planned[item].sql_type} → {column.type}",
            )


def _types(connection: psycopg.Connection, rows: str) -> list[str]:
    """The exact type of every output column, length included."""
    cursor = connection.execute(f"SELECT * FROM {rows} LIMIT 0".encode())  # noqa: S608 our own text
    result = cursor.pgresult
    columns = (
        [(result.ftype(at), result.fmod(at)) for at in range(result.nfields)] if result else []
    )
    ask = (
        "SELECT format_type(t, m)"
        " FROM unnest(%s::oid[], %s::int[]) WITH ORDINALITY AS u(t, m, n) ORDER BY n"
    )
    with our_path(connection):
        return [
            row[0]
            for row in connection.execute(ask, ([t for t, _ in columns], [m for _, m in columns]))
        ]


def portable(declared: str) -> bool:
    """Whether a type, as ``format_type`` writes it, may pass in binary; arrays when their elements
    may."""
    return _bare(declared) in PORTABLE


def _bare(declared: str) -> str:
    return re.sub(r"\(.*?\)", "", declared).removesuffix("[]")


def copy_out(connection: psycopg.Connection, query: str, *, binary: bool) -> Iterator[bytes]:
    """The rows as PostgreSQL sends them, one message at a time, in flat memory; by libpq's call,
    because psycopg's iterator decodes each."""
    raw = connection.pgconn
    form = "BINARY" if binary else "TEXT"
    start = raw.exec_(f"COPY ({query}) TO STDOUT (FORMAT {form})".encode())
    if start.status != pq.ExecStatus.COPY_OUT:
        raise error_from_result(start)
    while True:
        size, message = raw.get_copy_data(0)
        if size < 0:
            break
        yield bytes(message)
    while (result := raw.get_result()) is not None:
        if result.status != pq.ExecStatus.COMMAND_OK:
            raise error_from_result(result)


# Types PostgreSQL can hash as they are; a row of these only needs no rendering as text: a third of
# the time
# fmt: off
HASHABLE = PORTABLE - {
    "json", "xml", "bit", "bit varying",
    "point", "line", "lseg", "box", "path", "polygon", "circle",
}
# fmt: on
# ``granted.*`` is the row: ``granted`` alone would be a column of that name, if there is one
HASHES = {
    "record": "pg_catalog.hash_record_extended(granted.*, 0)",
    "text": 'pg_catalog.hashtextextended((granted.*)::pg_catalog.text COLLATE pg_catalog."C", 0)',
    "utf8": (
        "('x' OPERATOR(pg_catalog.||)"
        " pg_catalog.left(pg_catalog.md5(pg_catalog.convert_to((granted.*)::pg_catalog.text,"
        " 'UTF8')), 16))::bit(64)::bigint"
    ),
}


def hash_for(projection: Projection, *servers: psycopg.Connection) -> str:
    """``record`` when both servers hash rows, and alike (same major version, 14 or newer, hashable
    types), else ``text``, which all render alike; ``utf8``, the slowest, between servers that keep
    text in different encodings.
    """
    if len({s.info.parameter_status("server_encoding") for s in servers}) > 1:
        return "utf8"
    majors = {s.info.server_version // 10000 for s in servers}
    return (
        "record"
        if len(majors) == 1
        and min(majors) >= 14
        and all(_bare(t) in HASHABLE for t in projection.types)
        else "text"
    )


def checksum(connection: psycopg.Connection, query: str, how: str = "text") -> tuple[int, str]:
    """Count and order-independent checksum of a query's rows: the sum of a 64-bit hash of each row,
    a numeric, so it cannot overflow.

    Both sides run with the same settings (`huitong.connectors.connect`), so equal rows have equal
    text. It detects accidents; it is no signature.
    """
    total = f"coalesce(pg_catalog.sum({HASHES[how]}), 0)"
    statement = f"SELECT pg_catalog.count(*), {total} FROM ({query}) AS granted"  # noqa: S608 ours
    rows, checksum = connection.execute(statement.encode()).fetchall()[0]
    return int(rows), checksum_text(how, int(checksum))


def checksum_text(how: str, total: int) -> str:
    """The text of a checksum: the name of its hash and 16 hexadecimal digits."""
    return f"{how}:{total % 2**64:016x}"
