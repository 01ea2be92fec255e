"""Pages of exchanges: the list, one exchange with its runs, one run while it goes on and after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from huitong.access import queries as access
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

HOME = ("交换监控", reverse_lazy("tables:exchanges"))
PAGE = 20
#: htmx stops asking at this status
DONE = 286


@dataclass(frozen=True)
class Row:
    """An exchange as a line of the list."""

    plan: Schedule
    face: Face
    last: Run | None
    late: str


@dataclass(frozen=True)
class RunRow:
    """A run as a line of a list."""

    run: Run
    state: str
    kind: str
    trigger: str
    took: str
    why: str


@require_GET
def exchanges(request: Request) -> HttpResponse:
    """All exchanges one may see; those that need somebody on a tab of their own."""
    actor, show = request.actor, request.GET.get("show", "")
    counts = queries.counts(actor)
    tabs = [
        {
            "label": label,
            "url": f"?show={key}" if key else "?",
            "count": counts[key],
            "active": key == show,
        }
        for key, label in queries.TABS.items()
    ]
    page = Paginator(queries.listed(actor, show), PAGE).get_page(request.GET.get("page"))
    last = queries.runs_by_key([s.last_run for s in page if s.last_run])
    now = timezone.now()
    rows = [
        Row(
            s,
            queries.face(s, last.get(s.last_run), now),
            last.get(s.last_run),
            late_words(queries.late_by(s, now)),
        )
        for s in page
    ]
    return render(
        request,
        "tables/exchanges.html",
        {"page": page, "rows": rows, "tabs": tabs, "crumbs": [(HOME[0], "")]},
    )


@require_GET
def exchange(request: Request, grant: int) -> HttpResponse:
    """One exchange: what is moved, how it stands, every run."""
    actor = request.actor
    plan, now = queries.schedule_for(actor, grant), timezone.now()
    page = Paginator(queries.runs_of(plan), PAGE).get_page(request.GET.get("page"))
    last = page.object_list[0] if page.number == 1 and page.object_list else None
    return render(
        request,
        "tables/exchange.html",
        {
            "plan": plan,
            "face": queries.face(plan, last, now),
            "late": late_words(queries.late_by(plan, now)),
            "page": page,
            "rows": [_run_row(run) for run in page],
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
            "crumbs": [
                HOME,
                (plan.grant.mount.entry.name, reverse("tables:exchange", args=[plan.grant_id])),
                (f"执行记录 {pk}", ""),
            ],
        },
    )


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
