"""One run from beginning to end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import psycopg

from huitong.connectors import DatabaseAddress, Guard, GuestConnection
from huitong.planes.tables.engine.plan import Delivery, Plan, Progress
from huitong.planes.tables.engine.problems import DeliveryProblem, on
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
TELL_EVERY = 4 * 2**20  # bytes between two words of progress


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
    never a mixture. Nothing is committed unless count and checksum agree on both sides. What
    ``progress`` raises stops the run and passes through. Raises `DeliveryProblem`.
    """
    if not plan.key:
        raise DeliveryProblem("no_key", "source", ".".join(plan.source))
    progress(Progress("checking"))
    with open_target(target, guard) as writing:
        with on("target"):
            there = Target(writing, plan)
            if done := there.begin():
                return done
            started = there.now()
        with open_source(source, guard) as reading:
            return _deliver(reading, there, plan, keys or {}, progress, started)


def _deliver(
    reading: GuestConnection,
    there: Target,
    plan: Plan,
    keys: Mapping[str, bytes],
    progress: Watch,
    started: datetime,
) -> Delivery:
    projection = project(reading, plan)
    with on("target"):
        straight = there.prepare(projection)
        if not straight:
            there.stage(projection)
    flow = _Flow(progress, binary=projection.fast)
    lines = LineSum()
    rows: Iterable[bytes] = _from_source(reading, projection)
    if not projection.fast:
        rows = lines.through(masked(rows, projection.tokens, keys))
    with on("target"):
        there.copy_in(flow.watched(rows), projection, straight=straight)
    progress(Progress("applying", flow.rows, flow.bytes))
    with ThreadPoolExecutor(1) as beside:  # the source adds up its side while the target applies
        how = hash_for(projection, reading, there.db)
        adding = beside.submit(_source_sum, reading, projection, lines, how)
        with on("target"):
            counts = _applied(there, projection, straight)
            there.fire_triggers()
            progress(Progress("reconciling", flow.rows, flow.bytes))
            arrived = _target_sum(there, projection, how)
        sent = adding.result()
    # collations may hash equal text differently: text decides
    if sent != arrived and how == "record":
        sent = _source_sum(reading, projection, lines, "text")
        with on("target"):
            arrived = _target_sum(there, projection, "text")
    if sent != arrived:
        raise DeliveryProblem(
            "mismatch", "target", f"源 {sent[0]} 行 {sent[1]}，目标 {arrived[0]} 行 {arrived[1]}"
        )
    with on("source"):
        if changed(reading, plan.source):
            raise DeliveryProblem("source_changing", "source", ".".join(plan.source))
    with on("target"):
        there.check_unmoved()
        there.check_fall(sent[0])
        inserted, updated, deleted = counts or (sent[0], 0, 0)
        delivery = Delivery(
            plan.run_id,
            sent[0],
            inserted,
            updated,
            deleted,
            flow.bytes,
            sent[1],
            arrived[1],
            started,
            there.now(),
        )
        there.record(delivery, projection)
    # adding up may have taken long: the last moment to stop
    progress(Progress("reconciling", flow.rows, flow.bytes))
    there.commit()
    return delivery


def _from_source(reading: psycopg.Connection, projection: Projection) -> Iterator[bytes]:
    with on("source"):
        yield from copy_out(reading, projection.query, binary=projection.fast)


def _applied(there: Target, projection: Projection, straight: bool) -> tuple[int, int, int] | None:
    """Inserted, updated, deleted; None when all rows are new."""
    if not straight:
        return there.apply(projection)
    there.guard_key()
    return None


def _source_sum(
    reading: psycopg.Connection, projection: Projection, lines: LineSum, how: str
) -> tuple[int, str]:
    if not projection.fast:
        return lines.told()
    with on("source"):
        return checksum(reading, projection.query, how)


def _target_sum(there: Target, projection: Projection, how: str) -> tuple[int, str]:
    query = there.projection_query(projection)
    if projection.fast:
        return checksum(there.db, query, how)
    lines = LineSum()
    for _ in lines.through(copy_out(there.db, query, binary=False)):
        pass
    return lines.told()


class _Flow:
    """Counts what passes and says so now and then. ``binary``: the last message is the end mark
    of COPY, not a row."""

    def __init__(self, progress: Watch, *, binary: bool) -> None:
        self.rows, self.bytes, self._told, self._progress, self._binary = 0, 0, 0, progress, binary

    def watched(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.rows += 1
            self.bytes += len(chunk)
            if self.bytes - self._told >= TELL_EVERY:
                self._told = self.bytes
                self._progress(Progress("copying", self.rows, self.bytes))
            yield chunk
        self.rows -= self._binary


def outcome(run_id: str, schema: str, target: DatabaseAddress, *, guard: Guard) -> Delivery | None:
    """What the target's own record says of a run that was cut off; None when it was not done.
    Raises `DeliveryProblem`."""
    with open_target(target, guard) as writing, on("target"):
        done = earlier(writing, schema, run_id)
        return done[0] if done else None
