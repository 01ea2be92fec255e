"""Bringing checkpoints out of the machine, and keeping those of others: a cut tail cannot be
seen from inside."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from huitong.audit import queries
from huitong.audit.models import Checkpoint, Publication, Witnessed
from huitong.audit.rules.note import CheckpointText, Note, NoteError
from huitong.connectors import Guard, GuardedClient
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible


def publish() -> list[Publication]:
    """Bring the latest checkpoint to every place that does not have it. A place that fails is
    tried again next time."""
    head = queries.latest()
    if head is None:
        return []
    return [
        outcome for target in queries.targets() if (outcome := _publish(head, target)) is not None
    ]


def _publish(head: Checkpoint, target: str) -> Publication | None:
    last = Publication.objects.filter(target=target).order_by("-at", "-pk").first()
    if last and last.done and last.checkpoint_id == head.size:
        return None
    try:
        if target in settings.CHECKPOINT_PEERS:
            _post(target, head)
        else:
            _append(Path(target), head)
        trouble = ""
    except Exception as error:  # whatever is wrong with one place, the others get theirs
        trouble = (str(error) or type(error).__name__)[:500]
    if trouble and last and last.said == trouble:
        return None  # told once; the status page shows since when
    with transaction.atomic(), writing("audit.publish"):
        return Publication.objects.create(
            checkpoint=head, target=target, at=timezone.now(), done=not trouble, said=trouble
        )


def _append(folder: Path, head: Checkpoint) -> None:
    """Append to the file of this month: it may lie on a share that allows nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"ledger-{timezone.localtime(head.at):%Y-%m}.checkpoints"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        text = f"{head.note}\n".encode()
        if os.write(descriptor, text) < len(text):
            raise OSError(f"{path}: no room for the whole checkpoint")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _post(url: str, head: Checkpoint) -> None:
    """Hand the checkpoint to a peer, whose network must be among the allowed ones. Raises
    ConnectorProblem, ConnectionError."""
    with GuardedClient(Guard.of(settings.ALLOWED_NETWORKS)) as client:
        answer = client.request(
            "POST",
            url,
            content=head.note.encode(),
            headers={"Content-Type": "text/plain; charset=utf-8"},
        )
    if answer.status not in (200, 201):
        raise ConnectionError(f"HTTP {answer.status} {answer.body[:200].decode(errors='replace')}")


def witness(text: str) -> Witnessed:
    """Keep a checkpoint another platform hands us; giving the same again changes nothing.

    Raises `Malformed` when it is no checkpoint, `NotVisible` when its signer is unknown here,
    `AgainstRules` when it contradicts one kept before: it is kept all the same, as evidence.
    """
    try:
        note = Note.parse(text)
        claim = CheckpointText.parse(note.text)
        names = note.signers(queries.witness_keys())
    except NoteError as error:
        raise Malformed({"checkpoint": str(error)}, article="A28") from None
    if claim.origin not in names:
        raise NotVisible("该检查点的签名者")
    with transaction.atomic(), writing("audit.witness"):
        witnessed, _ = Witnessed.objects.get_or_create(
            origin=claim.origin,
            size=claim.size,
            root=claim.root,
            defaults={"note": str(note), "at": timezone.now()},
        )
    if (
        Witnessed.objects.filter(origin=claim.origin, size=claim.size)
        .exclude(root=claim.root)
        .exists()
    ):
        raise AgainstRules(
            f"“{claim.origin}”对前 {claim.size} 条给出过不同的根哈希（分叉），两者均已留存。",
            article="A28",
        )
    return witnessed
