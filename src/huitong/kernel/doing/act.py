"""The running act: what its ledger entry will say, and what it came to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from huitong.kernel import jobs, ledger
from huitong.kernel.case import ActOfCase, Case
from huitong.kernel.doing.registry import CLOSERS, REACTIONS
from huitong.kernel.ledger import Entry


@dataclass(frozen=True)
class Done:
    """What an act came to: its ledger entry, its case if it has one, what the action returned,
    and the act's name (`act_key`), empty when the request is a repeated one."""

    entry: Entry
    case: Case | None
    result: Any
    replayed: bool = False
    act: str = ""


@dataclass
class Act:
    """The running act: what the ledger entry will say beside the obvious, its reasons as every
    reader will meet them, and the cases it belongs to beside its own."""

    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    reasons: str = ""
    #: of a recorded act that is part of a step: the law of the cases it is about
    law: str = ""
    cases: list[int] = field(default_factory=list)
    last: Done | None = None
    #: of a step that can be undone: its rows as they were, and when people are told of it
    images: list[dict[str, Any]] | None = None
    tells_at: datetime | None = None
    #: of a recorded act: who does it, and whom they represent in it
    people: frozenset[int] | None = None
    #: what people are told of it, in it or after it, is told once; acts within an act are one
    key: str = field(default_factory=lambda: uuid4().hex)


_act: ContextVar[Act | None] = ContextVar("huitong_act", default=None)
_request: ContextVar[tuple[str, str]] = ContextVar("huitong_request", default=("", ""))


@contextmanager
def acting() -> Iterator[Act]:
    """One act per outermost call of `perform`, one per nested action; the innermost's Done
    bubbles up."""
    outer = _act.get()
    act = Act(key=outer.key, tells_at=outer.tells_at) if outer is not None else Act()
    token = _act.set(act)
    try:
        with ledger.writing("act"):
            yield act
        if outer is not None and act.last is not None:
            outer.last, outer.tells_at = act.last, outer.tells_at or act.tells_at
    finally:
        _act.reset(token)


@contextmanager
def requested(key: str, digest: str) -> Iterator[None]:
    """Within, the outermost act belongs to this request (Idempotency-Key and digest)."""
    token = _request.set((key, digest))
    try:
        yield
    finally:
        _request.reset(token)


def take_request() -> dict[str, Any]:
    """The request key belongs to the outermost act of a request; acts nested in it have none."""
    key, digest = _request.get()
    _request.set(("", ""))
    return {"request_key": key, "request_digest": digest}


def current() -> Act:
    """The running act. Raises `RuntimeError` outside one."""
    if (act := _act.get()) is None:
        raise RuntimeError("note(), was() and belongs_to() stand inside an action")
    return act


def note(**facts: Any) -> None:
    """Add to what the ledger entry of the running act keeps as *after*."""
    current().after |= facts


def was(**facts: Any) -> None:
    """Add to what the ledger entry of the running act keeps as *before*."""
    current().before |= facts


def belongs_to(*cases: int) -> None:
    """Make the running act one of these cases too: it stands in their timelines and evidence."""
    act = current()
    act.cases += [case for case in cases if case not in act.cases]


def under(law: str) -> None:
    """Let the running act, part of a step, cite the law of the cases it is about: else it cites
    that of a case opened today."""
    current().law = law


def acting_people() -> frozenset[int]:
    """Whose the running recorded act is: the actor's, and that of whom they represent in it, which
    the actor alone does not tell. Raises `RuntimeError` outside one."""
    if (people := current().people) is None:
        raise RuntimeError("acting_people() stands inside a recorded act")
    return people


def act_key() -> str:
    """What names the running act, those within it included: for what is to be told of it once."""
    return current().key


def tells_later() -> bool:
    """Whether nobody may be told of the running act yet, because it can still be undone."""
    return (act := _act.get()) is not None and act.tells_at is not None


def stated_reasons() -> str:
    """The reasons of the running act with their ground, as the ledger keeps them: for notices
    sent within the act."""
    return act.reasons if (act := _act.get()) is not None else ""


def conclude(act: Act, name: str, entry: Entry, case: Case | None, result: Any) -> None:
    """Tie what was recorded to its cases, close what it settles and defer what follows, in the
    act's transaction."""
    own = {entry.case}
    ActOfCase.objects.bulk_create(
        [ActOfCase(case_id=pk, entry=entry) for pk in act.cases if pk not in own]
    )
    for close in CLOSERS:
        close(entry, case)
    following = REACTIONS.get(name)
    for reaction in following(entry, case) if following is not None else ():
        # keyed by entry and reaction: it comes or goes with the act, and runs once in effect
        key = f"react:{entry.seq}:{reaction}"
        what = {"entry": entry.seq, "reaction": reaction, "act": act.key}
        jobs.defer("huitong.react", lock=key, queueing_lock=key, at=act.tells_at, **what)
    act.last = Done(entry, case, result, act=act.key)
