"""Pages of exchanges: the list, one exchange with its runs, one run while it goes on and after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from huitong.access import queries as access
from huitong.kernel.actor import Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.manifest import Panel, Place, panels
from huitong.kernel.procedure import Malformed
from huitong.kernel.requests import Request
from huitong.planes.tables import actions, queries
from huitong.planes.tables.models import Run, Schedule
from huitong.planes.tables.queries import Face
from huitong.planes.tables.rules import (
    KINDS,
    STAGES,
    RunState,
    Trigger,
    late_words,
    problem_words,
    take_words,
    volume_words,
)
from huitong.ui.lists import Column, List, Listing

HOME = ("交换监控", reverse_lazy("tables:exchanges"))
#: htmx stops asking at this status
DONE = 286


@dataclass(frozen=True)
class Row:
    """An exchange as a line of the list."""

    plan: Schedule
    face: Face
    last: Run | None
    late: str

    @property
    def delivered_rows(self) -> int | None:
        """The number of rows the last run delivered; None when it delivered none."""
        delivered = self.last is not None and self.last.state == RunState.DELIVERED
        return self.last.rows if delivered and self.last else None


@dataclass(frozen=True)
class RunRow:
    """A run as a line of a list."""

    run: Run
    state: str
    kind: str
    trigger: str
    took: str
    why: str

    @property
    def began_at(self) -> datetime:
        return self.run.started_at or self.run.queued_at

    @property
    def counts(self) -> Run | None:
        """The run whose figures count; None unless it delivered."""
        return self.run if self.run.state == RunState.DELIVERED else None


EXCHANGES = List(
    "tables.exchanges",
    "库表交换任务",
    (
        Column("name", "资源", "plan.grant.mount.entry.name", fixed=True),
        Column("number", "授权编号", "plan.grant.case.number", files_only=True),
        Column(
            "provider",
            "提供部门",
            "plan.grant.mount.entry.body.short_name",
            sort=("grant__mount__entry__body__short_name",),
        ),
        Column(
            "consumer",
            "使用部门",
            "plan.grant.consumer.short_name",
            sort=("grant__consumer__short_name",),
        ),
        Column("target", "目标库表", lambda row: queries.target_words(row.plan)),
        Column("state", "状态", "face.word", fixed=True),
        Column("delivered", "上次送达", "plan.delivered_at", sort=("delivered_at",)),
        Column("rows", "行数", "delivered_rows", num=True),
        Column("late", "滞后"),
        Column("next", "下次执行", "plan.next_at", sort=("next_at",)),
        Column("ops", "操作", css="ops", page_only=True),
    ),
    order=queries.RUNNING_FIRST,
    filled=("is_ended",),
    keep=("show",),
    unit="项",
    numbered=True,
    row_key="plan.pk",
    empty=("没有交换任务", "库表方式的授权生效后，平台自动安排交换"),
)
RUNS = List(
    "tables.runs",
    "历次执行",
    (
        Column("pk", "编号", "run.pk", css="no", fixed=True),
        Column("at", "开始时间", "began_at", sort=("start",), fixed=True),
        Column("trigger", "原因"),
        Column("state", "结果", fixed=True),
        Column("why", "说明", files_only=True),
        Column("rows", "行数", "counts.rows", num=True),
        Column("inserted", "新增", "counts.inserted", num=True),
        Column("updated", "更新", "counts.updated", num=True),
        Column("deleted", "删除", "counts.deleted", num=True),
        Column("took", "用时", num=True),
        Column("ops", "操作", css="ops", page_only=True),
    ),
    unit="次",
    filled=("start",),
    row_key="run.pk",
    empty=("还没有执行过", "授权生效后自动执行第一次"),
)


@require_GET
def exchanges(request: Request) -> HttpResponseBase:
    """All exchanges one may see; those that need somebody on a tab of their own."""
    actor, show = request.actor, request.GET.get("show", "")
    counts, now = queries.counts(actor), timezone.now()

    def drawn(page: list[Schedule]) -> list[Row]:
        last = queries.runs_by_key([s.last_run for s in page if s.last_run])
        return [
            Row(
                s,
                queries.face(s, last.get(s.last_run), now),
                last.get(s.last_run),
                late_words(queries.late_by(s, now)),
            )
            for s in page
        ]

    listing = Listing(request, EXCHANGES, queries.listed(actor, show), draw=drawn)
    tabs = [
        {"label": label, "url": listing.only(show=key), "count": counts[key], "active": key == show}
        for key, label in queries.TABS.items()
    ]
    context = {"tabs": tabs, "crumbs": [(HOME[0], "")]}
    return listing.answer("tables/exchanges.html", context)


@require_GET
def exchange(request: Request, grant: int) -> HttpResponseBase:
    """One exchange: what is moved, how it stands, every run."""
    actor = request.actor
    plan, now = queries.schedule_for(actor, grant), timezone.now()
    runs = queries.runs_of(plan)
    listing = Listing(request, RUNS, runs, draw=lambda page: [_run_row(run) for run in page])
    last = runs.first()
    return listing.answer(
        "tables/exchange.html",
        {
            "plan": plan,
            "face": queries.face(plan, last, now),
            "late": late_words(queries.late_by(plan, now)),
            "cycle": queries.cycle_words(plan),
            "scope": access.scope_words(plan.grant.scope),
            "may": queries.may_operate(actor, plan),
            "busy": last is not None and last.active,
            "crumbs": [HOME, (plan.grant.mount.entry.name, "")],
        },
    )


@require_GET
def run(request: Request, pk: int) -> HttpResponse:
    """One run: progress, log, counts and checksums of both sides, or why it failed and who must
    do what."""
    actor = request.actor
    row = queries.run_for(actor, pk)
    plan = row.schedule
    return render(
        request,
        "tables/run.html",
        {
            "run": row,
            "plan": plan,
            "row": _run_row(row),
            "progress": _progress(row),
            "poll": reverse("tables:progress", args=[pk]),
            "log": [(datetime.fromisoformat(at), words) for at, words in row.log],
            "may": queries.may_operate(actor, plan),
            "provider": actor.body == queries.provider_of(plan),
            "delivered": row.state == RunState.DELIVERED,
            "panels": _panels(actor, row),
            "crumbs": [
                HOME,
                (plan.grant.mount.entry.name, reverse("tables:exchange", args=[plan.grant_id])),
                (f"执行记录 {pk}", ""),
            ],
        },
    )


def _panels(actor: Actor, row: Run) -> list[Panel]:
    """What other rooms show beside a run that delivered."""
    delivered = row.state == RunState.DELIVERED
    return panels(Place.DELIVERY, actor, queries.deliverance(row)) if delivered else []


@require_GET
def progress(request: Request, pk: int) -> HttpResponse:
    """The progress line alone, asked every two seconds; 286 and a fresh page when the run is
    over."""
    row = queries.run_for(request.actor, pk)
    poll = reverse("tables:progress", args=[pk]) if row.active else ""
    answer = render(request, "tables/_progress.html", {"progress": _progress(row), "poll": poll})
    if not row.active:
        answer.status_code = DONE
        answer.headers["HX-Refresh"] = "true"
    return answer


@require_POST
def run_now(request: Request, grant: int) -> HttpResponse:
    row = actions.run_now(
        request.actor, grant=grant, confirm_fall=request.POST.get("confirm_fall") == "yes"
    )
    return redirect("tables:run", row.pk)


@require_POST
def pause(request: Request, grant: int) -> HttpResponse:
    if not (reasons := request.POST.get("reasons", "").strip()):
        raise Malformed({"reasons": "请写明暂停的原因"}, article="A13")
    actions.pause(request.actor, grant=grant, reasons=reasons)
    messages.success(request, "已暂停：恢复之前不再自动执行。")
    return redirect("tables:exchange", grant)


@require_POST
def resume(request: Request, grant: int) -> HttpResponse:
    actions.resume(request.actor, grant=grant)
    messages.success(request, "已恢复：即将执行一次。")
    return redirect("tables:exchange", grant)


def _run_row(run: Run) -> RunRow:
    state = RunState(run.state)
    return RunRow(
        run,
        state.label,
        KINDS[state],
        Trigger(run.trigger).label,
        take_words(run.started_at, run.ended_at),
        problem_words(run.problem) if run.problem else "",
    )


def _progress(run: Run) -> dict[str, Any]:
    """Where the run is: its stage of four, and what has passed so far."""
    stages = list(STAGES)
    at = stages.index(run.stage) if run.stage in stages else 0
    if not run.active:
        return {"value": len(stages), "max": len(stages), "words": RunState(run.state).label}
    if run.state == RunState.QUEUED:
        return {"value": 0, "max": len(stages), "words": "等待执行"}
    moved = f"，已传输 {volume_words(run.bytes)}" if run.bytes else ""
    return {"value": at + 0.5, "max": len(stages), "words": f"{STAGES[stages[at]]}{moved}"}
