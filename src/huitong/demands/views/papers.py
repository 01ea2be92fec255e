"""A demand's paper: its print, the stamped scan beside the data; and the way on from its answer to
an application (A24, A25)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huitong.access.actions.drafting import begin_draft
from huitong.demands import queries
from huitong.demands.views.lists import CRUMB
from huitong.demands.views.writing import STEPS
from huitong.kernel.addresses import reverse
from huitong.kernel.procedure import NotVisible
from huitong.kernel.requests import Request
from huitong.ui.rules import is_key
from huitong.work.forms import VerbForm
from huitong.work.forms.stamped import print_answer, scan_page, scan_shown


@require_safe
def page(request: Request, pk: int) -> HttpResponse:
    """Where the code on a print leads: the page of its case; to a body that has a part of it, that
    of its part."""
    rows = queries.visible_to(request.actor)
    part = rows.filter(whole=pk, provider=request.actor.body)
    demand = part.order_by("pk").first() or queries.demand_for(request.actor, pk)
    return redirect(demand.get_absolute_url())


@require_safe
def pdf(request: Request, pk: int) -> HttpResponse:
    """The form as last printed."""
    demand = queries.demand_for(request.actor, pk)
    return print_answer(demand.number or "", demand.version, queries.printed_matter(demand))


@require_http_methods(["GET", "HEAD", "POST"])
def scan(request: Request, pk: int) -> HttpResponse:
    """Upload the stamped scan, what the form says beside it."""
    demand = queries.own_demand(request.actor, pk)
    form = VerbForm(
        "demand.seal", request, case=demand.case, initial={"archive_number": demand.archive_number}
    )
    form.check_open()
    if request.method == "POST" and form.perform() is not None:
        return redirect("work:case", demand.case_id)
    context = {
        "form": form,
        "demand": demand,
        "content": queries.content_of(demand),
        "scan": scan_shown(demand, reverse("demands:scan_file", args=[pk])),
        "outdated": queries.print_fault(demand) is not None,
        "steps": STEPS,
        "crumbs": [CRUMB, (demand.number or "", demand.get_absolute_url()), ("上传盖章件", "")],
    }
    return render(request, "demands/scan.html", context, status=form.status)


scan_file = scan_page(queries.demand_for)


@require_POST
def apply(request: Request, pk: int) -> HttpResponse:
    """Begin an application for what answered a demand: duty, matter and purpose are filled in."""
    actor, key = request.actor, request.POST.get("mount", "")
    demand = queries.own_demand(actor, pk)
    if not is_key(key) or int(key) not in dict(queries.ways_to_apply(actor, demand)):
        raise NotVisible("该挂接资源")
    filled_in = {name: str(value) for name, value in queries.filled_in(demand).items()}
    return redirect(begin_draft(actor, mount=int(key), answers=filled_in))
