"""Steps of a case: a function named after a verb becomes that verb of its procedure."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from huitong.kernel import grounds, ledger
from huitong.kernel.actor import BUREAU, PARTIES, Actor, Bodies, PartyKind
from huitong.kernel.case import Case
from huitong.kernel.doing import undoing
from huitong.kernel.doing.act import Act, acting, conclude, take_request
from huitong.kernel.doing.citing import citing, law_now
from huitong.kernel.doing.given import masked, model_of
from huitong.kernel.doing.hands import other_hand, refuse_other_hand
from huitong.kernel.doing.moving import check_lapse, move, opine, spoken
from huitong.kernel.doing.registry import (
    BINDERS,
    PROCEDURES,
    VERBS,
    Verb,
    office,
    procedure_now,
    procedure_of,
    seats_to_open,
)
from huitong.kernel.procedure import AgainstRules, NotVisible, NotYours, Procedure, Step
from huitong.kernel.workdays import day_of


def step(
    *tables: Procedure, inner: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Turn a function named after a verb into that step of these tables (one per law).

    The function takes ``(actor, case, *, …)``. Called as ``refuse(actor, case, reasons=…)``; an
    opening verb as ``draft(actor, …)``, its case being made by the wrapper, with ``parent=`` as a
    part of another case. Returns what the function returns, else the case. Raises `NotVisible`,
    `NotYours`, `AgainstRules`, `Malformed`; then nothing has happened.
    """

    def wrap(fn: Callable[..., Any]) -> Callable[..., Any]:
        rows = [row for table in tables for row in table.rows(fn.__name__)]
        kind = tables[0].kind
        for table in tables:
            PROCEDURES.setdefault(kind, {})[table.law] = table

        @wraps(fn)
        def run(
            actor: Actor, case: Case | None = None, *, parent: Case | None = None, **given: Any
        ) -> Any:
            with citing(verb, lambda: _law(actor, verb, case)):
                typed = verb.validate(given)
            once = take_request()
            with acting() as act, transaction.atomic():
                if verb.opening and case is None:
                    case = _open(actor, verb, kind, parent)
                else:
                    case = _lock(actor, case, kind)
                return _take(verb, fn, actor, case, typed, act, once)

        name = f"{kind}.{fn.__name__}"
        verb = Verb(
            name,
            rows[0].label,
            rows[0].article,
            model_of(fn, name),
            run,
            inspect.getdoc(fn) or "",
            tables,
            inner=inner,
        )
        VERBS[verb.name] = verb
        return run

    return wrap


def bind(actor: Actor, verb: Verb, case: Case | None, given: Mapping[str, Any]) -> None:
    for binder in BINDERS:
        binder(actor, verb, case, given)


# -- inside ----------------------------------------------------------------------------------------


def _open(actor: Actor, verb: Verb, kind: str, parent: Case | None) -> Case:
    """A new case, once it is sure that the actor's posts may open one."""
    if parent is not None and parent.state:  # else it is being opened in this very act
        parent = _lock(actor, parent, parent.kind)
        if not parent.is_open:
            raise AgainstRules("所属事项已办结，不能再分办。", article=verb.article)
    table = procedure_now(kind, day_of(timezone.now()))
    table.check_opening(verb.verb, seats_to_open(actor))
    case = Case.objects.create(
        kind=kind,
        law=table.law,
        opened_by=actor.person,
        inside=actor.body,
        parent=parent,
        overseen=table.overseen,
    )
    case.between(**offices_in(actor, table))
    return case


def offices_in(actor: Actor, table: Procedure) -> dict[str, Bodies | None]:
    """The offices of the installation that are parties of its cases, with who holds them."""
    parties = table.parties | ({BUREAU.name} if table.overseen else set())
    standing = (party for party in parties if PARTIES[party].kind is PartyKind.STANDING)
    return {party: office(actor, party) for party in standing}


def _lock(actor: Actor, case: Case | None, kind: str) -> Case:
    """The case, read again and held until the act is over; rows that only point at it (notices)
    need not wait for that."""
    pk = case.pk if case is not None else None
    rows = Case.objects.visible_to(actor).select_for_update(no_key=True)
    if (locked := rows.filter(pk=pk, kind=kind).first()) is None:
        raise NotVisible("该事项")
    return locked


def _take(
    verb: Verb,
    fn: Callable[..., Any],
    actor: Actor,
    case: Case,
    given: dict[str, Any],
    act: Act,
    once: dict[str, str],
) -> Any:
    """One step. In an opening the parties are known only after the body has run, so the table is
    asked once more after it."""
    procedure, opening, now = procedure_of(case), not case.state, timezone.now()
    before = case.snapshot()
    if opening:
        with citing(verb, lambda: case.law):
            act.reasons = grounds.stated(verb.name, given, law=case.law)
            result = fn(actor, case, **given)
        row = check_step(actor, case, verb, given)
        case.number = procedure.number(case.pk, day_of(now))
    else:
        row = check_step(actor, case, verb, given)
        check_lapse(procedure, row, case, now)
        with citing(verb, lambda: case.law):
            act.reasons = grounds.stated(verb.name, given, law=case.law)
            undoing.begin(actor, row, case, act)
            result = fn(actor, case, **given)
    with citing(verb, lambda: case.law):
        bind(actor, verb, case, given)
    move(procedure, row, actor, case, now)
    entry = ledger.append(
        actor.at(row.who),
        verb.name,
        row.article,
        kind=case.kind,
        case=case.pk,
        obj=result if isinstance(result, models.Model) else case,
        before=before | act.before,
        after=case.snapshot() | {"given": masked(given)} | act.after,
        reasons=act.reasons or str(given.get("reasons") or ""),
        **once,
    )
    if row.joint:
        opine(row, actor, case, entry)
    conclude(act, verb.name, entry, case, result)
    undoing.remember(actor, case, act, entry)
    return case if result is None else result


def _law(actor: Actor, verb: Verb, case: Case | None) -> str:
    """The law a step would be taken under, before its case is read."""
    if case is None:
        return law_now(verb)
    rows = Case.objects.visible_to(actor).filter(pk=case.pk)
    return rows.values_list("law", flat=True).first() or ""


def check_step(actor: Actor, case: Case, verb: Verb, given: Mapping[str, Any]) -> Step:
    """The row by which this actor takes this step now. Raises `NotYours`, `AgainstRules` or
    `Malformed`, as the act itself would."""
    procedure, state = procedure_of(case), case.state or None
    seats = actor.seats_in(case.parties)
    facts = {**case.facts, **given}
    row = procedure.check(verb.verb, state, seats, facts)
    if row.joint:
        seats -= spoken(case, actor.body)
        if not any(other.who in seats for other in procedure.rows(verb.verb)):
            raise AgainstRules(f"贵部门已“{row.label}”，不必再次办理。", article=row.article)
    # of several seats of one body, one that no other hand of this person's bars
    fitting = frozenset(seat for seat in seats if not other_hand(actor, case, seat))
    try:
        row = procedure.check(verb.verb, state, fitting, facts)
    except NotYours:
        row = procedure.check(verb.verb, state, seats, facts)
        refuse_other_hand(actor, case, row.who, row.label)
        raise
    waiting = procedure.awaits(case.state) if case.state else None
    held_by_other = case.holder and case.holder != actor.person
    if held_by_other and waiting == row.who and not (row.optional or row.joint):
        raise AgainstRules(
            "该事项已由其他人员领办。", article=row.article, remedy="请先请其办理、退回或移交。"
        )
    return row
