"""Acts on exchanges: the platform schedules and runs them, the parties run, pause and resume them
(A13, A28, A30)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.utils import timezone
from pydantic import Field

from huitong.access import actions as access
from huitong.kernel import jobs
from huitong.kernel.actor import BODY, SYSTEM, Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.doing import note, recorded
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import AgainstRules, NotYours
from huitong.kernel.workdays import load_calendar
from huitong.organizations import queries as organizations
from huitong.planes.tables import queries
from huitong.planes.tables.models import Run, Schedule
from huitong.planes.tables.rules import (
    OWN_PROBLEMS,
    STAGES,
    RunState,
    Trigger,
    next_after,
    problem_words,
    retry_after,
    volume_words,
)
from huitong.work import actions as work
from huitong.work.rules import NoticeKind

PLATFORM, CLERK = SYSTEM(Post.OPERATOR), BODY(Post.OPERATOR)
#: failures in a row after which the parties are notified of a run that is retried; ours
NOTIFIED_AFTER = 3
GrantRef = Annotated[int, Field(title="授权", ge=1)]
RunRef = Annotated[int, Field(title="执行", ge=1)]


# -- by the platform: schedules --------------------------------------------------------------------


@recorded("A13", PLATFORM, label="安排库表交换")
def schedule(
    actor: Actor, *, grant: GrantRef, cycle: Annotated[str, Field(title="更新周期", max_length=2)]
) -> Schedule:
    """Schedule the exchange of a grant, also again after an end; it is due at once."""
    row, _ = Schedule.objects.get_or_create(
        grant_id=grant, defaults={"cycle": cycle, "next_at": timezone.now()}
    )
    if row.ended_at is not None or row.cycle != cycle:
        row.cycle, row.ended_at, row.next_at = cycle, None, timezone.now()
        row.save()
    return row


@recorded("A28", PLATFORM, label="停止库表交换")
def unschedule(actor: Actor, *, grant: GrantRef) -> Schedule:
    """End the schedule of a grant no longer in force; an active run stops before it commits."""
    row = Schedule.objects.select_for_update().get(grant=grant)
    if row.ended_at is None:
        row.ended_at, row.next_at = timezone.now(), None
        row.save()
    return row


@recorded("A13", PLATFORM, label="安排一次交换")
def queue(
    actor: Actor,
    *,
    grant: GrantRef,
    trigger: Annotated[Trigger, Field(title="原因")] = Trigger.CYCLE,
) -> Run:
    """Queue a run, unless one is active already. Returns the active run."""
    return _queue(Schedule.objects.select_for_update().get(grant=grant), trigger)


def _queue(schedule: Schedule, trigger: Trigger, **more: Any) -> Run:
    if (active := queries.active_run(schedule)) is not None:
        note(already=active.pk)
        return active
    run = Run(schedule=schedule, trigger=trigger, **more)
    run.say(timezone.now(), f"已排入队列（{Trigger(trigger).label}）。")
    run.save()
    enqueue(run)
    return run


def enqueue(run: Run) -> None:
    """Defer the job of a run. Raises procrastinate's `AlreadyEnqueued` while it waits for a
    worker."""
    jobs.defer("tables.deliver", queueing_lock=f"tables.deliver:{run.pk}", run=run.pk)


# -- by the platform: one run ----------------------------------------------------------------------


@recorded("A28", PLATFORM, label="开始执行交换")
def start(actor: Actor, *, run: RunRef) -> Run:
    """Start the run; again when it was cut off, under the same key."""
    row, now = Run.objects.select_for_update().get(pk=run), timezone.now()
    again = row.state == RunState.RUNNING
    row.state, row.attempts, row.stage = RunState.RUNNING, row.attempts + 1, "checking"
    row.started_at, row.rows, row.bytes = row.started_at or now, 0, 0
    row.say(
        now, "上次执行被中断，以同一执行编号继续：已送达的不会重复。" if again else "开始执行。"
    )
    row.save()
    note(key=row.key, attempt=row.attempts)
    return row


def advance(run: Run, stage: str, rows: int, bytes: int) -> None:
    """Record the progress of a run, without a ledger entry: it is nobody's act and soon
    overwritten."""
    with writing("tables.advance"):
        if stage != run.stage and stage in STAGES:
            run.say(
                timezone.now(),
                (
                    f"{STAGES[stage]}。"
                    if not bytes
                    else f"{STAGES[stage]}（已传输 {volume_words(bytes)}）。"
                ),
            )
        run.stage, run.rows, run.bytes = stage, rows, bytes
        run.save(update_fields=["stage", "rows", "bytes", "log"])


def leave_open(run: Run, why: str) -> None:
    """Leave a run open that may have been delivered: the next attempt, under the same key, reads
    the target's record. Without a ledger entry, as above."""
    with writing("tables.doubt"):
        run.say(timezone.now(), f"{why}。是否已经送达尚待向目标库核实，稍后以同一执行编号继续。")
        run.save(update_fields=["log"])


