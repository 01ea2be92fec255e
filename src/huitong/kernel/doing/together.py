"""The same step in many cases at once: each is checked, moved and recorded as `steps` does with
one, by a few statements for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from huitong.kernel import ledger
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.doing.act import acting, conclude
from huitong.kernel.doing.given import masked
from huitong.kernel.doing.hands import hands_of
from huitong.kernel.doing.registry import VERBS, Verb, procedure_now, procedure_of, seats_to_open
from huitong.kernel.doing.steps import bind, check_step, offices_in
from huitong.kernel.procedure import NotVisible, Procedure, Route, State, Step
from huitong.kernel.workdays import day_of

#: what a step changes in its case
MOVED = (
    *("number", "title", "state", "parties", "bodies", "facts", "hands"),
    *("awaiting", "holder", "inside", "entered_at", "closed_at"),
)


@dataclass(frozen=True)
class Result:
    """What one of the steps came to: what the verb would return, and what its ledger entry keeps
    beside the obvious."""

    result: models.Model
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


#: the body of the verb, for all cases: they may be changed, their own columns are saved after it
Body = Callable[[list[Case], list[dict[str, Any]]], list[Result]]


def together(
    actor: Actor,
    name: str,
    batch: Sequence[tuple[int | None, Mapping[str, Any]]],
    body: Body,
    showing: bool = False,
) -> list[Case]:
    """Take a step of these cases, or open one for each None, with what is given to each; part of a
    running act, which is done whole or not at all.

    For steps that concern nobody else: they show no case to others, no clock runs where they lead,
    they are neither joint nor undoable and reopen nothing. Raises `ValueError` for others, and what
    the step itself raises, of the first case it fails in. ``showing``: the running act tells those
    to whom the cases are shown, once for all of them.
    """
    verb, now = VERBS[name], timezone.now()
    rows_of = [(table, row) for table in verb.tables for row in table.rows(verb.verb)]
    if any(reason := _unfit(table, row, showing) for table, row in rows_of):
        raise ValueError(f"{name} {reason}: it is results in one case after the other")
    typed = [verb.validate(given) for _, given in batch]
    with acting() as act, transaction.atomic():
        cases = _cases(actor, verb, [pk for pk, _ in batch], now)
        opening, before = not batch[0][0], [case.snapshot() for case in cases]
        rows = [] if opening else _checked(actor, verb, cases, typed)
        results = body(cases, typed)
        rows = rows or _checked(actor, verb, cases, typed)
        for case, row, given in zip(cases, rows, typed, strict=True):
            bind(actor, verb, case, given)
            _move(actor, case, row, now)
            case.number = case.number or procedure_of(case).number(case.pk, day_of(now))
        Case.objects.bulk_create(
            cases, update_conflicts=True, unique_fields=["id"], update_fields=MOVED, batch_size=500
        )
        entries = ledger.append_all(
            ledger.entry(
                actor.at(row.who),
                verb.name,
                row.article,
                kind=case.kind,
                case=case.pk,
                obj=one.result,
                before=was | dict(one.before),
                after=case.snapshot() | {"given": masked(given)} | dict(one.after),
            )
            for case, row, given, was, one in zip(cases, rows, typed, before, results, strict=True)
        )
        # of cases that begin in private nothing waits, and nobody follows them; whoever else sits
        # at their desk finds them in the list, and not in a thousand notices of one act
        for case, entry, one in zip(cases, entries, results, strict=True) if not opening else ():
            conclude(act, verb.name, entry, case, one.result)
    return cases


def _unfit(table: Procedure, row: Step, showing: bool) -> str:
    """Why a step is not to be taken in many cases at once; empty when it is."""
    states = {state for state in row.targets | row.origin if isinstance(state, State)}
    if row.joint or row.undoable or row.reopens or row.extends:
        return "speaks with others, can be undone, or changes a paper or a limit"
    if not showing and not all(state.private for state in row.targets - row.origin):
        return "shows the case to others"
    if any(rule.on == row.verb or states & (rule.states | rule.stands) for rule in table.clocks):
        return "moves a clock"
    return ""


def _cases(actor: Actor, verb: Verb, keys: Sequence[int | None], now: datetime) -> list[Case]:
    """The cases, held until the act is over, in the order batch for; new ones where there is no
    key."""
    if keys[0] is None:
        kind = verb.tables[0].kind
        table = procedure_now(kind, day_of(now))
        table.check_opening(verb.verb, seats_to_open(actor))
        about = {"law": table.law, "opened_by": actor.person, "inside": actor.body}
        cases = [Case(kind=kind, overseen=table.overseen, **about) for _ in keys]
        offices = offices_in(actor, table)
        for case in cases:
            case.between(**offices)
        return Case.objects.bulk_create(cases, batch_size=500)
    rows = Case.objects.visible_to(actor).filter(pk__in=keys, kind=verb.tables[0].kind)
    locked = {case.pk: case for case in rows.select_for_update(no_key=True).order_by("pk")}
    if len(locked) != len(set(keys)):
        raise NotVisible("该事项")
    return [locked[key] for key in keys if key is not None]


def _checked(
    actor: Actor, verb: Verb, cases: Sequence[Case], typed: Sequence[dict[str, Any]]
) -> list[Step]:
    return [check_step(actor, case, verb, given) for case, given in zip(cases, typed, strict=True)]


def _move(actor: Actor, case: Case, row: Step, now: datetime) -> None:
    """Bring the case into the state the step leads to: nobody's clock runs there."""
    target = row.target.resolve(case.facts) if isinstance(row.target, Route) else row.target
    procedure = procedure_of(case)
    case.hands |= hands_of(actor, row.who)
    if not target.private:
        case.inside = None
    if case.state != target.value:
        case.state, case.entered_at = target.value, now
        case.holder, case.closed_at = None, now if target.closes else None
        case.awaiting = [d for seat in procedure.duties(case.state) for d in case.desks_of(seat)]
