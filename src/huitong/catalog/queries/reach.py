"""Which entries an actor may see.

Who sees what (the only place that says so):

- the body that owns an entry sees it in every state, through its operators and managers;
- the bureau's operators and managers see it from the day it first reached them (A10, A19), or
  from its beginning where the bureau enters it for its body (代录);
- everybody who signs in for a body sees what is published (A20), but not what is *not shared*: the
  share catalog is made of
  unconditional and conditional entries (A8), so of an entry not shared only its owner and the
  bureau, where its ground is filed, see name and ground.
"""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Q, QuerySet

from huitong.catalog.models import Entry
from huitong.catalog.rules import ShareClass
from huitong.kernel.actor import Actor, Post

SHARED = Q(current__isnull=False) & ~Q(current__share_class=ShareClass.NOT_SHARED)


class Reach(NamedTuple):
    """Which published entries an actor sees: the shared ones, and of those not shared the ones of
    a body, or every one."""

    shared: bool = True
    body: int | None = None
    every: bool = False


def reach_of(actor: Actor) -> Reach:
    """The rule as the search index needs it, which holds what is published."""
    if actor.is_system:
        return Reach(every=True)
    if actor.body is None:
        return Reach(shared=False)
    if not actor.has(Post.OPERATOR, Post.MANAGER):
        return Reach()
    return Reach(body=actor.body, every=actor.bureau)


def visible_to(actor: Actor) -> QuerySet[Entry]:
    """Every entry this actor may see."""
    rows = Entry.objects.all()
    if actor.is_system:
        return rows
    reach = reach_of(actor)
    if not reach.shared:
        return rows.none()
    allowed = SHARED
    if reach.body is not None:
        allowed |= Q(body=reach.body)
    if reach.every:
        allowed |= Q(current__isnull=False) | Q(latest__received_at__isnull=False)
        allowed |= ~Q(latest__entered_by="")
    return rows.filter(allowed)
