"""The one way anything happens: check against the table, act, move, set clocks, record; all in one
transaction.

``@step(PROCEDURE)`` turns a function named after a verb into that verb. ``@recorded("A7",
BODY(Post.OPERATOR))`` is its sibling for writes that are not steps of a case. Both register a
`Verb`, whose ``given`` model tells every door (page, API, command) what must be given, so that
forms, schemas and options are generated and never disagree.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.db import DatabaseError, models, transaction
from django.utils import timezone
from pydantic import BaseModel

from huitong.kernel import grounds, jobs, ledger
from huitong.kernel.actor import BUREAU, SYSTEM, Actor, Seat
from huitong.kernel.case import Case, retime
from huitong.kernel.doing.conflicts import refused_by_database
from huitong.kernel.doing.given import checked, digest_of, masked, model_of
from huitong.kernel.doing.hands import hands_of, refuse_other_hand
from huitong.kernel.doing.hands import other_hand as other_hand  # asked here by every door
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import (
    AgainstRules,
    Malformed,
    NotVisible,
    NotYours,
    Procedure,
    Route,
    Step,
    in_force,
)
from huitong.kernel.workdays import day_of


@dataclass(frozen=True)
class Verb:
    """A thing that can be done, as every door sees it. ``name`` is ``kind.verb``, e.g.
    ``application.refuse``."""

    name: str
    label: str
    article: str
    given: type[BaseModel]
    run: Callable[..., Any]
    doc: str = ""
    tables: tuple[Procedure, ...] = ()
    who: tuple[Seat, ...] = ()
    #: open to everybody signed in, for acts on one's own account
    anyone: bool = False
    #: only ever part of another act, or done by one door of its own: no generic door offers it
    inner: bool = False

    @property
    def verb(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def is_step(self) -> bool:
        return bool(self.tables)

    @property
    def opening(self) -> bool:
        return any(row.opening for table in self.tables for row in table.rows(self.verb))

    @property
    def seats(self) -> tuple[Seat, ...]:
        """Whose it is: the seats of the table's rows, or those of a recorded act."""
        return tuple(row.who for table in self.tables for row in table.rows(self.verb)) or self.who

    @property
    def offered(self) -> bool:
        """Whether the generic doors (forms, API, command) have it: somebody's other than the
        platform's own."""
        return not self.inner and (
            self.anyone or any(seat.party != SYSTEM.name for seat in self.seats)
        )

    def seats_of(self, actor: Actor) -> list[Seat]:
        """Of a recorded act: the seats in which this actor may do it. Raises `NotYours`, saying
        whose it is."""
        held = [seat for seat in self.who if seat in actor.seats_in({})]
        if not held and not (self.anyone and actor.person):
            names = (
                "、".join(
                    dict.fromkeys(seat.label for seat in self.who if seat.party != SYSTEM.name)
                )
                or SYSTEM.label
            )
            raise NotYours(f"“{self.label}”由{names}办理。", article=self.article, who=names)
        return held

    def validate(self, given: Mapping[str, Any], article: str = "") -> dict[str, Any]:
        """What was given, typed. Raises `Malformed` naming each field, `AgainstRules` for what
        is marked as classified (A3)."""
        return checked(
            self.given, given, article or self.article, by_people=self.offered or self.inner
        )


@dataclass(frozen=True)
class Done:
    """What an act came to: its ledger entry, its case if it has one, and what the action
    returned."""

    entry: Entry
    case: Case | None
    result: Any
    replayed: bool = False


@dataclass
class _Act:
    """The running act: what the ledger entry will say beside the obvious, and its reasons as
    every reader will meet them."""

    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    last: Done | None = None
    reasons: str = ""


VERBS: dict[str, Verb] = {}
#: kind → its procedures, one per law
PROCEDURES: dict[str, dict[str, Procedure]] = {}
#: verb name → names of reactions to defer in the same transaction; `huitong.reactions` fills it
REACTIONS: dict[str, list[str]] = {}
#: asked in the transaction of every act, before it is recorded, with what was given: `work` binds
#: attachments to the case
BINDERS: list[Callable[[Actor, Verb, Case | None, Mapping[str, Any]], None]] = []
_act: ContextVar[_Act | None] = ContextVar("huitong_act", default=None)
_request: ContextVar[tuple[str, str]] = ContextVar("huitong_request", default=("", ""))


