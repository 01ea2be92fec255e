"""The consumer's side: prepare the table, bring it in step, keep the record of runs, all in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime

import psycopg
from psycopg import sql

from huitong.connectors import DatabaseAddress, Guard, TableFound, connect, scan
from huitong.planes.tables.engine.plan import Delivery, Plan
from huitong.planes.tables.engine.problems import DeliveryProblem, Undecided, on
from huitong.planes.tables.engine.source import JOINED, Projection
from huitong.scope.sql import name

RUNS = "huitong_runs"
KEPT_RUNS = 1000  # per table; older records of runs are of no use to a rerun
STAGING = sql.SQL("pg_temp.huitong_staging")
FEW = 100  # below this many rows a fall says nothing

RUNS_TABLE = """
CREATE TABLE IF NOT EXISTS {runs} (
  run_id text PRIMARY KEY, target text NOT NULL, "grant" text NOT NULL, fingerprint text NOT NULL, columns text[] NOT NULL,
  rows bigint NOT NULL, inserted bigint NOT NULL, updated bigint NOT NULL, deleted bigint NOT NULL, bytes bigint NOT NULL,
  source_checksum text NOT NULL, target_checksum text NOT NULL, started_at timestamptz NOT NULL, finished_at timestamptz NOT NULL)
"""
EARLIER = """
SELECT fingerprint, rows, inserted, updated, deleted, bytes, source_checksum, target_checksum, started_at, finished_at
  FROM {} WHERE run_id = %s
"""


@contextmanager
def open_target(address: DatabaseAddress, guard: Guard) -> Iterator[psycopg.Connection]:
    """A writing connection; what the block has not committed itself is undone."""
    with on("target"):
        connection = connect(address, guard=guard, read_only=False, name="huitong tables")
    try:
        with on("target"):
            connection.execute("SELECT pg_catalog.set_config('idle_in_transaction_session_timeout', '0', false)")
            connection.commit()
        yield connection
    finally:
        with suppress(psycopg.Error):  # nobody waits for this answer
            connection.rollback()
        connection.close()


def earlier(connection: psycopg.Connection, schema: str, run_id: str) -> tuple[Delivery, str] | None:
    """The delivery of this run id as the schema's record of runs has it, with the fingerprint of its plan."""
    if not scan(connection, schema, only=[RUNS], count=False):
        return None
    row = connection.execute(sql.SQL(EARLIER).format(runs_of(schema)), (run_id,)).fetchone()
    return (replace(Delivery(run_id, *row[1:]), repeated=True), row[0]) if row else None


def runs_of(schema: str) -> sql.Composable:
    """The schema's record of runs, for statements with parameters: a % in its name is doubled."""
    return sql.SQL(".").join((name(schema), name(RUNS)))


