"""Whether what was granted under the decree has been provided yet, and by when it must be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, Subquery

from huitong.access.models import DeliveryFact, Grant
from huitong.access.rules import UNPROVIDED
from huitong.kernel.statements import Statement
from huitong.kernel.watches import Watch, key_of
from huitong.kernel.workdays import day_of, limit_row, today

RUNNING = Watch.objects.filter(kind=UNPROVIDED.kind, stopped_on=None)
OVER = Statement(
    lambda subject: RUNNING.filter(subject=subject).values_list("due_on", flat=True), subject=str
)


@dataclass(frozen=True)
class Provision:
    """The day by which the data must first arrive, and whether its limit is recalled only."""

    on: date
    recalled: bool


def provide_by(grant: Grant) -> Provision | None:
    """Until when the first delivery under a grant is owed; None where it is not any more."""
    if grant.ended_at is not None or not (days := list(OVER(subject=key_of(grant)))):
        return None
    return Provision(days[0], not limit_row(UNPROVIDED.limit, today()).verified)


def provisions_to_end() -> dict[int, date]:
    """Grants whose watch over their first delivery is over: key → the day of that delivery, or on
    which the grant ended without one. Two queries however many there are."""
    keys = [int(s.rpartition(":")[2]) for s in RUNNING.all().values_list("subject", flat=True)]
    deliveries = DeliveryFact.objects.filter(grant=OuterRef("pk"), status="delivered")
    first = Subquery(deliveries.order_by("at").values("at")[:1])
    rows = Grant.objects.filter(pk__in=keys).values_list("pk", first, "ended_at")
    return {pk: day_of(at or ended_at) for pk, at, ended_at in rows if at or ended_at}
