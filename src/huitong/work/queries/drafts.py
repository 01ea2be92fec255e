"""A person's own drafts; nobody else sees them, whatever their post."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from huitong.kernel.actor import Actor
from huitong.kernel.manifest import HomePanel, Link
from huitong.kernel.procedure import NotVisible
from huitong.kernel.statements import Statement
from huitong.kernel.workdays import today
from huitong.ui.autosave import clock_words
from huitong.work.models import Draft
from huitong.work.rules import keeping

#: how many drafts the home page names
SHORT = 5


def own_drafts(actor: Actor) -> QuerySet[Draft]:
    """All drafts of a person in the body they act in, deleted ones included."""
    if actor.person is None or actor.body is None:
        return Draft.objects.none()
    return Draft.objects.filter(person=actor.person, body=actor.body)


DRAFTS = Statement(
    lambda actor: (
        own_drafts(actor).filter(deleted_at=None).order_by("-saved_at", "-pk").defer("content")
    )
)


def drafts_of(actor: Actor, kind: str = "") -> list[Draft]:
    """What a person has begun and not handed in, the last saved first; what was typed is left in
    the database until it is asked for."""
    drafts: list[Draft] = DRAFTS(actor)
    return [draft for draft in drafts if draft.kind == kind] if kind else drafts


def deleted_drafts(actor: Actor, kind: str) -> list[Draft]:
    """What can still be brought back."""
    rows = own_drafts(actor).exclude(deleted_at=None).filter(kind=kind)
    return list(rows.order_by("-deleted_at").defer("content"))


def draft_of(actor: Actor, kind: str, key: str) -> Draft | None:
    """The draft of this name, deleted or not; None before its first save and after it was handed
    in."""
    return own_drafts(actor).filter(kind=kind, key=key).first()


def draft_by_key(actor: Actor, pk: int) -> Draft:
    """One's own, deleted or not. Raises `NotVisible`."""
    if (row := own_drafts(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该草稿")
    return row


def drafts_to_clear(now: datetime) -> list[tuple[int, datetime, datetime | None]]:
    """Drafts that may have been kept long enough: key, last save, deletion."""
    row = keeping(today())
    old = Q(saved_at__lte=now - timedelta(days=row.days))
    aside = Q(deleted_at__lte=now - timedelta(days=row.days_deleted))
    return list(Draft.objects.filter(old | aside).values_list("pk", "saved_at", "deleted_at"))


def draft_panels(actor: Actor) -> list[HomePanel]:
    """What somebody began and has not handed in, on their home page."""
    if not (rows := drafts_of(actor)):
        return []
    links = [
        Link(f"{row.title}（{clock_words(row.saved_at)} 保存）", row.url) for row in rows[:SHORT]
    ]
    return [HomePanel("未完成的草稿", place=5, links=links)]
