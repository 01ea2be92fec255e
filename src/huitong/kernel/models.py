"""Where Django looks for models: each lives beside what it is about."""

from huitong.kernel.case import Case, Clock
from huitong.kernel.grounds import DecisionGround
from huitong.kernel.ledger import Entry
from huitong.kernel.workdays import CalendarDay, CalendarYear, Limit

__all__ = ["CalendarDay", "CalendarYear", "Case", "Clock", "DecisionGround", "Entry", "Limit"]
