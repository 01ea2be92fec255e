"""The directory of bodies, for everybody who signs in."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from huitong.kernel.actor import Post
from huitong.kernel.requests import Request
from huitong.organizations import queries
from huitong.organizations.forms import BodyFilter

PER_PAGE = 50


def paged(request: Request, rows: Any, size: int = PER_PAGE) -> Any:
    return Paginator(rows, size).get_page(request.GET.get("page"))


@require_safe
def bodies(request: Request) -> HttpResponse:
    """All bodies, by name, kind and division."""
    actor = request.actor
    filter_ = BodyFilter(request.GET)
    filters = {name: request.GET.get(name, "") for name in ("q", "kind", "division")}
    rows = queries.search(actor, **filters).order_by("division_code", "pk")
    return render(
        request,
        "organizations/bodies.html",
        {
            "filter": filter_,
            "page": paged(request, rows),
            "admin": actor.has(Post.SYSTEM_ADMIN),
            "crumbs": [("机构", "")],
            "lacking": set(queries.missing_task_forces().values_list("pk", flat=True)),
        },
    )


@require_safe
def body(request: Request, pk: int) -> HttpResponse:
    """One body: who it is, its task force, what it does, what lies below it, who it followed."""
    actor = request.actor
    row = queries.body_for(actor, pk)
    own = actor.body == row.pk
    return render(
        request,
        "organizations/body.html",
        {
            "body": row,
            "task_force": getattr(row, "task_force", None),
            "own": own,
            "admin": actor.has(Post.SYSTEM_ADMIN),
            "keeps": own and actor.has(Post.OPERATOR, Post.MANAGER),
            "units": queries.subordinates(row.pk),
            "duties": queries.with_matters(
                queries.duties_visible_to(actor).filter(body=row), actor
            ),
            "lacks_task_force": (
                row.valid_to is None and queries.missing_task_forces().filter(pk=row.pk).exists()
            ),
            "successions": row.successions.select_related("successor"),
            "inheritances": row.inheritances.select_related("predecessor"),
            "people": (
                queries.postings_visible_to(actor).filter(body=row).order_by("post", "pk")
                if own or actor.bureau
                else None
            ),
            "crumbs": [("机构", reverse("organizations:bodies")), (row.short_name, "")],
        },
    )
