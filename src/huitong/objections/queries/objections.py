"""Who sees which doubt, and what is in it (A29).

A doubt is seen by the parties of its case: who raised it, the body it lies with and those that said
it is not their duty, and the bureau. `visible_to` asks the case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from huitong.kernel.actor import CONSUMER, PROVIDER, Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.procedure import NotVisible, NotYours
from huitong.kernel.statements import Statement
from huitong.kernel.workdays import limit_row, load_calendar
from huitong.objections.models import Objection
from huitong.objections.rules import CORRECTION, WITH_A_BODY, S
from huitong.work import queries as work

RELATED = ("case", "consumer", "provider", "entry__body", "entry__current", "grant__case", "mount")


def visible_to(actor: Actor) -> QuerySet[Objection]:
    """The doubts whose case the actor may see: the only place that says so."""
    rows = Objection.objects.select_related(*RELATED)
    if actor.is_system:
        return rows
    return rows.filter(case__in=Case.objects.visible_to(actor).values("pk"))


def objection_for(actor: Actor, pk: int) -> Objection:
    """Raises `NotVisible`."""
    if (row := visible_to(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该疑义")
    return row


OF_CASE = Statement(
    lambda case: Objection.objects.select_related(*RELATED).filter(case=case), case=int
)


def objection_of(case: Case) -> Objection:
    """The doubt a case is about, held with it until the act is over; for actions that hold the
    case's lock already."""
    Objection.objects.select_for_update(of=("self",)).get(case=case)
    row: Objection = OF_CASE.one(case=case.pk)
    row.case = case
    return row


@dataclass(frozen=True)
class Corrected:
    """What was corrected, when, and by which version of the entry."""

    on: date | None = None
    how: str = ""
    by: int | None = None


def latest_correction(on: date) -> date:
    """The last day by which a correction can be promised on a day."""
    most = limit_row(CORRECTION, on)
    return load_calendar().deadline(on, most.amount, most.unit).on


def correction_of(actor: Actor, row: Objection) -> Corrected:
    """The correction of a doubt: until it is confirmed, for the body that makes it alone."""
    if row.answered_at is None and actor.body != row.provider_id:
        return Corrected()
    return Corrected(row.corrected_on, row.correction, row.corrected_by)


def may_report(actor: Actor) -> bool:
    return actor.body is not None and actor.has(Post.OPERATOR)


def may_look(actor: Actor, case: Case) -> bool:
    """Whether the sealed values of a doubt are this actor's to read: the two bodies concerned."""
    own = actor.body in (case.body_of(CONSUMER.name), case.body_of(PROVIDER.name))
    return own and actor.has(Post.OPERATOR, Post.MANAGER)


def objection_to_look_at(actor: Actor, pk: int) -> Objection:
    """A doubt whose sealed values are this actor's to read. Raises `NotVisible`, `NotYours`."""
    row = objection_for(actor, pk)
    if not may_look(actor, row.case):
        raise NotYours(
            "所涉的值只对提出疑义和负责校核的部门开放。",
            article="A29",
            who="提出部门、提供部门的经办人或负责人",
        )
    return row


def related_to(actor: Actor, rows: Sequence[Objection]) -> dict[int, Objection]:
    """The doubts these go on from, and those that go on from them and were not withdrawn, as far
    as the actor may see their cases; by key."""
    keys, before = [row.pk for row in rows], [row.again_of_id for row in rows if row.again_of_id]
    visible = visible_to(actor).filter(Q(again_of__in=keys) | Q(pk__in=before))
    return {row.pk: row for row in standing(visible)}


def standing(rows: QuerySet[Objection]) -> QuerySet[Objection]:
    """Those that were not withdrawn: who withdraws one has not used it up."""
    return rows.exclude(case__state=S.WITHDRAWN)


def files_named(actor: Actor, keys: list[int]) -> list[Any]:
    """Files by key, as far as the actor may read them."""
    return list(work.attachments_visible_to(actor).filter(pk__in=keys)) if keys else []


# -- lists -----------------------------------------------------------------------------------------


def raised(actor: Actor) -> QuerySet[Objection]:
    """Those the actor's body raised, youngest first."""
    return visible_to(actor).filter(consumer=actor.body).order_by("-pk")


def received(actor: Actor) -> QuerySet[Objection]:
    """Those about data of the actor's body, and those sent to it or back by it."""
    rows = visible_to(actor).exclude(consumer=actor.body)
    own = rows.filter(provider=actor.body) | rows.filter(declined__contains=[actor.body])
    return own.order_by("-reported_at", "-pk")


def every(actor: Actor) -> QuerySet[Objection]:
    """Every doubt, for the bureau."""
    rows = visible_to(actor)
    rows = rows if actor.bureau or actor.is_system else rows.none()
    return rows.order_by("-reported_at", "-pk")


def owed(actor: Actor) -> QuerySet[Objection]:
    """Those the actor's body owes a verification or a correction."""
    rows = visible_to(actor).filter(provider=actor.body, case__state__in=WITH_A_BODY)
    return rows.order_by("-reported_at", "-pk")


OPEN = Statement(
    lambda actor, entry: (
        visible_to(actor).filter(entry=entry, case__closed_at=None).order_by("-reported_at", "-pk")
    ),
    entry=int,
)


def open_about(actor: Actor, entry: int) -> list[Objection]:
    """The running doubts about an entry that the actor may see."""
    return list(OPEN(actor, entry=entry))
