"""Keeping what somebody is filling in (docs/decisions/0027-a-draft-is-no-act.md).

None of this is an act of the law and none of it stands in the ledger, which is for ever: a draft
is its person's own until it is handed in, and what is handed in is recorded by the verb that takes
it. So these are the writes of this context without `@recorded`: each asks that the draft is
the actor's own, in one transaction.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from huitong.kernel.actor import Actor
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import AgainstRules, NotYours
from huitong.kernel.workdays import today
from huitong.work import queries
from huitong.work.models import Draft
from huitong.work.rules import (
    Content,
    NoLonger,
    Overtaken,
    check_size,
    keeping,
    kept_until,
    marked_in,
    refused,
)


def save_draft(
    actor: Actor, *, kind: str, key: str, title: str, url: str, content: Content, mark: str
) -> Draft:
    """Keep what a person has filled in so far. ``mark`` is the turn its page was drawn from, empty
    or ``0`` for the first; the same content again is saved already, whatever the mark.

    Raises `Overtaken` when another window saved since, `NoLonger` when it was handed in or deleted
    since, `AgainstRules` for marked text (A3) and for more drafts than one person may have,
    `Malformed` when it is too long.
    """
    if actor.person is None or actor.body is None:
        raise NotYours("草稿由本人填写。")
    check_size(content, today())
    if marks := marked_in(content):
        raise refused(f"填写的内容含{next(iter(marks.values()))}")
    own = {"person_id": actor.person, "body": actor.body, "kind": kind, "key": key}
    now = timezone.now()
    with transaction.atomic(), writing("work.save_draft"):
        row = Draft.objects.select_for_update().filter(**own).first()
        if row is None and mark not in ("", "0"):
            raise NoLonger
        if row is None:
            _check_room(actor)
            rows = [
                Draft(**own, title=title, url=url, content=content, started_at=now, saved_at=now)
            ]
            Draft.objects.bulk_create(rows, ignore_conflicts=True)
            row = Draft.objects.select_for_update().get(**own)
        if row.deleted_at is not None:
            raise NoLonger
        if row.content != content and str(row.turn) != (mark or "0"):
            raise Overtaken(row.saved_at, row.turn)
        if row.content != content:
            row.turn += 1
        row.content, row.title, row.url, row.saved_at = content, title[:300], url, now
        row.save()
    return row


def delete_draft(actor: Actor, *, pk: int) -> Draft:
    """Set a draft aside; it comes back by `restore_draft` until it goes for good. No more are set
    aside than may be kept: the one deleted first makes room."""
    with transaction.atomic(), writing("work.delete_draft"):
        row = queries.draft_by_key(actor, pk)
        row.deleted_at = timezone.now()
        row.save(update_fields=["deleted_at"])
        aside = queries.own_drafts(actor).exclude(deleted_at=None).order_by("-deleted_at", "-pk")
        remaining = aside.values("pk")[: keeping(today()).most]
        aside.exclude(pk__in=remaining).delete()
    return row


def restore_draft(actor: Actor, *, pk: int) -> Draft:
    """Bring a draft back. Raises `AgainstRules` for more than one person may have."""
    with transaction.atomic(), writing("work.restore_draft"):
        row = queries.draft_by_key(actor, pk)
        if row.deleted_at is not None:
            _check_room(actor)
            row.deleted_at = None
            row.save(update_fields=["deleted_at"])
    return row


def _check_room(actor: Actor) -> None:
    most = keeping(today()).most
    if queries.own_drafts(actor).filter(deleted_at=None).count() >= most:
        raise AgainstRules(
            f"草稿已有 {most} 份，没有再保存新的。",
            who="您本人",
            remedy="请先提交或删除不用的草稿。",
        )


def hand_in_draft(actor: Actor, *, draft: Draft) -> None:
    """Forget a draft that a verb has taken."""
    with writing("work.hand_in_draft"):
        queries.own_drafts(actor).filter(pk=draft.pk).delete()


def clear_drafts(now: datetime) -> int:
    """Let drafts go whose time is over. Returns how many."""
    rows: list[Any] = [
        pk
        for pk, saved, deleted in queries.drafts_to_clear(now)
        if kept_until(saved, deleted, today()) <= now
    ]
    with writing("work.clear_drafts"):
        return Draft.objects.filter(pk__in=rows).delete()[0]
