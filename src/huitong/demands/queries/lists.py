"""Three lists bodies work with: what is needed, what each owes, what each duty needs and has (A24,
A25, A3, A10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, Count, F, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast

from huitong.access import queries as access
from huitong.catalog import queries as catalog
from huitong.catalog.rules import EntryState
from huitong.demands.models import Answer, Demand
from huitong.demands.queries.demands import visible_to
from huitong.demands.rules import WITH_A_BODY, Kind, S
from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.procedure import End, NotYours
from huitong.kernel.workdays import Calendar, today
from huitong.organizations import queries as organizations
from huitong.work import queries as work
from huitong.work.queries import Countdown

#: what a body owes others of its data: an answer, what it promised, an entry passed by everybody
OWED = {"demand": WITH_A_BODY, "entry": {EntryState.TO_PUBLISH}}


def with_promise(rows: QuerySet[Demand]) -> QuerySet[Demand]:
    """Demands with ``promised_on``, the day a body planned to publish by; it stands until the
    demand is answered, for a promise is left by an answer alone."""
    promises = Answer.objects.filter(demand=OuterRef("pk"), kind=Kind.PROMISED).order_by("-pk")
    return rows.annotate(promised_on=Subquery(promises.values("on")[:1]))


def demand_data(demand: Any) -> dict[str, Any]:
    """A demand `with_promise` as a line for machines."""
    return {
        "id": demand.pk,
        "case": demand.case_id,
        "number": demand.case.number,
        "title": demand.title,
        "consumer": demand.consumer_id,
        "consumer_name": demand.consumer.short_name,
        "body": demand.provider_id,
        "body_name": demand.provider.short_name if demand.provider else "",
        "state": demand.case.state,
        "promised_on": demand.promised_on,
        "due_on": demand.case.due_on,
        "submitted_at": demand.submitted_at,
        "entry": demand.entry_id,
    }


# -- what bodies owe -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Responsibility:
    """What a body owes, to whom and by when; ``late`` counts working days past the limit,
    ``behind`` those past the day the body itself had planned."""

    case: Case
    body: str
    kind: str
    what: str
    asked_by: str
    planned_on: date | None
    due: Countdown
    late: int
    behind: int

    def data(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "case": self.case.pk,
            "number": self.case.number,
            "kind": self.case.kind,
            "state": self.case.state,
            "owes": self.kind,
            "body": self.body,
            "what": self.what,
            "asked_by": self.asked_by,
            "planned_on": self.planned_on,
            "due_on": self.case.due_on,
            "late": self.late,
            "behind": self.behind,
        }


def responsibilities(actor: Actor) -> QuerySet[Case]:
    """The cases in which a body owes others data, with ``owner``, as far as the actor may see them:
    a body's own, those owed to it, to the bureau all. Raises `NotYours`."""
    _check_reader(actor)
    owed = Q()
    for kind, states in OWED.items():
        owed |= Q(kind=kind, state__in=states)
    desk = Func(F("awaiting__0"), Value(":"), Value(1), function="split_part")
    rows = Case.objects.visible_to(actor).filter(owed, closed_at=None)
    return rows.annotate(owner=Cast(desk, BigIntegerField()))


def responsibility_lines(
    actor: Actor, cases: Sequence[Case], calendar: Calendar, names: dict[int, str]
) -> list[Responsibility]:
    """These cases as people read them: one question for all demands among them."""
    keys = [case.pk for case in cases if case.kind == "demand"]
    rows = visible_to(actor).filter(case__in=keys) if keys else Demand.objects.none()
    demands = {row.case_id: row for row in with_promise(rows)}
    return [_owed(case, demands.get(case.pk), calendar, names) for case in cases]


