"""Everything that can be done with doubts. Pages, API, commands and other contexts call only this
(A29)."""

from huitong.objections.actions.passing import pass_on
from huitong.objections.actions.reporting import close_evaluation, evaluate, report, withdraw
from huitong.objections.actions.verifying import (
    admit,
    assign,
    confirm,
    correct,
    look,
    not_ours,
    send_back,
    uphold,
)

__all__ = [
    "admit",
    "assign",
    "close_evaluation",
    "confirm",
    "correct",
    "evaluate",
    "look",
    "not_ours",
    "pass_on",
    "report",
    "send_back",
    "uphold",
    "withdraw",
]
