"""The consumer's side: prepare the table, apply the rows, record the run, all in one
transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime

import psycopg
from psycopg import sql

from huitong.connectors import (
    DatabaseAddress,
    Guard,
    GuestConnection,
    TableFound,
    connect,
    our_path,
    scan,
)
from huitong.planes.tables.engine.comments import is_ours, signed
from huitong.planes.tables.engine.plan import Delivery, Plan
from huitong.planes.tables.engine.problems import DeliveryProblem, Undecided, errors_of
from huitong.planes.tables.engine.source import JOINED, Projection, collated
from huitong.scope.sql import name

RUNS = "huitong_runs"
RECORDED_RUNS = 1000  # per table; older records of runs are of no use to a rerun
STAGING = sql.SQL("pg_temp.huitong_staging")
FEW = 100  # below this many rows a fall is not checked

RUNS_TABLE = """
CREATE TABLE IF NOT EXISTS {runs} (
  run_id text PRIMARY KEY, target text NOT NULL, "grant" text NOT NULL,
  fingerprint text NOT NULL, columns text[] NOT NULL,
  rows bigint NOT NULL, inserted bigint NOT NULL, updated bigint NOT NULL,
  deleted bigint NOT NULL, bytes bigint NOT NULL,
  source_checksum text NOT NULL, target_checksum text NOT NULL,
  started_at timestamptz NOT NULL, finished_at timestamptz NOT NULL)
"""
EARLIER = """
SELECT fingerprint, rows, inserted, updated, deleted, bytes, source_checksum, target_checksum,
       started_at, finished_at
  FROM {} WHERE run_id OPERATOR(pg_catalog.=) %s
"""


@contextmanager
def open_target(address: DatabaseAddress, guard: Guard) -> Iterator[GuestConnection]:
    """A writing connection; changes the block does not commit are rolled back."""
    with errors_of("target"):
        connection = connect(address, guard=guard, read_only=False, name="huitong tables")
    connection.idle_s = 0
    try:
        yield connection
    finally:
        with suppress(psycopg.Error):  # nobody waits for this answer
            connection.rollback()
        connection.close()


def earlier(connection: GuestConnection, schema: str, run_id: str) -> tuple[Delivery, str] | None:
    """The delivery of a run id in the schema's record of runs, with the fingerprint of its plan."""
    if not scan(connection, schema, only=[RUNS], count=False):
        return None
    row = connection.execute(sql.SQL(EARLIER).format(runs_of(schema)), (run_id,)).fetchone()
    return (replace(Delivery(run_id, *row[1:]), repeated=True), row[0]) if row else None


def runs_of(schema: str) -> sql.Composable:
    """The schema's record of runs, for statements with parameters: a % in its name is doubled."""
    return sql.SQL(".").join((name(schema), name(RUNS)))


