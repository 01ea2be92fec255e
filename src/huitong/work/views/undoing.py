"""Undoing what one did a moment ago, by the button of the line over the page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from huitong.kernel import doing
from huitong.kernel.case import Case
from huitong.kernel.procedure import NotYours, Problem
from huitong.kernel.requests import Request
from huitong.ui.lists.bulk import MOST_AT_ONCE
from huitong.work.forms import undoing


@require_POST
def undo(request: Request) -> HttpResponse:
    """Undo these acts, each for itself, for several may have been done at once; then show the
    case, or the list they came from."""
    cases: list[Case | None] = []
    faults: list[str] = []
    over: list[str] = []
    for act in request.POST.getlist("act")[:MOST_AT_ONCE]:
        try:
            cases.append(doing.perform(request.actor, "work.undo", {"act": act}).result)
        except Problem as wrong:
            faults.append(f"{wrong.detail}{wrong.remedy}")
            if isinstance(wrong, NotYours):  # from where it was done it still can be
                continue
        over.append(act)
    undoing.withdraw(request, over)
    if cases:
        many = f"{len(cases)} 件" if len(cases) > 1 else ""
        messages.success(request, f"{many}已撤销，恢复到办理之前；没有通知任何人。")
    for fault in dict.fromkeys(faults):
        messages.error(request, fault)
    only = cases[0] if len(cases) == 1 else None
    return redirect("work:case", only.pk) if only is not None else redirect("work:todo")