@recorded("A30", PLATFORM, label="送达库表数据")
def finish(
    actor: Actor, *, run: RunRef, delivery: Annotated[dict[str, Any], Field(title="送达情况")]
) -> Run:
    """Record a delivery: counts, and checksums of both sides. The consumer's database has the same
    record; a repeated call changes nothing."""
    row, now = _locked_run(run), timezone.now()
    if row.state == RunState.DELIVERED:
        return row
    for name in (
        "rows",
        "inserted",
        "updated",
        "deleted",
        "bytes",
        "source_checksum",
        "target_checksum",
    ):
        setattr(row, name, delivery[name])
    row.state, row.ended_at, row.stage, row.problem = RunState.DELIVERED, now, "", {}
    before = "该次执行在中断前已经送达，以目标库中的记录为准。" if delivery.get("repeated") else ""
    row.say(
        now,
        f"{before}送达 {row.rows:,} 行：新增 {row.inserted:,}、更新 {row.updated:,}、删除"
        f" {row.deleted:,}；两侧行数与校验值一致。",
    )
    row.save()
    plan, grant = row.schedule, row.schedule.grant
    plan.delivered_at, plan.failures = datetime.fromisoformat(delivery["finished_at"]), 0
    if not plan.paused_by:
        plan.paused_at, plan.pause_reasons = None, ""
    plan.next_at = (
        None if plan.ended_at or plan.paused_at else next_after(now, plan.cycle, load_calendar())
    )
    plan.save()
    counts = {
        name: getattr(row, name)
        for name in ("inserted", "updated", "deleted", "source_checksum", "target_checksum")
    }
    note(key=row.key, rows=row.rows, **counts)
    access.report_delivery(
        actor,
        plane="tables",
        reference=str(row.key),
        grant=grant.pk,
        at=plan.delivered_at,
        rows=row.rows,
        bytes=row.bytes,
        checksum=row.target_checksum,
        status=RunState.DELIVERED,
        detail={"run": row.pk, "receiver": grant.consumer.short_name, **counts},
    )
    return row


@recorded("A30", PLATFORM, label="交换未成功")
def fail(
    actor: Actor, *, run: RunRef, problem: Annotated[dict[str, Any], Field(title="原因")]
) -> Run:
    """Record why nothing was delivered. A passing problem is retried; of any other the parties are
    notified."""
    row, now = _locked_run(run), timezone.now()
    if not row.active:
        return row
    ended = problem["code"] == "grant_ended"
    row.state = RunState.PAUSED if problem["paused"] else RunState.FAILED
    row.ended_at, row.stage, row.problem = now, "", problem
    row.say(now, f"未成功：{problem_words(problem)}。{problem['remedy']}")
    row.save()
    plan = row.schedule
    plan.failures += 1
    if problem["paused"] and not ended and plan.paused_at is None:
        plan.paused_at, plan.pause_reasons = now, str(problem["cause"])
    plan.next_at = (
        None if plan.paused_at or plan.ended_at or ended else retry_after(now, plan.failures)
    )
    plan.save()
    note(key=row.key, code=problem["code"])
    access.report_delivery(
        actor,
        plane="tables",
        reference=str(row.key),
        grant=plan.grant_id,
        at=now,
        status=row.state,
        detail={"run": row.pk, "code": problem["code"], "side": problem["side"]},
    )
    if not ended and (problem["paused"] or plan.failures == NOTIFIED_AFTER):
        _notify(actor, plan, row)
    return row


