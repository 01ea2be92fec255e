"""Who follows which entry (A20)."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from huitong.catalog.models import Entry, EntryFollow
from huitong.catalog.queries.entries import follows_of
from huitong.catalog.queries.reach import SHARED, visible_to
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
    return _people(_seated(entry).filter(_sees()))


def followers_shut_out(entry: int) -> list[int]:
    """The people who follow an entry in a body that may not see it any more, and in no other."""
    seeing = followers_of_entry(entry)
    return _people(_seated(entry).exclude(_sees()).exclude(person__in=seeing))


def _seated(entry: int) -> QuerySet[EntryFollow]:
    seats = organizations.business_postings().filter(
        person=OuterRef("person"), body=OuterRef("body")
    )
    return EntryFollow.objects.filter(Exists(seats), entry=entry)


def _sees() -> Q:
    """`reach.visible_to` for operators and managers, follow by follow."""
    shared = Exists(Entry.objects.filter(SHARED, pk=OuterRef("entry")))
    bureau = Q(body=Subquery(organizations.bureaus().values("pk")[:1]))
    return shared | Q(body=F("entry__body")) | bureau


def _people(rows: QuerySet[EntryFollow]) -> list[int]:
    return sorted(set(rows.values_list("person", flat=True)))
