"""What who fills in or answers a demand can choose from (A3, A25)."""

from __future__ import annotations

from huitong.demands.queries.demands import declined_by, demand_of
from huitong.kernel.actor import CONSUMER, Actor
from huitong.kernel.case import Case
from huitong.organizations import queries as organizations


def bodies_to_address(actor: Actor, case: Case | None) -> list[tuple[int, str]]:
    """The bodies a demand can be written to."""
    return [(pk, name) for pk, name in organizations.all_body_names().items() if pk != actor.body]


def other_bodies(actor: Actor, case: Case | None) -> list[tuple[int, str]]:
    """The bodies that may have the data instead: not the demander, not one's own."""
    apart = {actor.body, case.body_of(CONSUMER.name) if case is not None else None}
    return [(pk, name) for pk, name in organizations.all_body_names().items() if pk not in apart]


def bodies_to_assign(actor: Actor, case: Case | None) -> list[tuple[int, str]]:
    """The bodies a demand can be sent to; of one that said it is not its duty, that it did."""
    if case is None:
        return []
    demander, declined = case.body_of(CONSUMER.name), declined_by(demand_of(case))
    return [
        (pk, f"{name}（已答复不属其职责）" if pk in declined else name)
        for pk, name in organizations.all_body_names().items()
        if pk != demander
    ]
