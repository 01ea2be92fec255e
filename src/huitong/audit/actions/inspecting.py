"""Reading the whole ledger again: each entry against its leaf, the leaves against every root
that was ever signed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any, TypeVar

from django.db import connection, transaction
from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued

from huitong.audit import queries
from huitong.audit.models import Checkpoint, Inspection, Leaf
from huitong.audit.rules import tree
from huitong.audit.rules.note import CheckpointText, Note, NoteError
from huitong.kernel import jobs
from huitong.kernel.actor import BODY, Actor, Post
from huitong.kernel.doing import recorded
from huitong.kernel.ledger import Entry, writing

Fault = dict[str, Any]
Item = TypeVar("Item")

#: of all faults so many are kept; one is enough to call for the export and `huitong verify`
MOST_FAULTS = 100

# entries older than the last one sealed that have no leaf: put in afterwards. In a database
# restored into a fresh cluster what is new has lower numbers of transactions until it is sealed
SLIPPED_IN = """
    WITH last AS (
      SELECT k.xid, k.seq FROM audit_leaf l JOIN kernel_entry k ON k.seq = l.entry_id
      ORDER BY l.number DESC LIMIT 1)
    SELECT e.seq FROM kernel_entry e, last
    WHERE e.xid < last.xid
      AND (last.xid < pg_snapshot_xmax(pg_current_snapshot())::text::bigint OR e.seq < last.seq)
      AND NOT EXISTS (SELECT FROM audit_leaf l WHERE l.entry_id = e.seq)
    ORDER BY e.seq LIMIT %s
"""


@recorded("A28", BODY(Post.AUDIT_ADMIN), label="核验台账")
def check(actor: Actor) -> None:
    """Ask for an inspection now; a worker does it, as it may take minutes."""
    with suppress(AlreadyEnqueued), transaction.atomic():  # one that waits already will do
        jobs.defer("audit.inspect", queueing_lock="audit.inspect", queue="audit")


def inspect() -> Inspection:
    """Check everything against everything and keep the outcome; outside checkpoints count most,
    for the owner of the database can rewrite all the rest. Constant memory; time grows with the
    ledger, which grows meanwhile."""
    start = time.monotonic()
    compared, faults = _outside()
    # in this order: leaves and their checkpoint appear at once
    leaves, head = queries.size_sealed(), queries.latest()
    size = head.size if head else 0
    if leaves > size:
        faults.append({"kind": "inserted", "leaf": size})
    read, inside = _read(size)
    with connection.cursor() as cursor:
        cursor.execute(SLIPPED_IN, [MOST_FAULTS])
        slipped = [{"kind": "inserted", "entry": seq} for (seq,) in cursor.fetchall()]
    with transaction.atomic(), writing("audit.inspect"):
        return Inspection.objects.create(
            at=timezone.now(),
            seconds=time.monotonic() - start,
            entries=read,
            size=size,
            compared=compared,
            faults=(faults + inside + slipped)[:MOST_FAULTS],
        )


def _outside() -> tuple[int, list[Fault]]:
    """Compare our checkpoints that left the machine with those in the database."""
    compared, faults = 0, list[Fault]()
    for notes in _batches(queries.outside_notes()):
        # asked after the files were read: what has left was sealed before
        size = queries.size_sealed()
        claims = []
        for path, note in notes:
            try:
                claims.append((path, note, CheckpointText.parse(note.text if note else "")))
            except NoteError:
                faults.append({"kind": "unreadable", "file": path})
        roots = {
            c.size: bytes(c.root)
            for c in Checkpoint.objects.filter(size__in=[claim.size for _, _, claim in claims])
        }
        for path, note, claim in claims:
            where = {"file": path, "size": claim.size}
            if _signed_root(str(note)) is None:
                faults.append({"kind": "signature"} | where)
            elif claim.size > size:
                faults.append({"kind": "tail"} | where)
            elif roots.get(claim.size) != claim.root:
                faults.append({"kind": "root"} | where)
            compared += 1
    return compared, faults


def _read(size: int) -> tuple[int, list[Fault]]:
    """The first ``size`` entries, each against its leaf, and the tree they make against every
    checkpoint up to there."""
    faults: list[Fault] = []
    try:
        growing = tree.Frontier(queries.suite())
    except queries.LedgerBroken:
        return 0, [{"kind": "signature", "size": size}]
    checkpoints = Checkpoint.objects.filter(size__lte=size).order_by("size").iterator()
    due = next(checkpoints, None)
    for leaf, value, content in _leaves(size):
        if leaf != growing.size:
            return growing.size, [*faults, {"kind": "removed", "leaf": growing.size}]
        if content is None or growing.suite.leaf(content) != value:
            faults.append({"kind": "removed" if content is None else "changed", "leaf": leaf})
        growing.append(value)
        while due is not None and due.size <= growing.size:
            if _signed_root(due.note) != bytes(due.root):
                faults.append({"kind": "signature", "size": due.size})
            if bytes(due.root) != growing.root():
                return growing.size, [*faults, {"kind": "root", "size": due.size}]
            due = next(checkpoints, None)
        if len(faults) >= MOST_FAULTS:
            return growing.size, faults
    if due is not None:
        faults.append({"kind": "tail", "size": due.size})
    return growing.size, faults


def _leaves(size: int) -> Iterator[tuple[int, bytes, bytes | None]]:
    """Leaf number, stored hash and the canonical bytes of the entry, or None where the entry is
    gone."""
    last = -1
    while rows := list(
        Leaf.objects.filter(number__gt=last, number__lt=size)
        .order_by("number")
        .values_list("number", "hash", "entry_id")[:1000]
    ):
        entries = Entry.objects.in_bulk([entry for _, _, entry in rows])
        for number, value, entry in rows:
            yield number, bytes(value), entries[entry].canonical() if entry in entries else None
        last = rows[-1][0]


def _signed_root(text: str) -> bytes | None:
    """The root a checkpoint states over our signature; None when this is no checkpoint of ours."""
    try:
        note = Note.parse(text)
        return CheckpointText.parse(note.text).root if note.signers(queries.keys()) else None
    except NoteError:
        return None


def _batches(items: Iterator[Item], size: int = 500) -> Iterator[list[Item]]:
    while batch := list(islice(items, size)):
        yield batch
