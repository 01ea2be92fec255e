"""Who follows which entry (A20)."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from huitong.catalog.models import EntryFollow
from huitong.catalog.queries.entries import follows_of
from huitong.catalog.queries.reach import visible_to
from huitong.catalog.rules import ShareClass
from huitong.kernel.actor import Actor
from huitong.organizations import queries as organizations


def entries_followed(actor: Actor) -> QuerySet[EntryFollow]:
    """What the actor follows and may see, the last followed first."""
    return (
        follows_of(actor)
        .filter(entry__in=visible_to(actor).values("pk"))
        .select_related("entry__body", "entry__current__case", "entry__latest__case")
        .order_by("-at", "-pk")
    )


def followers_of_entry(entry: int) -> list[int]:
    """The people to be told when an entry changes: who may see it still, in the body they follow
    it for."""
    seated = organizations.business_postings().filter(
        person=OuterRef("person"), body=OuterRef("body")
    )
    shared = Q(entry__current__isnull=False) & ~Q(entry__current__share_class=ShareClass.NOT_SHARED)
    bureau = Q(body=Subquery(organizations.bureaus().values("pk")[:1]))
    rows = EntryFollow.objects.filter(
        Exists(seated), shared | Q(body=F("entry__body")) | bureau, entry=entry
    )
    return sorted(set(rows.values_list("person", flat=True)))
