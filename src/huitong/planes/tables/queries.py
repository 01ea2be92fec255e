"""Exchanges an actor may see, schedules that are due, and runs that were cut off (A28, A30)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Case as CaseWhen
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from huitong.access import queries as access
from huitong.access.rules import LiveGrant
from huitong.catalog.rules.vocabulary import Cycle
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.manifest import (
    Chart,
    Delivered,
    Event,
    EventKind,
    Figure,
    HomePanel,
    Link,
    Point,
)
from huitong.kernel.procedure import NotVisible, NotYours, Tone
from huitong.kernel.statements import Statement, summed
from huitong.organizations import queries as organizations
from huitong.planes.tables.models import Run, Schedule
from huitong.planes.tables.rules import ACTIVE, KINDS, RunState
from huitong.publishing.rules import Mode

#: first of the two numbers of the lock a worker holds while it carries out a run
LOCK = 0x7461_626C
#: a queued run this old may belong to a worker that died before it began; ours
STARTED_WITHIN = timedelta(seconds=30)
#: an exchange due for less than this is on its way, not late; ours
ON_ITS_WAY = timedelta(minutes=10)
GRANT = (
    "grant__case",
    "grant__mount__entry__body",
    "grant__mount__entry__current",
    "grant__consumer",
    "grant__system",
    "grant__target",
)


def visible_to(actor: Actor) -> QuerySet[Schedule]:
    """The exchanges an actor may see: those of grants of their body; the bureau and the platform's
    operators see all."""
    rows = Schedule.objects.select_related(*GRANT)
    if actor.is_system or (actor.bureau and actor.has(Post.PLATFORM_OPERATOR)):
        return rows
    return rows.filter(grant__in=access.grants_visible_to(actor).order_by().values("pk"))


def schedule_for(actor: Actor, grant: int) -> Schedule:
    """The exchange of a grant. Raises `NotVisible`."""
    if (schedule := visible_to(actor).filter(grant=grant).first()) is None:
        raise NotVisible("该交换任务")
    return schedule


def own_schedule(actor: Actor, grant: int) -> Schedule:
    """The exchange of a grant of which the actor's body is provider or consumer. Raises
    `NotVisible` or `NotYours`."""
    schedule = schedule_for(actor, grant)
    if actor.body not in (provider_of(schedule), schedule.grant.consumer_id):
        provider, consumer = schedule.grant.mount.entry.body, schedule.grant.consumer
        who = f"{provider.short_name}或{consumer.short_name}经办人"
        raise NotYours("交换任务由提供部门或使用部门操作。", article="A13", who=who)
    return schedule


def provider_of(schedule: Schedule) -> int:
    return int(schedule.grant.mount.entry.body_id)


def may_operate(actor: Actor, schedule: Schedule) -> bool:
    """Whether to show the buttons; `own_schedule` and the action's seat decide."""
    return actor.has(Post.OPERATOR) and actor.body in (
        provider_of(schedule),
        schedule.grant.consumer_id,
    )


#: the tabs of the list
TABS = {
    "": "全部",
    "attention": "待处理",
    "retrying": "重试中",
    "late": "滞后",
    "paused": "已暂停",
    "well": "正常",
    "ended": "已终止",
}


def parts(begun: datetime | None = None) -> dict[str, Q]:
    """What each of `TABS` asks of an exchange. ``begun``: runs due before this moment should have
    begun by now."""
    goes_on = Q(ended_at=None, paused_at=None)
    late = Q(next_at__lt=begun or timezone.now() - ON_ITS_WAY)
    return {
        "attention": Q(ended_at=None, paused_at__isnull=False, paused_by=None),
        "retrying": goes_on & Q(failures__gt=0),
        "late": goes_on & Q(failures=0) & late,
        "paused": Q(ended_at=None, paused_at__isnull=False, paused_by__isnull=False),
        "well": goes_on & Q(failures=0) & ~late,
        "ended": Q(ended_at__isnull=False),
    }


#: how exchanges are listed: those that go on, then those that ended, the last one first
RUNNING_FIRST = ("is_ended", "-ended_at", "-pk")


