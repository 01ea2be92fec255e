"""Scanner of a MySQL or MariaDB: what `scanning` is for PostgreSQL (A7, A10)."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from huitong.connectors import tables
from huitong.connectors.address import DatabaseAddress
from huitong.connectors.guard import Guard
from huitong.connectors.mysql import Session, connect, named_errors
from huitong.connectors.problems import ConnectorProblem
from huitong.connectors.tables import COUNTED, ColumnFound, Probe, TableFound
from huitong.scope import ItemType

MOST_TABLES, MOST_COLUMNS = 20_000, 200_000
ESTIMATED = 1000  # InnoDB's estimate is rough: so few are counted


class MysqlReader:
    """A `Reader` of one database."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def closed(self) -> bool:
        return self._session.closed

    def close(self) -> None:
        self._session.close()

    @named_errors()
    def scan(self, schema: str) -> list[TableFound]:
        """See `Reader`. ``schema`` is the database's name here."""
        columns: dict[str, list[Any]] = defaultdict(list)
        for table, *column in self._most(MOST_COLUMNS, COLUMNS, schema):
            columns[table].append(column)
        indexes: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        for table, index, *part in self._most(MOST_COLUMNS, INDEXES, schema):
            indexes[table][index].append(part)
        listed, enough = list(self._most(MOST_TABLES, TABLES, schema)), _now() + tables.COUNTING_S
        return [
            self._table(schema, row, columns[row[0]], indexes[row[0]], _now() < enough)
            for row in listed
        ]

    def _table(
        self,
        schema: str,
        row: Sequence[Any],
        columns: Sequence[Sequence[Any]],
        indexes: dict[str, list[Any]],
        count: bool,
    ) -> TableFound:
        name, kind, comment, estimate = row
        primary = [part[0] for part in indexes.get("PRIMARY", ())]
        held = tuple(_column(column, primary) for column in columns)
        readable, rows = any(c.readable for c in held), int(estimate or -1)
        if count and readable and rows < ESTIMATED:
            rows = self._counted(schema, name)
        return TableFound(
            schema,
            name,
            "view" if kind == "VIEW" else "table",
            "" if kind == "VIEW" else comment or "",
            rows if readable else -1,
            readable,
            held,
            _key(indexes, held),
        )

    @named_errors()
    def samples(
        self, schema: str, table: str, columns: Sequence[str], n: int = 20
    ) -> list[dict[str, str | None]]:
        """See `Reader`. Bytes come in hexadecimal digits, shapes not at all."""
        types = dict(self._session.rows(COLUMN_TYPES, schema, table))
        outputs = ", ".join(_sampled(quoted(c), types.get(c, "")) for c in columns)
        # every name is quoted, the number ours
        query = f"SELECT {outputs} FROM {_place(schema, table)} LIMIT {int(n)}"  # noqa: S608
        return [
            dict(zip(columns, map(_text, row), strict=True)) for row in self._session.rows(query)
        ]

    def _most(self, most: int, query: str, *values: str) -> Iterator[tuple[Any, ...]]:
        for n, row in enumerate(self._session.rows(query, *values), 1):
            if n > most:
                raise ConnectorProblem("too_much", f"超过 {most} 项")
            yield tuple(map(_text, row))

    def _counted(self, schema: str, name: str) -> int:
        """Count the rows, up to `COUNTED`; -1 when it takes too long or fails: a broken view must
        not end the scan."""
        few = f"SELECT 1 FROM {_place(schema, name)} LIMIT {COUNTED}"  # noqa: S608
        try:
            self._session.limit(tables.COUNT_S)
            query = f"SELECT COUNT(*) FROM ({few}) AS few"  # noqa: S608
            return int(self._session.one(query, 1, seconds=tables.COUNT_S)[0])
        except ConnectorProblem:
            if self.closed:
                raise
            return -1
        finally:
            if not self.closed:
                self._session.limit(self._session.statement_s)


def _now() -> float:
    return time.monotonic()


def quoted(name: str) -> str:
    """A name as the server reads it whatever its mode."""
    return f"`{name.replace('`', '``')}`"


def _place(schema: str, table: str) -> str:
    return f"{quoted(schema)}.{quoted(table)}"


