"""The provider's side: check that the table is still what was granted, then read exactly the granted part of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import ClientCursor, IsolationLevel, pq, sql
from psycopg.errors import error_from_result

from huitong.connectors import DatabaseAddress, Guard, connect, scan
from huitong.planes.tables.engine.plan import Plan
from huitong.planes.tables.engine.problems import DeliveryProblem, on
from huitong.scope import ScopeError
from huitong.scope.masks import Mask
from huitong.scope.sql import select

JOINED = 256 * 1024  # bytes joined per write: one Python step per row would cost a third of the speed

# Types whose binary form means the same on every PostgreSQL. All others (enums, money, reg*, extensions) travel as text.
PORTABLE = frozenset((
    "smallint", "integer", "bigint", "real", "double precision", "numeric", "boolean", "text", "character varying", "character", "name",
    "bytea", "uuid", "json", "jsonb", "xml", "date", "interval", "timestamp without time zone", "timestamp with time zone",
    "time without time zone", "time with time zone", "inet", "cidr", "macaddr", "bit", "bit varying", "point", "line", "lseg", "box", "path",
    "polygon", "circle", "int4range", "int8range", "numrange", "daterange", "tsrange", "tstzrange",
))  # fmt: skip


@dataclass(frozen=True)
class Projection:
    """The one SELECT of a run as text, the target's columns with their types, and what Python must still mask."""

    query: str
    items: tuple[str, ...]
    types: tuple[str, ...]
    tokens: dict[int, Mask]

    @property
    def fast(self) -> bool:
        """Bytes pass untouched (binary COPY); with keyed tokens each row is opened (text COPY)."""
        return not self.tokens


@contextmanager
def open_source(address: DatabaseAddress, guard: Guard) -> Iterator[psycopg.Connection]:
    """A read-only connection whose transaction sees one moment of the table, however long the run takes.

    It is dropped in the end, not committed: a source that is gone by then has nothing to say about what was delivered.
    """
    with on("source"):
        connection = connect(address, guard=guard, name="huitong tables")
    with closing(connection):
        with on("source"):
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            connection.execute("SELECT pg_catalog.set_config('idle_in_transaction_session_timeout', '0', false)")
        yield connection


def project(connection: psycopg.Connection, plan: Plan) -> Projection:
    """Check for drift and compile the scope. Raises `DeliveryProblem`."""
    with on("source"):
        _check_drift(connection, plan)
        try:
            query = select(plan.scope, plan.source, plan.by_item())
        except ScopeError as fault:
            raise DeliveryProblem("scope_unusable", detail=str(fault)) from None
        inner = ClientCursor(connection).mogrify(query.statement, query.parameters)
        types = _types(connection, inner)
        carried = [t if portable(t) else "text" for t in types]
        outputs = [
            sql.Identifier(item).as_string(connection) + ("" if kept == was else "::text")
            for item, kept, was in zip(query.items, carried, types, strict=True)
        ]
        text = f"SELECT {', '.join(outputs)} FROM ({inner}) granted"  # noqa: S608 composed and quoted above
        return Projection(text, query.items, tuple(carried), dict(query.tokens))


def _check_drift(connection: psycopg.Connection, plan: Plan) -> None:
    found = scan(connection, plan.source[0], only=[plan.source[1]], count=False)
    if not found:
        raise DeliveryProblem("source_table_missing", "source", ".".join(plan.source))
    planned = plan.by_item()
    for item in dict.fromkeys((*plan.scope.items, *plan.scope.filtered_items)):
        column = found[0].column(planned[item].name) if item in planned else None
        if column is None:
            raise DeliveryProblem("source_column_missing", "source", planned[item].name if item in planned else item)
        if column.type != planned[item].sql_type:
            raise DeliveryProblem("source_type_changed", "source", f"{column.name}：{planned[item].sql_type} → {column.type}")
    if not found[0].readable:
        raise DeliveryProblem("no_privilege", "source", ".".join(plan.source))


def _types(connection: psycopg.Connection, query: str) -> list[str]:
    """The exact type of every output column, length included."""
    cursor = connection.execute(f"SELECT * FROM ({query}) granted LIMIT 0".encode())  # noqa: S608 our own text
    result = cursor.pgresult
    told = [(result.ftype(at), result.fmod(at)) for at in range(result.nfields)] if result else []
    ask = "SELECT format_type(t, m) FROM unnest(%s::oid[], %s::int[]) WITH ORDINALITY AS u(t, m, n) ORDER BY n"
    return [row[0] for row in connection.execute(ask, ([t for t, _ in told], [m for _, m in told]))]


def portable(declared: str) -> bool:
    """May this type, as ``format_type`` writes it, pass in binary? Arrays may when their elements may."""
    return _bare(declared) in PORTABLE


def _bare(declared: str) -> str:
    return re.sub(r"\(.*?\)", "", declared).removesuffix("[]")


def copy_out(connection: psycopg.Connection, query: str, *, binary: bool) -> Iterator[bytes]:
    """Rows as PostgreSQL sends them, one message at a time; libpq's own call, because psycopg's iterator decodes each. Flat memory."""
    raw = connection.pgconn
    form = "BINARY" if binary else "TEXT"
    began = raw.exec_(f"COPY ({query}) TO STDOUT (FORMAT {form})".encode())
    if began.status != pq.ExecStatus.COPY_OUT:
        raise error_from_result(began)
    while True:
        size, message = raw.get_copy_data(0)
        if size < 0:
            break
        yield bytes(message)
    while (result := raw.get_result()) is not None:
        if result.status != pq.ExecStatus.COMMAND_OK:
            raise error_from_result(result)


# Types PostgreSQL can hash as they are; a row of these only needs no rendering as text: a third of the time
HASHABLE = PORTABLE - {"json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle", "bit", "bit varying"}
HASHES = {
    "record": "hash_record_extended(granted, 0)", "text": "hashtextextended(granted::text COLLATE \"C\", 0)",
    "utf8": "('x' || left(md5(convert_to(granted::text, 'UTF8')), 16))::bit(64)::bigint",
}


def hash_for(projection: Projection, *servers: psycopg.Connection) -> str:
    """``record`` when both servers hash rows, and alike (same major version, 14 or newer, hashable types), else ``text``, which all
    render alike; ``utf8``, the slowest, between servers that keep text in different encodings.
    """
    if len({s.info.parameter_status("server_encoding") for s in servers}) > 1:
        return "utf8"
    majors = {s.info.server_version // 10000 for s in servers}
    return "record" if len(majors) == 1 and min(majors) >= 14 and all(_bare(t) in HASHABLE for t in projection.types) else "text"


def checksum(connection: psycopg.Connection, query: str, how: str = "text") -> tuple[int, str]:
    """Count and order-independent checksum of a query's rows: the sum of a 64-bit hash of each row, a numeric, so it cannot overflow.

    Both sides run with the same settings (`huitong.connectors.connect`), so equal rows have equal text. It finds accidents; it is
    no signature.
    """
    asked = f"SELECT count(*), coalesce(sum({HASHES[how]}), 0) FROM ({query}) granted"  # noqa: S608 our own text
    rows, total = connection.execute(asked.encode()).fetchall()[0]
    return int(rows), shown(how, int(total))


def shown(how: str, total: int) -> str:
    """The checksum as the name of its hash and 16 hexadecimal digits."""
    return f"{how}:{total % 2**64:016x}"
