"""The procedure of a demand, and what is asked of what it says, plain (A24, A25)."""

from huitong.demands.rules.likeness import ALIKE, likeness
from huitong.demands.rules.procedure import DEMAND, DEMAND_UNDER_DECREE, WITH_A_BODY, DemandState, S
from huitong.demands.rules.wanted import (
    DEMAND_FORM,
    Kind,
    address_fault,
    assign_fault,
    items_named,
    planned_fault,
    until_fault,
)

__all__ = [
    "ALIKE",
    "DEMAND",
    "DEMAND_FORM",
    "DEMAND_UNDER_DECREE",
    "WITH_A_BODY",
    "DemandState",
    "Kind",
    "S",
    "address_fault",
    "assign_fault",
    "items_named",
    "likeness",
    "planned_fault",
    "until_fault",
]
