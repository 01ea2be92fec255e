"""Who sees which dispute, and what is in it (A27).

A dispute is its own body's business until its manager submits it; then the other side sees it, and
the bureau: the parties of its case, so `visible_to` asks the case.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from huitong.access.rules import S as Application
from huitong.disputes.models import Dispute, Reply, View
from huitong.disputes.rules import Side
from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.procedure import NotVisible
from huitong.kernel.statements import Statement
from huitong.work import queries as work

RELATED = ("case", "about", "claimant", "respondent", "minutes_file", "decision", "followed_by")


def visible_to(actor: Actor) -> QuerySet[Dispute]:
    """The disputes whose case the actor may see: the only place that says so."""
    rows = Dispute.objects.select_related(*RELATED)
    if actor.is_system:
        return rows
    return rows.filter(case__in=Case.objects.visible_to(actor).values("pk"))


def dispute_for(actor: Actor, pk: int) -> Dispute:
    """Raises `NotVisible`."""
    if (dispute := visible_to(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该争议")
    return dispute


OF_CASE = Statement(
    lambda case: Dispute.objects.select_related(*RELATED).filter(case=case), case=int
)


def dispute_of(case: Case) -> Dispute:
    """The dispute a case is about, held with it until the act is over; for actions that hold the
    case's lock already."""
    Dispute.objects.select_for_update(of=("self",)).get(case=case)
    dispute: Dispute = OF_CASE.one(case=case.pk)
    dispute.case = case
    return dispute


def views_of(dispute: Dispute) -> list[View]:
    """What the three stated so far."""
    return list(View.objects.filter(dispute=dispute).select_related("body"))


def replies_of(dispute: Dispute) -> list[Reply]:
    """What the two said to the minutes as they stand, and to a decision."""
    return list(
        Reply.objects.filter(dispute=dispute, version__in=[0, dispute.version]).select_related(
            "body"
        )
    )


def files_named(actor: Actor, keys: list[int]) -> dict[int, Any]:
    """Files by key, as far as the actor may read them."""
    if not keys:
        return {}
    return {row.pk: row for row in work.attachments_visible_to(actor).filter(pk__in=keys)}


# -- about a case ----------------------------------------------------------------------------------

ABOUT = Statement(
    lambda actor, case: (
        visible_to(actor).filter(Q(about=case) | Q(followed_by=case)).order_by("pk")
    ),
    case=int,
)


def about_case(actor: Actor, case: Case) -> list[Dispute]:
    """The disputes about a case, and the one it went on from."""
    return list(ABOUT(actor, case=case.pk))


def running_about(case: int, claimant: int | None) -> bool:
    """Whether this body's dispute about a case is running."""
    rows = Dispute.objects.filter(about=case, claimant=claimant, case__closed_at=None)
    return rows.exists()


def awaiting_the_way(consumer: int, mount: int) -> QuerySet[Dispute]:
    """Disputes of this consumer about a resource whose outcome has not been followed yet."""
    own = Q(side=Side.CONSUMER, claimant=consumer) | Q(side=Side.PROVIDER, respondent=consumer)
    unused = Q(followed_by=None) | Q(followed_by__state=Application.WITHDRAWN)
    rows = Dispute.objects.filter(own, unused, mount=mount, case__closed_at__isnull=False)
    return rows.select_related("case").order_by("-pk")


# -- lists -----------------------------------------------------------------------------------------


def opened_disputes(actor: Actor) -> QuerySet[Dispute]:
    """Those the actor's body opened, youngest first."""
    return visible_to(actor).filter(claimant=actor.body).order_by("-pk")


def faced_disputes(actor: Actor) -> QuerySet[Dispute]:
    """Those another body opened against the actor's."""
    rows = visible_to(actor).filter(respondent=actor.body, submitted_at__isnull=False)
    return rows.order_by("-submitted_at", "-pk")


def submitted_disputes(actor: Actor) -> QuerySet[Dispute]:
    """Every dispute that has left its body, for the bureau."""
    rows = visible_to(actor).filter(submitted_at__isnull=False)
    rows = rows if actor.bureau or actor.is_system else rows.none()
    return rows.order_by("-submitted_at", "-pk")


def may_open(actor: Actor) -> bool:
    return actor.body is not None and actor.has(Post.OPERATOR)
