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
from huitong.kernel.statements import Statement
from huitong.kernel.watches import Watch
from huitong.kernel.workdays import day_of, today
from huitong.publishing.rules import MountState

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
    return with_use(unused_keys(actor, show)).order_by("-pk")


def unused_keys(actor: Actor, show: str = "") -> list[int]:
    """The keys of `unused_grants`. Each part is asked for itself, once: a page, its number and its
    order look at these alone."""
    chosen = [show] if show in UNUSED_SHOW else ["over", "questioned"]
    return [pk for part in chosen for pk in UNUSED_KEYS(actor, part=part)]


def _part(actor: Actor, part: str) -> QuerySet[Any, int]:
    rows = grants_visible_to(actor) if actor.bureau else grants_given(actor)
    rows = rows.filter(ended_at=None).order_by().annotate(key=F("pk"))
    questioned, noticed = Q(case__state__in=IN_QUESTION), Q(case__state=G.NOTICED)
    running = rows.filter(case__state=G.ACTIVE)
    parts = {
        "over": _disused(actor, running),
        "questioned": rows.filter(questioned),
        "noticed": rows.filter(noticed),
        "settling": rows.filter(questioned & ~noticed),
        "excepted": running.exclude(circumstance=""),
    }
    return parts[part].values_list("key", flat=True)


UNUSED_KEYS = Statement(_part, shape=("part",))


def with_use(keys: list[int]) -> QuerySet[Grant]:
    """These grants with what `unused_grants` tells of each."""
    watch = RUNNING.filter(
        subject=Concat(
            Value(f"{Grant._meta.label_lower}:"),
            Cast(OuterRef("pk"), CharField()),
            output_field=CharField(),
        )
    )
    return (
        Grant.objects.filter(pk__any=keys)
        .select_related(*RELATED)
        .annotate(
            used_at=last_use("at"),
            used_by=last_use("plane"),
            counted=Subquery(watch.values("started_on")[:1]),
            due_on=Subquery(watch.values("due_on")[:1]),
        )
    )


UNUSED_LISTED = Statement(with_use, keys=list)


def unused_listed(keys: list[int]) -> list[Grant]:
    """These of `unused_grants`, in any order, for lists that know which of them may be seen."""
    return UNUSED_LISTED(keys=keys)


def _disused(actor: Actor, running: QuerySet[Grant]) -> QuerySet[Watch]:
    """Watches over these grants whose limit is past, each with the ``key`` of its grant; not over
    what was used, resumed or left running since the platform last looked."""
    watches = RUNNING.filter(due_on__lt=today())
    if not actor.bureau:  # a watch is its own body's, or over what the platform granted of it
        watches = watches.filter(Q(body=actor.body) | Q(kind=UNUSED["platform"].kind))
    number = Cast(Substr("subject", StrIndex("subject", Value(":")) + 1), BigIntegerField())
    last = USES.filter(grant=OuterRef("key")).order_by("-at").values("at__date")[:1]
    unused = watches.annotate(key=number).filter(
        started_on__gte=Coalesce(Subquery(last), F("started_on"))
    )
    standing = running.filter(pk=OuterRef("key")).values("case__entered_at__date")
    # all that is stopped is looked for once, not for each
    stopped = Grant.objects.filter(ended_at=None).exclude(mount__state=MountState.ACTIVE)
    return unused.filter(started_on__gte=Subquery(standing)).exclude(key__in=stopped.values("pk"))


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
