"""What planes report: that data was delivered under a grant; each fact counts once (A26, A30, A34)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from huitong.access.models import DeliveryFact, Grant
from huitong.kernel.actor import SYSTEM, Actor, Post
from huitong.kernel.doing import note, recorded
from huitong.kernel.procedure import AgainstRules, NotVisible


@recorded("A30", SYSTEM(Post.OPERATOR), label="登记交付")
def report_delivery(actor: Actor, *, plane: Annotated[Literal["gateway", "tables", "files", "comparison"], Field(title="通道")],
                    reference: Annotated[str, Field(title="交付编号", min_length=1, max_length=120)],
                    grant: Annotated[int, Field(title="授权")], at: Annotated[datetime, Field(title="时间")],
                    rows: Annotated[int | None, Field(title="行数", ge=0)] = None,
                    bytes: Annotated[int | None, Field(title="字节数", ge=0)] = None,
                    checksum: Annotated[str, Field(title="校验值", max_length=80)] = "",
                    status: Annotated[str, Field(title="结果", max_length=20)] = "delivered",
                    detail: Annotated[dict[str, Any] | None, Field(title="详情")] = None) -> DeliveryFact:
    """Keep a delivery under (plane, reference). Reported again with the same grant it changes nothing.

    ``detail`` holds counts and names of runs, never rows. Raises `NotVisible` for an unknown grant, `AgainstRules` when the
    reference is already another grant's.
    """
    if not Grant.objects.filter(pk=grant).exists():
        raise NotVisible("该授权")
    fact, new = DeliveryFact.objects.get_or_create(
        plane=plane, reference=reference,
        defaults={"grant_id": grant, "at": at, "rows": rows, "bytes": bytes, "checksum": checksum, "status": status, "detail": detail or {}})
    if fact.grant_id != grant:
        raise AgainstRules(f"交付编号 {plane}/{reference} 已属另一项授权。", article="A30")
    note(repeated=not new)
    return fact  # type: ignore[no-any-return]
