"""What will come of an act, seen by rehearsing it: who does what, who acts next and by when, who is
told, what cannot be changed afterwards."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.doing import Done, Verb
from huitong.kernel.procedure import Procedure, State, Step
from huitong.kernel.workdays import DAY_SET, UnitOfLimit
from huitong.organizations import queries as organizations
from huitong.work.models import Notice

#: what the summary of an act says, in this order
PARTS = ("办理人", "事项", "结果", "接下来", "将告知", "不能再改", "影响", "撤销")

Rows = list[tuple[str, str]]


def row_of(actor: Actor, verb: Verb, case: Case | None) -> Step | None:
    """The row of the table by which this actor would take a step now; None for an act that is
    none, or that they cannot take."""
    if not verb.is_step:
        return None
    if case is None:
        held = doing.seats_to_open(actor)
        rows = [r for t in verb.tables for r in t.rows(verb.verb) if r.opening]
        return next((r for r in rows if r.who in held), next(iter(rows), None))
    seats = actor.seats_in(case.parties)
    rows = doing.procedure_of(case).rows(verb.verb)
    current = [r for r in rows if case.state in r.origin and r.fits(case.facts)]
    return next((r for r in current if r.who in seats), next(iter(current), None))


def foresee(
    actor: Actor,
    name: str,
    given: Mapping[str, Any],
    case: Case | None = None,
    parts: Collection[tuple[str, Case]] = (),
) -> Rows:
    """What will come of an act, in words, as labelled rows. ``parts`` are the steps an act takes in
    several cases. Nothing of it remains. Raises what the act would raise."""
    verb = doing.VERBS[name]
    steps = [(doing.VERBS[step], row) for step, row in parts] or (
        [(verb, case)] if case is not None else []
    )
    before = [(step, row, _running(row)) for step, row in steps]

    def look(done: Done) -> Rows:
        opened = None if steps else _opened_by(actor, verb, done)
        rows = [_who(actor, verb, steps, opened)]
        for step, was, clocks in before:
            rows += _of_step(actor, step, was, clocks, done)
        if not before and done.case is not None:
            rows += _of_opening(opened, done.case, done)
        if verb.effect:
            rows.append(("影响", verb.effect))
        return _merged(rows)

    return doing.rehearse(actor, name, given, look, case=case.pk if case else None)


def _opened_by(actor: Actor, verb: Verb, done: Done) -> Step | None:
    """The row by which a case was opened: that of the seat its opener has in it."""
    if done.case is None or not verb.is_step:
        return None
    seats = actor.seats_in(done.case.parties)
    rows = doing.procedure_of(done.case).rows(verb.verb)
    return next((row for row in rows if row.opening and row.who in seats), None)


def _who(
    actor: Actor, verb: Verb, steps: Collection[tuple[Verb, Case]], opened: Step | None
) -> tuple[str, str]:
    steps_taken = [row for step, case in steps if (row := row_of(actor, step, case)) is not None]
    rows = [opened] if opened is not None else steps_taken
    seats = [row.who for row in rows[:1]] or [s for s in verb.seats if s in actor.seats_in({})][:1]
    post = "".join(seat.post.label for seat in seats)
    deputy = actor.at(*seats).deputy_for_name
    instead = f"，代理{deputy}" if deputy else ""
    return "办理人", f"{actor.name}（{actor.body_name}{post}{instead}）"


def _running(case: Case) -> set[int]:
    return set(Clock.objects.filter(case=case, stopped_on=None).values_list("pk", flat=True))


def _of_step(actor: Actor, verb: Verb, was: Case, clocks: set[int], done: Done) -> Rows:
    now = Case.objects.get(pk=was.pk)
    procedure, row = doing.procedure_of(now), row_of(actor, verb, was)
    before, after = procedure.state(was.state), procedure.state(now.state)
    rows = [("事项", f"{now.title or procedure.label}　编号 {now.number}")]
    if before != after:
        rows.append(("结果", f"由“{before.label}”变为“{after.label}”"))
    rows += [("接下来", words) for words in _next(procedure, now, after, clocks)]
    rows += [("将告知", words) for words in _recipients(was, now, done)]
    rows += [("不能再改", words) for words in _settled(actor, procedure, row, before, after)]
    if row is not None and row.effect:
        rows.append(("影响", row.effect))
    if row is not None and (seconds := doing.undo_seconds(actor, row)):
        rows.append(("撤销", f"确认后 {seconds} 秒内本人可以撤销；期满才通知有关人员。"))
    return rows


def _of_opening(row: Step | None, case: Case, done: Done) -> Rows:
    procedure = doing.procedure_of(case)
    after = procedure.state(case.state)
    rows = [("事项", case.title or procedure.label), ("结果", f"成为“{after.label}”")]
    rows += [("接下来", words) for words in _next(procedure, case, after, set())]
    rows += [("将告知", words) for words in _recipients(None, case, done)]
    return rows + ([("影响", row.effect)] if row is not None and row.effect else [])


def _next(procedure: Procedure, case: Case, after: State, before: set[int]) -> list[str]:
    """Who owes the next move, and the limits that begin."""
    if after.end is not None:
        return [f"该事项办结（{after.label}）" if after.closes else f"该事项{after.end.label}"]
    started = [
        clock
        for clock in Clock.objects.filter(case=case, stopped_on=None).order_by("due_on", "pk")
        if clock.pk not in before
    ]
    limits = []
    for clock in started:
        rule = procedure.clock(clock.name)
        label = rule.label if rule is not None else ""
        set_day = clock.unit == DAY_SET
        length = "" if set_day else f" {clock.amount} {UnitOfLimit(clock.unit).label}"
        limits.append(f"{label}时限{length}，最迟 {clock.due_on:%Y-%m-%d}")
    desks = _desks(case)
    who = f"由{'、'.join(desks)}办理" if desks else ""
    return ["；".join(filter(None, (who, *dict.fromkeys(limits))))]


def _desks(case: Case) -> list[str]:
    """The desks that owe the next move, in words: 市民政局负责人."""
    desks = [desk.partition(":") for desk in dict.fromkeys(case.awaiting)]
    names = organizations.body_names([int(body) for body, _, _ in desks])
    seats = {seat.post: seat.post.label for seat in doing.procedure_of(case).duties(case.state)}
    return [f"{names.get(int(body), '')}{seats.get(post, '')}" for body, _, post in desks]


def _recipients(was: Case | None, now: Case, done: Done) -> list[str]:
    """The desk the case comes to, whoever began it when it is over, and the bodies the act itself
    tells."""
    recipients = _desks(now) if was is None or was.state != now.state else []
    if not now.is_open and now.opened_by:
        recipients += organizations.people_names([now.opened_by]).values()
    people = set(Notice.objects.filter(act=done.act, case=now).values_list("person", flat=True))
    if people:
        reached = {body for _, body in organizations.business_seats(people, now.bodies)}
        recipients += organizations.body_names(reached).values()
    return ["、".join(dict.fromkeys(recipients))] if recipients else []


def _settled(
    actor: Actor, procedure: Procedure, row: Step | None, before: State, after: State
) -> list[str]:
    """What cannot be changed afterwards, and what still can be done about it."""
    if row is None or before == after:
        return []
    words = []
    if after.closes:
        words.append("办结后本事项不能再办理。")
    elif before.editable and not after.editable:
        words.append("内容不能再修改。")
    if row.reopens and not after.closes:
        words.append("此前的打印件、盖章件作废，须重新办理。")
    back = [
        other.label
        for other in procedure.steps
        if after in other.origin and other.optional and other.who.party == row.who.party
    ]
    if words and back and not after.closes:
        words.append(f"之后仍可“{'”“'.join(dict.fromkeys(back))}”。")
    return words


def _merged(rows: Rows) -> Rows:
    """The rows of several cases as one summary: each label once, equal words once."""
    words: dict[str, dict[str, None]] = {}
    for label, text in rows:
        words.setdefault(label, {})[text] = None
    return [(label, "\n".join(words[label])) for label in PARTS if label in words]
