"""Who sees which demand, what was said to it, and what its form says (A24, A25).

A demand is its own body's business until its manager submits it; then the body it lies with sees it
too, those that said it is not their duty (to read), and the bureau: as the case's parties do, so
`visible_to` asks the case.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from huitong.demands.models import Answer, Demand
from huitong.demands.rules import DEMAND_FORM, WITH_A_BODY, Kind, S
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry
from huitong.kernel.manifest import Event, EventKind
from huitong.kernel.procedure import AgainstRules, NotVisible, NotYours
from huitong.kernel.statements import Statement
from huitong.organizations import queries as organizations
from huitong.publishing.rules import Mode
from huitong.ui import pdf
from huitong.work import queries as work
from huitong.work.rules.stamped import print_fault as fault_of_print

#: so many demands before this one are looked at
LONGEST_CHAIN = 10
RELATED = ("case", "consumer", "provider", "duty", "matter", "printed", "scan")


def visible_to(actor: Actor) -> QuerySet[Demand]:
    """The demands whose case the actor may see: the only place that says so."""
    rows = Demand.objects.select_related(*RELATED)
    if actor.is_system:
        return rows
    return rows.filter(case__in=Case.objects.visible_to(actor).values("pk"))


DEMAND_BY_KEY = Statement(lambda actor, pk: visible_to(actor).filter(pk=pk), pk=int)


def demand_for(actor: Actor, pk: int) -> Demand:
    """Raises `NotVisible`."""
    if not (rows := DEMAND_BY_KEY(actor, pk=pk)):
        raise NotVisible("该需求申请")
    demand: Demand = rows[0]
    return demand


def own_demand(actor: Actor, pk: int) -> Demand:
    """A demand of the actor's own body, to work on. Raises `NotVisible` or `NotYours`."""
    demand = demand_for(actor, pk)
    if demand.consumer_id != actor.body:
        raise NotYours(
            "需求申请由提出需求的部门填写。",
            article="A24",
            who=f"{demand.consumer.short_name}经办人",
        )
    return demand


OF_CASE = Statement(
    lambda case: Demand.objects.select_related(*RELATED).filter(case=case), case=int
)


def demand_of(case: Case) -> Demand:
    """The demand a case is about, for actions that hold the case's lock already."""
    return OF_CASE.one(case=case.pk)


def unmet_demand(actor: Actor, pk: int) -> Demand:
    """A demand of the actor's own body that nobody met and that was not raised again, to be raised
    again. Raises `NotVisible`, `NotYours`, `AgainstRules`."""
    demand = own_demand(actor, pk)
    if S(demand.case.state) is not S.UNMET:
        raise AgainstRules(
            "只有办结为“无部门掌握”的需求可以再次提出。",
            article="A24",
            remedy="正在办理的不必再提；已有目录答复的，可直接申请使用。",
        )
    if successors := successors_of(actor, demand):
        raise AgainstRules(
            f"该需求已再次提出（{successors[0].case.number}），不能重复提出。",
            article="A24",
            remedy="请在再次提出的那一件上继续办理；撤回后可以另提。",
        )
    return demand


def successors_of(actor: Actor, demand: Demand) -> list[Demand]:
    """What raises a demand again and was not withdrawn, as far as the actor sees it: the whole,
    not its parts, which say the same."""
    rows = visible_to(actor).filter(again=demand, whole=None).exclude(case__state=S.WITHDRAWN)
    return list(rows.order_by("pk"))


def parts_of(actor: Actor, demand: Demand) -> list[Demand]:
    """The parts of a demand that was written to several bodies, as far as the actor sees them."""
    rows = visible_to(actor).filter(whole=demand).select_related("entry__current", "entry__body")
    return list(rows.order_by("pk"))


def history_of(demand: Demand) -> list[Demand]:
    """The demands this one raises again, the youngest first: shown to whoever sees this one, for
    what was tried before is part of the question."""
    chain: list[Demand] = []
    before = demand.again_id
    while before is not None and len(chain) < LONGEST_CHAIN:
        chain.append(Demand.objects.select_related("case").get(pk=before))
        before = chain[-1].again_id
    return chain


def answers_before(chain: list[Demand]) -> list[Answer]:
    """What was said to these demands, the oldest first."""
    rows = Answer.objects.filter(Q(demand__in=chain) | Q(demand__whole__in=chain))
    return list(rows.select_related("body", "named", "demand__case")) if chain else []


def case_of_draft(actor: Actor, request_key: str) -> int | None:
    """The case a draft of this person has become, by the request that made it."""
    rows = Entry.objects.filter(person=actor.person, request_key=request_key, verb="demand.draft")
    return rows.values_list("case", flat=True).first()


# -- lists -----------------------------------------------------------------------------------------


def own_demands(actor: Actor) -> QuerySet[Demand]:
    """What the actor's body needs, youngest first; one of several bodies stands there as a
    whole."""
    return visible_to(actor).filter(consumer=actor.body, whole=None).order_by("-pk")


