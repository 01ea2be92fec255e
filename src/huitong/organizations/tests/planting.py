"""A running matter (a room that was asked for), for tests of what becomes of it."""

from __future__ import annotations

from datetime import timedelta

from tests.cast import Cast

from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import writing
from huitong.kernel.workdays import today

DOCUMENT = "通委办〔2026〕1号"


def plant_case(cast: Cast, provider: str = "civil", holder: str = "", closed: bool = False) -> Case:
    """A running matter (a room that was asked for) that waits at the provider's manager."""
    from django.utils import timezone

    body = cast.body(provider).pk
    with writing("test"):
        case = Case(
            kind="room",
            law="nantong-2020",
            state="asked",
            awaiting=[] if closed else [f"{body}:manager"],
            closed_at=timezone.now() if closed else None,
            holder=cast.person(holder).pk if holder else None,
        )
        case.between(consumer=cast.body("housing").pk, provider=body, bureau=cast.body("bureau").pk)
        case.save()
        if not closed:
            Clock.objects.create(
                case=case,
                state="asked",
                article="A22",
                party="provider",
                post="manager",
                body=body,
                amount=10,
                unit="wd",
                started_on=today(),
                half_on=today(),
                warn_on=today(),
                due_on=today() + timedelta(14),
            )
    return case
