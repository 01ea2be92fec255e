"""Published entries whose next version may be begun (A11, A12)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, QuerySet

from huitong.catalog.models import Entry, Version
from huitong.catalog.queries.entries import entries_of_body, facts_of
from huitong.catalog.queries.naming import entries_called, entry_labels
from huitong.catalog.rules import Extent, differing, extent_of
from huitong.kernel.actor import Actor
from huitong.ui.selectors import HITS

#: elements that name things kept elsewhere, and where their keys stand
REFERRING = {"system": "system_id", "named_bodies": "named_bodies"}


def updatable(actor: Actor) -> QuerySet[Entry]:
    """The published entries of the actor's body that nobody is updating."""
    return entries_of_body(actor).filter(current__isnull=False, latest=F("current"))


def find_updatable(actor: Actor, case: object, words: str) -> list[tuple[int, str]]:
    """The first of them whose name or code the words mean."""
    rows = entries_called(updatable(actor), words)
    return entry_labels(rows.order_by("current__name", "pk")[:HITS])


def updatable_names(actor: Actor, keys: list[int]) -> dict[int, str]:
    """What they are called, as far as this clerk may update them."""
    return dict(entry_labels(updatable(actor).filter(pk__in=keys)))


def extent_in(version: Version) -> Extent:
    """What a draft changes of what is published; what was never published is all new. Systems and
    bodies are told apart by what they are, for two may bear one name."""
    if (current := version.entry.current) is None:
        return Extent.CONTENT
    names = set(differing(facts_of(current), facts_of(version)))
    return extent_of(
        names | {name for name in REFERRING if _key(current, name) != _key(version, name)}
    )


def published_version(pk: int) -> Version:
    """A published version with its entry; no right is checked."""
    return Version.objects.select_related("entry__body").get(pk=pk, number__isnull=False)


def numbers_published_since(entry: int, moment: datetime) -> list[int]:
    """The numbers of an entry's versions published after a moment, the latest first; no right is
    checked."""
    rows = Version.objects.filter(entry=entry, number__isnull=False, published_at__gt=moment)
    return list(rows.order_by("-number").values_list("number", flat=True))


def content_versions() -> QuerySet[Version]:
    """The published versions that say something new of the data: a correction of whom to call
    alone meets no duty to update (A11, A12)."""
    rows = Version.objects.filter(number__isnull=False)
    return rows.exclude(case__facts__change=Extent.CONTACT.value)


def version_before(version: Version) -> Version | None:
    """The published version that a published one took the place of."""
    rows = Version.objects.filter(entry=version.entry_id, number__lt=version.number or 0)
    return rows.select_related("entry__body").order_by("-number").first()


def _key(version: Version, name: str) -> object:
    key = getattr(version, REFERRING[name])
    return sorted(key) if isinstance(key, list) else key
