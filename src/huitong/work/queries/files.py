"""Uploaded files, by the right to read them."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db.models import Q, QuerySet

from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.procedure import NotVisible
from huitong.work.models import Attachment, AttachmentUse
from huitong.work.queries.cases import visible_to


def attachments_visible_to(actor: Actor) -> QuerySet[Attachment]:
    """The files an actor uploaded in this body, while they hold a post there, and those of cases
    they may read."""
    return _own_or_used_in(actor, visible_to(actor))


def attachments_to_hand_in(actor: Actor) -> QuerySet[Attachment]:
    """The files an actor may name in an act, and so show to its parties; not those they read by a
    copy alone."""
    return _own_or_used_in(actor, Case.objects.visible_to(actor))


def _own_or_used_in(actor: Actor, cases: QuerySet[Case]) -> QuerySet[Attachment]:
    if actor.is_system:
        return Attachment.objects.all()
    if actor.body is None or not actor.posts:
        return Attachment.objects.none()
    used = AttachmentUse.objects.filter(case__in=cases.values("pk")).values("attachment")
    return Attachment.objects.filter(Q(uploader=actor.person, body=actor.body) | Q(pk__in=used))


def attachment_for(actor: Actor, pk: int) -> Attachment:
    """One file. Raises `NotVisible`."""
    if (attachment := attachments_visible_to(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该附件")
    return attachment


def attachment_by_key(pk: int) -> Attachment | None:
    """A file by key, for a context whose own object names it; the caller has checked the right."""
    return Attachment.objects.filter(pk=pk).first()


def path_of(attachment: Attachment) -> Path:
    """The place of the bytes, by hash: no name from a visitor becomes a path."""
    digest = attachment.sha256
    return Path(settings.MEDIA_ROOT) / "by-hash" / digest[:2] / digest[2:4] / digest


def incoming(staged: str) -> Path:
    """The place of an upload that is not checked yet."""
    return Path(settings.MEDIA_ROOT) / "incoming" / staged
