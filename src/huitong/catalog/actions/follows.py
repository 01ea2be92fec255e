"""Following an entry: to be told when it changes (A20)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from huitong.catalog import queries
from huitong.catalog.models import EntryFollow
from huitong.catalog.queries.entries import follows_of
from huitong.kernel.actor import BODY, Actor, Post
from huitong.kernel.doing import recorded

BUSINESS = (BODY(Post.OPERATOR), BODY(Post.MANAGER))
EntryId = Annotated[int, Field(title="资源", ge=1)]


@recorded("A20", *BUSINESS, label="关注资源")
def follow_entry(actor: Actor, *, entry: EntryId) -> EntryFollow:
    """Be told of each new version of an entry, and when its delivery stops or goes on, while one
    may see it. Raises `NotVisible`."""
    row = queries.entry_for(actor, entry)
    return EntryFollow.objects.get_or_create(person_id=actor.person, body=actor.body, entry=row)[0]


@recorded("A20", *BUSINESS, label="取消关注资源")
def unfollow_entry(actor: Actor, *, entry: EntryId) -> int:
    """Be told of it no more. Returns how many follows ended."""
    return follows_of(actor).filter(entry=entry).delete()[0]
