"""A run from beginning to end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import psycopg

from huitong.connectors import DatabaseAddress, Guard, GuestConnection
from huitong.planes.tables.engine.plan import Delivery, Plan, Progress
from huitong.planes.tables.engine.problems import DeliveryProblem, errors_of
from huitong.planes.tables.engine.source import (
    Projection,
    changed,
    checksum,
    copy_out,
    hash_for,
    open_source,
    project,
)
from huitong.planes.tables.engine.target import Target, earlier, open_target
from huitong.planes.tables.engine.tokens import LineSum, masked

Watch = Callable[[Progress], None]
REPORT_EVERY = 4 * 2**20  # bytes between two reports of progress


def run(
    plan: Plan,
    source: DatabaseAddress,
    target: DatabaseAddress,
    *,
    guard: Guard,
    keys: Mapping[str, bytes] | None = None,
    progress: Watch = lambda _: None,
) -> Delivery:
    """Bring the target in step with the granted part of the source. ``keys``: name → secret, for
    keyed tokens.

    One source snapshot, one target transaction: readers see the old rows or the new, never none and
    never a mixture. Nothing is committed unless count and checksum agree on both sides. An
    error of ``progress`` stops the run and is raised. Raises `DeliveryProblem`.
    """
    if not plan.key:
        raise DeliveryProblem("no_key", "source", ".".join(plan.source))
    progress(Progress("checking"))
    with open_target(target, guard) as writing:
        with errors_of("target"):
            table = Target(writing, plan)
            if delivered := table.begin():
                return delivered
            started = table.now()
        with open_source(source, guard) as reading:
            return _deliver(reading, table, plan, keys or {}, progress, started)


def _deliver(
    reading: GuestConnection,
    table: Target,
    plan: Plan,
    keys: Mapping[str, bytes],
    progress: Watch,
    started: datetime,
) -> Delivery:
    projection = project(reading, plan)
    with errors_of("target"):
        is_new = table.prepare(projection)
        if not is_new:
            table.stage(projection)
    meter = _Meter(progress, binary=projection.fast)
    lines = LineSum()
    rows: Iterable[bytes] = _from_source(reading, projection)
    if not projection.fast:
        rows = lines.through(masked(rows, projection.tokens, keys))
    with errors_of("target"):
        table.copy_in(meter.watched(rows), projection, straight=is_new)
    progress(Progress("applying", meter.rows, meter.bytes))
    with ThreadPoolExecutor(1) as executor:  # the source adds up its side while the target applies
        how = hash_for(projection, reading, table.db)
        source_total = executor.submit(_source_sum, reading, projection, lines, how)
        with errors_of("target"):
            counts = _apply(table, projection, is_new)
            table.fire_triggers()
            progress(Progress("reconciling", meter.rows, meter.bytes))
            at_target = _target_sum(table, projection, how)
        at_source = source_total.result()
    # collations may hash equal text differently: compare as text
    if at_source != at_target and how == "record":
        at_source = _source_sum(reading, projection, lines, "text")
        with errors_of("target"):
            at_target = _target_sum(table, projection, "text")
    if at_source != at_target:
        raise DeliveryProblem(
            "mismatch",
            "target",
            f"源 {at_source[0]} 行 {at_source[1]}，目标 {at_target[0]} 行 {at_target[1]}",
        )
    with errors_of("source"):
        if changed(reading, plan.source):
            raise DeliveryProblem("source_changing", "source", ".".join(plan.source))
    with errors_of("target"):
        table.check_unmoved()
        table.check_fall(at_source[0])
        inserted, updated, deleted = counts or (at_source[0], 0, 0)
        delivery = Delivery(
            plan.run_id,
            at_source[0],
            inserted,
            updated,
            deleted,
            meter.bytes,
            at_source[1],
            at_target[1],
            started,
            table.now(),
        )
        table.record(delivery, projection)
    # the sums may have needed long: the last moment to stop
    progress(Progress("reconciling", meter.rows, meter.bytes))
    table.commit()
    return delivery


def _from_source(reading: psycopg.Connection, projection: Projection) -> Iterator[bytes]:
    with errors_of("source"):
        yield from copy_out(reading, projection.query, binary=projection.fast)


def _apply(table: Target, projection: Projection, is_new: bool) -> tuple[int, int, int] | None:
    """Apply the rows: the numbers inserted, updated, deleted; None when all rows are new."""
    if not is_new:
        return table.apply(projection)
    table.guard_key()
    return None


def _source_sum(
    reading: psycopg.Connection, projection: Projection, lines: LineSum, how: str
) -> tuple[int, str]:
    if not projection.fast:
        return lines.result()
    with errors_of("source"):
        return checksum(reading, projection.query, how)


def _target_sum(table: Target, projection: Projection, how: str) -> tuple[int, str]:
    query = table.projection_query(projection)
    if projection.fast:
        return checksum(table.db, query, how)
    lines = LineSum()
    for _ in lines.through(copy_out(table.db, query, binary=False)):
        pass
    return lines.result()


class _Meter:
    """Counts rows and bytes and reports progress. ``binary``: the last message is the end mark of
    COPY, not a row."""

    def __init__(self, progress: Watch, *, binary: bool) -> None:
        self.rows, self.bytes, self._reported, self._progress, self._binary = (
            0,
            0,
            0,
            progress,
            binary,
        )

    def watched(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.rows += 1
            self.bytes += len(chunk)
            if self.bytes - self._reported >= REPORT_EVERY:
                self._reported = self.bytes
                self._progress(Progress("copying", self.rows, self.bytes))
            yield chunk
        self.rows -= self._binary


def outcome(run_id: str, schema: str, target: DatabaseAddress, *, guard: Guard) -> Delivery | None:
    """The delivery of a run that was cut off, from the target's own record; None when there was
    none. Raises `DeliveryProblem`."""
    with open_target(target, guard) as writing, errors_of("target"):
        done = earlier(writing, schema, run_id)
        return done[0] if done else None
