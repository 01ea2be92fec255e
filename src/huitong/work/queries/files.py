"""Who may read an uploaded file."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db.models import Q, QuerySet

from huitong.kernel.actor import Actor
from huitong.kernel.procedure import NotVisible
from huitong.work.models import Attachment, AttachmentUse
from huitong.work.queries.cases import visible_to


def attachments_visible_to(actor: Actor) -> QuerySet[Attachment]:
    """One's own uploads, and the files of cases one may read."""
    if actor.is_system:
        return Attachment.objects.all()
    used = AttachmentUse.objects.filter(case__in=visible_to(actor).values("pk")).values("attachment")
    return Attachment.objects.filter(Q(uploader=actor.person) | Q(pk__in=used))


def attachment_for(actor: Actor, pk: int) -> Attachment:
    """One file. Raises `NotVisible`."""
    if (found := attachments_visible_to(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该附件")
    return found


def path_of(attachment: Attachment) -> Path:
    """Where the bytes lie: by hash, so that no name given by a visitor ever becomes a path."""
    digest = attachment.sha256
    return Path(settings.MEDIA_ROOT) / "by-hash" / digest[:2] / digest[2:4] / digest


def incoming(staged: str) -> Path:
    """Where an upload waits to be looked at."""
    return Path(settings.MEDIA_ROOT) / "incoming" / staged
