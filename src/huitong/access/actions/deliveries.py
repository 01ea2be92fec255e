"""What planes report: what was delivered under a grant, each fact once; since when they serve
it, and when they stopped (A26, A28, A30, A34)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.utils import timezone
from pydantic import Field

from huitong.access.models import DeliveryFact, Grant, Serving
from huitong.kernel.actor import SYSTEM, Actor, Post
from huitong.kernel.doing import note, recorded
from huitong.kernel.procedure import AgainstRules, NotVisible

PlaneName = Annotated[Literal["gateway", "tables", "files", "comparison"], Field(title="通道")]
GrantList = Annotated[list[int], Field(title="授权")]


@recorded("A30", SYSTEM(Post.OPERATOR), label="登记交付")
def report_delivery(
    actor: Actor,
    *,
    plane: PlaneName,
    reference: Annotated[str, Field(title="交付编号", min_length=1, max_length=120)],
    grant: Annotated[int, Field(title="授权")],
    at: Annotated[datetime, Field(title="时间")],
    rows: Annotated[int | None, Field(title="行数", ge=0)] = None,
    bytes: Annotated[int | None, Field(title="字节数", ge=0)] = None,
    checksum: Annotated[str, Field(title="校验值", max_length=80)] = "",
    status: Annotated[str, Field(title="结果", max_length=20)] = "delivered",
    detail: Annotated[dict[str, Any] | None, Field(title="详情")] = None,
) -> DeliveryFact:
    """Keep a delivery under (plane, reference). Reported again with the same grant it changes
    nothing.

    ``detail`` holds counts and names of runs, never rows. Raises `NotVisible` for an unknown grant,
    `AgainstRules` when the reference is already another grant's.
    """
    if not Grant.objects.filter(pk=grant).exists():
        raise NotVisible("该授权")
    fact, new = DeliveryFact.objects.get_or_create(
        plane=plane,
        reference=reference,
        defaults={
            "grant_id": grant,
            "at": at,
            "rows": rows,
            "bytes": bytes,
            "checksum": checksum,
            "status": status,
            "detail": detail or {},
        },
    )
    if fact.grant_id != grant:
        raise AgainstRules(f"交付编号 {plane}/{reference} 已属另一项授权。", article="A30")
    note(repeated=not new)
    return fact


@recorded("A28", SYSTEM(Post.OPERATOR), label="登记通道开始提供")
def report_serving(actor: Actor, *, plane: PlaneName, grants: GrantList) -> None:
    """A plane is about to hand data out under these grants by itself. Kept before it is told to:
    what it may do is never unknown."""
    now = timezone.now()
    Serving.objects.bulk_create(
        [Serving(grant_id=grant, plane=plane, since=now) for grant in grants],
        update_conflicts=True,
        unique_fields=["grant", "plane"],
        update_fields=["since", "stopped_at"],
    )


@recorded("A28", SYSTEM(Post.OPERATOR), label="登记通道停止提供")
def report_stopped(
    actor: Actor,
    *,
    plane: PlaneName,
    grants: GrantList,
    version: Annotated[str, Field(title="配置版本", max_length=40)],
) -> None:
    """A plane has confirmed that it goes by a configuration without these grants."""
    Serving.objects.filter(plane=plane, grant__in=grants, stopped_at=None).update(
        stopped_at=timezone.now()
    )
