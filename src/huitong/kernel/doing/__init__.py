"""The one way anything happens: check against the table, act, move, set clocks, record; all in one
transaction.

``@step(PROCEDURE)`` turns a function named after a verb into that verb. ``@recorded("A7",
BODY(Post.OPERATOR))`` is its sibling for writes that are not steps of a case. Both register a
`Verb`, whose ``given`` model tells every door (page, API, command) what must be given, so that
forms, schemas and options are generated and never disagree.

Read from the top: `registry` (what can be done), `act` (the running act), `steps` and `moving`
(a step of a case), `together` (the same step in many), `acts` (a write beside cases), `performing`
(by name, once per request), `undoing` (a step of a moment ago).
"""

from huitong.kernel.doing.act import (
    Done,
    act_key,
    acting_people,
    belongs_to,
    note,
    stated_reasons,
    tells_later,
    under,
    was,
)
from huitong.kernel.doing.acts import lend_hand, recorded
from huitong.kernel.doing.hands import hands_of, other_hand
from huitong.kernel.doing.passing import hand_on
from huitong.kernel.doing.performing import perform, rehearse
from huitong.kernel.doing.registry import (
    BINDERS,
    CLOSERS,
    HOLDERS,
    PROCEDURES,
    REACTIONS,
    REOPENERS,
    VERBS,
    Verb,
    load,
    open_to,
    procedure_now,
    procedure_of,
    procedures_now,
    reopener,
    seats_to_open,
)
from huitong.kernel.doing.steps import check_step, step
from huitong.kernel.doing.together import Result, together
from huitong.kernel.doing.undoing import (
    clear_undoable,
    keep,
    stands,
    undo,
    undo_seconds,
    undoable_until,
)

__all__ = [
    "BINDERS",
    "CLOSERS",
    "HOLDERS",
    "PROCEDURES",
    "REACTIONS",
    "REOPENERS",
    "VERBS",
    "Done",
    "Result",
    "Verb",
    "act_key",
    "acting_people",
    "belongs_to",
    "check_step",
    "clear_undoable",
    "hand_on",
    "hands_of",
    "keep",
    "lend_hand",
    "load",
    "note",
    "open_to",
    "other_hand",
    "perform",
    "procedure_now",
    "procedure_of",
    "procedures_now",
    "recorded",
    "rehearse",
    "reopener",
    "seats_to_open",
    "stands",
    "stated_reasons",
    "step",
    "tells_later",
    "together",
    "under",
    "undo",
    "undo_seconds",
    "undoable_until",
    "was",
]