class Target:
    """One table of the consumer within one transaction."""

    def __init__(self, connection: GuestConnection, plan: Plan) -> None:
        self.db, self.plan = connection, plan
        # only in statements without parameters: a % in it stays as it is
        self.table = sql.Identifier(*plan.target)
        self.runs = runs_of(plan.target[0])
        self.label = ".".join(plan.target)
        self.oid = 0

    def begin(self) -> Delivery | None:
        """Lock out other runs on this table; returns the earlier delivery of this run id, if
        any."""
        self._lock_runs(self.label)
        if not scan(self.db, self.plan.target[0], only=[RUNS], count=False):
            self._lock_runs(self.plan.target[0])  # two first runs must not both create it
            self.db.execute(sql.SQL(RUNS_TABLE).format(runs=self.runs), ())
        delivered = earlier(self.db, self.plan.target[0], self.plan.run_id)
        if delivered and delivered[1] != self.plan.fingerprint:
            raise DeliveryProblem("different_work", "target", self.plan.run_id)
        return delivered[0] if delivered else None

    def _lock_runs(self, what: str) -> None:
        try:
            self.db.execute(
                "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(%s,"
                " 20200219))",
                (what,),
            )
        except psycopg.errors.LockNotAvailable:
            raise DeliveryProblem("already_running", "target", what) from None

    def prepare(self, projection: Projection) -> bool:
        """Create or check the table and keep writers out of it. True when rows can go straight
        in: it is new, and gets its key after them."""
        if self.plan.target[1] == RUNS:
            raise DeliveryProblem("target_not_ours", "target", self.label)
        last = self.last_columns()
        table = self._locked()
        if table is None:
            self._create(projection)
        self.oid = self._oid()
        if table is None:
            return True
        empty = (
            self.db.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(self.table)).fetchone()
            is None
        )
        if last is None and not empty:
            raise DeliveryProblem("target_not_ours", "target", self.label)
        self._fit(table, projection, last or ())
        self._renew_title()
        return False

    def _locked(self) -> TableFound | None:
        """The table, locked: others may read it but no longer change it; None without one."""
        if self._scanned() is None:
            return None
        self.db.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(self.table))
        return self._scanned()

    def _scanned(self) -> TableFound | None:
        tables = scan(self.db, self.plan.target[0], only=[self.plan.target[1]], count=False)
        if tables and tables[0].kind != "table":
            raise DeliveryProblem("target_not_ours", "target", self.label)
        return tables[0] if tables else None

    def _oid(self) -> int:
        with our_path(self.db):
            query = "SELECT to_regclass(format('%%I.%%I', %s::text, %s::text))::oid"
            return int(self.db.execute(query, self.plan.target).fetchall()[0][0] or 0)

    def check_unmoved(self) -> None:
        """Check that the table still has this name: a schema can be renamed below our lock. Raises
        `DeliveryProblem`."""
        if self._oid() != self.oid:
            raise DeliveryProblem("target_moved", "target", self.label)

    def last_columns(self) -> tuple[str, ...] | None:
        query = sql.SQL(
            "SELECT columns FROM {} WHERE target OPERATOR(pg_catalog.=) %s"
            " ORDER BY finished_at DESC LIMIT 1"
        ).format(self.runs)
        row = self.db.execute(query, (self.label,)).fetchone()
        return tuple(row[0]) if row else None

    def _create(self, projection: Projection) -> None:
        """Create the table without its key, which costs half as much when added after the rows."""
        columns = sql.SQL(", ").join(
            _declared(i, t) for i, t in zip(projection.items, projection.types, strict=True)
        )
        self.db.execute(sql.SQL("CREATE TABLE {} ({})").format(self.table, columns))
        self._title(self.plan.notice or self.plan.title)
        for item in projection.items:
            self._comment(item)

    def _title(self, words: str) -> None:
        if words:
            self.db.execute(
                sql.SQL("COMMENT ON TABLE {} IS {}").format(self.table, sql.Literal(signed(words)))
            )

    def _renew_title(self) -> None:
        """Say on a table of before under which grant, for what it is used now; what the consumer
        itself says of it stays."""
        query = (
            "SELECT pg_catalog.obj_description(oid, 'pg_class')"
            " FROM pg_catalog.pg_class WHERE oid OPERATOR(pg_catalog.=) %s::pg_catalog.oid"
            " AND pg_catalog.pg_has_role(relowner, 'USAGE')"
        )
        for (words,) in self.db.execute(query, (self.oid,)).fetchall():
            if is_ours(words or "") and words != signed(self.plan.notice):
                self._title(self.plan.notice)

    def _comment(self, item: str) -> None:
        title = next((c.title for c in self.plan.columns if c.item == item), "")
        if title:
            column = sql.SQL("{}.{}").format(self.table, sql.Identifier(column_of(item)))
            self.db.execute(
                sql.SQL("COMMENT ON COLUMN {} IS {}").format(column, sql.Literal(title))
            )

    def _fit(self, table: TableFound, projection: Projection, last: tuple[str, ...]) -> None:
        """Add the columns of new items; drop those of items no longer granted, with their
        contents."""
        for item, declared in zip(projection.items, projection.types, strict=True):
            column = table.column(column_of(item))
            if column is None:
                self.db.execute(
                    sql.SQL("ALTER TABLE {} ADD COLUMN {}").format(
                        self.table, _declared(item, declared)
                    )
                )
                self._comment(item)
            elif column.type != declared:
                raise DeliveryProblem(
                    "target_type_changed", "target", f"{item}：{declared} → {column.type}"
                )
        for item in last:
            if item not in projection.items and table.column(column_of(item)):
                self.db.execute(
                    sql.SQL("ALTER TABLE {} DROP COLUMN {}").format(
                        self.table, sql.Identifier(column_of(item))
                    )
                )

    def stage(self, projection: Projection) -> None:
        columns = sql.SQL(", ").join(
            _declared(i, t) for i, t in zip(projection.items, projection.types, strict=True)
        )
        self.db.execute(
            sql.SQL("CREATE TEMP TABLE huitong_staging ({}) ON COMMIT DROP").format(columns)
        )

    def copy_in(self, chunks: Iterable[bytes], projection: Projection, *, straight: bool) -> None:
        """Write the messages of the source, joined, into the table itself or into staging."""
        into = self.table if straight else STAGING
        form = sql.SQL("BINARY" if projection.fast else "TEXT")
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT {})").format(
            into, _names(projection.items), form
        )
        with self.db.cursor() as cursor, cursor.copy(statement) as copy:
            for joined in _joined(chunks):
                copy.write(joined)

    def guard_key(self) -> None:
        """Add the key to the new table. Raises `DeliveryProblem` when rows repeat it or have
        none."""
        self._add_key(self.table)

    def _add_key(self, table: sql.Composable) -> None:
        try:
            self.db.execute(
                sql.SQL("ALTER TABLE {} ADD PRIMARY KEY ({})").format(table, _names(self.plan.key))
            )
        except (psycopg.errors.UniqueViolation, psycopg.errors.NotNullViolation):
            raise DeliveryProblem("key_not_unique", "source", "、".join(self.plan.key)) from None

    def check_fall(self, rows: int) -> None:
        """Refuse when far fewer rows arrive than last time: an emptied source must not empty the
        consumer."""
        query = sql.SQL(
            "SELECT rows FROM {} WHERE target OPERATOR(pg_catalog.=) %s"
            " ORDER BY finished_at DESC LIMIT 1"
        ).format(self.runs)
        before = self.db.execute(query, (self.label,)).fetchone()
        if before and before[0] >= FEW and rows < before[0] * (1 - self.plan.largest_fall):
            raise DeliveryProblem("rows_fell", "source", f"上次 {before[0]} 行，本次 {rows} 行")

    def apply(self, projection: Projection) -> tuple[int, int, int]:
        """Apply the staging table to the table: (inserted, updated, deleted). Equal rows are not
        touched."""
        self._add_key(STAGING)
        self.db.execute(sql.SQL("ANALYZE {}").format(STAGING))
        same = sql.SQL(" AND ").join(
            sql.SQL("t.{0} OPERATOR(pg_catalog.=) s.{0}").format(sql.Identifier(k))
            for k in _columns(self.plan.key)
        )
        parts = {
            "table": self.table,
            "staging": STAGING,
            "same": same,
            "names": _names(projection.items),
        }
        parts |= {"old": _names(projection.items, "t"), "given": _names(projection.items, "s")}
        parts["sets"] = sql.SQL(", ").join(
            sql.SQL("{0} = s.{0}").format(sql.Identifier(c)) for c in _columns(projection.items)
        )
        deleted = self._do(
            "DELETE FROM {table} AS t WHERE NOT EXISTS (SELECT FROM {staging} AS s WHERE {same})",
            parts,
        )
        # *<> compares the stored bytes: NULLs, types without equality, and 1.0 against 1.00, in
        # keys too, which text and checksum tell apart
        updated = self._do(
            "UPDATE {table} AS t SET {sets} FROM {staging} AS s"
            " WHERE {same}"
            " AND ROW({old})::pg_catalog.record OPERATOR(pg_catalog.*<>)"
            " ROW({given})::pg_catalog.record",
            parts,
        )
        inserted = self._do(
            "INSERT INTO {table} ({names}) SELECT {given} FROM {staging} AS s"
            " WHERE NOT EXISTS (SELECT FROM {table} AS t WHERE {same})",
            parts,
        )
        return inserted, updated, deleted

    def fire_triggers(self) -> None:
        """Fire the consumer's deferred triggers now, before both sides are compared."""
        self.db.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def _do(self, statement: str, parts: dict[str, sql.Composable]) -> int:
        return self.db.execute(sql.SQL(statement).format(**parts)).rowcount

    def projection_query(self, projection: Projection) -> str:
        """The same columns as granted, from the consumer's table."""
        given = zip(_columns(projection.items), projection.types, strict=True)
        items = ", ".join(
            collated("granted." + sql.Identifier(column).as_string(self.db), declared)
            for column, declared in given
        )
        table = self.table.as_string(self.db)
        return f"SELECT {items} FROM {table} AS granted"  # noqa: S608 quoted above

    def record(self, delivery: Delivery, projection: Projection) -> None:
        """Record the run in the transaction of its data, so that a rerun is safe."""
        d, plan = delivery, self.plan
        # fmt: off
        values = (
            d.run_id, self.label, plan.grant, plan.fingerprint, list(projection.items),
            d.rows, d.inserted, d.updated, d.deleted, d.bytes,
            d.source_checksum, d.target_checksum, d.started_at, d.finished_at,
        )
        # fmt: on
        places = sql.SQL(", ").join([sql.Placeholder()] * len(values))
        self.db.execute(sql.SQL("INSERT INTO {} VALUES ({})").format(self.runs, places), values)
        old = (
            "DELETE FROM {0} WHERE run_id OPERATOR(pg_catalog.=) ANY (SELECT run_id FROM {0}"
            " WHERE target OPERATOR(pg_catalog.=) %s ORDER BY finished_at DESC OFFSET %s)"
        )
        self.db.execute(sql.SQL(old).format(self.runs), (self.label, RECORDED_RUNS))

    def commit(self) -> None:
        """Commit. Raises `Undecided` when the connection is lost before the answer."""
        try:
            with errors_of("target"):
                self.db.commit()
        except DeliveryProblem as problem:
            if problem.paused:
                raise
            raise Undecided(problem.code, "target", problem.detail) from problem

    def now(self) -> datetime:
        moment: datetime = self.db.execute("SELECT pg_catalog.clock_timestamp()").fetchall()[0][0]
        return moment


