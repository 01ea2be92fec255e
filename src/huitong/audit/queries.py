"""Questions about the ledger: who may read which entries, where an entry stands in the tree, how sealing stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone

from huitong.audit.models import Checkpoint, Inspection, Leaf, Package, Publication, Witnessed
from huitong.audit.rules import tree
from huitong.audit.rules.export import Line
from huitong.audit.rules.note import Note, VerifierKey, parse_keys, parse_notes
from huitong.audit.rules.signing import Signer, load_or_create
from huitong.audit.rules.suites import SUITES, Suite
from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import AgainstRules, NotVisible, NotYours

# -- who sees what ---------------------------------------------------------------------------------------------


def entries_visible_to(actor: Actor) -> QuerySet[Entry]:
    """The audit administrator reads all; others what they did themselves and what was done in cases they may see."""
    if is_auditor(actor):
        return Entry.objects.all()
    own = Q(person=actor.person) if actor.person else Q(pk=None)
    return Entry.objects.filter(own | Q(case__in=Case.objects.visible_to(actor).values("pk")))


def entry_visible_to(actor: Actor, seq: int) -> Entry:
    """Raises `NotVisible`."""
    if (entry := entries_visible_to(actor).filter(pk=seq).first()) is None:
        raise NotVisible("该台账条目")
    return entry


def case_visible_to(actor: Actor, pk: int) -> Case:
    """A case whose evidence this actor may ask for. Raises `NotVisible`."""
    cases = Case.objects.all() if is_auditor(actor) else Case.objects.visible_to(actor)
    if (case := cases.filter(pk=pk).first()) is None:
        raise NotVisible("该事项")
    return case


def search(actor: Actor, *, who: str = "", verb: str = "", article: str = "", body: int | None = None, case: int | None = None,
           object_type: str = "", object_id: str = "", since: datetime | None = None,
           until: datetime | None = None) -> QuerySet[Entry]:
    """Entries this actor may see that match all that is given, youngest first."""
    exact = {"article": article, "body": body, "case": case, "object_type": object_type, "object_id": object_id}
    found = entries_visible_to(actor).filter(**{name: value for name, value in exact.items() if value})
    if who:
        found = found.alias(who=KeyTextTransform("name", "actor")).filter(who=who)
    if verb:
        found = found.filter(Q(verb=verb) | Q(verb__startswith=f"{verb}.") | Q(verb__endswith=f".{verb}"))
    if since:
        found = found.filter(at__gte=since)
    if until:
        found = found.filter(at__lt=until)
    return found.order_by("-seq")


# the body index walked from one body to the next: as many steps as there are bodies, whatever the number of entries
BODIES = """
    WITH RECURSIVE seen(body) AS (
        (SELECT body FROM kernel_entry WHERE body IS NOT NULL ORDER BY body LIMIT 1)
        UNION ALL SELECT (SELECT e.body FROM kernel_entry e WHERE e.body > seen.body ORDER BY e.body LIMIT 1) FROM seen
        WHERE seen.body IS NOT NULL)
    SELECT seen.body, (SELECT e.actor ->> 'body_name' FROM kernel_entry e WHERE e.body = seen.body ORDER BY e.seq DESC LIMIT 1)
    FROM seen WHERE seen.body IS NOT NULL
