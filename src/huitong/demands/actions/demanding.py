"""A demand is written, printed, stamped and submitted: two people of the body that needs the data
(A3, A24)."""

from __future__ import annotations

from typing import Annotated, Any

from django.utils import timezone
from pydantic import Field

from huitong.access.actions.filling import take_basis
from huitong.access.actions.parameters import (
    Contact,
    DutyRef,
    Frequency,
    MatterRef,
    Phone,
    Purpose,
    Scenario,
)
from huitong.access.rules.answers import standing_fault
from huitong.demands import queries
from huitong.demands.actions.parameters import (
    Addressed,
    Again,
    Items,
    Opinion,
    Reasons,
    Title,
    WantedMode,
)
from huitong.demands.models import Demand
from huitong.demands.rules import DEMAND, DEMAND_FORM, DEMAND_UNDER_DECREE, S, address_fault
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.doing import reopener, step, was
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations
from huitong.work import actions as work
from huitong.work.actions import Archive, Scan

#: what a demand says, by parameter
FIELDS = (
    "title",
    "items",
    "duty",
    "matter",
    "purpose",
    "scenario",
    "mode",
    "frequency",
    "addressed",
    "contact",
    "phone",
)


@step(DEMAND, DEMAND_UNDER_DECREE)
def draft(
    actor: Actor,
    case: Case,
    *,
    title: Title,
    items: Items,
    duty: DutyRef,
    matter: MatterRef = None,
    purpose: Purpose,
    scenario: Scenario = "",
    mode: WantedMode = None,
    frequency: Frequency = "",
    addressed: Addressed = (),
    contact: Contact,
    phone: Phone,
    again: Again = None,
) -> Demand:
    """Write down what the catalog does not have: what is needed, for which duty, what for, and of
    whom, if that is known. One that nobody met before may be raised again."""
    demand = Demand(case=case, consumer_id=actor.body)
    if again is not None:
        # by one act at a time
        Demand.objects.select_for_update(of=("self",)).filter(pk=again).first()
        demand.again = queries.unmet_demand(actor, again)
    _fill(actor, demand, {name: value for name, value in locals().items() if name in FIELDS})
    case.between(consumer=actor.body)
    case.title = f"需求申请：{demand.title}"
    case.save()
    demand.save()
    return demand


@step(DEMAND, DEMAND_UNDER_DECREE)
def edit(
    actor: Actor,
    case: Case,
    *,
    title: Title,
    items: Items,
    duty: DutyRef,
    matter: MatterRef = None,
    purpose: Purpose,
    scenario: Scenario = "",
    mode: WantedMode = None,
    frequency: Frequency = "",
    addressed: Addressed = (),
    contact: Contact,
    phone: Phone,
) -> Demand:
    """Change what a demand says, all of it given anew. What was printed before must be printed and
    sealed anew."""
    demand = _locked(case)
    given = {name: value for name, value in locals().items() if name in FIELDS}
    was(**{name: _as_given(demand, name) for name in FIELDS})
    _fill(actor, demand, given)
    case.title = f"需求申请：{demand.title}"
    demand.save()
    if demand.printed_hash and queries.print_fault(demand) is not None:
        work.empty_seal(demand)
    return demand


@step(DEMAND, DEMAND_UNDER_DECREE)
def print_form(actor: Actor, case: Case) -> Demand:
    """Fix what the demand says as its next version, to be printed, stamped and scanned. Unchanged:
    the same version again."""
    demand = _locked(case)
    work.fix_print(actor, DEMAND_FORM, demand, queries.content_of(demand))
    return demand


@step(DEMAND, DEMAND_UNDER_DECREE)
def seal(actor: Actor, case: Case, *, scan: Scan, archive_number: Archive) -> Demand:
    """Hand in the stamped scan and pass the demand to the manager. The scan must be of what it says
    now."""
    demand = _locked(case)
    _check_print(demand)
    work.take_scan(actor, DEMAND_FORM, demand, scan, archive_number)
    case.facts |= {"scan": scan, "scan_doubts": demand.scan_doubts}
    return demand


@step(DEMAND, DEMAND_UNDER_DECREE)
def send_back(actor: Actor, case: Case, *, reasons: Reasons) -> Demand:
    """Back to the clerk for correction; the form is printed and stamped anew."""
    return queries.demand_of(case)


