"""What a step does to its case: state, desks, hands, opinions, clocks, parent."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from huitong.kernel import jobs
from huitong.kernel.actor import Actor, Post, Seat, bodies_of
from huitong.kernel.case import Case, Opinion
from huitong.kernel.clocks import Clock, keep_time
from huitong.kernel.doing.hands import hands_of
from huitong.kernel.doing.registry import REOPENERS
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import AgainstRules, Procedure, Route, Step
from huitong.kernel.workdays import day_of


def move(procedure: Procedure, row: Step, actor: Actor, case: Case, now: datetime) -> None:
    """Bring the case into the state the step leads to; in a joint step once all have taken it."""
    case.hands |= hands_of(actor, row.who)
    if row.joint:
        # one opinion: a body that sits in two of the seats owes two
        case.awaiting.remove(f"{actor.body}:{row.who.post}")
    if row.joint and case.awaiting:
        answered = (row.who.party, str(row.who.post), actor.body)
        keep_time(case, procedure, row, now, entering=False, answered=answered)
    else:
        _enter(procedure, row, case, now)
    case.save()


def spoken(case: Case, body: int | None) -> set[Seat]:
    """The seats of a joint step in which this body has given its opinion already."""
    given = Opinion.objects.filter(case=case, round=case.round, body=body)
    return {Seat(party, Post(post)) for party, post in given.values_list("party", "post")}


def opine(row: Step, actor: Actor, case: Case, entry: Entry) -> None:
    """Keep who has spoken in a joint step; what they said stands in the ledger entry."""
    Opinion.objects.create(
        case=case,
        round=case.round,
        party=row.who.party,
        post=row.who.post,
        body=actor.body or 0,
        person=actor.person,
        entry=entry,
    )


def check_lapse(procedure: Procedure, row: Step, case: Case, now: datetime) -> None:
    """Refuse what the platform does when a limit is over, while the limit runs."""
    names = [rule.name for rule in procedure.clocks if rule.lapses == row.verb]
    if not names:
        return
    running = Clock.objects.filter(case=case, stopped_on=None, name__in=names)
    if running.filter(Q(due_on__gte=day_of(now)) | Q(standing=True)).exists():
        raise AgainstRules(f"时限未到，不能“{row.label}”。", article=row.article)


def _enter(procedure: Procedure, row: Step, case: Case, now: datetime) -> None:
    target = row.target.resolve(case.facts) if isinstance(row.target, Route) else row.target
    entering = case.state != target.value
    case.state = target.value
    if not target.private:
        case.inside = None
    case.facts = {name: fact for name, fact in case.facts.items() if name not in row.forgets}
    if (empty := REOPENERS.get(row.reopens)) is not None:
        empty(case)
    duties = procedure.duties(case.state)
    if entering and procedure.is_joint(case.state):
        _check_parties(procedure, case)
        case.round += 1
    desks = [desk for seat in duties for desk in case.desks_of(seat)]
    # a side step in a joint state leaves open who has not spoken yet
    if entering or (desks != case.awaiting and not procedure.is_joint(case.state)):
        case.awaiting, case.holder = desks, None
    if entering:
        if target.closes:
            _check_parts(row, case)
        case.entered_at = now
        case.closed_at = now if target.closes else None
    keep_time(case, procedure, row, now, entering=entering)
    if entering and case.closed_at is not None and case.parent_id is not None:
        ask_for_end(case.parent_id)
    if entering and any(r.after_children and case.state in r.origin for r in procedure.steps):
        ask_for_end(case.pk)  # its parts may all be over, or there are none


def ask_for_end(parent: int) -> None:
    """Have the platform look whether a case with parts is over."""
    jobs.defer("work.finish_parent", lock=f"parent:{parent}", parent=parent)


def _check_parts(row: Step, case: Case) -> None:
    """Refuse to close a case while parts of it are running."""
    if left := case.children.filter(closed_at=None).count():
        raise AgainstRules(
            f"还有 {left} 件分办事项未办结。",
            article=row.article,
            remedy="请先办结或撤回各分办事项。",
        )


def _check_parties(procedure: Procedure, case: Case) -> None:
    """Refuse to ask for opinions where a seat has no body: nobody would answer for it (A17)."""
    for seat in procedure.duties(case.state):
        if not bodies_of(case.parties.get(seat.party)):
            article = next(r.article for r in procedure.steps if r.who == seat and r.joint)
            raise AgainstRules(f"还没有确定{seat.label}，无法征求意见。", article=article)
