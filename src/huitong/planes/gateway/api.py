"""Reading calls through the API."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field

from huitong.planes.gateway import queries

router = Router(tags=["gateway"])


class CallOut(BaseModel):
    """One call through the gateway; never its query."""

    at: datetime
    request_id: str
    client: str = Field(title="凭证")
    grant: int | None
    method: str
    path: str
    verdict: str = Field(title="allowed no_token not_granted too_fast unknown malformed failed")
    status: int | None
    bytes: int
    ms: int | None
    ip: str


class CallPage(BaseModel):
    items: list[CallOut]
    count: int


@router.get("/calls", response=CallPage, summary="接口调用记录")
def calls(request: HttpRequest, verdict: str = "", q: str = Query("", title="接口地址、凭证或请求编号", max_length=120),
          limit: int = Query(50, ge=1, le=200), offset: int = Query(0, ge=0, le=1_000_000)) -> CallPage:
    rows = queries.matching(request.actor, verdict=verdict, q=q)  # type: ignore[attr-defined]
    items = [CallOut(at=c.at, request_id=c.request_id, client=c.client, grant=c.grant_id, method=c.method, path=c.path, verdict=c.verdict,
                     status=c.status, bytes=c.bytes, ms=c.ms, ip=c.ip) for c in rows[offset:offset + limit]]
    return CallPage(items=items, count=rows.count())
