"""Grants nobody uses, listed with the evidence, for who granted them and for the bureau (A26)."""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, CharField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat, StrIndex, Substr

from huitong.access.models import Grant
from huitong.access.queries.grants import RELATED, grants_given, grants_visible_to
from huitong.access.queries.uses import KINDS, USES, last_use
from huitong.access.rules import IN_QUESTION, PLANES, UNUSED, G
from huitong.kernel.actor import Actor
from huitong.kernel.watches import Watch
from huitong.kernel.workdays import day_of, today

RUNNING = Watch.objects.filter(kind__in=KINDS, stopped_on=None)
#: what the list can be narrowed to
UNUSED_SHOW = {
    "over": "期限已过，尚未告知",
    "noticed": "已告知，待答复",
    "settling": "待决定",
    "excepted": "有特殊情况，不计未使用",
}


def unused_grants(actor: Actor, show: str = "") -> QuerySet[Grant]:
    """Grants that nobody used until their limit was past, and those in question for it: to a body
    of what it provides, to the bureau all. ``show`` is one of `UNUSED_SHOW`.

    Each with its last delivery (``used_at``, ``used_by``), the day the limit counts from
    (``counted``) and its last day (``due_on``).
    """
    rows = grants_visible_to(actor) if actor.bureau else grants_given(actor)
    questioned, noticed = Q(case__state__in=IN_QUESTION), Q(case__state=G.NOTICED)
    # asked once, each part for itself: a page, its number and its order look at these alone, of
    # which the actor may see every one
    over = [] if show in UNUSED_SHOW and show != "over" else list(_disused(actor))
    parts = {
        "over": [Q(pk__any=over)],
        "noticed": [noticed],
        "settling": [questioned & ~noticed],
        "excepted": [Q(case__state=G.ACTIVE) & ~Q(circumstance="")],
    }
    keys = [
        pk
        for part in parts.get(show, [Q(pk__any=over), questioned])
        for pk in rows.filter(part, ended_at=None).order_by().values_list("pk", flat=True)
    ]
    watch = RUNNING.filter(
        subject=Concat(
            Value(f"{Grant._meta.label_lower}:"),
            Cast(OuterRef("pk"), CharField()),
            output_field=CharField(),
        )
    )
    disused = Grant.objects.filter(pk__any=keys).select_related(*RELATED).order_by("-pk")
    return disused.annotate(
        used_at=last_use("at"),
        used_by=last_use("plane"),
        counted=Subquery(watch.values("started_on")[:1]),
        due_on=Subquery(watch.values("due_on")[:1]),
    )


def _disused(actor: Actor) -> QuerySet[Watch, int]:
    """Keys of the grants whose limit is past; not of what was used, resumed or left running since
    the platform last looked."""
    watches = RUNNING.filter(due_on__lt=today())
    if not actor.bureau:  # a watch is its own body's, or over what the platform granted of it
        watches = watches.filter(Q(body=actor.body) | Q(kind=UNUSED["platform"].kind))
    number = Cast(Substr("subject", StrIndex("subject", Value(":")) + 1), BigIntegerField())
    last = USES.filter(grant=OuterRef("grant")).order_by("-at").values("at__date")[:1]
    standing = Grant.objects.filter(pk=OuterRef("grant"), case__state=G.ACTIVE)
    disused = watches.annotate(grant=number).filter(
        started_on__gte=Coalesce(Subquery(last), F("started_on"))
    )
    disused = disused.filter(started_on__gte=Subquery(standing.values("case__entered_at__date")))
    return disused.values_list("grant", flat=True)


def unused_row(grant: Any) -> dict[str, Any]:
    """What is known of the disuse of a grant of `unused_grants`, in words; of one in question as
    it was announced."""
    notice = grant.case.facts.get("disuse", {})
    start = day_of(grant.used_at) if grant.used_at else None
    since = max(filter(None, (start, grant.counted)), default=grant.valid_from)
    return {
        "used": grant.used_at,
        "plane": PLANES.get(grant.used_by, grant.used_by or ""),
        "days": (today() - since).days,
        "due": grant.due_on,
        "evidence": notice.get("evidence", ""),
        "reply": grant.case.facts.get("reply", {}).get("reasons", ""),
    }
