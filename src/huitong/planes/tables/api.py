"""Reading exchanges and runs through the API; running, pausing and resuming are generated from
the verbs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from ninja import Field, Router, Schema
from ninja.pagination import paginate

from huitong.kernel.requests import Request
from huitong.planes.tables import queries
from huitong.planes.tables.models import Run, Schedule
from huitong.ui.paging import Drawn

router = Router(tags=["tables"])


class ExchangeOut(Schema):
    """A table that is moved under a grant."""

    grant: int = Field(title="授权")
    number: str = Field(title="授权编号")
    entry: str = Field(title="资源")
    provider: str = Field(title="提供部门")
    consumer: str = Field(title="使用部门")
    target: str = Field(title="目标库表")
    state: str = Field(title="运行情况")
    delivered_at: datetime | None = Field(title="上次送达")
    next_at: datetime | None = Field(title="下次执行")
    late_minutes: int = Field(title="滞后分钟数")


class RunOut(Schema):
    """One run, with the counts and checksums of both sides."""

    id: int
    key: UUID = Field(title="执行编号，目标库的运行记录用同一编号")
    grant: int = Field(validation_alias="schedule.grant_id")
    trigger: str
    state: str = Field(title="queued running delivered failed paused")
    queued_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    attempts: int
    stage: str
    rows: int
    bytes: int
    inserted: int | None
    updated: int | None
    deleted: int | None
    source_checksum: str
    target_checksum: str
    problem: dict[str, Any] = Field(title="未成功的原因、由谁处理、怎么办")


class RunWithLog(RunOut):
    log: list[list[str]]


@router.get(
    "/exchange", response=list[ExchangeOut], summary="库表交换任务", operation_id="exchanges"
)
@paginate
def exchanges(request: Request) -> Drawn:
    return Drawn(queries.listed(request.actor), _exchanges)


@router.get(
    "/exchange/{int:grant}/runs",
    response=list[RunOut],
    summary="一项交换的历次执行",
    operation_id="exchange_runs",
)
@paginate
def runs(request: Request, grant: int) -> QuerySet[Run]:
    return queries.runs_of(queries.schedule_for(request.actor, grant))


@router.get(
    "/exchange/runs/{int:run}", response=RunWithLog, summary="一次执行", operation_id="exchange_run"
)
def one_run(request: Request, run: int) -> Run:
    return queries.run_for(request.actor, run)


def _exchanges(page: list[Schedule]) -> list[ExchangeOut]:
    last, now = queries.runs_by_key([s.last_run for s in page if s.last_run]), timezone.now()
    return [_exchange(schedule, last.get(schedule.last_run), now) for schedule in page]


def _exchange(plan: Schedule, last: Run | None, now: datetime) -> ExchangeOut:
    grant, entry = plan.grant, plan.grant.mount.entry
    return ExchangeOut(
        grant=grant.pk,
        number=grant.case.number or "",
        entry=entry.name,
        provider=entry.body.short_name,
        consumer=grant.consumer.short_name,
        target=queries.target_words(plan),
        state=queries.face(plan, last, now).word,
        delivered_at=plan.delivered_at,
        next_at=plan.next_at,
        late_minutes=queries.late_by(plan, now),
    )