def _joined(chunks: Iterable[bytes]) -> Iterator[bytes]:
    waiting: list[bytes] = []
    size = 0
    for chunk in chunks:
        waiting.append(chunk)
        size += len(chunk)
        if size >= JOINED:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


#: columns of every table of PostgreSQL
SYSTEM_COLUMNS = frozenset(("tableoid", "ctid", "xmin", "xmax", "cmin", "cmax", "oid"))
LONGEST_NAME = 63  # bytes, in PostgreSQL


def column_of(item: str) -> str:
    """The name of an item's column at the target: the item's, with a mark of it where PostgreSQL
    would cut it short or has a column of that name."""
    if len(item.encode()) <= LONGEST_NAME and item not in SYSTEM_COLUMNS:
        return item
    mark = "_" + hashlib.sha256(item.encode()).hexdigest()[:8]
    return item.encode()[: LONGEST_NAME - len(mark)].decode(errors="ignore") + mark


def _columns(items: Iterable[str]) -> list[str]:
    return [column_of(item) for item in items]


def _declared(item: str, declared: str) -> sql.Composable:
    # from format_type, never from a user
    return sql.SQL("{} {}").format(sql.Identifier(column_of(item)), sql.SQL(declared))


def _names(items: Iterable[str], alias: str = "") -> sql.Composable:
    return sql.SQL(", ").join(
        sql.Identifier(alias, c) if alias else sql.Identifier(c) for c in _columns(items)
    )
