"""Entries a body proposed to withdraw: open points for the bureau, until withdrawal (A16) is
decided."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet

from huitong.catalog.models import AffectedEntry, CensusAnswer, Entry
from huitong.catalog.queries.reach import visible_to
from huitong.catalog.rules.census import CensusOutcome, CensusPartState
from huitong.catalog.rules.changes import ChangeState, PartState, Settlement
from huitong.kernel.actor import Actor


def _in_censuses() -> QuerySet[CensusAnswer]:
    """What censuses propose; nothing of one, or of a part of it, that was called off."""
    wishes = CensusAnswer.objects.filter(outcome=CensusOutcome.RETIRE, remark="")
    return wishes.filter(census__called_off=False).exclude(part__state=CensusPartState.CALLED_OFF)


def _in_changes() -> QuerySet[AffectedEntry]:
    """What changes of law propose; nothing of one that was cancelled, or of a part called off."""
    wishes = AffectedEntry.objects.filter(outcome=Settlement.WITHDRAW)
    wishes = wishes.exclude(change__case__state=ChangeState.CANCELLED)
    return wishes.exclude(part__state=PartState.CALLED_OFF)


def to_withdraw(actor: Actor) -> QuerySet[Entry]:
    """The entries proposed, in a census or because the law changed: to the bureau all, to a body
    its own."""
    wishes = Q(pk__in=_in_censuses().values("entry")) | Q(pk__in=_in_changes().values("entry"))
    rows = visible_to(actor).filter(wishes, current__isnull=False)
    return rows if actor.bureau else rows.filter(body=actor.body)


def wishes_of(entries: Collection[Entry]) -> dict[int, list[tuple[str, str]]]:
    """Where each entry was proposed for withdrawal, and why: two queries."""
    wishes: dict[int, list[tuple[str, str]]] = {}
    retired = _in_censuses().filter(entry__in=entries).select_related("census")
    for answer in retired.order_by("pk"):
        wishes.setdefault(answer.entry_id or 0, []).append((str(answer.census), answer.reasons))
    changed = _in_changes().filter(entry__in=entries).select_related("change")
    for row in changed.order_by("pk"):
        wishes.setdefault(row.entry_id, []).append((str(row.change), row.reasons))
    return wishes
