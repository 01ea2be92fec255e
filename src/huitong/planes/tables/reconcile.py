"""Bring the schedules in line with the grants in force, queue what is due, resume what was cut off.

Safe to run at any time and any number of times at once; a missed event only delays until the next.
Ended schedules come first, and one that fails stops no other.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.db import transaction
from procrastinate.exceptions import AlreadyEnqueued

from huitong.kernel import jobs
from huitong.organizations import queries as organizations
from huitong.planes.tables import actions, queries
from huitong.planes.tables.models import Run, Schedule
from huitong.planes.tables.rules import Trigger


def reconcile(now: datetime | None = None) -> None:
    """Reconcile schedules and runs, at ``now`` or the present."""
    system = organizations.platform()
    live, scheduled = queries.live_tables(now), queries.running_schedules()
    cycles = queries.cycles(list(live)) if live else {}

    def arrange(grant: int) -> None:
        if grant not in scheduled or scheduled[grant].cycle != cycles[grant]:
            actions.schedule(system, grant=grant, cycle=cycles[grant])

    def queue(plan: Schedule) -> None:
        first = Trigger.CYCLE if plan.delivered_at else Trigger.GRANT
        actions.queue(
            system, grant=plan.grant_id, trigger=Trigger.RETRY if plan.failures else first
        )

    def take_up(run: Run) -> None:
        with suppress(AlreadyEnqueued), transaction.atomic():
            actions.enqueue(run)

    jobs.each(
        [g for g in scheduled if g not in live],
        lambda grant: actions.unschedule(system, grant=grant),
        "tables.unschedule",
    )
    jobs.each(live, arrange, "tables.schedule")
    jobs.each(queries.due(now), queue, "tables.queue")
    jobs.each(queries.cut_off(now), take_up, "tables.take_up")
