"""What a parameter of a verb can be chosen from, where that is more than a page holds."""

from __future__ import annotations

from django.http import JsonResponse
from django.views.decorators.http import require_safe

from huitong.kernel import doing
from huitong.kernel.procedure import NotVisible
from huitong.kernel.requests import Request
from huitong.ui.rules import is_key, question
from huitong.ui.selectors import HITS
from huitong.work import queries
from huitong.work.rules import Find, shape_of

#: longer questions are cut
LONGEST = 60


@require_safe
def choices(request: Request, verb: str, name: str) -> JsonResponse:
    """The first hits of ``?q=`` among what this actor may choose, as JSON; ``?case=`` names the
    case the act is about. Raises `NotVisible`."""
    given = doing.VERBS[verb].given.model_fields if verb in doing.VERBS else {}
    find = shape_of(given[name]).mark(Find) if name in given else None
    if find is None or not request.actor.person:
        raise NotVisible("该列表")
    key = request.GET.get("case", "")
    case = queries.case_for(request.actor, int(key)) if is_key(key) else None
    words = question(request.GET.get("q", "")[:LONGEST])
    hits = find.search(request.actor, case, words)[:HITS] if words else []
    return JsonResponse({"choices": [{"value": str(v), "label": label} for v, label in hits]})
