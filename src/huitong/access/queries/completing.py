"""What is asked of a case under the decree: what its answer's limit follows from, what may be
missing, until when an extended limit runs."""

from __future__ import annotations

from datetime import date
from typing import Any

from huitong.access.rules.stamped import checklist
from huitong.catalog.rules import ShareClass
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.procedure import AgainstRules
from huitong.kernel.workdays import UnitOfLimit, load_calendar, today


def sharing_of(mount: Any) -> str:
    """The share class of a resource as a case keeps it: which limit its answer has follows."""
    conditional = mount.published.share_class == ShareClass.CONDITIONAL
    return "conditional" if conditional else "unconditional"


def completion_choices(actor: Actor, case: Case | None = None) -> list[tuple[str, str]]:
    """What a form may lack: the lines of the checklist by which it would be accepted."""
    doubts = case.facts.get("scan_doubts", []) if case is not None else ()
    return [(row.key, f"不符合：{row.label}") for row in checklist(doubts, today())]


def extended_until(case: Case) -> date:
    """The last day of the answer once its limit is extended by what was applied for. Raises
    `AgainstRules` where no such limit runs."""
    clocks = Clock.objects.filter(case=case, name="answer_conditional", stopped_on=None)
    if (clock := clocks.first()) is None:
        raise AgainstRules("现在没有可以延长的时限。", article="D")
    days = int(case.facts["days"])
    return load_calendar().deadline(clock.due_on, days, str(UnitOfLimit.WORKING_DAYS)).on
