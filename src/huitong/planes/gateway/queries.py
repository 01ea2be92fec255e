"""Calls for their parties, and the position to which the evidence has been read (A28, A30)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime, time

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from huitong.access import queries as access
from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.ledger import canonical
from huitong.kernel.workdays import today
from huitong.planes.gateway.engine import recording
from huitong.planes.gateway.models import Call, LogPosition
from huitong.planes.gateway.rules import Verdict

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


def recording_key() -> bytes:
    """The key of the digests of control parameters."""
    return hmac.digest(settings.MASTER_KEY.encode(), b"huitong call parameters", hashlib.sha256)


def digest_of(value: str) -> str:
    """The digest to find a value of a control parameter by: fit for addresses and logs, as the
    value is not."""
    return recording.digest(value, recording_key())


def matching(actor: Actor, *, verdict: str = "", q: str = "", digest: str = "") -> QuerySet[Call]:
    """The calls with a verdict, a text in path, client or request id, and a parameter of a
    digest."""
    rows = visible_to(actor)
    rows = rows.filter(verdict=verdict) if verdict else rows
    rows = rows.filter(parameters__contains=[{"digest": digest}]) if digest else rows
    return rows.filter(Q(path__icontains=q) | Q(client=q) | Q(request_id=q)) if q else rows


def spent_today(quotas: Mapping[int, int]) -> set[int]:
    """The grants, of these with their calls a day, whose calls of today in Nantong have used up the
    quota (A30)."""
    start = datetime.combine(today(), time.min, timezone.get_default_timezone())
    rows = Call.objects.filter(grant__in=quotas, ended=True, verdict=Verdict.ALLOWED, at__gte=start)
    counts = rows.order_by().values_list("grant").annotate(n=Count("pk"))
    return {grant for grant, calls in counts if calls >= quotas[grant]}


def position_of(file: str) -> int:
    """The byte up to which a log file has been read."""
    offset = LogPosition.objects.filter(file=file).values_list("offset", flat=True).first()
    return int(offset or 0)
