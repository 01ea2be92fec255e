"""Sealing: entries become leaves, leaves a tree, the tree a signed checkpoint (A28).

Sealing is no act of a person and writes no entry, else it would never come to rest; its trace is
the checkpoint itself.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from huitong.audit import queries
from huitong.audit.models import Checkpoint, Leaf, Node
from huitong.audit.rules import tree
from huitong.audit.rules.note import CheckpointText
from huitong.kernel.ledger import Entry, writing

#: the lock that makes one sealer of many; the number only has to be nobody else's
LOCK = 0x6875_7469
#: entries taken at once: bounds memory and the length of one insert
BATCH = 2000

# An entry may be sealed once no older transaction can still bring one that belongs before it.
# Numbers from before a restore into a fresh cluster lie above anything running here: those are
# settled too, and go first.
WAITING = """
    SELECT e.seq
    FROM kernel_entry e,
         (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest,
                 pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next) AS now
    WHERE (e.xid < now.oldest OR (e.xid >= now.next AND %(restored)s))
      AND (e.xid, e.seq) > (%(xid)s, %(seq)s)
      AND NOT EXISTS (SELECT FROM audit_leaf l WHERE l.entry_id = e.seq)
    ORDER BY e.xid < now.oldest, e.xid, e.seq LIMIT %(batch)s
"""


def seal(batch: int = BATCH) -> Checkpoint | None:
    """Seal all that can be sealed and sign where the ledger now stands.

    Returns the new checkpoint; None when there was nothing to do or another sealer is at work. Safe
    to call at any time from anywhere. Raises `queries.LedgerBroken`. Work and memory grow with what
    is new, not with the ledger.
    """
    with transaction.atomic(), writing("audit.seal"):
        if not _locked():
            return None
        last = queries.latest()
        growing = queries.tree_as_signed(last)
        size_before = growing.size
        while entries := _waiting(growing.size, batch):
            _append(growing, entries)
        if growing.size == size_before:
            return None
        claim = CheckpointText(
            queries.signer().name, growing.size, growing.root(), growing.suite.name
        )
        note = queries.signer().sign(str(claim))
        return Checkpoint.objects.create(
            size=claim.size,
            root=claim.root,
            at=timezone.now(),
            suite=claim.suite,
            key=str(queries.signer().key),
            note=str(note),
        )


def _locked() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def _waiting(size: int, batch: int) -> list[Entry]:
    """The next entries to seal, in the order of their transactions, beginning after the last one
    sealed."""
    last = (
        Leaf.objects.filter(number=size - 1).values_list("entry__xid", "entry__seq").first()
        if size
        else (0, 0)
    )
    if last is None:
        raise queries.LedgerBroken(f"第 {size - 1} 条的台账条目已不存在。")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        restored = size == 0 or last[0] >= cursor.fetchone()[0]
        after: dict[str, Any] = {"restored": restored, "xid": 0, "seq": 0, "batch": batch}
        if not restored:
            after |= {"xid": last[0], "seq": last[1]}
        cursor.execute(WAITING, after)
        seqs = [seq for (seq,) in cursor.fetchall()]
    entries = Entry.objects.in_bulk(seqs)
    return [entries[seq] for seq in seqs]


def _append(growing: tree.Frontier, entries: list[Entry]) -> None:
    leaves, nodes = [], []
    for entry in entries:
        value = growing.suite.leaf(entry.canonical())
        leaves.append(Leaf(number=growing.size, entry_id=entry.pk, hash=value))
        nodes += [
            Node(level=level, index=index, hash=node)
            for (level, index), node in growing.append(value)
        ]
    Leaf.objects.bulk_create(leaves)
    Node.objects.bulk_create(nodes)
