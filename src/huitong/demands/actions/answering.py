"""What becomes of a demand: the body it lies with answers within its limits, or says that it is not
its duty; the bureau finds who has the data (A24, A25)."""

from __future__ import annotations

from typing import Any

from huitong.demands import queries
from huitong.demands.actions.parameters import (
    AnswerRef,
    AssignedTo,
    OtherBody,
    PlannedOn,
    Reasons,
    Until,
    Words,
)
from huitong.demands.models import Answer, Demand
from huitong.demands.rules import (
    DEMAND,
    DEMAND_UNDER_DECREE,
    Kind,
    assign_fault,
    planned_fault,
    until_fault,
)
from huitong.kernel.actor import BUREAU, CONSUMER, PROVIDER, Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.doing import note, stated_reasons, step
from huitong.kernel.procedure import Malformed
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations
from huitong.work import actions as work
from huitong.work.rules import Cites, GroundRef


@step(DEMAND, DEMAND_UNDER_DECREE)
def promise(actor: Actor, case: Case, *, planned_on: PlannedOn, words: Words = "") -> Demand:
    """It is our duty: the resource will be published by a day within the limit of the law, which
    runs on; the demander is told."""
    demand = queries.demand_of(case)
    if wrong := planned_fault(planned_on, today(), queries.latest_publication(case)):
        raise Malformed(wrong, article="A25")
    _answered(actor, demand, Kind.PROMISED, words=words, on=planned_on)
    _tell_demander(
        actor,
        case,
        f"需求申请有答复：{demand.title}",
        f"{actor.body_name}：属本部门职责，计划于 {planned_on} 发布。{words}",
    )
    return demand


@step(DEMAND, DEMAND_UNDER_DECREE)
def obstacle(
    actor: Actor,
    case: Case,
    *,
    ground: GroundRef,
    cites: Cites = "",
    reasons: Reasons,
    until: Until,
) -> Demand:
    """It cannot be published yet, and why: told to the demander, filed with the bureau; on the day
    named the body answers again."""
    demand = queries.demand_of(case)
    if wrong := until_fault(until, today()):
        raise Malformed(wrong, article="A25")
    case.facts |= {"until": until.isoformat()}
    stated = stated_reasons()
    _answered(actor, demand, Kind.DEFERRED, words=stated, ground=ground, on=until)
    text = f"{actor.body_name}：暂时无法发布，预计到 {until}。{stated}"
    _tell_demander(actor, case, f"需求申请有答复：{demand.title}", text)
    work.tell_bodies(
        actor,
        {case.body_of(BUREAU.name)} - {case.body_of(CONSUMER.name), actor.body},
        f"需求暂时无法发布，报送备案：{demand.title}",
        f"需求部门：{demand.consumer.short_name}。{text}",
        demand.get_absolute_url(),
        case,
    )
    return demand


@step(DEMAND, DEMAND_UNDER_DECREE)
def not_ours(actor: Actor, case: Case, *, reasons: Reasons, right_body: OtherBody = None) -> Demand:
    """The data are not our duty: the demander is told, the bureau finds another body. Who said so
    reads on."""
    demand = queries.demand_of(case)
    if right_body is not None and right_body not in dict(queries.other_bodies(actor, case)):
        raise Malformed({"right_body": "请选择本部门和需求部门以外的现有部门"}, article="A25")
    _answered(actor, demand, Kind.NOT_OURS, words=reasons, named_id=right_body)
    case.parties.pop(PROVIDER.name, None)
    case.between(readers=[*case.parties.get("readers", []), *_keys(actor.body)])
    _lay_with(demand, None)
    _tell_demander(
        actor,
        case,
        f"需求申请有答复：{demand.title}",
        f"{actor.body_name}：不属本部门职责。{reasons} 已退大数据管理局另行转交，不必重新提出。",
    )
    return demand


@step(DEMAND, DEMAND_UNDER_DECREE)
def answer(actor: Actor, case: Case, *, entry: AnswerRef, words: Words = "") -> Demand:
    """Answer with an entry of one's own that is published, mounted, and for the demander: the
    demand is met."""
    return _meet(actor, case, queries.answering_entry(actor, case, entry, own=True), words)


@step(DEMAND, DEMAND_UNDER_DECREE)
def assign(actor: Actor, case: Case, *, body: AssignedTo, words: Words = "") -> Demand:
    """Send the demand to a body that has the data: its limits run from today. One that said it is
    not its duty is asked again only with words why."""
    demand = queries.demand_of(case)
    names, declined = organizations.all_body_names(), queries.declined_by(demand)
    others = queries.bodies_of_other_parts(demand)
    if wrong := assign_fault(body, demand.consumer_id, declined, names, words, others):
        raise Malformed(wrong, article="A25")
    _answered(actor, demand, Kind.ASSIGNED, words=words, named_id=body)
    readers = [held for held in case.parties.get("readers", []) if held != body]
    case.between(provider=body, readers=readers)
    _lay_with(demand, body)
    _tell_demander(
        actor,
        case,
        f"需求申请已转交：{demand.title}",
        f"已转交{names[body]}答复，答复时限自今日起算。{words}",
    )
    return demand


@step(DEMAND, DEMAND_UNDER_DECREE)
def point(actor: Actor, case: Case, *, entry: AnswerRef, words: Words = "") -> Demand:
    """The catalog has it: point the demander to a published entry."""
    return _meet(actor, case, queries.answering_entry(actor, case, entry, own=False), words)


@step(DEMAND, DEMAND_UNDER_DECREE)
def close(actor: Actor, case: Case, *, reasons: Reasons) -> Demand:
    """No body has the data: the demander is told why."""
    demand = queries.demand_of(case)
    _answered(actor, demand, Kind.UNMET, words=reasons)
    _tell_demander(
        actor, case, f"需求申请已办结：{demand.title}", f"目前没有部门掌握该数据。理由：{reasons}"
    )
    return demand


# -- inside ----------------------------------------------------------------------------------------


def _meet(actor: Actor, case: Case, entry: Any, words: str) -> Demand:
    demand = queries.demand_of(case)
    demand.entry = entry
    demand.save(update_fields=["entry"])
    _answered(actor, demand, Kind.ANSWERED, words=words, entry=entry)
    note(code=entry.code, name=entry.name)
    _tell_demander(
        actor,
        case,
        f"需求申请已有目录答复：{demand.title}",
        f"{entry.body.short_name}已提供“{entry.name}”（{entry.code}），可以申请使用。{words}",
    )
    return demand


def _answered(actor: Actor, demand: Demand, kind: Kind, **facts: Any) -> None:
    """Keep what was said to a demand."""
    Answer.objects.create(
        demand=demand, body_id=actor.body, kind=kind.value, by=actor.name, **facts
    )


def _lay_with(demand: Demand, body: int | None) -> None:
    """Keep with the demand whose turn it is, as its case says."""
    demand.provider_id = body
    demand.save(update_fields=["provider"])


def _tell_demander(actor: Actor, case: Case, title: str, text: str) -> None:
    url = reverse("work:case", args=[case.pk])
    work.tell_bodies(actor, {case.body_of(CONSUMER.name)}, title, text, url, case)


def _keys(*bodies: int | None) -> list[int]:
    return [pk for pk in bodies if pk is not None]
