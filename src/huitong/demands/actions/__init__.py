"""Everything that can be done with demands. Pages, API, commands and other contexts call only this
(A24, A25)."""

from huitong.demands.actions.answering import (
    answer,
    assign,
    close,
    not_ours,
    obstacle,
    point,
    promise,
)
from huitong.demands.actions.demanding import (
    FIELDS,
    draft,
    edit,
    finish,
    hand_out,
    print_form,
    seal,
    send_back,
    submit,
    withdraw,
)
from huitong.demands.actions.passing import pass_on

__all__ = [
    "FIELDS",
    "answer",
    "assign",
    "close",
    "draft",
    "edit",
    "finish",
    "hand_out",
    "not_ours",
    "obstacle",
    "pass_on",
    "point",
    "print_form",
    "promise",
    "seal",
    "send_back",
    "submit",
    "withdraw",
]
