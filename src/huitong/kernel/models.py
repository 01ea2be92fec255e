"""Where Django looks for models: each lives beside what it is about."""

from huitong.kernel import lookups as lookups
from huitong.kernel.adoption import AdoptedLaw
from huitong.kernel.case import ActOfCase, Case, Opinion
from huitong.kernel.clocks import Clock
from huitong.kernel.grounds import DecisionGround
from huitong.kernel.ledger import Entry
from huitong.kernel.undo import Undoable
from huitong.kernel.watches import Watch
from huitong.kernel.workdays import CalendarDay, CalendarYear, Limit

__all__ = [
    "ActOfCase",
    "AdoptedLaw",
    "CalendarDay",
    "CalendarYear",
    "Case",
    "Clock",
    "DecisionGround",
    "Entry",
    "Limit",
    "Opinion",
    "Undoable",
    "Watch",
]
