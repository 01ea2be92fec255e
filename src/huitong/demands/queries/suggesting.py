"""What may answer a need before it is written down: entries the person may see, and demands of
others for the same (A20, A24)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from huitong.catalog import queries as catalog
from huitong.catalog.queries import Filters
from huitong.demands.models import Demand
from huitong.demands.rules import ALIKE, S, likeness
from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case

#: so many of each are shown, and so many running demands are looked at
MOST, LOOKED_AT = 5, 2_000


@dataclass(frozen=True)
class Running:
    """A running demand for the same: what every clerk may know of it, that it need not be asked
    twice. ``case`` is its page, for those who may see it."""

    title: str
    consumer: str
    body: str
    state: S
    case: int | None = None


def matches(actor: Actor, words: str) -> list[Any]:
    """The first entries the actor may see for these words."""
    if not words.strip():
        return []
    return catalog.search(actor, words, Filters(), facets=False)[:MOST]


def running_alike(actor: Actor, words: str, but: int | None = None) -> list[Running]:
    """Running demands for what seems to be the same, those of one's own body too, the likest
    first. Of those that have left their body only; whose case one may not see, one learns of it
    what is needed, by whom, and with whom it lies."""
    if not words.strip() or actor.body is None or not actor.has(Post.OPERATOR, Post.MANAGER):
        return []
    rows = (
        Demand.objects.filter(submitted_at__isnull=False, case__closed_at=None, parts=None)
        .exclude(pk=but)
        .select_related("case", "consumer", "provider")
        .order_by("-pk")[:LOOKED_AT]
    )
    ranked = sorted(((likeness(words, row.title), row) for row in rows), key=lambda pair: -pair[0])
    near = [row for share, row in ranked if share >= ALIKE][:MOST]
    cases = Case.objects.visible_to(actor).filter(pk__in=[row.case_id for row in near])
    visible = set(cases.values_list("pk", flat=True)) if near else set()
    return [
        Running(
            row.title,
            row.consumer.short_name,
            row.provider.short_name if row.provider else "",
            S(row.case.state),
            row.case_id if row.case_id in visible else None,
        )
        for row in near
    ]
