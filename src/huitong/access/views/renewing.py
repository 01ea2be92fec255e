"""Applying again for a grant: what of it can still be had, and the form begun from it (A26)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from huitong.access import queries
from huitong.access.views.grants import CRUMB
from huitong.kernel.addresses import reverse
from huitong.kernel.requests import Request
from huitong.publishing.rules import Mode
from huitong.work.forms import VerbForm


@require_http_methods(["GET", "HEAD", "POST"])
def renew(request: Request, pk: int) -> HttpResponse:
    """The few questions of applying again, filled in from the grant; then the form as any other,
    to be changed, printed and stamped."""
    actor = request.actor
    grant = queries.own_grant(actor, pk)
    if (running := queries.asks_again(actor, grant)) is not None and running.case.is_open:
        return redirect("access:form", running.form_id)
    if (fault := queries.renewal_fault(actor, grant)) is not None:
        raise fault
    renewal = queries.renewal_of(actor, grant)
    questions = ["period_from", "period_to", "duty", "matter", "system"]
    questions += ["target"] if grant.mount.mode == Mode.TABLE else []
    initial = renewal.grounds | renewal.resource
    form = VerbForm(
        "access.renew",
        request,
        fixed={"grant": pk},
        only=questions,
        initial={name: initial[name] for name in questions if name in initial},
    )
    if request.method == "POST" and (done := form.perform()):
        messages.success(
            request, f"申请表 {done.entry.after['number']} 已按原授权填好，请核对后打印盖章。"
        )
        for words in renewal.lost:
            messages.warning(request, f"{words}。")
        return redirect("access:form", done.entry.after["form"])
    context = {
        "grant": grant,
        "form": form,
        "lost": renewal.lost,
        "items": renewal.resource.get("items", []),
        "mode": Mode(grant.mount.mode).label,
        "crumbs": [
            CRUMB,
            (grant.case.number or "", reverse("access:grant", args=[pk])),
            ("再次申请", ""),
        ],
    }
    return render(request, "access/renew.html", context, status=form.status)
