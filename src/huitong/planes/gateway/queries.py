"""Calls for their parties, and the position to which the evidence has been read (A28, A30)."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from huitong.access import queries as access
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.ledger import canonical
from huitong.kernel.manifest import Delivered, Event, EventKind, HomePanel, Link
from huitong.kernel.statements import Statement
from huitong.kernel.workdays import today
from huitong.planes.gateway.engine import recording
from huitong.planes.gateway.models import Call, LogPosition
from huitong.planes.gateway.rules import Verdict

#: the calls shown in the record of a case; the list of calls has all
RECENT = timedelta(92)
#: the columns of a call in an evidence package
EVIDENT = (
    "stream",
    "at",
    "request_id",
    "client",
    "grant",
    "method",
    "path",
    "status",
    "verdict",
    "bytes",
    "ms",
    "ip",
    "parameters",
)


def visible_to(actor: Actor) -> QuerySet[Call]:
    """The calls an actor may see: of grants, their parties; denied ones without a grant, the bureau
    and the audit administrator."""
    rows = (
        Call.objects.filter(ended=True)
        .select_related("grant__case", "grant__consumer", "grant__mount__entry__current")
        .order_by("-at", "-pk")
    )
    if (
        actor.is_system
        or actor.has(Post.AUDIT_ADMIN)
        or (actor.bureau and actor.has(Post.OPERATOR, Post.MANAGER))
    ):
        return rows
    return rows.filter(grant__in=access.visible_to(actor).values("pk"))


def calls_of_case(case: Case) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Every call under the grant of a case, as a file of its evidence package (A34), if there is
    one."""
    rows = Call.objects.filter(
        ended=True, grant__in=access.grants_of_case(case).values("pk")
    ).order_by("at", "pk")
    if rows.exists():
        yield "calls.jsonl", (canonical(row) + b"\n" for row in rows.values(*EVIDENT).iterator())


def calls_in_case(actor: Actor, case: Case, before: datetime | None, most: int) -> Iterator[Event]:
    """The calls under the grant of a case by day, for its record: of the latest `RECENT`."""
    if (grant := case.facts.get("grant")) is None:
        return
    since = (before or timezone.now()) - RECENT
    days = (
        visible_to(actor)
        .filter(grant=grant, at__gte=since)
        .order_by()
        .values(day=TruncDate("at"))
        .annotate(
            calls=Count("pk"),
            denied=Count("pk", filter=~Q(verdict=Verdict.ALLOWED)),
            last=Max("at"),
        )
    )
    days = days.filter(last__lt=before) if before is not None else days
    for day in days.order_by("-day")[:most]:
        denied = f"，其中未放行 {day['denied']} 次" if day["denied"] else ""
        yield Event(
            EventKind.DELIVERY,
            day["last"],
            f"接口调用 {day['day']:%Y-%m-%d}：{day['calls']} 次",
            f"当日共 {day['calls']} 次{denied}。" if denied else "",
            links=(("查看调用记录", reverse("gateway:calls")),),
        )


def delivered(actor: Actor, grant: int, reference: str) -> Delivered | None:
    """A call that was let through under a grant, by its request id."""
    rows = visible_to(actor).filter(grant=grant, verdict=Verdict.ALLOWED, request_id=reference)
    call = rows.first()
    return deliverance(call) if call is not None else None


def deliverance(call: Call) -> Delivered:
    """A call of a grant as what it delivered."""
    return Delivered("gateway", call.grant_id, call.grant.consumer_id, call.request_id, call.at)


def recording_key() -> bytes:
    """The key of the digests of control parameters."""
    return hmac.digest(settings.MASTER_KEY.encode(), b"huitong call parameters", hashlib.sha256)


def digest_of(value: str) -> str:
    """The digest to find a value of a control parameter by: fit for addresses and logs, as the
    value is not."""
    return recording.digest(value, recording_key())


def matching(
    actor: Actor, *, verdict: str = "", q: str = "", digest: str = "", since: date | None = None
) -> QuerySet[Call]:
    """The calls with a verdict, a text in path, client or request id, and a parameter of a
    digest; from a day in Nantong on."""
    rows = visible_to(actor)
    rows = rows.filter(at__gte=_start(since)) if since else rows
    rows = rows.filter(verdict=verdict) if verdict else rows
    rows = rows.filter(parameters__contains=[{"digest": digest}]) if digest else rows
    return rows.filter(Q(path__icontains=q) | Q(client=q) | Q(request_id=q)) if q else rows


def spent_today(quotas: Mapping[int, int]) -> set[int]:
    """The grants, of these with their calls a day, whose calls of today in Nantong have used up the
    quota (A30)."""
    rows = Call.objects.filter(
        grant__in=quotas, ended=True, verdict=Verdict.ALLOWED, at__gte=_start(today())
    )
    counts = rows.order_by().values_list("grant").annotate(n=Count("pk"))
    return {grant for grant, calls in counts if calls >= quotas[grant]}


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_default_timezone())


#: what went wrong with a call that its parties can mend; ours
TROUBLES = {
    Verdict.FAILED: "提供部门的接口或数据库没有应答，请联系提供部门",
    Verdict.NOT_GRANTED: "授权已暂停、到期或收回，或调用了未授权的接口",
    Verdict.NO_TOKEN: "调用方没有出示有效令牌，请核对凭证",
    Verdict.TOO_FAST: "超过授权的调用频率",
    Verdict.MALFORMED: "请求不符合接口说明",
}
#: nobody counts further
MOST = 1000


WRONG = Statement(
    lambda actor, since: (
        visible_to(actor)
        .filter(at__gte=since)
        .exclude(verdict__in=[Verdict.ALLOWED, Verdict.UNKNOWN])
        .values_list("verdict", flat=True)[:MOST]
    ),
    since=datetime,
)


def home_panels(actor: Actor) -> list[HomePanel]:
    """Calls that were refused or failed since yesterday, to those who may see them: up to `MOST`,
    read off an index of their own."""
    if not actor.has(Post.OPERATOR, Post.MANAGER, Post.AUDIT_ADMIN):
        return []
    since = today() - timedelta(1)
    numbers = Counter(WRONG(actor, since=_start(since)))
    url = {
        verdict: reverse("gateway:calls", query={"verdict": verdict.value, "since": since})
        for verdict in TROUBLES
    }
    troubles = [
        Link(f"昨天以来接口调用{verdict.label}", url[verdict], numbers[verdict], note)
        for verdict, note in TROUBLES.items()
        if numbers[verdict]
    ]
    return [HomePanel(troubles=troubles)] if troubles else []


def position_of(file: str) -> int:
    """The byte up to which a log file has been read."""
    offset = LogPosition.objects.filter(file=file).values_list("offset", flat=True).first()
    return int(offset or 0)