"""


def bodies_seen() -> list[tuple[int, str]]:
    """The bodies that have acted, under the name they last acted by."""
    with connection.cursor() as cursor:
        cursor.execute(BODIES)
        return [(body, name or f"部门 {body}") for body, name in cursor.fetchall()]


def is_auditor(actor: Actor) -> bool:
    """Whether this actor reads the whole ledger."""
    return actor.is_system or actor.has(Post.AUDIT_ADMIN)


def auditors_only(actor: Actor) -> None:
    """Raises `NotYours` for everybody else."""
    if not is_auditor(actor):
        raise NotYours("台账的封存状态与核验由审计管理员查看。", article="A28", who="审计管理员")


# -- the tree --------------------------------------------------------------------------------------------------


@cache
def signer() -> Signer:
    """This platform's key: the setting's file, else one made at first use under the data folder."""
    return load_or_create(Path(settings.LEDGER_KEY), settings.LEDGER_ORIGIN)


def keys() -> list[VerifierKey]:
    """Our public keys, those no longer used included. Raises NoteError for a malformed setting."""
    return [signer().key, *parse_keys("\n".join(settings.LEDGER_OLD_KEYS))]


def witness_keys() -> list[VerifierKey]:
    """Keys of the platforms whose checkpoints we keep. Raises NoteError for a malformed setting."""
    return parse_keys("\n".join(settings.WITNESSED_KEYS))


def latest() -> Checkpoint | None:
    return Checkpoint.objects.order_by("-size").first()


def suite() -> Suite:
    """A ledger stays with the hash it began with; the setting counts for the first checkpoint."""
    last = latest()
    return SUITES[last.suite if last else settings.LEDGER_SUITE]


def stored(places: list[tree.Place]) -> dict[tree.Place, bytes]:
    """The hashes of complete subtrees, in two queries whatever their number."""
    leaves = [index for level, index in places if level == 0]
    found: dict[tree.Place, bytes] = {
        (0, number): bytes(value) for number, value in Leaf.objects.filter(pk__in=leaves).values_list("number", "hash")
    }
    if above := [place for place in places if place[0]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT level, index, hash FROM audit_node JOIN unnest(%s::int[], %s::bigint[]) AS wanted(l, i) "
                "ON level = l AND index = i", [[level for level, _ in above], [index for _, index in above]])
            found |= {(level, index): bytes(value) for level, index, value in cursor.fetchall()}
    return found


def frontier(size: int) -> list[bytes]:
    """The complete subtrees of the first ``size`` leaves. Raises KeyError when one is not stored."""
    places = tree.places((0, size))
    known = stored(places)
    return [known[place] for place in places]


class LedgerBroken(RuntimeError):
    """What was sealed before is no longer there as it was: nothing more is signed until someone has looked."""


def tree_as_signed(last: Checkpoint | None) -> tree.Frontier:
    """The tree as far as it is sealed, if it still is the one that was signed, by us. Raises `LedgerBroken`."""
    size, signed = size_sealed(), last.size if last else 0
    if size != signed:
        raise LedgerBroken(f"最近的检查点封存了 {signed} 条，数据库中却有 {size} 条。")
    try:
        growing = tree.Frontier(suite(), size, frontier(size))
    except KeyError as missing:
        raise LedgerBroken(f"封存树的节点 {missing} 已不存在。") from None
    if last is None:
        return growing
    if growing.root() != bytes(last.root):
        raise LedgerBroken(f"前 {size} 条的根哈希与签名时不同。")
    if last.key not in map(str, keys()):
        raise LedgerBroken(f"最近的检查点由 {last.key} 签名，本机的密钥是 {signer().key}：各主机的 HUITONG_LEDGER_KEY 和 "
                           "HUITONG_LEDGER_ORIGIN 应相同；更换密钥时请把旧公钥列入 HUITONG_LEDGER_OLD_KEYS。")
    return growing


def size_sealed() -> int:
    last = Leaf.objects.order_by("-number").values_list("number", flat=True).first()
    return 0 if last is None else last + 1


@dataclass(frozen=True)
class Proof:
    """Where an entry stands and why that is certain."""

    leaf: int
    hash: bytes
    path: tuple[bytes, ...]
    checkpoint: Checkpoint

    def as_json(self) -> dict[str, Any]:
        return {"leaf": self.leaf, "hash": self.hash.hex(), "proof": [h.hex() for h in self.path],
                "checkpoint": self.checkpoint.note}


def proof_of(entry: Entry, checkpoint: Checkpoint | None = None) -> Proof | None:
    """The inclusion proof of an entry against a checkpoint, else the latest; None while it is not sealed."""
    leaf = Leaf.objects.filter(entry=entry.pk).first()
    head = checkpoint or latest()
    if leaf is None or head is None or leaf.number >= head.size:
        return None
    path = tree.hashes(SUITES[head.suite], tree.inclusion(leaf.number, head.size), stored)
    return Proof(leaf.number, bytes(leaf.hash), tuple(path), head)


def proves(entry: Entry, proof: Proof) -> bool:
    """Whether the entry, as it stands in the database now, is what was sealed."""
    hashing = SUITES[proof.checkpoint.suite]
    root = tree.root_by_inclusion(hashing, proof.leaf, proof.checkpoint.size, hashing.leaf(entry.canonical()), proof.path)
    return root == bytes(proof.checkpoint.root)


def consistency(old: int, size: int) -> list[bytes]:
    """The proof that the tree of ``size`` only added to that of ``old``. Raises `AgainstRules` for sizes there are not."""
    if not 0 < old <= size <= size_sealed():
        raise AgainstRules(f"没有第 {old} 条至第 {size} 条之间的一致性证明。", remedy="两个大小都应取自已发布的检查点。")
    return tree.hashes(suite(), tree.consistency(old, size), stored)


def lines(first: int, size: int) -> Iterator[Line]:
    """The sealed entries from leaf ``first`` on, in leaf order and constant memory."""
    at = first
    while at < size:
        leaves = Leaf.objects.filter(number__gte=at, number__lt=min(at + 1000, size)).order_by("number")
        for leaf in leaves.select_related("entry"):
            yield Line(leaf.number, bytes(leaf.hash), leaf.entry.canonical())
        at += 1000


# -- how it stands ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Peer:
    """Another platform whose checkpoints we keep. ``forked``: it gave two that contradict each other."""

    origin: str
    size: int
    at: datetime
    forked: bool


def peers() -> list[Peer]:
    forks = set(Witnessed.objects.values_list("origin", "size").annotate(n=Count("pk")).filter(n__gt=1).values_list("origin", flat=True))
    latest_of = Witnessed.objects.order_by("origin", "-size").distinct("origin")
    return [Peer(row.origin, row.size, row.at, row.origin in forks) for row in latest_of]


@dataclass(frozen=True)
class Target:
    """A place outside to which checkpoints go, and how that went."""

    name: str
    size: int | None
    at: datetime | None
    trouble: str


@dataclass(frozen=True)
class Status:
    sealed: int
    unsealed: int
    oldest_unsealed: datetime | None
    checkpoint: Checkpoint | None
    targets: tuple[Target, ...]
    inspection: Inspection | None
    #: why nothing more is sealed, if so
    trouble: str = ""

    @property
    def lag_seconds(self) -> float:
        return (timezone.now() - self.oldest_unsealed).total_seconds() if self.oldest_unsealed else 0.0


def unsealed() -> QuerySet[Entry]:
    """Entries without a leaf. Those sealed are found by the index on ``entry``; the young ones are few."""
    last = Leaf.objects.order_by("-number").values_list("entry__xid", flat=True).first()
    found = Entry.objects.filter(~Exists(Leaf.objects.filter(entry=OuterRef("pk"))))
    return found if last is None else found.filter(xid__gte=last)


def targets() -> list[str]:
    return [*map(str, settings.CHECKPOINT_DIRS), *settings.CHECKPOINT_PEERS]


def status() -> Status:
    waiting = unsealed()
    places = []
    for name in targets():
        done = Publication.objects.filter(target=name, done=True).order_by("-at").first()
        last = Publication.objects.filter(target=name).order_by("-at", "-pk").first()
        places.append(Target(name, done and done.checkpoint_id, done and done.at, last.said if last and not last.done else ""))
    oldest = waiting.order_by("at").values_list("at", flat=True).first()
    return Status(size_sealed(), waiting.count(), oldest, latest(), tuple(places), Inspection.objects.order_by("-at").first(), _trouble())


def _trouble() -> str:
    try:
        tree_as_signed(latest())
    except LedgerBroken as broken:
        return str(broken)
    return ""


def outside_notes() -> Iterator[tuple[str, Note]]:
    """Our own checkpoints as they lie in the folders outside, with the file each was found in."""
    for folder in settings.CHECKPOINT_DIRS:
        for path in sorted(Path(folder).glob("*.checkpoints")):
            for note in parse_notes(path.read_text(encoding="utf-8")):
                yield str(path), note


#: a context above says here which further objects belong to a case (grants, credentials, deliveries …), as pairs of
#: lower-case model label and primary key: their entries join the evidence package
RELATED: list[Callable[[Case], Iterable[tuple[str, str]]]] = []

# -- evidence --------------------------------------------------------------------------------------------------


def evidence_of(actor: Actor, case: Case, head: Checkpoint) -> tuple[list[Line], list[Entry]]:
    """The acts of a case and on what `RELATED` says belongs to it; those on other objects it touched as far as the actor
    may read them; each with its proof.

    Raises `AgainstRules` while some of them are not yet sealed.
    """
    own = Entry.objects.filter(case=case.pk)
    objects = own.exclude(object_type__in=["", "kernel.case"]).values_list("object_type", "object_id").distinct()
    about = Q(case=case.pk)
    for object_type, object_id in objects:
        about |= Q(object_type=object_type, object_id=object_id, pk__in=entries_visible_to(actor).values("pk"))
    for object_type, object_id in (pair for related in RELATED for pair in related(case)):
        about |= Q(object_type=object_type, object_id=object_id)
    entries = {entry.pk: entry for entry in Entry.objects.filter(about)}
    leaves = list(Leaf.objects.filter(entry__in=entries, number__lt=head.size).order_by("number"))
    if missing := len(entries) - len(leaves):
        raise AgainstRules(f"该事项有 {missing} 条记录尚未封存。", article="A34", remedy="请稍候一分钟再导出。")
    paths = [tree.inclusion(leaf.number, head.size) for leaf in leaves]
    known = stored(list({place for path in paths for span in path for place in tree.places(span)}))
    hashing = SUITES[head.suite]
    made = [Line(leaf.number, bytes(leaf.hash), entries[leaf.entry_id].canonical(),
                 tuple(tree.hashes(hashing, path, lambda _: known))) for leaf, path in zip(leaves, paths, strict=True)]
    return made, [entries[leaf.entry_id] for leaf in leaves]


def sizes_outside(size: int, most: int = 50) -> list[int]:
    """Sizes up to this one at which a checkpoint left the machine, the youngest of them."""
    found = Publication.objects.filter(done=True, checkpoint__lte=size).values_list("checkpoint", flat=True)
    return sorted(set(found.order_by("-checkpoint")[: most * 4]))[-most:]


def package_folder() -> Path:
    folder = Path(settings.MEDIA_ROOT) / "exports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def packages_visible_to(actor: Actor) -> QuerySet[Package]:
    """Each sees what was handed out to them; the audit administrator all."""
    return Package.objects.all() if is_auditor(actor) else Package.objects.filter(person=actor.person, person__gt=0)


def package_file(actor: Actor, pk: int) -> tuple[Package, Path]:
    """A package and its file. Raises `NotVisible`, also when the file has been swept away."""
    package = packages_visible_to(actor).filter(pk=pk).first()
    if package is None or not (path := package_folder() / package.file).exists():
        raise NotVisible("该导出文件（或已过保留期）")
    return package, path
