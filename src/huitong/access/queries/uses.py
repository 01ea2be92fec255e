"""How many grants use an entry (A20); when they were last used, beside what is watched of it
(A26)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from huitong.access.models import DeliveryFact, Grant
from huitong.access.rules import LIVE, PLANES, UNUSED, G, counts_from
from huitong.kernel.procedure import WatchRule
from huitong.kernel.watches import Watch, ended_on, key_of
from huitong.kernel.workdays import day_of, limit_row, load_calendar, today
from huitong.publishing.rules import STOPPED, MountState

#: the watches over disuse, whoever answers for them
KINDS = frozenset(rule.kind for rule in UNUSED.values())
#: what was delivered, not what was refused or failed
USES = DeliveryFact.objects.filter(status="delivered")


def grants_of_entries() -> Any:
    """How many grants of an entry are in force: an expression over entries."""
    running = Grant.objects.filter(
        mount__entry=OuterRef("pk"), ended_at=None, case__state__in=LIVE
    ).order_by()
    counted = running.values("mount__entry").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def entries_granted_otherwise(since: datetime) -> QuerySet[Grant, int]:
    """Keys of the entries of which grants came into force or out of it since then."""
    moved = Grant.objects.filter(case__kind="grant", case__entered_at__gte=since)
    return moved.order_by().values_list("mount__entry", flat=True)


def last_use(field: str) -> Subquery:
    """This field of the last delivery under a grant: an expression over grants. One look into the
    index (grant, -at) for each, not a pass over every fact there is."""
    return Subquery(USES.filter(grant=OuterRef("pk")).order_by("-at").values(field)[:1])


def uses_to_watch() -> dict[int, date | None]:
    """Grants whose watch over disuse is out of date: key → the day the limit counts from, None
    where there is nothing to watch any more. Three queries however many there are.

    It counts from the last delivery, and never from before the grant could be used: the first day
    it is valid, the day it came into force, was resumed or left running, the day its resource went
    on being delivered. While a special circumstance holds or its resource is stopped it does not
    count.
    """
    grants = Grant.objects.filter(case__state=G.ACTIVE, ended_at=None)
    watches = Watch.objects.filter(kind__in=KINDS, stopped_on=None)
    running = {
        s: (kind, on) for s, kind, on in watches.values_list("subject", "kind", "started_on")
    }
    out_of_date: dict[int, date | None] = {}
    on, resumed = today(), ended_on(STOPPED)
    deliverable = grants.filter(mount__state=MountState.ACTIVE)
    for (
        pk,
        valid_from,
        entered_at,
        used_at,
        authority,
        code,
        months,
        mount,
    ) in deliverable.values_list(
        "pk",
        "valid_from",
        "case__entered_at",
        last_use("at"),
        "case__facts__authority",
        "circumstance",
        "months",
        "mount",
    ):
        usable = _since(valid_from, entered_at, used_at, resumed.get(mount))
        since = counts_from(usable, code, months, on)
        if since is None:
            continue
        kind, watched = running.pop(key_of(Grant(pk=pk)), ("", None))
        if watched is None or watched < since or kind != rule_for(authority).kind:
            out_of_date[pk] = since
    ended: dict[int, date | None] = {int(subject.rpartition(":")[2]): None for subject in running}
    return out_of_date | ended


def rule_for(authority: str) -> WatchRule:
    """The watch over the grants of whoever granted them."""
    return UNUSED.get(authority, UNUSED["provider"])


@dataclass(frozen=True)
class Disuse:
    """Since when nobody has used a grant, as all planes know it. ``since`` and ``due_on`` are None
    while it does not count: a special circumstance holds, or nobody could."""

    last: DeliveryFact | None
    since: date | None
    due_on: date | None
    circumstance: str

    @property
    def over(self) -> bool:
        """Whether the limit is past."""
        return self.due_on is not None and self.due_on < today()


def disuse_of(grant: Grant) -> Disuse:
    """How a grant has been used until this moment, not until the last look of the platform."""
    last = USES.filter(grant=grant).order_by("-at").first()
    if grant.mount.state != MountState.ACTIVE:
        return Disuse(last, None, None, "资源暂停交付")
    resumed = ended_on(STOPPED, grant.mount).get(grant.mount_id)
    since = counts_from(
        _since(grant.valid_from, grant.case.entered_at, last.at if last else None, resumed),
        grant.circumstance,
        grant.months,
        today(),
    )
    due_on = None
    if since is not None:
        amount = limit_row(rule_for(grant.case.facts.get("authority", "")).limit, since)
        due_on = load_calendar().deadline(since, amount.amount, amount.unit).on
    return Disuse(last, since, due_on, grant.special)


def evidence_words(disuse: Disuse) -> str:
    """The evidence of disuse, for people."""
    if disuse.since is None or disuse.due_on is None:
        return ""
    last = disuse.last
    used = (
        f"最近一次交付在 {day_of(last.at)}（{PLANES.get(last.plane, last.plane)}）"
        if last is not None
        else "授权后没有任何交付"
    )
    return f"{used}；未使用的期限自 {disuse.since} 起算，至 {disuse.due_on} 届满"


def uses_since(grant: Grant, moment: datetime) -> QuerySet[DeliveryFact]:
    """What was delivered under a grant after a moment, the last first."""
    return USES.filter(grant=grant, at__gt=moment).order_by("-at")


def kept_by(grant: Grant) -> str:
    """Why a grant in question may not be taken back as unused any more: it was used since its
    notice, or could not be; empty where it may."""
    moment = datetime.fromisoformat(grant.case.facts["disuse"]["at"])
    if (used := uses_since(grant, moment).first()) is not None:
        return f"告知拟收回之后已有交付，最近一次在 {day_of(used.at)}，不再是长期未使用的授权"
    resumed = ended_on(STOPPED, grant.mount).get(grant.mount_id)
    stopped = grant.mount.state != MountState.ACTIVE
    if stopped or (resumed is not None and resumed >= day_of(moment)):
        return "告知拟收回之后该资源暂停过交付，使用部门不能照常使用"
    return ""


def _since(
    valid_from: date, entered_at: datetime, used_at: datetime | None, resumed: date | None
) -> date:
    return max(valid_from, day_of(entered_at), day_of(used_at or entered_at), resumed or valid_from)
