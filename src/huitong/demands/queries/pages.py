"""What the page of a case shows of a demand, and the home page of demands."""

from __future__ import annotations

from typing import Any

from huitong.demands.models import Demand
from huitong.demands.queries.demands import (
    answers_before,
    answers_of,
    content_of,
    filed,
    history_of,
    owed,
    own_demands,
    parts_of,
    print_fault,
    submitted_demands,
    successors_of,
    visible_to,
)
from huitong.demands.queries.suggesting import running_alike
from huitong.demands.rules import Kind, S
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.manifest import CaseFacts, Figure, HomePanel, Link
from huitong.kernel.statements import Statement
from huitong.kernel.workdays import today
from huitong.publishing import queries as publishing
from huitong.publishing.rules import Mode, MountState
from huitong.work import queries as work
from huitong.work.rules.stamped import doubt_words

IN_CASE = Statement(lambda actor, case: visible_to(actor).filter(case=case), case=int)


def demand_facts(actor: Actor, case: Case) -> CaseFacts:
    """What the case page shows of a demand; asked for a case the actor may see."""
    if not (demands := IN_CASE(actor, case=case.pk)):
        return CaseFacts()
    demand: Demand = demands[0]
    own, clerk = demand.consumer_id == actor.body, actor.has(Post.OPERATOR)
    editing = own and clerk and S(case.state) is S.DRAFT
    printed = demand.printed_at is not None and print_fault(demand) is None
    answers = answers_of(demand)
    several = demand.whole_id is None and len(demand.addressed) > 1
    parts = parts_of(actor, demand) if several and demand.submitted_at is not None else []
    chain, unmet = history_of(demand), S(case.state) is S.UNMET
    facts: dict[str, Any] = {
        "demand": demand,
        "mode": Mode(demand.mode).label if demand.mode else "",
        "answers": [(row, Kind(row.kind)) for row in answers],
        "doubts": doubt_words(demand.scan_doubts),
        "printed": printed,
        "outdated": demand.printed_at is not None and not printed,
        "editing": editing,
        "sealing": own and S(case.state) is S.SEALED,
        "mine": own,
        "addressed": content_of(demand)["addressed"],
        "met": [
            (row, ways_to_apply(actor, row) if own and clerk else [])
            for row in (demand, *parts)
            if row.entry_id is not None
        ],
        "chain": chain,
        "before": [(row, Kind(row.kind)) for row in answers_before(chain)],
        "successors": successors_of(actor, demand) if unmet else [],
        "raises": own and clerk and unmet,
    }
    if actor.bureau and S(case.state) is S.TO_ASSIGN:
        facts["alike"] = running_alike(actor, demand.title, but=demand.pk)
    pages = {
        "edit": reverse("demands:edit", args=[demand.pk]),
        # nothing to upload before there is a print of what it says now
        "seal": reverse("demands:scan", args=[demand.pk]) if printed else "",
    }
    return CaseFacts(facts, pages)


def ways_to_apply(actor: Actor, demand: Demand) -> list[tuple[int, str]]:
    """How what answered a demand can be applied for: each mount in use and its mode."""
    mounts = publishing.mounts_of(actor, demand.entry_id) if demand.entry_id else []
    return [(m.pk, Mode(m.mode).label) for m in mounts if m.state == MountState.ACTIVE]


def filled_in(demand: Demand) -> dict[str, Any]:
    """What an application for the answer to a demand says already, by parameter."""
    answers = {
        "duty": demand.duty_id,
        "matter": demand.matter_id,
        "purpose": demand.purpose,
        "scenario": demand.scenario,
        "contact": demand.contact,
        "phone": demand.phone,
    }
    return {name: value for name, value in answers.items() if value}


# -- home ------------------------------------------------------------------------------------------


def _counted(actor: Actor) -> list[Any]:
    every = submitted_demands(actor)
    return [
        own_demands(actor).filter(case__closed_at=None),
        owed(actor),
        owed(actor).filter(case__due_on__lt=today()),
        every.filter(case__state=S.TO_ASSIGN),
        filed(every).filter(case__state=S.DEFERRED),
    ]


COUNTS = Statement(lambda actor: work.counting(_counted(actor)))


def home_panels(actor: Actor) -> list[HomePanel]:
    """To a department: what it needs, what others need of it and what of that is late; to the
    bureau: what waits to be sent on, and obstacles filed that still stand (A25)."""
    if actor.body is None or not actor.has(Post.OPERATOR, Post.MANAGER):
        return []
    [(own, received, late, waiting, obstacles)] = COUNTS(actor)
    if not (own or received or waiting or obstacles):
        return []
    figures = [
        Figure("本部门的需求", own, "件", _list("mine")),
        Figure("待本部门答复", received, "件", _list("asked", state="owed")),
    ]
    if actor.bureau:
        figures += [
            Figure("待转交的需求", waiting, "件", _list("all", state=S.TO_ASSIGN.value)),
            Figure(
                "备案：暂时无法发布",
                obstacles,
                "件",
                _list("all", state=S.DEFERRED.value, filed="yes"),
            ),
        ]
    note = "属本部门职责的须在时限内发布；暂时无法发布的，请反馈原因（实施细则第二十五条）"
    troubles = [Link("超期未答复的需求", _list("asked", state="late"), late, note)] if late else []
    return [HomePanel("需求申请", 25, figures, troubles=troubles)]


def _list(tab: str, **more: str) -> str:
    return reverse("demands:demands", query={"tab": tab, **more})
