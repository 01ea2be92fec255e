"""From the to-do list straight to where a case is dealt with."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from huitong.kernel import doing
from huitong.kernel.addresses import reverse
from huitong.kernel.manifest import case_page
from huitong.kernel.requests import Request
from huitong.work import queries


@require_safe
def turn(request: Request, pk: int) -> HttpResponse:
    """Send this actor to the page of the step that is their duty now, where it has one of its
    own; else to the case."""
    actor = request.actor
    case = queries.case_for(actor, pk)
    facts = case_page(case.kind).facts
    pages = facts(actor, case).pages if facts is not None else {}
    duties = [row.verb for row, _ in doing.open_to(actor, case) if not row.optional]
    page = next((pages[verb] for verb in duties if pages.get(verb)), "")
    return redirect(page or reverse("work:case", args=[case.pk], fragment="decision"))