@step(DEMAND, DEMAND_UNDER_DECREE)
def submit(actor: Actor, case: Case, *, opinion: Opinion = "") -> Demand:
    """Hand the sealed demand to the body it is written to, or to the bureau to find one."""
    demand = _locked(case)
    _check_print(demand)
    if demand.printed_hash != demand.scanned_hash or case.facts.get("scan") != demand.scan_id:
        raise AgainstRules(
            "盖章扫描件不是现在这一版需求申请的。",
            article="A24",
            remedy="请退回修改，重新打印、盖章、上传。",
        )
    fault = standing_fault(demand.duty, demand.matter, demand.consumer_id, False, today())
    if fault is not None:
        what, who, _ = fault
        raise AgainstRules(what, article="A3", who=who, remedy="请退回修改，改按现行职责提出。")
    if wrong := _address_fault(demand, demand.addressed):
        raise AgainstRules(
            "、".join(wrong.values()), article="A24", remedy="请退回修改，改选部门。"
        )
    bodies = demand.addressed
    only = bodies[0] if len(bodies) == 1 else None
    case.facts |= {"goes_to": "bodies" if len(bodies) > 1 else "body" if bodies else "bureau"}
    case.between(provider=only)
    demand.provider_id, demand.submitted_at = only, timezone.now()
    demand.save()
    for body in bodies if only is None else ():
        hand_out(actor.platform, parent=case, body=body, scan=demand.scan_id)
    return demand


@step(DEMAND, DEMAND_UNDER_DECREE, inner=True)
def hand_out(
    actor: Actor, case: Case, *, body: Annotated[int, Field(title="部门")], scan: Scan
) -> Demand:
    """Open the part of one body of a demand that was written to several: the same paper, its own
    limits."""
    whole = Demand.objects.get(case=case.parent)
    part = Demand.objects.get(pk=whole.pk)
    part.pk, part._state.adding = None, True
    part.case, part.whole, part.addressed, part.provider_id = case, whole, [body], body
    case.between(consumer=whole.consumer_id, provider=body)
    case.title = f"需求申请：{whole.title}"
    case.save()
    part.save()
    return part


@step(DEMAND, DEMAND_UNDER_DECREE)
def finish(actor: Actor, case: Case) -> Demand:
    """End the whole: each body has answered, or its part was withdrawn."""
    return queries.demand_of(case)


@step(DEMAND, DEMAND_UNDER_DECREE)
def withdraw(actor: Actor, case: Case, *, reasons: Reasons = "") -> Demand:
    """Give up a demand before it is answered, with all its parts that still run; whoever it lay
    with is told."""
    demand = queries.demand_of(case)
    for part in case.children.filter(closed_at=None).order_by("pk"):
        withdraw(actor.platform, part, reasons=reasons)
    desk = DEMAND.awaits(case.state)
    if desk is not None and not S(case.state).private:
        work.tell_bodies(
            actor,
            {case.body_of(desk.party)},
            f"需求申请已撤回：{demand.title}",
            f"{demand.consumer.short_name}已撤回需求，无须再办理。"
            + (f"理由：{reasons}" if reasons else ""),
            demand.get_absolute_url(),
            case,
        )
    return demand


@reopener("demand")
def reopen_demand(case: Case) -> None:
    """Empty what an unsubmitted demand had been through when it goes back or is withdrawn: print,
    scan and seal count no more. What was submitted stays what it was."""
    demand = _locked(case)
    if demand.submitted_at is None:
        work.empty_seal(demand)


# -- inside ----------------------------------------------------------------------------------------


def _locked(case: Case) -> Demand:
    """The demand of a case, held with it until the act is over."""
    Demand.objects.select_for_update(of=("self",)).get(case=case)
    demand = queries.demand_of(case)
    demand.case = case
    return demand


def _as_given(demand: Demand, name: str) -> Any:
    return getattr(demand, f"{name}_id" if name in ("duty", "matter") else name)


def _fill(actor: Actor, demand: Demand, given: dict[str, Any]) -> None:
    """Put what was given into the demand. Raises `Malformed`."""
    wrong = take_basis(actor, demand, given)
    demand.addressed = sorted(set(given.pop("addressed")))
    wrong |= _address_fault(demand, demand.addressed)
    demand.mode = str(given.pop("mode") or "")
    for name, value in given.items():
        setattr(demand, name, value)
    if wrong:
        raise Malformed(wrong, article="A24")


def _address_fault(demand: Demand, addressed: list[int]) -> dict[str, str]:
    return address_fault(addressed, demand.consumer_id, organizations.all_body_names())


def _check_print(demand: Demand) -> None:
    """Raises `AgainstRules` unless what the demand says is what was printed last."""
    if (fault := queries.print_fault(demand)) is not None:
        raise fault
