"""Reading exchanges and runs through the API; running, pausing and resuming are generated from
the verbs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from ninja import Query, Router
from pydantic import BaseModel, Field

from huitong.kernel.requests import Request
from huitong.planes.tables import queries
from huitong.planes.tables.models import Run, Schedule

router = Router(tags=["tables"])


class ExchangeOut(BaseModel):
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


class ExchangePage(BaseModel):
    items: list[ExchangeOut]
    count: int


class RunOut(BaseModel):
    """One run, with the counts and checksums of both sides."""

    id: int
    key: str = Field(title="执行编号，目标库的运行记录用同一编号")
    grant: int
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


class RunPage(BaseModel):
    items: list[RunOut]
    count: int


@router.get("/exchange", response=ExchangePage, summary="库表交换任务", operation_id="exchanges")
def exchanges(
    request: Request,
    limit: int = Query(50, ge=1, le=200),
    offset: int = Query(0, ge=0, le=1_000_000),
) -> ExchangePage:
    rows = queries.listed(request.actor)
    shown = list(rows[offset : offset + limit])
    last, now = queries.runs_by_key([s.last_run for s in shown if s.last_run]), timezone.now()
    return ExchangePage(
        items=[_exchange(s, last.get(s.last_run), now) for s in shown], count=rows.count()
    )


@router.get(
    "/exchange/{int:grant}/runs",
    response=RunPage,
    summary="一项交换的历次执行",
    operation_id="exchange_runs",
)
def runs(
    request: Request,
    grant: int,
    limit: int = Query(50, ge=1, le=200),
    offset: int = Query(0, ge=0, le=1_000_000),
) -> RunPage:
    rows = queries.runs_of(queries.schedule_for(request.actor, grant))
    return RunPage(
        items=[RunOut(**_run(r, grant)) for r in rows[offset : offset + limit]], count=rows.count()
    )


@router.get(
    "/exchange/runs/{int:run}", response=RunWithLog, summary="一次执行", operation_id="exchange_run"
)
def one_run(request: Request, run: int) -> RunWithLog:
    found = queries.run_for(request.actor, run)
    return RunWithLog(**_run(found, found.schedule.grant_id), log=found.log)


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


def _run(found: Run, grant: int) -> dict[str, Any]:
    taken = {
        name: getattr(found, name)
        for name in RunOut.model_fields
        if name not in ("id", "key", "grant")
    }
    return {"id": found.pk, "key": str(found.key), "grant": grant} | taken