def listed(actor: Actor, show: str = "") -> QuerySet[Schedule]:
    """For lists: each exchange with the key of its last run as ``last_run``, and ``is_ended``, 0 or
    1; ``show`` is a key of `TABS`."""
    last = Run.objects.filter(schedule=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    ended = CaseWhen(When(ended_at=None, then=0), default=1)
    rows = visible_to(actor).annotate(last_run=Subquery(last), is_ended=ended)
    rows = rows.order_by(*RUNNING_FIRST)
    return rows.filter(parts()[show]) if show in parts() else rows


BY_TAB = Statement(
    lambda actor, begun: summed(
        visible_to(actor),
        all=Count("pk"),
        **{key: Count("pk", filter=part) for key, part in parts(begun).items()},
    ),
    begun=datetime,
)


def counts(actor: Actor) -> dict[str, int]:
    """The number of exchanges on each tab."""
    [numbers] = BY_TAB(actor, begun=timezone.now() - ON_ITS_WAY) or [(0,) * len(TABS)]
    return dict(zip(("", *parts()), numbers, strict=True))


TONES = {
    "attention": Tone.DANGER,
    "retrying": Tone.WARNING,
    "late": Tone.WARNING,
    "paused": Tone.NEUTRAL,
    "well": Tone.SUCCESS,
}
#: what asks for somebody, and who that is
TROUBLES = {
    "attention": "自动重试已停止，请按交换页面的提示处理",
    "retrying": "平台正在自动重试，反复失败的会转为待处理",
    "late": "副本没有按更新周期送达，请查看执行记录",
}


def home_panels(actor: Actor) -> list[HomePanel]:
    """How the exchanges stand, and which need somebody."""
    if not actor.has(Post.OPERATOR, Post.MANAGER, Post.PLATFORM_OPERATOR):
        return []
    numbers = counts(actor)
    if not numbers[""]:
        return []
    url = {key: reverse("tables:exchanges", query={"show": key}) for key in TABS if key}
    points = [
        Point(TABS[key], numbers[key], url[key], tone)
        for key, tone in TONES.items()
        if numbers[key]
    ]
    troubles = [
        Link(f"{TABS[key]}的交换任务", url[key], numbers[key], note)
        for key, note in TROUBLES.items()
        if numbers[key]
    ]
    running = numbers[""] - numbers["ended"]
    return [
        HomePanel(
            "数据交换",
            30,
            [Figure("进行中的交换任务", running, "个", reverse("tables:exchanges"))],
            [Chart("交换任务的状态", points, "个")] if points else (),
            troubles=troubles,
        )
    ]


def target_words(schedule: Schedule) -> str:
    """The database and table where the rows arrive, in words."""
    grant = schedule.grant
    base = f"{grant.target.name} " if grant.target else ""
    return f"{base}{grant.target_table or grant.mount.table}"


def cycle_words(schedule: Schedule) -> str:
    return Cycle(schedule.cycle).label if schedule.cycle in set(Cycle) else ""


def runs_by_key(keys: list[int]) -> dict[int, Run]:
    return Run.objects.defer("log").in_bulk(keys)


def runs_of(schedule: Schedule) -> QuerySet[Run]:
    """All its runs, the last one first, each with its ``start``: when it began, or was ordered
    while it waits."""
    start = Coalesce("started_at", "queued_at")
    return schedule.runs.defer("log").annotate(start=start).order_by("-pk")


def runs_visible_to(actor: Actor) -> QuerySet[Run]:
    return Run.objects.filter(
        schedule__in=visible_to(actor).order_by().values("pk")
    ).select_related(*(f"schedule__{r}" for r in GRANT))


def runs_in_case(actor: Actor, case: Case, before: datetime | None, most: int) -> Iterator[Event]:
    """The latest runs under the grant of a case, for its record."""
    if (grant := case.facts.get("grant")) is None:
        return
    rows = (
        runs_visible_to(actor)
        .filter(schedule__grant=grant)
        .annotate(moment=Coalesce("ended_at", "queued_at"))
    )
    rows = rows.filter(moment__lt=before) if before is not None else rows
    for run in rows.order_by("-moment", "-pk")[:most]:
        delivered = run.state == RunState.DELIVERED
        yield Event(
            EventKind.DELIVERY,
            run.moment,
            f"数据交换：{RunState(run.state).label}",
            f"{run.rows} 行" if delivered else str(run.problem.get("cause", "")),
            state="stopped" if run.problem else "done",
            links=(("查看该次执行", reverse("tables:run", args=[run.pk])),),
        )


def delivered(actor: Actor, grant: int, reference: str) -> Delivered | None:
    """A run that delivered under a grant, by its key."""
    try:
        key = uuid.UUID(reference)
    except ValueError:
        return None
    rows = runs_visible_to(actor).filter(schedule__grant=grant, state=RunState.DELIVERED, key=key)
    run = rows.first()
    return deliverance(run) if run is not None else None


def deliverance(run: Run) -> Delivered:
    """A run as what it delivered."""
    grant = run.schedule.grant
    return Delivered("tables", grant.pk, grant.consumer_id, str(run.key), run.ended_at)


def run_for(actor: Actor, pk: int) -> Run:
    """One run. Raises `NotVisible`."""
    if (run := runs_visible_to(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该次执行")
    return run


@dataclass(frozen=True)
class Face:
    """The state of an exchange: a word and a colour."""

    word: str
    kind: str


def face(schedule: Schedule, last: Run | None, now: datetime) -> Face:
    if schedule.ended_at is not None:
        return Face("已终止", "neutral")
    if last is not None and last.active:
        return Face(RunState(last.state).label, KINDS[last.state])
    if schedule.paused_at is not None:
        return Face("已暂停", "neutral") if schedule.paused_by else Face("待处理", "danger")
    if schedule.failures:
        return Face("重试中", "warning")
    return Face("滞后", "warning") if late_by(schedule, now) else Face("正常", "success")


def late_by(schedule: Schedule, now: datetime) -> int:
    """Minutes by which the copy is behind its promised cycle; 0 = as promised."""
    if schedule.ended_at is not None or schedule.next_at is None:
        return 0
    return max(0, int((now - schedule.next_at).total_seconds() // 60))


# -- for the platform ------------------------------------------------------------------------------


def live_tables(now: datetime | None = None) -> dict[int, LiveGrant]:
    """Grants in force that deliver a table."""
    grants = access.live_grants(now, mode=Mode.TABLE)
    return {g.grant: g for g in grants if g.target is not None}


def is_live(grant: int) -> bool:
    return bool(access.live_grants(only=grant))


def cycles(grants: list[int]) -> dict[int, str]:
    """Grant → data cycle of its entry."""
    rows = access.grants_visible_to(organizations.platform()).filter(pk__in=grants)
    return {grant.pk: grant.mount.published.data_cycle for grant in rows}


def running_schedules() -> dict[int, Schedule]:
    """The schedules that have not ended, by grant."""
    return {s.grant_id: s for s in Schedule.objects.filter(ended_at=None)}


def due(now: datetime | None = None) -> list[Schedule]:
    """Schedules that are due and have no active run."""
    rows = Schedule.objects.filter(
        ended_at=None, paused_at=None, next_at__lte=now or timezone.now()
    )
    return list(rows.exclude(runs__state__in=ACTIVE).order_by("next_at"))


def active_run(schedule: Schedule) -> Run | None:
    return schedule.runs.filter(state__in=ACTIVE).first()


def cut_off(now: datetime | None = None) -> list[Run]:
    """Runs in progress without a worker: it was killed, or its machine was lost."""
    stale = Q(state=RunState.RUNNING) | Q(
        state=RunState.QUEUED, queued_at__lt=(now or timezone.now()) - STARTED_WITHIN
    )
    running = list(Run.objects.filter(stale).order_by("pk"))
    if not running:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT objid::bigint FROM pg_locks"
            " WHERE locktype = 'advisory' AND classid = %s AND objsubid = 2"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [LOCK],
        )
        locked = {row[0] for row in cursor.fetchall()}
    return [run for run in running if run.pk not in locked]


@contextmanager
def alone(run: int) -> Iterator[bool]:
    """Lock a run; False when another worker has the lock. It ends with the database session, so
    that a killed worker frees it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, run])
        locked = bool(cursor.fetchone()[0])
    try:
        yield locked
    finally:
        if locked:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, run])
