"""Undoing what one has just done, before anybody is told of it (A17)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.doing import recorded
from huitong.work.actions.seats import EVERYBODY
from huitong.work.rules import Hidden


@recorded("A17", *EVERYBODY, label="撤销刚才的办理")
def undo(
    actor: Actor, *, act: Annotated[str, Hidden(), Field(title="刚才的办理", max_length=40)]
) -> Case | None:
    """Bring the cases of one's own act of a moment ago back as they were; nobody has been told of
    it, and nobody is told of this."""
    cases = doing.undo(actor, act)
    return cases[0] if len(cases) == 1 else None
