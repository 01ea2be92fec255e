"""Reading calls through the API."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from ninja import Query, Router
from pydantic import BaseModel, Field

from huitong.kernel.requests import Request
from huitong.planes.gateway import queries
from huitong.planes.gateway.models import Call

router = Router(tags=["gateway"])


class ParameterOut(BaseModel):
    """A control parameter of a call; without a value where only its digest is kept."""

    name: str
    digest: str
    value: str | None = None


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
    parameters: list[ParameterOut] = Field(default_factory=list, title="管控参数")


class CallPage(BaseModel):
    items: list[CallOut]
    count: int


class CallSearch(BaseModel):
    """What to look for; the value goes in the body, for addresses end up in logs."""

    value: str = Field(title="管控参数的值", min_length=1, max_length=200)
    verdict: str = ""
    q: str = Field("", max_length=120)
    limit: int = Field(50, ge=1, le=200)
    offset: int = Field(0, ge=0, le=1_000_000)


@router.post("/calls/search", response=CallPage, summary="按管控参数的值查找接口调用")
def search(request: Request, wanted: CallSearch) -> CallPage:
    rows = queries.matching(
        request.actor, verdict=wanted.verdict, q=wanted.q, said=queries.digest_of(wanted.value)
    )
    return _page(rows, wanted.limit, wanted.offset)


@router.get("/calls", response=CallPage, summary="接口调用记录")
def calls(
    request: Request,
    verdict: str = "",
    q: str = Query("", title="接口地址、凭证或请求编号", max_length=120),
    limit: int = Query(50, ge=1, le=200),
    offset: int = Query(0, ge=0, le=1_000_000),
) -> CallPage:
    rows = queries.matching(request.actor, verdict=verdict, q=q)
    return _page(rows, limit, offset)


def _page(rows: QuerySet[Call], limit: int, offset: int) -> CallPage:
    items = [
        CallOut(
            at=c.at,
            request_id=c.request_id,
            client=c.client,
            grant=c.grant_id,
            method=c.method,
            path=c.path,
            verdict=c.verdict,
            status=c.status,
            bytes=c.bytes,
            ms=c.ms,
            ip=c.ip,
            parameters=[ParameterOut(**one) for one in c.parameters],
        )
        for c in rows[offset : offset + limit]
    ]
    return CallPage(items=items, count=rows.count())