class Target:
    """One table of the consumer within one transaction."""

    def __init__(self, connection: psycopg.Connection, plan: Plan) -> None:
        self.db, self.plan = connection, plan
        self.table = sql.Identifier(*plan.target)  # only in statements without parameters: a % in it stays as it is
        self.runs = runs_of(plan.target[0])
        self.label = ".".join(plan.target)
        self.created = False

    def begin(self) -> Delivery | None:
        """Be the only run on this table; the earlier delivery when this run id is already done."""
        self._alone(self.label)
        if not scan(self.db, self.plan.target[0], only=[RUNS], count=False):
            self._alone(self.plan.target[0])  # two first runs must not both create it
            self.db.execute(sql.SQL(RUNS_TABLE).format(runs=self.runs), ())
        done = earlier(self.db, self.plan.target[0], self.plan.run_id)
        if done and done[1] != self.plan.fingerprint:
            raise DeliveryProblem("different_work", "target", self.plan.run_id)
        return done[0] if done else None

    def _alone(self, what: str) -> None:
        try:
            self.db.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 20200219))", (what,))
        except psycopg.errors.LockNotAvailable:
            raise DeliveryProblem("already_running", "target", what) from None

    def prepare(self, projection: Projection) -> bool:
        """Create or check the table and keep writers out of it. True when rows can go straight in: it is empty and guards the key."""
        if self.plan.target[1] == RUNS:
            raise DeliveryProblem("target_not_ours", "target", self.label)
        last = self.last_columns()
        found = scan(self.db, self.plan.target[0], only=[self.plan.target[1]], count=False)
        if not found:
            self._create(projection)
            return True
        if found[0].kind != "table":
            raise DeliveryProblem("target_not_ours", "target", self.label)
        self.db.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(self.table))
        empty = self.db.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(self.table)).fetchone() is None
        if last is None and not empty:
            raise DeliveryProblem("target_not_ours", "target", self.label)
        self._fit(found[0], projection, last or ())
        return empty and set(found[0].key) == set(self.plan.key)

    def last_columns(self) -> tuple[str, ...] | None:
        query = sql.SQL("SELECT columns FROM {} WHERE target = %s ORDER BY finished_at DESC LIMIT 1").format(self.runs)
        row = self.db.execute(query, (self.label,)).fetchone()
        return tuple(row[0]) if row else None

    def _create(self, projection: Projection) -> None:
        """Without its key, which costs half as much when it is added after the rows."""
        columns = sql.SQL(", ").join(_declared(i, t) for i, t in zip(projection.items, projection.types, strict=True))
        self.db.execute(sql.SQL("CREATE TABLE {} ({})").format(self.table, columns))
        self.created = True
        if self.plan.title:
            self.db.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(self.table, sql.Literal(self.plan.title)))
        for item in projection.items:
            self._comment(item)

    def _comment(self, item: str) -> None:
        title = next((c.title for c in self.plan.columns if c.item == item), "")
        if title:
            column = sql.SQL("{}.{}").format(self.table, sql.Identifier(item))
            self.db.execute(sql.SQL("COMMENT ON COLUMN {} IS {}").format(column, sql.Literal(title)))

    def _fit(self, found: TableFound, projection: Projection, last: tuple[str, ...]) -> None:
        """The grant grew: add columns. It shrank: what is no longer granted goes, contents and all."""
        for item, declared in zip(projection.items, projection.types, strict=True):
            column = found.column(item)
            if column is None:
                self.db.execute(sql.SQL("ALTER TABLE {} ADD COLUMN {}").format(self.table, _declared(item, declared)))
                self._comment(item)
            elif column.type != declared:
                raise DeliveryProblem("target_type_changed", "target", f"{item}：{declared} → {column.type}")
        for item in last:
            if item not in projection.items and found.column(item):
                self.db.execute(sql.SQL("ALTER TABLE {} DROP COLUMN {}").format(self.table, sql.Identifier(item)))

    def stage(self, projection: Projection) -> None:
        columns = sql.SQL(", ").join(_declared(i, t) for i, t in zip(projection.items, projection.types, strict=True))
        self.db.execute(sql.SQL("CREATE TEMP TABLE huitong_staging ({}) ON COMMIT DROP").format(columns))

    def copy_in(self, chunks: Iterable[bytes], projection: Projection, *, straight: bool) -> None:
        """Write what the source sends, joined: into the table itself, or into staging."""
        into = self.table if straight else STAGING
        form = sql.SQL("BINARY" if projection.fast else "TEXT")
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT {})").format(into, _names(projection.items), form)
        try:
            with self.db.cursor() as cursor, cursor.copy(statement) as copy:
                for joined in _joined(chunks):
                    copy.write(joined)
        except (psycopg.errors.UniqueViolation, psycopg.errors.NotNullViolation) as error:
            if error.diag.constraint_name == f"{self.plan.target[1]}_pkey" or error.diag.column_name in self.plan.key:
                raise DeliveryProblem("key_not_unique", "source", "、".join(self.plan.key)) from None
            raise

    def guard_key(self) -> None:
        """Give the table we made its key. Raises `DeliveryProblem` when the rows have it twice or not at all."""
        if self.created:
            self._add_key(self.table)

    def _add_key(self, table: sql.Composable) -> None:
        try:
            self.db.execute(sql.SQL("ALTER TABLE {} ADD PRIMARY KEY ({})").format(table, _names(self.plan.key)))
        except (psycopg.errors.UniqueViolation, psycopg.errors.NotNullViolation):
            raise DeliveryProblem("key_not_unique", "source", "、".join(self.plan.key)) from None

    def check_fall(self, rows: int) -> None:
        """Refuse when far fewer rows arrive than last time: an emptied source must not empty the consumer."""
        query = sql.SQL("SELECT rows FROM {} WHERE target = %s ORDER BY finished_at DESC LIMIT 1").format(self.runs)
        before = self.db.execute(query, (self.label,)).fetchone()
        if before and before[0] >= FEW and rows < before[0] * (1 - self.plan.largest_fall):
            raise DeliveryProblem("rows_fell", "source", f"上次 {before[0]} 行，本次 {rows} 行")

    def apply(self, projection: Projection) -> tuple[int, int, int]:
        """From staging to the table: (inserted, updated, deleted). Rows that are the same are not touched."""
        key = self.plan.key
        self._add_key(STAGING)
        self.db.execute(sql.SQL("ANALYZE {}").format(STAGING))
        same = sql.SQL(" AND ").join(sql.SQL("t.{0} = s.{0}").format(sql.Identifier(k)) for k in key)
        parts = {"table": self.table, "staging": STAGING, "same": same, "names": _names(projection.items), "given": _names(projection.items, "s")}
        deleted = self._do("DELETE FROM {table} t WHERE NOT EXISTS (SELECT FROM {staging} s WHERE {same})", parts)
        others = [i for i in projection.items if i not in key]
        updated = 0
        if others:
            parts["sets"] = sql.SQL(", ").join(sql.SQL("{0} = s.{0}").format(sql.Identifier(i)) for i in others)
            parts["old"], parts["new"] = _names(others, "t"), _names(others, "s")
            # *<> compares the stored bytes: NULLs, types without equality, and 1.0 against 1.00, which the checksum tells apart
            updated = self._do("UPDATE {table} t SET {sets} FROM {staging} s WHERE {same} AND ROW({old})::record *<> ROW({new})::record", parts)
        fresh = "INSERT INTO {table} ({names}) SELECT {given} FROM {staging} s WHERE NOT EXISTS (SELECT FROM {table} t WHERE {same})"
        return self._do(fresh, parts), updated, deleted

    def _do(self, statement: str, parts: dict[str, sql.Composable]) -> int:
        return self.db.execute(sql.SQL(statement).format(**parts)).rowcount

    def projection_query(self, projection: Projection) -> str:
        """The same columns as granted, from the consumer's table."""
        items = ", ".join(sql.Identifier(i).as_string(self.db) for i in projection.items)
        where = ".".join(sql.Identifier(part).as_string(self.db) for part in self.plan.target)
        return f"SELECT {items} FROM {where}"  # noqa: S608 quoted above

    def record(self, delivery: Delivery, projection: Projection) -> None:
        """The record of this run, in the transaction of its data: this is what makes a rerun safe."""
        d, plan = delivery, self.plan
        values = (d.run_id, self.label, plan.grant, plan.fingerprint, list(projection.items), d.rows, d.inserted, d.updated, d.deleted, d.bytes,
                  d.source_checksum, d.target_checksum, d.started_at, d.finished_at)  # fmt: skip
        places = sql.SQL(", ").join([sql.Placeholder()] * len(values))
        self.db.execute(sql.SQL("INSERT INTO {} VALUES ({})").format(self.runs, places), values)
        old = "DELETE FROM {0} WHERE run_id IN (SELECT run_id FROM {0} WHERE target = %s ORDER BY finished_at DESC OFFSET %s)"
        self.db.execute(sql.SQL(old).format(self.runs), (self.label, KEPT_RUNS))

    def commit(self) -> None:
        """Make it so. Raises `Undecided` when the connection goes before the answer has come."""
        try:
            with on("target"):
                self.db.commit()
        except DeliveryProblem as problem:
            if problem.paused:
                raise
            raise Undecided(problem.code, "target", problem.detail) from problem

    def now(self) -> datetime:
        moment: datetime = self.db.execute("SELECT clock_timestamp()").fetchall()[0][0]
        return moment


def _joined(chunks: Iterable[bytes]) -> Iterator[bytes]:
    held: list[bytes] = []
    size = 0
    for chunk in chunks:
        held.append(chunk)
        size += len(chunk)
        if size >= JOINED:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)


def _declared(item: str, declared: str) -> sql.Composable:
    return sql.SQL("{} {}").format(sql.Identifier(item), sql.SQL(declared))  # from format_type, never from a user


def _names(items: Iterable[str], alias: str = "") -> sql.Composable:
    return sql.SQL(", ").join(sql.Identifier(alias, i) if alias else sql.Identifier(i) for i in items)
