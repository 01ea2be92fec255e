"""Bring the standing orders in step with the grants in force, put what is due on its way, take up what was cut off.

Safe to run at any time and any number of times at once; a missed event only delays until the next.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.db import transaction
from procrastinate.exceptions import AlreadyEnqueued

from huitong.planes.tables import actions, queries
from huitong.planes.tables.rules import Trigger


def reconcile(now: datetime | None = None) -> None:
    """``now``: the moment to go by, else the present."""
    system = queries.platform()
    live, standing = queries.live_tables(now), queries.standing()
    cycles = queries.cycles(list(live)) if live else {}
    for grant in live:
        if grant not in standing or standing[grant].cycle != cycles[grant]:
            actions.schedule(system, grant=grant, cycle=cycles[grant])
    for grant in standing:
        if grant not in live:
            actions.unschedule(system, grant=grant)
    for plan in queries.due(now):
        first = Trigger.CYCLE if plan.delivered_at else Trigger.GRANT
        actions.queue(system, grant=plan.grant_id, trigger=Trigger.RETRY if plan.failures else first)
    for run in queries.cut_off(now):
        with suppress(AlreadyEnqueued), transaction.atomic():
            actions.put_on_its_way(run)
