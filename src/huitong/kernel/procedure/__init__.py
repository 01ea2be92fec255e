"""What a procedure is: a table of states, steps and clocks. Plain Python, so that a lawyer's table
is tested in milliseconds.

Everything that can be asked of a procedure is read from its table: the check, the buttons, the
API's actions, the command's help, the clocks, the ledger's article, the docs, the test matrix.
"""

from huitong.kernel.procedure.clocks import (
    EARLIEST,
    LATEST,
    LIMIT_WORDS,
    WATCHES,
    Clock,
    InCase,
    LimitRef,
    WatchRule,
    clock,
    limit,
    watch,
)
from huitong.kernel.procedure.problems import AgainstRules, Malformed, NotVisible, NotYours, Problem
from huitong.kernel.procedure.states import End, State, Tone, Traits, state
from huitong.kernel.procedure.steps import Route, Step, joint, opens, route, step
from huitong.kernel.procedure.table import DEMAND_LABELS, Procedure, in_force

__all__ = [
    "DEMAND_LABELS",
    "EARLIEST",
    "LATEST",
    "LIMIT_WORDS",
    "WATCHES",
    "AgainstRules",
    "Clock",
    "End",
    "InCase",
    "LimitRef",
    "Malformed",
    "NotVisible",
    "NotYours",
    "Problem",
    "Procedure",
    "Route",
    "State",
    "Step",
    "Tone",
    "Traits",
    "WatchRule",
    "clock",
    "in_force",
    "joint",
    "limit",
    "opens",
    "route",
    "state",
    "step",
    "watch",
]
