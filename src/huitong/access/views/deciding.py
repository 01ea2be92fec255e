"""Acceptance, and the decision: the form beside its scan, asked against granted, a simulation,
then yes, in part, or no with reasons (A22, A23)."""

from __future__ import annotations

import uuid
from copy import copy
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from huitong.access import queries
from huitong.access.forms import ScopeForm
from huitong.access.models import Application
from huitong.access.views.applying import CRUMB
from huitong.access.views.papers import scan_of
from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.procedure import Malformed, Problem
from huitong.kernel.requests import Request
from huitong.kernel.workdays import load_calendar, today
from huitong.publishing.rules import Mode
from huitong.scope import from_json
from huitong.work import queries as work
from huitong.work.forms import ONCE, VerbForm, confirming, undoing
from huitong.work.forms.confirming import went_back

#: what is often said of a decision, one press each
PHRASES = ("同意。", "范围与履职需要相符，同意。", "请严格按授权用途使用。")


@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: Request, pk: int) -> HttpResponse:
    """Acceptance: the stamped scan beside the data, and the checklist of what was looked at
    (A20, A21)."""
    actor = request.actor
    application = queries.application_for(actor, pk)
    form = VerbForm("application.accept", request, case=application.case)
    if request.method == "POST":
        if (confirmation := form.ask()) is not None:
            return confirmation
        if done := form.perform():
            undoing.offer(request, done, "已受理。")
            return redirect("work:case", application.case_id)
    if request.method != "POST":
        form.check_open()
    context = {
        "application": application,
        "paper": application.form,
        "content": queries.content_of(application.form),
        "handling": queries.handling_of(application.form, queries.personal_of([application])),
        "form": form,
        "standing": "".join((queries.standing_of(application) or ())[::2]),
        "scan": scan_of(application.form),
        "due": work.countdown(application.case, load_calendar()),
        "returnable": any(
            row.verb == "return_for_completion" for row, _ in doing.open_to(actor, application.case)
        ),
        "crumbs": [
            CRUMB,
            (application.case.number or "", reverse("work:case", args=[application.case_id])),
            ("受理", ""),
        ],
    }
    return render(request, "access/accept.html", context, status=form.status)


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: Request, pk: int) -> HttpResponse:
    """The deciding page. Buttons: 模拟 looks, 同意授权 and 不予授权 decide. What is posted is done
    first: the page is drawn only for who stays on it."""
    actor = request.actor
    application = queries.application_for(actor, pk)
    act = request.POST.get("_act", "") if request.method == "POST" else ""
    if act == "refuse":
        refusal = _refusal(request, application)
        if (confirmation := refusal.ask()) is not None:
            return confirmation
        if refusal.perform():
            return redirect("work:case", application.case_id)
        return _page(
            request,
            application,
            _scope(application),
            refusal,
            judged=refusal,
            status=refusal.status,
        )
    sent = act in ("simulate", "grant") or "rows" in request.POST
    scope = _scope(application, request.POST if sent else None)
    if scope.reshaped:
        refusal = _refusal(_as_get(request), application)
        return _page(request, application, scope, refusal, judged=scope, status=200)
    back = went_back(request)
    if act == "grant" and not back and (answer := _granted(request, actor, application, scope)):
        return answer
    sample = _simulated(actor, application.pk, scope) if act == "simulate" else None
    refusal = _refusal(_as_get(request), application)
    status = 422 if act and sample is None and not back else 200
    return _page(request, application, scope, refusal, judged=scope, sample=sample, status=status)


def _scope(application: Application, sent: Any = None) -> ScopeForm:
    form = application.form
    return ScopeForm(
        from_json(application.scope),
        queries.allowed_of(application),
        list(queries.columns_of(application)),
        application.mount.mode,
        work.grounds_to_choose("application.grant", application.case),
        sent,
        initial={
            "valid_from": max(today(), form.period_from),
            "valid_to": form.period_to,
            ONCE: uuid.uuid4().hex,
        },
    )


def _refusal(request: Request, application: Application) -> VerbForm:
    return VerbForm("application.refuse", request, case=application.case, auto_id="refuse_%s")


def _page(
    request: Request,
    application: Application,
    scope: ScopeForm,
    refusal: VerbForm,
    *,
    judged: ScopeForm | VerbForm,
    sample: dict[str, Any] | None = None,
    status: int,
) -> HttpResponse:
    """Draw the page with both answers; the faults of ``judged`` are summed up at its head."""
    base, seat = queries.base_of(application), queries.deciding_seat(request.actor, application)
    context = {
        "application": application,
        "paper": application.form,
        "handling": queries.handling_of(application.form, queries.personal_of([application])),
        "mode": Mode(application.mount.mode).label,
        "columns": (*queries.COLUMNS, "脱敏") if seat else queries.COLUMNS[:2],
        "lines": [] if seat else queries.compared(application),
        "rows": queries.row_words(application),
        "unasked": [item for item in base.items if item not in scope.original.items],
        "gone": [item for item in scope.original.items if item not in base.items],
        "phrases": PHRASES,
        "form": judged,
        "scope": scope,
        "refusal": refusal,
        "standing": "".join((queries.standing_of(application) or ())[::2]),
        "scan": scan_of(application.form),
        "may": seat,
        "seen": sample,
        "lacking": [item for item in scope.requested.items if item not in scope.columns],
        "due": work.countdown(application.case, load_calendar()),
        "once": scope.initial[ONCE],
        "crumbs": [
            CRUMB,
            (application.case.number or "", reverse("work:case", args=[application.case_id])),
            ("审核", ""),
        ],
    }
    return render(request, "access/decide.html", context, status=status)


def _simulated(actor: Actor, application: int, scope: ScopeForm) -> dict[str, Any] | None:
    if not scope.is_valid():
        return None
    try:
        return doing.perform(
            actor, "access.simulate", {"application": application} | scope.scope()
        ).result
    except Malformed as wrong:
        scope.refuse(wrong.fields)
    except Problem as wrong:
        if wrong.status != 409:
            raise
        scope.add_error(None, wrong.detail + wrong.remedy)
    return None


def _granted(
    request: Request, actor: Actor, application: Application, scope: ScopeForm
) -> HttpResponse | None:
    """Asks for confirmation, then grants; None when the form says what stands against it."""
    if not scope.is_valid():
        return None
    once = request.POST.get(ONCE, "")[:60]
    try:
        if confirmation := confirming.ask(
            request,
            "application.grant",
            scope.given(),
            case=application.case,
            answers=scope.answers(),
        ):
            return confirmation
        done = doing.perform(
            actor,
            "application.grant",
            scope.given(),
            case=application.case_id,
            request_key=f"form:{once}" if once else "",
        )
    except Malformed as wrong:
        scope.refuse(wrong.fields)
        return None
    part = done.case is not None and done.case.facts.get("partly")
    messages.success(request, f"已{'部分' if part else ''}同意授权，使用部门已收到通知。")
    return redirect("work:case", application.case_id)


def _as_get(request: Request) -> Any:
    """The same request for drawing a form nobody sent: one page carries two forms."""
    quiet = copy(request)
    quiet.method = "GET"
    return quiet