TABLES = """
SELECT TABLE_NAME, TABLE_TYPE, TABLE_COMMENT, TABLE_ROWS FROM information_schema.TABLES
 WHERE TABLE_SCHEMA = %s AND TABLE_TYPE IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')
 ORDER BY TABLE_NAME
"""
COLUMNS = """
SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE, COLUMN_COMMENT,
       CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION, PRIVILEGES
  FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = %s ORDER BY TABLE_NAME, ORDINAL_POSITION
"""
#: parts of unique indexes; a part that is an expression has no column, one that is a beginning of
#: a text a length
INDEXES = """
SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME, SUB_PART FROM information_schema.STATISTICS
 WHERE TABLE_SCHEMA = %s AND NON_UNIQUE = 0 ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX
"""
COLUMN_TYPES = """
SELECT COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS
 WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s
"""
BYTES = {"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "bit"}
SHAPES = {
    *("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring"),
    *("multipolygon", "geometrycollection", "geomcollection", "vector"),
}


def _sampled(column: str, kind: str) -> str:
    if kind in SHAPES:
        return "NULL"
    text = f"HEX({column})" if kind in BYTES else f"CONVERT({column} USING utf8mb4)"
    return f"LEFT({text}, 200)"


def _text(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _column(row: Sequence[Any], primary: Sequence[str]) -> ColumnFound:
    name, kind, declared, nullable, comment, characters, digits, privileges = row
    declared = re.sub(r"\s*/\*.*?\*/", "", declared)  # MariaDB's notes on its own attributes
    length = characters if kind in SIZED else digits if kind == "decimal" else None
    return ColumnFound(
        name,
        declared,
        int(length or 0),
        nullable == "YES",
        comment or "",
        name in primary,
        item_type_of(declared),
        "select" in (privileges or "").lower().split(","),
    )


SIZED = {"char", "varchar", "enum", "set"}
#: names of types → item type codes of the catalog; whatever is not here is 通用型. A number filled
#: with zeros is a code: its zeros count
TYPES: tuple[tuple[str, ItemType], ...] = (
    (r".* zerofill", ItemType.TEXT),
    (r"tinyint\(1\)|bool(ean)?|bit\(1\)", ItemType.TRUTH),
    (r"(tiny|small|medium|big)?int\b.*|integer\b.*|year\b.*", ItemType.INTEGER),
    (r"(decimal|numeric)\b.*", ItemType.NUMBER),
    (r"double\b.*", ItemType.DOUBLE),
    (r"float\b.*", ItemType.FLOAT),
    (r"(var)?char\b.*|enum\(.*|set\(.*|uuid|inet[46]", ItemType.TEXT),
    (r"(tiny|medium|long)?text|json", ItemType.MEMO),
    (r"date", ItemType.DATE),
    (r"(datetime|timestamp)\b.*", ItemType.TIME),
)


def item_type_of(declared: str) -> ItemType:
    """The catalog's type for a column type as ``COLUMN_TYPE`` writes it."""
    return next(
        (code for pattern, code in TYPES if re.fullmatch(pattern, declared, re.I | re.S)),
        ItemType.GENERAL,
    )


def _key(indexes: dict[str, list[Any]], columns: Sequence[ColumnFound]) -> tuple[str, ...]:
    """The readable first, of them the primary key, then the narrowest."""
    certain = {c.name for c in columns if not c.nullable}
    readable = {c.name for c in columns if c.readable}
    whole = [
        (not set(names) <= readable, index != "PRIMARY", len(names), index, names)
        for index, parts in indexes.items()
        for names in [tuple(name for name, _ in parts)]
        if all(name in certain and part is None for name, part in parts)
    ]
    return min(whole)[-1] if whole else ()


def probe(
    address: DatabaseAddress, *, guard: Guard, schema: str = "", target: bool = False
) -> Probe:
    """Try an address as the wizard does; at least one table must be readable. Deliveries into
    such a database are not carried out, so as a ``target`` it is refused."""
    start = _now()

    def ms() -> int:
        return round((_now() - start) * 1000)

    if target:
        return Probe(ConnectorProblem("no_delivery"), 0)
    try:
        with named_errors(), connect(address, guard=guard, statement_s=15) as session:
            readable = int(session.one(READABLE_TABLES, 1, address.database)[0])
            version, encoding, encrypted = session.version, session.encoding, session.encrypted
    except ConnectorProblem as problem:
        return Probe(problem, ms())
    lacking = (
        None
        if readable
        else ConnectorProblem("no_privilege", f"数据库“{address.database}”中没有可读取的表")
    )
    return Probe(lacking, ms(), version, encoding, encrypted, readable)


READABLE_TABLES = """
SELECT COUNT(DISTINCT TABLE_NAME) FROM information_schema.COLUMNS
 WHERE TABLE_SCHEMA = %s AND FIND_IN_SET('select', PRIVILEGES)
"""


def reader(
    address: DatabaseAddress, *, guard: Guard, statement_s: int = 0, name: str = "huitong"
) -> MysqlReader:
    """An open reader. Raises `ConnectorProblem`."""
    return MysqlReader(connect(address, guard=guard, statement_s=statement_s))


def grant_reading_sql(address: DatabaseAddress, schema: str, tables: list[str]) -> str:
    """The least an administrator must run so that we can read these tables; no tables = all,
    also those to come."""
    who = f"{_string(address.user)}@'%'"
    # for a whole database its name is a pattern, for a table it is not
    every = re.sub(r"([_%\\])", r"\\\1", address.database)
    objects = [f"{quoted(address.database)}.{quoted(t)}" for t in tables] or [f"{quoted(every)}.*"]
    return (
        "-- % 请换成平台主机的地址，密码请换成自己的。\n"
        f"CREATE USER {who} IDENTIFIED BY '密码' WITH MAX_USER_CONNECTIONS 10;\n"
        + "".join(f"GRANT SELECT ON {one} TO {who};\n" for one in objects)
    )


def _string(text: str) -> str:
    return "'{}'".format(text.replace("\\", "\\\\").replace("'", "''"))
