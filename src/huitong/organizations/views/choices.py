"""Whom an act can be about, where that is more than a page holds."""

from __future__ import annotations

from django.http import JsonResponse
from django.views.decorators.http import require_safe

from huitong.kernel.actor import Post
from huitong.kernel.requests import Request
from huitong.organizations import queries
from huitong.organizations.views.administration import only
from huitong.ui.rules import question

#: longer questions are cut
LONGEST = 60


@require_safe
def find_accounts(request: Request) -> JsonResponse:
    """The first active accounts that ``?q=`` means, as JSON, for who appoints them."""
    actor = only(request, Post.SECURITY_ADMIN)
    words = question(request.GET.get("q", "")[:LONGEST])
    hits = queries.find_accounts(actor, words) if words else []
    return JsonResponse({"choices": [{"value": str(v), "label": label} for v, label in hits]})
