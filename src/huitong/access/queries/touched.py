"""Which mounts an act touched, so that a plane looks at these alone (A26, A28)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db.models import QuerySet

from huitong.access.models import Credential, Grant
from huitong.kernel.ledger import Entry
from huitong.publishing.rules import Mode


def mounts_touched(entry: Entry) -> set[int] | None:
    """The mounts whose grants an act may have changed; None = it may be any."""
    if entry.object_type == "publishing.mount":
        return {int(entry.object_id)}
    if (grants := _grants(entry)) is None:
        return None
    return set(grants.values_list("mount", flat=True))


def mounts_of(grants: Collection[int]) -> set[int]:
    """The mounts of grants."""
    return set(Grant.objects.filter(pk__in=grants).values_list("mount", flat=True))


def mounts_in_use(mode: Mode, mounts: Collection[int] | None = None) -> list[set[int]]:
    """The mounts of a mode that have grants not ended, those of one entry together: all, or those
    of the entries these mounts belong to."""
    rows = Grant.objects.filter(ended_at=None, mount__mode=mode)
    if mounts is not None:
        entries = Grant.objects.filter(mount__in=mounts).values("mount__entry")
        rows = rows.filter(mount__entry__in=entries)
    of_entry: dict[int, set[int]] = defaultdict(set)
    pairs = rows.order_by("mount__entry").values_list("mount__entry", "mount").distinct()
    for entry, mount in pairs:
        of_entry[entry].add(mount)
    return list(of_entry.values())


def _grants(entry: Entry) -> QuerySet[Grant] | None:
    if entry.object_type == Grant._meta.label_lower:
        return Grant.objects.filter(pk=entry.object_id)
    of_credential = entry.object_type == Credential._meta.label_lower
    if credential := entry.object_id if of_credential else entry.after.get("credential"):
        systems = Credential.objects.filter(pk=credential).values("system")
        return Grant.objects.filter(system__in=systems, ended_at=None)
    if entry.verb == "access.narrow_grants":
        return Grant.objects.filter(pk__in=[row["grant"] for row in entry.after["grants"]])
    return None
