"""How many grants use an entry (A20); when they were last used, beside what is watched of it
(A26)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from huitong.access.models import DeliveryFact, Grant
from huitong.access.rules import UNUSED, G
from huitong.kernel.watches import Watch, key_of
from huitong.kernel.workdays import day_of


def grants_of_entries() -> Any:
    """How many grants of an entry are in force: an expression over entries."""
    running = Grant.objects.filter(
        mount__entry=OuterRef("pk"), ended_at=None, case__state=G.ACTIVE
    ).order_by()
    counted = running.values("mount__entry").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def entries_granted_otherwise(since: datetime) -> QuerySet[Grant, int]:
    """Keys of the entries of which grants came into force or out of it since then."""
    moved = Grant.objects.filter(case__kind="grant", case__entered_at__gte=since)
    return moved.order_by().values_list("mount__entry", flat=True)


def uses_to_watch() -> dict[int, date | None]:
    """Grants whose watch over disuse is out of date: key → the day the limit counts from, None
    where there is nothing to watch any more. Two queries however many there are.

    It counts from the last delivery, and never from before the grant could be used: the first day
    it is valid, the day it came into force or was resumed.
    """
    # one look into the index (grant, -at) for each grant, not a pass over every fact there is
    deliveries = DeliveryFact.objects.filter(grant=OuterRef("pk"), status="delivered")
    last = Subquery(deliveries.order_by("-at").values("at")[:1])
    grants = Grant.objects.filter(case__state=G.ACTIVE, ended_at=None)
    running = dict(
        Watch.objects.filter(kind=UNUSED.kind, stopped_on=None).values_list("subject", "started_on")
    )
    out_of_date: dict[int, date | None] = {}
    for pk, valid_from, entered_at, used_at in grants.values_list(
        "pk", "valid_from", "case__entered_at", last
    ):
        since = max(valid_from, day_of(entered_at), day_of(used_at or entered_at))
        watched = running.pop(key_of(Grant(pk=pk)), None)
        if watched is None or watched < since:
            out_of_date[pk] = since
    ended: dict[int, date | None] = {int(subject.rpartition(":")[2]): None for subject in running}
    return out_of_date | ended
