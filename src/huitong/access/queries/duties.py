"""What is used and asked for under a duty, of what the actor may see (A3)."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count

from huitong.access.models import Application, Grant
from huitong.access.rules import LIVE
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case


def used_for_duties(actor: Actor, duties: Collection[int]) -> dict[int, tuple[list[str], int]]:
    """The names of the resources that grants in force let use for each duty, and how many such
    grants there are: one question for all of them."""
    duty = "application__form__duty"
    rows = Grant.objects.filter(
        **{f"{duty}__in": duties},
        ended_at=None,
        case__state__in=LIVE,
        case__in=Case.objects.visible_to(actor).values("pk"),
    )
    counted = rows.values_list(duty).annotate(
        names=ArrayAgg("mount__entry__current__name", distinct=True, default=[]), number=Count("pk")
    )
    return {pk: ([name for name in names if name], number) for pk, names, number in counted}


def asked_for_duties(actor: Actor, duties: Collection[int]) -> dict[int, int]:
    """How many applications run for each duty."""
    rows = Application.objects.filter(
        form__duty__in=duties,
        case__closed_at=None,
        case__in=Case.objects.visible_to(actor).values("pk"),
    )
    return dict(rows.order_by().values_list("form__duty").annotate(number=Count("pk")))