def received_demands(actor: Actor) -> QuerySet[Demand]:
    """What other bodies need of the actor's: those that lie with it, and those it answered."""
    rows = visible_to(actor).filter(submitted_at__isnull=False)
    answered = Answer.objects.filter(demand=OuterRef("pk"), body=actor.body)
    spoke = Exists(answered.exclude(kind__in=[Kind.ASSIGNED, Kind.UNMET]))
    return rows.filter(Q(provider=actor.body) | spoke).order_by("-submitted_at", "-pk")


def submitted_demands(actor: Actor) -> QuerySet[Demand]:
    """The list of demands (A24, A25): every one that has left its body, as far as the actor may
    see it; to the bureau all. One of several bodies stands there once for each."""
    rows = visible_to(actor).filter(submitted_at__isnull=False, parts=None)
    return rows.order_by("-submitted_at", "-pk")


def filed(rows: QuerySet[Demand]) -> QuerySet[Demand]:
    """Those of which a body filed with the bureau that it cannot publish yet (A25)."""
    return rows.filter(Exists(Answer.objects.filter(demand=OuterRef("pk"), kind=Kind.DEFERRED)))


def owed(actor: Actor) -> QuerySet[Demand]:
    """Those the actor's body owes an answer, or the publication it promised."""
    rows = visible_to(actor).filter(provider=actor.body, case__state__in=WITH_A_BODY)
    return rows.order_by("-submitted_at", "-pk")


# -- answers ---------------------------------------------------------------------------------------

ANSWERS = Statement(
    lambda demand: (
        Answer.objects.filter(Q(demand=demand) | Q(demand__whole=demand))
        .select_related("body", "named", "entry__current", "entry__body")
        .order_by("pk")
    ),
    demand=int,
)


def answers_of(demand: Demand) -> list[Answer]:
    """What was said to a demand and its parts, in order; for who may see it."""
    return list(ANSWERS(demand=demand.pk))


def bodies_of_other_parts(demand: Demand) -> set[int]:
    """The bodies that have the other running parts of the same whole."""
    if demand.whole_id is None:
        return set()
    parts = Demand.objects.filter(whole=demand.whole_id, case__closed_at=None).exclude(pk=demand.pk)
    return set(parts.filter(provider__isnull=False).values_list("provider", flat=True))


def declined_by(demand: Demand) -> set[int]:
    """The bodies that said it is not their duty."""
    rows = Answer.objects.filter(demand=demand, kind=Kind.NOT_OURS)
    return set(rows.values_list("body", flat=True))


# -- the form --------------------------------------------------------------------------------------


def content_of(demand: Demand) -> dict[str, Any]:
    """What the form says, apart from number, version and moment of printing; a submitted one says
    what was printed and stamped, whatever was renamed since."""
    if demand.submitted_at is not None and demand.printed_content:
        return dict(demand.printed_content)
    task_force = getattr(demand.consumer, "task_force", None)
    return {
        "city": work.city_of_forms(),
        "number": demand.number or "",
        "applicant": {
            "name": demand.consumer.name,
            "credit_code": demand.consumer.credit_code,
            "office": task_force.office if task_force else "",
        },
        "contact": {"name": demand.contact, "phone": demand.phone},
        "addressed": "、".join(organizations.full_names(demand.addressed)),
        "title": demand.title,
        "items": list(demand.items),
        "duty": demand.duty.text,
        "matter": (
            {"code": demand.matter.code, "name": demand.matter.name} if demand.matter else None
        ),
        "purpose": demand.purpose,
        "scenario": demand.scenario,
        "mode": Mode(demand.mode).label if demand.mode else "",
        "frequency": demand.frequency,
    }


def print_fault(demand: Demand) -> AgainstRules | None:
    """Why the last print does not count; None when it does."""
    now = pdf.fingerprint(content_of(demand)) if demand.printed_at is not None else ""
    return fault_of_print(DEMAND_FORM, demand, now)


def printed_matter(demand: Demand) -> bytes:
    """The very PDF that was printed last. Raises `AgainstRules` when the demand has been changed
    since."""
    if (fault := print_fault(demand)) is not None:
        raise fault
    return work.printed_matter(DEMAND_FORM, demand, content_of(demand))


def papers_in_case(actor: Actor, case: Case, before: datetime | None, most: int) -> Iterator[Event]:
    """The print of a demand, in the record of its case."""
    if case.kind != "demand":
        return
    demands = PRINTED(actor, case=case.pk)
    demand: Demand | None = demands[0] if demands else None
    at = demand.printed_at if demand is not None else None
    if demand is None or at is None or (before is not None and at >= before):
        return
    yield Event(
        EventKind.PAPER,
        at,
        f"需求申请表打印件（第 {demand.version} 版）",
        files=((f"需求申请表 {case.number}.pdf", reverse("demands:pdf", args=[demand.pk])),),
    )


PRINTED = Statement(
    lambda actor, case: visible_to(actor).filter(case=case, printed__isnull=False), case=int
)


def may_write(actor: Actor) -> bool:
    return actor.body is not None and actor.has(Post.OPERATOR)
