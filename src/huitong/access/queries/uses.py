"""When grants were last used, beside what is watched of it (A26)."""

from __future__ import annotations

from datetime import date

from django.db.models import Max, Q

from huitong.access.models import Grant
from huitong.access.rules import UNUSED, G
from huitong.kernel.watches import Watch, key_of
from huitong.kernel.workdays import day_of


def uses_to_watch() -> dict[int, date | None]:
    """Grants whose watch over disuse is out of date: key → the day the limit counts from, None
    where there is nothing to watch any more. Two queries however many there are."""
    grants = Grant.objects.filter(case__state=G.ACTIVE, ended_at=None).annotate(
        last=Max("deliveries__at", filter=Q(deliveries__status="delivered"))
    )
    running = dict(
        Watch.objects.filter(kind=UNUSED.kind, stopped_on=None).values_list("subject", "started_on")
    )
    out_of_date: dict[int, date | None] = {}
    for grant in grants.select_related("case"):
        since = max(day_of(grant.last or grant.case.opened_at), grant.valid_from)
        watched = running.pop(key_of(grant), None)
        if watched is None or watched < since:
            out_of_date[grant.pk] = since
    ended: dict[int, date | None] = {int(subject.rpartition(":")[2]): None for subject in running}
    return out_of_date | ended
