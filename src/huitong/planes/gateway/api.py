"""Reading calls through the API."""

# annotations as they are: under @paginate ninja would look for their names in its own module
from datetime import datetime

from django.db.models import QuerySet
from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from huitong.kernel.requests import Request
from huitong.planes.gateway import queries
from huitong.planes.gateway.models import Call
from huitong.planes.gateway.rules import Verdict

router = Router(tags=["gateway"])


class ParameterOut(Schema):
    """A control parameter of a call; without a value where only its digest is kept."""

    name: str
    digest: str
    value: str | None = None


class CallOut(Schema):
    """One call through the gateway; never its query."""

    at: datetime
    request_id: str
    client: str = Field(title="凭证")
    grant: int | None = Field(validation_alias="grant_id")
    method: str
    path: str
    verdict: str = Field(title="allowed no_token not_granted too_fast unknown malformed failed")
    status: int | None
    bytes: int
    ms: int | None
    ip: str
    parameters: list[ParameterOut] = Field(default_factory=list, title="管控参数")


class CallSearch(Schema):
    """What to look for; the value goes in the body, for addresses end up in logs."""

    value: str = Field(title="管控参数的值", min_length=1, max_length=200)
    verdict: str = Field("", pattern=Verdict.pattern())
    q: str = Field("", max_length=120)


@router.post("/calls/search", response=list[CallOut], summary="按管控参数的值查找接口调用")
@paginate
def search(request: Request, query: CallSearch) -> QuerySet[Call]:
    digest = queries.digest_of(query.value)
    return queries.matching(request.actor, verdict=query.verdict, q=query.q, digest=digest)


@router.get("/calls", response=list[CallOut], summary="接口调用记录")
@paginate
def calls(
    request: Request,
    verdict: str = Query("", pattern=Verdict.pattern()),
    q: str = Query("", title="接口地址、凭证或请求编号", max_length=120),
) -> QuerySet[Call]:
    return queries.matching(request.actor, verdict=verdict, q=q)