def _locked_run(pk: int) -> Run:
    """The run with its schedule, both locked."""
    rows = Run.objects.select_for_update(of=("self", "schedule"))
    return rows.select_related(
        "schedule__grant__consumer", "schedule__grant__mount__entry__current"
    ).get(pk=pk)


def _notify(actor: Actor, plan: Schedule, run: Run) -> None:
    problem = run.problem
    people = organizations.people_of(
        {queries.provider_of(plan), plan.grant.consumer_id}
    ).values_list("pk", flat=True)
    work.notify(
        actor,
        people=list(people),
        kind=NoticeKind.OTHER,
        title=f"交换未成功：{plan.grant.mount.entry.name}"[:200],
        text=f"{problem_words(problem)}。由{problem['who']}处理：{problem['remedy']}"[:1000],
        url=reverse("tables:run", args=[run.pk]),
    )


# -- by the parties --------------------------------------------------------------------------------


@recorded("A13", CLERK, label="立即执行交换")
def run_now(
    actor: Actor,
    *,
    grant: GrantRef,
    confirm_fall: Annotated[
        bool, Field(title="确认行数减少属正常", description="仅提供部门可确认。")
    ] = False,
) -> Run:
    """Run an exchange now, also after a problem was solved. Raises `NotVisible`, `NotYours`,
    `AgainstRules`."""
    exchange = _own(actor, grant)
    if not queries.is_live(grant):
        raise AgainstRules(
            "授权不在有效期内，不能交换数据。", article="A30", remedy=OWN_PROBLEMS["grant_ended"][2]
        )
    if exchange.paused_by:
        raise AgainstRules("该交换任务已由人工暂停。", article="A13", remedy="请先恢复。")
    if confirm_fall and actor.body != queries.provider_of(exchange):
        raise NotYours("数据减少是否正常由提供部门确认。", article="A29", who="提供部门经办人")
    return _queue(exchange, Trigger.PERSON, asked_by=actor.person, fall_confirmed=confirm_fall)


@recorded("A13", CLERK, label="暂停交换")
def pause(
    actor: Actor,
    *,
    grant: GrantRef,
    reasons: Annotated[str, Field(title="理由", min_length=1, max_length=500)],
) -> Schedule:
    """Pause the exchange until it is resumed; an active run is finished."""
    exchange = _own(actor, grant)
    if exchange.ended_at is not None or exchange.paused_by:
        raise AgainstRules(
            "该交换任务已终止或已暂停。", article="A13", remedy="请刷新页面，查看现在的状态。"
        )
    exchange.paused_at, exchange.paused_by, exchange.pause_reasons, exchange.next_at = (
        timezone.now(),
        actor.person,
        reasons,
        None,
    )
    exchange.save()
    return exchange


@recorded("A13", CLERK, label="恢复交换")
def resume(actor: Actor, *, grant: GrantRef) -> Schedule:
    """Resume a paused exchange, at once."""
    exchange = _own(actor, grant)
    if exchange.ended_at is not None or exchange.paused_at is None:
        raise AgainstRules(
            "该交换任务没有暂停。", article="A13", remedy="请刷新页面，查看现在的状态。"
        )
    exchange.paused_at, exchange.paused_by, exchange.pause_reasons, exchange.next_at = (
        None,
        None,
        "",
        timezone.now(),
    )
    exchange.save()
    return exchange


def _own(actor: Actor, grant: int) -> Schedule:
    """The actor's exchange, locked."""
    own = queries.own_schedule(actor, grant)
    Schedule.objects.select_for_update().get(pk=own.pk)
    own.refresh_from_db()
    return own
