"""One's own drafts of applications, beside the lists of applications."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from huitong.access.views.applying import CRUMB, DRAFTS, KIND
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.requests import Request
from huitong.kernel.workdays import today
from huitong.ui.lists import tabs
from huitong.work import queries as work
from huitong.work.rules import keeping


@require_safe
def drafts(request: Request) -> HttpResponse:
    """One's own drafts of applications, to be gone on with, deleted, brought back."""
    actor = request.actor
    context = {
        "tabs": tabs_of(actor, "drafts"),
        "drafts": work.drafts_of(actor, KIND),
        "deleted": work.deleted_drafts(actor, KIND),
        "keeping": keeping(today()),
        "back": DRAFTS,
        "may": actor.has(Post.OPERATOR),
        "crumbs": [CRUMB, ("草稿", "")],
    }
    return render(request, "access/drafts.html", context)


def tabs_of(actor: Actor, active: str) -> list[dict[str, Any]]:
    """The lists of applications this actor has, and their own drafts."""
    labels = {"mine": "本部门的申请", "asked": "申请本部门资源的"}
    labels |= {"all": "全部申请"} if actor.bureau else {}
    labels |= {"drafts": "我的草稿"} if actor.has(Post.OPERATOR) and actor.body else {}
    return tabs(reverse("access:applications"), labels, active, drafts=str(DRAFTS))
