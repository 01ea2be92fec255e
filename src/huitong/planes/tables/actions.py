"""What happens to exchanges: arranged and run by the platform, run now, paused and resumed by
the parties (A13, A28, A30)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.urls import reverse
from django.utils import timezone
from pydantic import Field

from huitong.access import actions as access
from huitong.kernel import jobs
from huitong.kernel.actor import BODY, SYSTEM, Actor, Post
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
#: failures in a row after which the parties are told of what is tried again by itself; ours
TOLD_AFTER = 3
GrantRef = Annotated[int, Field(title="授权", ge=1)]
RunRef = Annotated[int, Field(title="执行", ge=1)]


# -- by the platform: the standing order -----------------------------------------------------------


@recorded("A13", PLATFORM, label="安排库表交换")
def schedule(
    actor: Actor, *, grant: GrantRef, cycle: Annotated[str, Field(title="更新周期", max_length=2)]
) -> Schedule:
    """Begin, or begin again, to move a table under a grant; due at once."""
    found, _ = Schedule.objects.get_or_create(
        grant_id=grant, defaults={"cycle": cycle, "next_at": timezone.now()}
    )
    if found.ended_at is not None or found.cycle != cycle:
        found.cycle, found.ended_at, found.next_at = cycle, None, timezone.now()
        found.save()
    return found


@recorded("A28", PLATFORM, label="停止库表交换")
def unschedule(actor: Actor, *, grant: GrantRef) -> Schedule:
    """The grant is no longer in force: nothing is moved any more. A run on its way stops before
    it commits."""
    found = Schedule.objects.select_for_update().get(grant=grant)
    if found.ended_at is None:
        found.ended_at, found.next_at = timezone.now(), None
        found.save()
    return found


@recorded("A13", PLATFORM, label="安排一次交换")
def queue(
    actor: Actor,
    *,
    grant: GrantRef,
    trigger: Annotated[Trigger, Field(title="原因")] = Trigger.CYCLE,
) -> Run:
    """Put a run on its way; while one is on its way already, that one."""
    return _queued(Schedule.objects.select_for_update().get(grant=grant), trigger)


def _queued(found: Schedule, trigger: Trigger, **more: Any) -> Run:
    if (already := queries.active_run(found)) is not None:
        note(already=already.pk)
        return already
    run = Run(schedule=found, trigger=trigger, **more)
    run.say(timezone.now(), f"已排入队列（{Trigger(trigger).label}）。")
    run.save()
    put_on_its_way(run)
    return run


def put_on_its_way(run: Run) -> None:
    """Give the run to whichever worker comes first. Raises procrastinate's `AlreadyEnqueued`
    while it still waits for one."""
    jobs.defer("tables.deliver", queueing_lock=f"tables.deliver:{run.pk}", run=run.pk)


# -- by the platform: one run ----------------------------------------------------------------------


@recorded("A28", PLATFORM, label="开始执行交换")
def start(actor: Actor, *, run: RunRef) -> Run:
    """A worker takes the run; a second time when it was cut off, under the same key."""
    found, now = Run.objects.select_for_update().get(pk=run), timezone.now()
    again = found.state == RunState.RUNNING
    found.state, found.attempts, found.stage = RunState.RUNNING, found.attempts + 1, "checking"
    found.started_at, found.rows, found.bytes = found.started_at or now, 0, 0
    found.say(
        now, "上次执行被中断，以同一执行编号继续：已送达的不会重复。" if again else "开始执行。"
    )
    found.save()
    note(key=found.key, attempt=found.attempts)
    return found


def advance(run: Run, stage: str, rows: int, bytes: int) -> None:
    """Tell how far a run is. No act of anybody and soon overwritten, so it leaves no ledger
    entry."""
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


def doubt(run: Run, why: str) -> None:
    """Keep a run open that may have happened: the next attempt, under the same key, asks the
    target. No act of anybody, as above."""
    with writing("tables.doubt"):
        run.say(timezone.now(), f"{why}。是否已经送达尚待向目标库核实，稍后以同一执行编号继续。")
        run.save(update_fields=["log"])


@recorded("A30", PLATFORM, label="送达库表数据")
def finish(
    actor: Actor, *, run: RunRef, delivery: Annotated[dict[str, Any], Field(title="送达情况")]
) -> Run:
    """Note what arrived: counts, and checksums of both sides. The consumer's database keeps the
    same record; told twice it counts once."""
    found, now = _taken(run), timezone.now()
    if found.state == RunState.DELIVERED:
        return found
    for name in (
        "rows",
        "inserted",
        "updated",
        "deleted",
        "bytes",
        "source_checksum",
        "target_checksum",
    ):
        setattr(found, name, delivery[name])
    found.state, found.ended_at, found.stage, found.problem = RunState.DELIVERED, now, "", {}
    before = "该次执行在中断前已经送达，以目标库中的记录为准。" if delivery.get("repeated") else ""
    found.say(
        now,
        f"{before}送达 {found.rows:,} 行：新增 {found.inserted:,}、更新 {found.updated:,}、删除"
        f" {found.deleted:,}；两侧行数与校验值一致。",
    )
    found.save()
    plan, grant = found.schedule, found.schedule.grant
    plan.delivered_at, plan.failures = datetime.fromisoformat(delivery["finished_at"]), 0
    if not plan.paused_by:
        plan.paused_at, plan.pause_reasons = None, ""
    plan.next_at = (
        None if plan.ended_at or plan.paused_at else next_after(now, plan.cycle, load_calendar())
    )
    plan.save()
    counts = {
        name: getattr(found, name)
        for name in ("inserted", "updated", "deleted", "source_checksum", "target_checksum")
    }
    note(key=found.key, rows=found.rows, **counts)
    access.report_delivery(
        actor,
        plane="tables",
        reference=str(found.key),
        grant=grant.pk,
        at=plan.delivered_at,
        rows=found.rows,
        bytes=found.bytes,
        checksum=found.target_checksum,
        status=RunState.DELIVERED,
        detail={"run": found.pk, "receiver": grant.consumer.short_name, **counts},
    )
    return found


@recorded("A30", PLATFORM, label="交换未成功")
def fail(
    actor: Actor, *, run: RunRef, problem: Annotated[dict[str, Any], Field(title="原因")]
) -> Run:
    """Note why nothing was delivered. What may pass by itself is tried again; for the rest the
    one who must act is told."""
    found, now = _taken(run), timezone.now()
    if not found.active:
        return found
    ended = problem["code"] == "grant_ended"
    found.state = RunState.PAUSED if problem["paused"] else RunState.FAILED
    found.ended_at, found.stage, found.problem = now, "", problem
    found.say(now, f"未成功：{problem_words(problem)}。{problem['remedy']}")
    found.save()
    plan = found.schedule
    plan.failures += 1
    if problem["paused"] and not ended and plan.paused_at is None:
        plan.paused_at, plan.pause_reasons = now, str(problem["cause"])
    plan.next_at = (
        None if plan.paused_at or plan.ended_at or ended else retry_after(now, plan.failures)
    )
    plan.save()
    note(key=found.key, code=problem["code"])
    access.report_delivery(
        actor,
        plane="tables",
        reference=str(found.key),
        grant=plan.grant_id,
        at=now,
        status=found.state,
        detail={"run": found.pk, "code": problem["code"], "side": problem["side"]},
    )
    if not ended and (problem["paused"] or plan.failures == TOLD_AFTER):
        _tell(actor, plan, found)
    return found


def _taken(pk: int) -> Run:
    """The run with its schedule, both locked."""
    rows = Run.objects.select_for_update(of=("self", "schedule"))
    return rows.select_related("schedule__grant__consumer", "schedule__grant__mount__entry").get(
        pk=pk
    )


def _tell(actor: Actor, plan: Schedule, run: Run) -> None:
    said = run.problem
    people = organizations.people_of(
        {queries.provider_of(plan), plan.grant.consumer_id}
    ).values_list("pk", flat=True)
    work.notify(
        actor,
        people=list(people),
        kind=NoticeKind.OTHER,
        title=f"交换未成功：{plan.grant.mount.entry.name}"[:200],
        text=f"{problem_words(said)}。由{said['who']}处理：{said['remedy']}"[:1000],
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
    """Run an exchange now, also after a problem was put right. Raises `NotVisible`, `NotYours`,
    `AgainstRules`."""
    found = _own(actor, grant)
    if not queries.is_live(grant):
        raise AgainstRules(
            "授权不在有效期内，不能交换数据。", article="A30", remedy=OWN_PROBLEMS["grant_ended"][2]
        )
    if found.paused_by:
        raise AgainstRules("该交换任务已由人工暂停。", article="A13", remedy="请先恢复。")
    if confirm_fall and actor.body != queries.provider_of(found):
        raise NotYours("数据减少是否正常由提供部门确认。", article="A29", who="提供部门经办人")
    return _queued(found, Trigger.PERSON, asked_by=actor.person, fall_confirmed=confirm_fall)


@recorded("A13", CLERK, label="暂停交换")
def pause(
    actor: Actor,
    *,
    grant: GrantRef,
    reasons: Annotated[str, Field(title="原因", min_length=1, max_length=500)],
) -> Schedule:
    """Stop running by itself until resumed; a run on its way is finished."""
    found = _own(actor, grant)
    if found.ended_at is not None or found.paused_by:
        raise AgainstRules("该交换任务已终止或已暂停。", article="A13")
    found.paused_at, found.paused_by, found.pause_reasons, found.next_at = (
        timezone.now(),
        actor.person,
        reasons,
        None,
    )
    found.save()
    return found


@recorded("A13", CLERK, label="恢复交换")
def resume(actor: Actor, *, grant: GrantRef) -> Schedule:
    """Go on after a pause, at once."""
    found = _own(actor, grant)
    if found.ended_at is not None or found.paused_at is None:
        raise AgainstRules("该交换任务没有暂停。", article="A13")
    found.paused_at, found.paused_by, found.pause_reasons, found.next_at = (
        None,
        None,
        "",
        timezone.now(),
    )
    found.save()
    return found


def _own(actor: Actor, grant: int) -> Schedule:
    """The actor's exchange, locked."""
    own = queries.own_schedule(actor, grant)
    Schedule.objects.select_for_update().get(pk=own.pk)
    own.refresh_from_db()
    return own