# -- the two wrappers ------------------------------------------------------------------------------


def step(
    *tables: Procedure, inner: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Turn a function named after a verb into that step of these tables (one per law).

    The function takes ``(actor, case, *, …)``. Called as ``refuse(actor, case, reasons=…)``; an
    opening verb as ``draft(actor, …)``, its case being made by the wrapper. Returns what the
    function returns, else the case. Raises `NotVisible`, `NotYours`, `AgainstRules`, `Malformed`;
    then nothing has happened.
    """

    def wrap(fn: Callable[..., Any]) -> Callable[..., Any]:
        rows = [row for table in tables for row in table.rows(fn.__name__)]
        kind = tables[0].kind
        for table in tables:
            PROCEDURES.setdefault(kind, {})[table.law] = table

        @wraps(fn)
        def run(actor: Actor, case: Case | None = None, **given: Any) -> Any:
            typed, once = verb.validate(given), _request_once()
            with _acting() as act, transaction.atomic():
                case = (
                    _open(actor, kind)
                    if verb.opening and case is None
                    else _lock(actor, case, kind)
                )
                return _take(verb, fn, actor, case, typed, act, once)

        verb = Verb(
            f"{kind}.{fn.__name__}",
            rows[0].label,
            rows[0].article,
            model_of(fn, f"{kind}.{fn.__name__}"),
            run,
            inspect.getdoc(fn) or "",
            tables,
            inner=inner,
        )
        VERBS[verb.name] = verb
        return run

    return wrap


def recorded(
    article: str,
    *who: Seat,
    label: str = "",
    anyone: bool = False,
    inner: bool = False,
    first: Callable[..., Any] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Turn a function ``(actor, *, …)`` into a recorded write that is not a step of a case.

    ``who`` are seats of BODY, BUREAU or SYSTEM; whether the object is the actor's to touch is asked
    of `queries` in the body. ``anyone`` opens it to everybody signed in, with or without a post:
    for acts on one's own account only. ``inner`` keeps it from the generic doors: it is part of
    another act, or has a door of its own. ``first`` is called with the same before the transaction
    begins, for what takes long or is kept though the act fails; its result is the function's second
    argument. The ledger keeps what was given and what `note` adds. Returns what the function does.
    """

    def wrap(fn: Callable[..., Any]) -> Callable[..., Any]:
        context = fn.__module__.split(".actions")[0].rpartition(".")[2]
        name = f"{context}.{fn.__name__}"

        @wraps(fn)
        def run(actor: Actor, **given: Any) -> Any:
            typed, once, held = verb.validate(given), _request_once(), verb.seats_of(actor)
            seen = (first(actor, **typed),) if first else ()
            with _acting() as act, transaction.atomic():
                act.reasons = grounds.stated(name, typed)
                result = fn(actor, *seen, **typed)
                _bind(actor, verb, None, typed)
                entry = ledger.append(
                    actor.at(*held),
                    name,
                    article,
                    obj=result if isinstance(result, models.Model) else None,
                    before=act.before,
                    after=masked(typed) | act.after,
                    reasons=act.reasons,
                    **once,
                )
                _defer_reactions(name, entry)
                act.last = Done(entry, result if isinstance(result, Case) else None, result)
                return result

        verb = Verb(
            name,
            label or fn.__name__,
            article,
            model_of(fn, name),
            run,
            inspect.getdoc(fn) or "",
            who=who,
            anyone=anyone,
            inner=inner,
        )
        VERBS[name] = verb
        return run

    return wrap


def note(**facts: Any) -> None:
    """Add to what the ledger entry of the running act keeps as *after*."""
    if (act := _act.get()) is None:
        raise RuntimeError("note() belongs inside an action")
    act.after |= facts


def was(**facts: Any) -> None:
    """Add to what the ledger entry of the running act keeps as *before*."""
    if (act := _act.get()) is None:
        raise RuntimeError("was() belongs inside an action")
    act.before |= facts


def stated_reasons() -> str:
    """The reasons of the running act with their ground, as the ledger keeps them: for notices
    sent within the act."""
    return act.reasons if (act := _act.get()) is not None else ""


# -- for the doors ---------------------------------------------------------------------------------


def perform(
    actor: Actor,
    name: str,
    given: Mapping[str, Any],
    *,
    case: int | None = None,
    request_key: str = "",
) -> Done:
    """Do a verb by its name: the one call behind every generated page form, API route and command.

    With a ``request_key`` (Idempotency-Key) a repeated request of the same person returns the first
    one's outcome; the same key with other content is `Malformed`.
    """
    if (verb := VERBS.get(name)) is None:
        raise NotVisible("该操作")
    if strange := [key for key in given if key not in verb.given.model_fields]:
        raise Malformed(dict.fromkeys(strange, "没有这一项"), article=verb.article)
    digest = digest_of(name, case, given) if request_key else ""
    if request_key and (before := _replayed(actor, request_key, digest)) is not None:
        return before
    token = _request.set((request_key, digest))
    try:
        with _acting() as act:
            if not verb.is_step or (verb.opening and case is None):
                verb.run(actor, **given)
            else:
                verb.run(actor, Case(pk=case), **given)
            assert act.last is not None, "an act without a ledger entry"  # noqa: S101 - an invariant of this file
            return act.last
    except DatabaseError as wrong:
        if request_key and (before := _replayed(actor, request_key, digest)) is not None:
            return before
        if (said := refused_by_database(wrong, verb.article)) is None:
            raise
        raise said from wrong
    finally:
        _request.reset(token)


def load() -> None:
    """Import every context's actions, so that `VERBS` and `PROCEDURES` are whole."""
    for context in settings.CONTEXTS:
        if find_spec(f"{context}.actions"):
            import_module(f"{context}.actions")


def procedure_of(case: Case) -> Procedure:
    """The table a case runs under: that of the law it was opened under, whatever came later
    (A36)."""
    return PROCEDURES[case.kind][case.law]


def open_to(actor: Actor, case: Case) -> list[tuple[Step, Verb]]:
    """What this actor may do with this case now: the buttons, the API's ``actions``, the
    command's help."""
    procedure = procedure_of(case)
    seats = {seat for seat in actor.seats_in(case.parties) if not other_hand(actor, case, seat)}
    return [
        (row, verb)
        for row in procedure.open_to(case.state, seats, case.facts)
        if (verb := VERBS.get(f"{case.kind}.{row.verb}")) is not None and verb.offered
    ]


# -- inside ----------------------------------------------------------------------------------------


@contextmanager
def _acting() -> Iterator[_Act]:
    """One act per outermost call of `perform`, one per nested action; the innermost's Done
    bubbles up."""
    outer, act = _act.get(), _Act()
    token = _act.set(act)
    try:
        with ledger.writing("act"):
            yield act
        if outer is not None and act.last is not None:
            outer.last = act.last
    finally:
        _act.reset(token)


def _open(actor: Actor, kind: str) -> Case:
    table = in_force(
        PROCEDURES[kind].values(), day_of(timezone.now()), getattr(settings, "HUITONG_LAW", "")
    )
    case = Case.objects.create(kind=kind, law=table.law, opened_by=actor.person, inside=actor.body)
    case.between(**{BUREAU.name: actor.bureau_body})
    return case


def _lock(actor: Actor, case: Case | None, kind: str) -> Case:
    """The case, read again and held until the act is over; rows that only point at it (notices)
    need not wait for that."""
    pk = case.pk if case is not None else None
    found = (
        Case.objects.visible_to(actor)
        .select_for_update(no_key=True)
        .filter(pk=pk, kind=kind)
        .first()
    )
    if found is None:
        raise NotVisible("该事项")
    return found


def _take(
    verb: Verb,
    fn: Callable[..., Any],
    actor: Actor,
    case: Case,
    given: dict[str, Any],
    act: _Act,
    once: dict[str, str],
) -> Any:
    """One step: in an opening the parties are known only after the body has run, so the check
    comes after it."""
    procedure, opening, now = procedure_of(case), not case.state, timezone.now()
    before = case.snapshot()
    if opening:
        result = fn(actor, case, **given)
        row = _checked(procedure, verb, actor, case, given)
        case.number = f"{procedure.prefix}{day_of(now):%Y%m%d}{case.pk:06d}"
    else:
        row = _checked(procedure, verb, actor, case, given)
        act.reasons = grounds.stated(verb.name, given, law=case.law)
        result = fn(actor, case, **given)
    _bind(actor, verb, case, given)
    _move(procedure, row, actor, case, now)
    entry = ledger.append(
        actor.at(row.who),
        verb.name,
        row.article,
        law=case.law,
        kind=case.kind,
        case=case.pk,
        obj=result if isinstance(result, models.Model) else case,
        before=before | act.before,
        after=case.snapshot() | {"given": masked(given)} | act.after,
        reasons=act.reasons or str(given.get("reasons") or ""),
        **once,
    )
    _defer_reactions(verb.name, entry)
    act.last = Done(entry, case, result)
    return case if result is None else result


def _bind(actor: Actor, verb: Verb, case: Case | None, given: Mapping[str, Any]) -> None:
    for binder in BINDERS:
        binder(actor, verb, case, given)


def _checked(
    procedure: Procedure, verb: Verb, actor: Actor, case: Case, given: dict[str, Any]
) -> Step:
    seats = actor.seats_in(case.parties)
    row = procedure.check(verb.verb, case.state or None, seats, {**case.facts, **given})
    refuse_other_hand(actor, case, row.who, row.label)
    waiting = procedure.awaits(case.state) if case.state else None
    if case.holder and case.holder != actor.person and waiting == row.who and not row.optional:
        raise AgainstRules(
            "该事项已由其他人员领办。", article=row.article, remedy="请先请其办理、退回或移交。"
        )
    return row


def _move(procedure: Procedure, row: Step, actor: Actor, case: Case, now: datetime) -> None:
    target = row.target.resolve(case.facts) if isinstance(row.target, Route) else row.target
    case.hands |= hands_of(actor, row.who)
    entering = case.state != target.value
    case.state = target.value
    if case.inside is not None and procedure.concerns_others(case.state, _home(procedure, case)):
        case.inside = None
    desks = case.desks_of(procedure.awaits(case.state))
    if desks != case.awaiting:
        case.awaiting, case.holder = desks, None
    if entering:
        case.entered_at = now
        case.closed_at = now if case.state in procedure.final else None
        retime(case, procedure, now)
    case.save()


def _home(procedure: Procedure, case: Case) -> set[str]:
    """The party or parties as which a body began a case that still lies with it."""
    return {
        party for party in procedure.begun_by if case.parties.get(party, case.inside) == case.inside
    }


def _defer_reactions(name: str, entry: Entry) -> None:
    """Each reaction is a job in this transaction, keyed by (entry, reaction): it comes or goes
    with the act."""
    for reaction in REACTIONS.get(name, ()):
        key = f"react:{entry.seq}:{reaction}"
        jobs.defer("huitong.react", lock=key, queueing_lock=key, entry=entry.seq, reaction=reaction)


def _request_once() -> dict[str, Any]:
    """The request key belongs to the outermost act of a request; acts nested in it find it
    taken."""
    key, digest = _request.get()
    _request.set(("", ""))
    return {"request_key": key, "request_digest": digest}


def _replayed(actor: Actor, key: str, digest: str) -> Done | None:
    entry = Entry.objects.filter(person=actor.person, request_key=key).first()
    if entry is None:
        return None
    if entry.request_digest != digest:
        raise Malformed({"Idempotency-Key": "这个幂等键已用于另一个请求，请换一个新的键。"})
    return Done(
        entry, Case.objects.visible_to(actor).filter(pk=entry.case).first(), None, replayed=True
    )
