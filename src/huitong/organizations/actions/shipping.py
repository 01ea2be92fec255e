"""Rows of law that come with a release reach a city that runs already (A36)."""

from __future__ import annotations

from typing import Any

from huitong.kernel.actor import SYSTEM, Actor, Post
from huitong.kernel.clocks import start_missing
from huitong.kernel.doing import note, recorded
from huitong.kernel.workdays import CalendarDay, CalendarYear, today
from huitong.organizations import queries
from huitong.organizations.actions.calendars import aim_running

MAKER = SYSTEM(Post.SYSTEM_ADMIN)


@recorded("A36", MAKER, label="装入随版本提供的规则数据")
def take_shipped(actor: Actor) -> dict[str, Any]:
    """Add the dated rows and calendar years of this release that are not here yet, and end those it
    ends. What the city has changed or added stays; running cases keep the limits they have.

    Clocks a procedure has gained start, from today, over the cases that stand there. Returns by
    table what was ``added``, ``ended``, and ``held`` back in favour of the city's own. Does
    nothing twice.
    """
    outcome = {}
    for table in queries.SHIPPED:
        plan = table.plan()
        table.model._default_manager.bulk_create([table.model(**row) for row in plan.add])
        for row in plan.end:
            at = {name: row[name] for name in table.key}
            table.model._default_manager.filter(**at, until=None).update(until=row["until"])
        outcome[table.words] = {
            "added": [dict(row) for row in plan.add],
            "ended": [dict(row) for row in plan.end],
            "held": [{"shipped": dict(row), "here": dict(own)} for row, own in plan.held],
        }
    years = {year: _load(year, days) for year, days in queries.shipped_years().items()}
    clocks = sum(start_missing(procedure, today()) for procedure in queries.gaining_procedures())
    note(**outcome, years=years, clocks=clocks)
    return {**outcome, "years": years, "clocks": clocks}


def _load(year: int, days: list[Any]) -> int:
    """Load a year and aim the clocks that reach into it anew. Returns how many moved."""
    CalendarDay.objects.filter(day__year=year).delete()
    CalendarDay.objects.bulk_create(
        [
            CalendarDay(day=row["date"], worked=row["kind"] == "work", name=row["name"])
            for row in days
        ]
    )
    CalendarYear.objects.create(year=year, source=f"随版本提供：{days[0]['source']}"[:200])
    return aim_running(year)
