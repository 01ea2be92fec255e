"""Where an entry stands in the tree, and the proofs that follow from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from huitong.audit.models import Checkpoint, Leaf
from huitong.audit.rules import tree
from huitong.audit.rules.export import Line
from huitong.audit.rules.note import VerifierKey, parse_keys
from huitong.audit.rules.signing import Signer, load_or_create
from huitong.audit.rules.suites import SUITES, Suite
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import AgainstRules, Problem


@cache
def signer() -> Signer:
    """This platform's key: the setting's file, else one made at first use under the data folder.

    A key that follows others signs under their name: the ledger is still the same one.
    """
    old = old_keys()
    return load_or_create(
        Path(settings.LEDGER_KEY), settings.LEDGER_ORIGIN or (old[0].name if old else "")
    )


def keys() -> list[VerifierKey]:
    """Our public keys, those no longer used included. Raises NoteError for a malformed setting."""
    return [signer().key, *old_keys()]


def old_keys() -> list[VerifierKey]:
    """The public keys that signed before the present one. Raises NoteError for a malformed
    setting."""
    return parse_keys("\n".join(settings.LEDGER_OLD_KEYS))


def witness_keys() -> list[VerifierKey]:
    """Keys of the platforms whose checkpoints we keep. Raises NoteError for a malformed setting."""
    return parse_keys("\n".join(settings.WITNESSED_KEYS))


def latest(most: int | None = None) -> Checkpoint | None:
    """The last checkpoint; of those of at most so many entries, where that is given."""
    rows = Checkpoint.objects.order_by("-size")
    return (rows if most is None else rows.filter(size__lte=most)).first()


class LedgerBroken(Problem):
    """Entries sealed before are no longer there as they were: nothing more is signed until someone
    has looked."""

    status, code = 503, "ledger_broken"

    def __init__(self, detail: str) -> None:
        super().__init__(
            detail,
            article="A28",
            who="审计管理员",
            remedy="请立即查明原因，并用平台之外保存的检查点核验导出文件。",
        )


def suite() -> Suite:
    """A ledger stays with the hash it began with; the setting counts for the first checkpoint.
    Raises `LedgerBroken`."""
    last = latest()
    name = last.suite if last else settings.LEDGER_SUITE
    if name not in SUITES:
        raise LedgerBroken(f"检查点所写的哈希算法“{name}”不存在。")
    return SUITES[name]


def stored(places: list[tree.Place]) -> dict[tree.Place, bytes]:
    """The hashes of complete subtrees, in two queries whatever their number."""
    leaves = [index for level, index in places if level == 0]
    hashes: dict[tree.Place, bytes] = {
        (0, number): bytes(value)
        for number, value in Leaf.objects.filter(pk__in=leaves).values_list("number", "hash")
    }
    if above := [place for place in places if place[0]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT level, index, hash FROM audit_node JOIN unnest(%s::int[], %s::bigint[]) AS"
                " wanted(l, i) ON level = l AND index = i",
                [[level for level, _ in above], [index for _, index in above]],
            )
            hashes |= {(level, index): bytes(value) for level, index, value in cursor.fetchall()}
    return hashes


def frontier(size: int) -> list[bytes]:
    """The complete subtrees of the first ``size`` leaves. Raises `LedgerBroken` when one is not
    stored."""
    places = tree.places((0, size))
    hashes = stored(places)
    if missing := [place for place in places if place not in hashes]:
        raise _node_gone(missing[0])
    return [hashes[place] for place in places]


def _hashes(hashing: Suite, spans: list[tree.Span]) -> list[bytes]:
    """The hashes of spans of the stored tree. Raises `LedgerBroken`."""
    try:
        return tree.hashes(hashing, spans, stored)
    except KeyError as missing:
        raise _node_gone(missing.args[0]) from None


def _node_gone(place: tree.Place) -> LedgerBroken:
    return LedgerBroken(f"封存树第 {place[0]} 层的第 {place[1]} 个节点已不存在。")


def tree_as_signed(last: Checkpoint | None) -> tree.Frontier:
    """The tree as far as it is sealed, if it still is the one that was signed, by us. Raises
    `LedgerBroken`."""
    size, signed = size_sealed(), last.size if last else 0
    if size != signed:
        raise LedgerBroken(f"最近的检查点封存了 {signed} 条，数据库中却有 {size} 条。")
    growing = tree.Frontier(suite(), size, frontier(size))
    if last is None:
        return growing
    if growing.root() != bytes(last.root):
        raise LedgerBroken(f"前 {size} 条的根哈希与签名时不同。")
    if last.key not in map(str, keys()):
        raise LedgerBroken(
            f"最近的检查点由 {last.key} 签名，本机的密钥是 {signer().key}：各主机的"
            " HUITONG_LEDGER_KEY 和 "
            "HUITONG_LEDGER_ORIGIN 应相同；更换密钥时请把旧公钥列入 HUITONG_LEDGER_OLD_KEYS。"
        )
    return growing


def size_sealed() -> int:
    last = Leaf.objects.order_by("-number").values_list("number", flat=True).first()
    return 0 if last is None else last + 1


@dataclass(frozen=True)
class Proof:
    """The place of an entry in the tree, with the hashes that prove it."""

    leaf: int
    hash: bytes
    path: tuple[bytes, ...]
    checkpoint: Checkpoint

    def as_json(self) -> dict[str, Any]:
        return {
            "leaf": self.leaf,
            "hash": self.hash.hex(),
            "proof": [h.hex() for h in self.path],
            "checkpoint": self.checkpoint.note,
        }


def proof_of(entry: Entry, checkpoint: Checkpoint | None = None) -> Proof | None:
    """The inclusion proof of an entry against a checkpoint, else the latest; None while it is
    not sealed. Raises `LedgerBroken`."""
    leaf = Leaf.objects.filter(entry=entry.pk).first()
    head = checkpoint or latest()
    if leaf is None or head is None or leaf.number >= head.size:
        return None
    return Proof(
        leaf.number,
        bytes(leaf.hash),
        tuple(_hashes(suite(), tree.inclusion(leaf.number, head.size))),
        head,
    )


def proves(entry: Entry, proof: Proof) -> bool:
    """Whether the entry, as it stands in the database now, is what was sealed."""
    hashing = suite()
    root = tree.root_by_inclusion(
        hashing, proof.leaf, proof.checkpoint.size, hashing.leaf(entry.canonical()), proof.path
    )
    return root == bytes(proof.checkpoint.root)


def consistency(old: int, size: int) -> list[bytes]:
    """The proof that the tree of ``size`` only added to that of ``old``. Raises `AgainstRules`
    for sizes there are not, `LedgerBroken`."""
    if not 0 < old <= size <= size_sealed():
        raise AgainstRules(
            f"没有第 {old} 条至第 {size} 条之间的一致性证明。",
            remedy="两个大小都应取自已发布的检查点。",
        )
    return _hashes(suite(), tree.consistency(old, size))


def lines(first: int, size: int) -> Iterator[Line]:
    """The sealed entries from leaf ``first`` on, in leaf order and constant memory."""
    at = first
    while at < size:
        leaves = Leaf.objects.filter(number__gte=at, number__lt=min(at + 1000, size)).order_by(
            "number"
        )
        for leaf in leaves.select_related("entry"):
            yield Line(leaf.number, bytes(leaf.hash), leaf.entry.canonical())
        at += 1000
