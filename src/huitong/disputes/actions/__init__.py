"""Everything that can be done with disputes. Pages, API, commands and other contexts call only this
(A27)."""

from huitong.disputes.actions.concluding import (
    answer,
    close_answering,
    conclude,
    decide,
    follow_up,
    rule,
)
from huitong.disputes.actions.consulting import (
    amend,
    close_confirming,
    close_statements,
    confirm,
    convene,
    present,
    record,
)
from huitong.disputes.actions.opening import draft, edit, submit, withdraw
from huitong.disputes.actions.passing import pass_on

__all__ = [
    "amend",
    "answer",
    "close_answering",
    "close_confirming",
    "close_statements",
    "conclude",
    "confirm",
    "convene",
    "decide",
    "draft",
    "edit",
    "follow_up",
    "pass_on",
    "present",
    "record",
    "rule",
    "submit",
    "withdraw",
]
