"""Who is told what became of a doubt: never a word of what it says about a record (A29)."""

from __future__ import annotations

from collections.abc import Iterable

from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.objections.models import Objection
from huitong.work import actions as work


def tell(actor: Actor, case: Case, row: Objection, bodies: Iterable[int | None], text: str) -> None:
    title = f"疑义校核：{row.entry.name}"
    work.tell_bodies(actor, bodies, title, text, row.get_absolute_url(), case)
