"""Calls as their parties see them, and how far the evidence has been read (A28, A30)."""

from __future__ import annotations

from django.db.models import QuerySet

from huitong.access import queries as access
from huitong.kernel.actor import Actor, Post
from huitong.planes.gateway.models import Call, LogPosition


def visible_to(actor: Actor) -> QuerySet[Call]:
    """Calls under a grant are seen by its parties; denied ones without a grant by the bureau and the audit administrator."""
    rows = Call.objects.filter(ended=True).select_related("grant").order_by("-at", "-pk")
    if actor.is_system or actor.has(Post.AUDIT_ADMIN) or (actor.bureau and actor.has(Post.OPERATOR, Post.MANAGER)):
        return rows
    return rows.filter(grant__in=access.visible_to(actor).values("pk"))


def position_of(file: str, inode: int) -> int:
    """Up to which byte a log file has been read."""
    found = LogPosition.objects.filter(file=file, inode=inode).values_list("offset", flat=True).first()
    return int(found or 0)
