"""The mover: one run brings a grantee's table in step with the granted part of the provider's table
(A13, A28, A29, A30).

Plain Python, no Django: give it a `Plan` and two addresses, get a `Delivery` or a `DeliveryProblem`
that says who must do what. Everything a run changes at the target, its own record included, is one
transaction: killed at any moment, it has happened wholly or not at all, and a rerun under the same
run id knows which.
"""

from huitong.planes.tables.engine.mover import outcome, run
from huitong.planes.tables.engine.plan import (
    LARGEST_FALL,
    Delivery,
    Plan,
    PlanColumn,
    Progress,
    granted_key,
    plan_for,
)
from huitong.planes.tables.engine.problems import DeliveryProblem, Undecided

__all__ = [
    "LARGEST_FALL",
    "Delivery",
    "DeliveryProblem",
    "Plan",
    "PlanColumn",
    "Progress",
    "Undecided",
    "granted_key",
    "outcome",
    "plan_for",
    "run",
]
