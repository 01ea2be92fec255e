"""The state of sealing: how far it is, where its checkpoints lie, the result of the last
inspection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone

from huitong.audit.models import Checkpoint, Inspection, Leaf, Publication, Witnessed
from huitong.audit.queries.proofs import LedgerBroken, latest, size_sealed, tree_as_signed
from huitong.audit.rules.note import Note, read_notes
from huitong.kernel.ledger import Entry


@dataclass(frozen=True)
class Peer:
    """Another platform whose checkpoints we keep. ``forked``: it gave two that contradict each
    other."""

    origin: str
    size: int
    at: datetime
    forked: bool


def peers() -> list[Peer]:
    forks = set(
        Witnessed.objects.values_list("origin", "size")
        .annotate(n=Count("pk"))
        .filter(n__gt=1)
        .values_list("origin", flat=True)
    )
    latest_of = Witnessed.objects.order_by("origin", "-size").distinct("origin")
    return [Peer(row.origin, row.size, row.at, row.origin in forks) for row in latest_of]


@dataclass(frozen=True)
class Target:
    """A place outside to which checkpoints go, and how that went."""

    name: str
    size: int | None
    at: datetime | None
    trouble: str


#: so long an entry waits for its seal, and so long nobody inspects, before it is worth a word
LONG_UNSEALED, LONG_UNINSPECTED = timedelta(minutes=2), timedelta(days=2)


@dataclass(frozen=True)
class Status:
    sealed: int
    unsealed: int
    oldest_unsealed: datetime | None
    checkpoint: Checkpoint | None
    targets: tuple[Target, ...]
    #: the youngest, and the youngest that found something: a later one without faults does not undo
    #: it
    inspection: Inspection | None
    failed: Inspection | None
    #: why nothing more is sealed, if so
    trouble: str = ""

    @property
    def lag_seconds(self) -> float:
        return (
            (timezone.now() - self.oldest_unsealed).total_seconds() if self.oldest_unsealed else 0.0
        )

    @property
    def stalled(self) -> bool:
        """Whether sealing does not come along although nothing is broken."""
        return not self.trouble and self.lag_seconds > LONG_UNSEALED.total_seconds()

    @property
    def uninspected(self) -> bool:
        """Whether the nightly inspection has not come for some time."""
        return (
            self.inspection is not None and self.inspection.at < timezone.now() - LONG_UNINSPECTED
        )


def unsealed() -> QuerySet[Entry]:
    """Return the entries without a leaf. The sealed ones are excluded by the index on ``entry``;
    the young ones are few."""
    last = Leaf.objects.order_by("-number").values_list("entry__xid", flat=True).first()
    entries = Entry.objects.filter(~Exists(Leaf.objects.filter(entry=OuterRef("pk"))))
    return entries if last is None else entries.filter(xid__gte=last)


def targets() -> list[str]:
    return [*map(str, settings.CHECKPOINT_DIRS), *settings.CHECKPOINT_PEERS]


def status() -> Status:
    waiting = unsealed()
    places = []
    for name in targets():
        publication = Publication.objects.filter(target=name, done=True).order_by("-at").first()
        last = Publication.objects.filter(target=name).order_by("-at", "-pk").first()
        places.append(
            Target(
                name,
                publication and publication.checkpoint_id,
                publication and publication.at,
                last.said if last and not last.done else "",
            )
        )
    oldest = waiting.order_by("at").values_list("at", flat=True).first()
    # whoever may only insert could date one ahead of all others
    inspections = Inspection.objects.filter(at__lte=timezone.now()).order_by("-at")
    return Status(
        size_sealed(),
        waiting.count(),
        oldest,
        latest(),
        tuple(places),
        inspections.first(),
        inspections.exclude(faults=[]).first(),
        _trouble(),
    )


def _trouble() -> str:
    try:
        tree_as_signed(latest())
    except LedgerBroken as broken:
        return str(broken)
    return ""


def outside_notes() -> Iterator[tuple[str, Note | None]]:
    """Yield our own checkpoints as they lie in the folders outside, each with its file; None where
    a file cannot be read, or not on from there."""
    for folder in settings.CHECKPOINT_DIRS:
        for path in sorted(Path(folder).glob("*.checkpoints")):
            try:
                with path.open(encoding="utf-8") as lines:
                    for note in read_notes(lines):
                        yield str(path), note
            except (OSError, ValueError):  # neither a text nor a note is told by a ValueError
                yield str(path), None
