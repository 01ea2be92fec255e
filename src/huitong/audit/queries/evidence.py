"""What belongs to the evidence of a case, and what was handed out (A34)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.db.models import Q, QuerySet

from huitong.audit.models import Checkpoint, Leaf, Package, Publication
from huitong.audit.queries.entries import entries_visible_to, is_auditor
from huitong.audit.queries.proofs import stored
from huitong.audit.rules import tree
from huitong.audit.rules.export import Line
from huitong.audit.rules.suites import SUITES
from huitong.kernel import manifest
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case, entries_of
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import AgainstRules, NotVisible

#: more entries than this are no evidence anybody reads; it also bounds memory
MOST = 50_000


def evidence_of(actor: Actor, case: Case, head: Checkpoint) -> tuple[list[Line], list[Entry]]:
    """The acts of a case and on what manifests say belongs to it; those on other objects it
    touched as far as the actor may read them; each with its proof.

    Raises `AgainstRules` while some of them are not yet sealed.
    """
    own = entries_of(case.pk)
    objects = (
        own.order_by()
        .exclude(object_type__in=["", "kernel.case"])
        .values_list("object_type", "object_id")
        .distinct()
    )
    about = Q(pk__in=[])
    for object_type, object_id in objects:
        about |= Q(
            object_type=object_type,
            object_id=object_id,
            pk__in=entries_visible_to(actor).values("pk"),
        )
    for object_type, ids in _related(case).items():
        about |= Q(object_type=object_type, object_id__in=ids)
        if object_type == Case._meta.label_lower:
            about |= Q(pk__in=entries_of(*map(int, ids)).values("pk"))
    entries = {entry.pk: entry for entry in Entry.objects.filter(about)[: MOST + 1]}
    if len(entries) > MOST:
        raise AgainstRules(
            f"该事项的记录超过 {MOST} 条。", article="A34", remedy="请审计管理员导出台账。"
        )
    leaves = list(Leaf.objects.filter(entry__in=entries, number__lt=head.size).order_by("number"))
    if missing := len(entries) - len(leaves):
        raise AgainstRules(
            f"该事项有 {missing} 条记录尚未封存。", article="A34", remedy="请稍候一分钟再导出。"
        )
    paths = [tree.inclusion(leaf.number, head.size) for leaf in leaves]
    hashes = stored(list({place for path in paths for span in path for place in tree.places(span)}))
    hashing = SUITES[head.suite]
    lines = [
        Line(
            leaf.number,
            bytes(leaf.hash),
            entries[leaf.entry_id].canonical(),
            tuple(tree.hashes(hashing, path, lambda _: hashes)),
        )
        for leaf, path in zip(leaves, paths, strict=True)
    ]
    return lines, [entries[leaf.entry_id] for leaf in leaves]


def _related(case: Case) -> dict[str, list[str]]:
    objects: dict[str, list[str]] = {Case._meta.label_lower: [str(case.pk)]}
    for added in manifest.evidence():
        for object_type, object_id in (pair for ask in added.related for pair in ask(case)):
            objects.setdefault(object_type, []).append(object_id)
    return objects


def attached_to(case: Case) -> Iterator[tuple[str, Iterable[bytes]]]:
    """The further files of an evidence package, as the contexts' manifests name them."""
    for added in manifest.evidence():
        for ask in added.attached:
            yield from ask(case)


def sizes_outside(size: int, most: int = 50) -> list[int]:
    """Sizes up to this one at which a checkpoint left the machine, the youngest of them."""
    sizes = Publication.objects.filter(done=True, checkpoint__lte=size).values_list(
        "checkpoint", flat=True
    )
    return sorted(set(sizes.order_by("-checkpoint")[: most * 4]))[-most:]


def package_folder() -> Path:
    folder = Path(settings.MEDIA_ROOT) / "exports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def packages_visible_to(actor: Actor) -> QuerySet[Package]:
    """Each sees what was handed out to them of cases they may still see; the audit administrator
    all."""
    if is_auditor(actor):
        return Package.objects.all()
    return Package.objects.filter(
        person=actor.person, person__gt=0, case__in=Case.objects.visible_to(actor).values("pk")
    )


def package_file(actor: Actor, pk: int) -> tuple[Package, Path]:
    """A package and its file. Raises `NotVisible`, also when the file has been swept away."""
    package = packages_visible_to(actor).filter(pk=pk).first()
    if package is None or not (path := package_folder() / package.file).exists():
        raise NotVisible("该导出文件（或已过保留期）")
    return package, path