def _owed(case: Any, demand: Any, calendar: Calendar, names: dict[int, str]) -> Responsibility:
    state = doing.procedure_of(case).state(case.state)
    planned = demand.promised_on if demand is not None and case.state == S.PROMISED else None
    if demand is not None and case.state == S.DEFERRED:
        planned = date.fromisoformat(case.facts["until"])
    return Responsibility(
        case=case,
        body=names.get(case.owner, ""),
        kind=f"{doing.procedure_of(case).label}：{state.label}",
        what=demand.title if demand is not None else case.title,
        asked_by=demand.consumer.short_name if demand is not None else "",
        planned_on=planned,
        due=work.countdown(case, calendar),
        late=_days_past(case.due_on, calendar),
        behind=_days_past(planned, calendar),
    )


def _days_past(day: date | None, calendar: Calendar) -> int:
    """Working days since a day that is over; at least one, for over a weekend the day is gone."""
    over = day is not None and day < today()
    return max(calendar.between(day, today()), 1) if day is not None and over else 0


# -- what duties need and have ---------------------------------------------------------------------


@dataclass(frozen=True)
class DutyLine:
    """A duty with its matters, what its body publishes for it, and, as far as the actor may see
    them, the resources granted for it and what was demanded for it."""

    duty: Any
    entries: list[Any]
    granted: list[str]
    grants: int
    applications: int
    demands: dict[str, int]

    def data(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "duty": self.duty.pk,
            "body": self.duty.body_id,
            "body_name": self.duty.body.short_name,
            "text": self.duty.text,
            "matters": [{"code": m.code, "name": m.name} for m in self.duty.matters.all()],
            "entries": [{"id": e.pk, "code": e.code, "name": e.name} for e in self.entries],
            "granted": self.granted,
            "grants": self.grants,
            "applications": self.applications,
            "demands": self.demands,
        }


#: what demands are called that are not answered yet
RUNNING = "办理中"


def duties_listed(actor: Actor) -> QuerySet[Any]:
    """The duties in force with their matters; public among those who work with data (A3). Raises
    `NotYours`."""
    _check_reader(actor)
    return organizations.with_matters(organizations.duties_visible_to(actor), actor)


def lacking(rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
    """Those for which something was demanded that is not there yet."""
    waiting = visible_to(actor).filter(Q(case__closed_at=None) | Q(case__state=S.UNMET))
    return rows.filter(pk__in=waiting.filter(submitted_at__isnull=False).values("duty"))


def duty_lines(actor: Actor, duties: Sequence[Any]) -> list[DutyLine]:
    """These duties with what they need and have: five questions for all of them."""
    keys = [duty.pk for duty in duties]
    entries = catalog.coverage.entries_of_duties(actor, duties)
    granted, running = access.used_for_duties(actor, keys), access.asked_for_duties(actor, keys)
    demands = _demanded(actor, keys)
    return [
        DutyLine(
            duty,
            entries.get(duty.pk, []),
            *granted.get(duty.pk, ([], 0)),
            running.get(duty.pk, 0),
            demands.get(duty.pk, {}),
        )
        for duty in duties
    ]


def _demanded(actor: Actor, duties: list[int]) -> dict[int, dict[str, int]]:
    """How many demands there are for each duty, by what became of them; those withdrawn left
    out."""
    rows = visible_to(actor).filter(duty__in=duties, submitted_at__isnull=False, whole=None)
    counted = rows.order_by().values("duty").annotate(state=F("case__state"), number=Count("pk"))
    demanded: dict[int, dict[str, int]] = {}
    for row in counted:
        state = S(row["state"])
        if state.end is not End.WITHDRAWN:
            own, label = demanded.setdefault(row["duty"], {}), state.label if state.end else RUNNING
            own[label] = own.get(label, 0) + row["number"]
    return demanded


def _check_reader(actor: Actor) -> None:
    if not actor.is_system and not (
        actor.body is not None and actor.has(Post.OPERATOR, Post.MANAGER)
    ):
        raise NotYours(
            "责任清单和职责清单由业务岗位查看。", article="A25", who="各部门经办人、负责人"
        )
