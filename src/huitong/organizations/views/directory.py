"""The directory of bodies, for everybody who signs in."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from huitong.kernel.actor import Post
from huitong.kernel.addresses import reverse
from huitong.kernel.manifest import Place, panels
from huitong.kernel.requests import Request
from huitong.organizations import queries
from huitong.organizations.forms import BodyFilter
from huitong.organizations.views.columns import BODIES
from huitong.ui.lists import Listing, conditions


@require_safe
def bodies(request: Request) -> HttpResponseBase:
    """All bodies, by name, kind and division."""
    actor = request.actor
    form = BodyFilter(request.GET)
    admin = actor.has(Post.SYSTEM_ADMIN)
    lacking: set[int] = set()

    def drawn(page: list[Any]) -> list[Any]:
        if not lacking:
            lacking.update(queries.missing_task_forces().values_list("pk", flat=True))
        for row in page:
            row.lacks_force = row.pk in lacking
            own = "随上级" if row.parent_id else "已登记"
            row.force_words = "未登记" if row.lacks_force else own
        return page

    listing = Listing(
        request,
        BODIES if admin else BODIES.without("ops"),
        queries.search(actor, **conditions(form)),
        form=form,
        draw=drawn,
    )
    in_menu = "机构" if request.path == reverse("organizations:sys_bodies") else "机构名录"
    context = {"admin": admin, "title": in_menu, "crumbs": [(in_menu, "")]}
    return listing.answer("organizations/bodies.html", context)


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
            "lacks_task_force": queries.lacks_task_force(row.pk),
            "successions": row.successions.select_related("successor"),
            "inheritances": row.inheritances.select_related("predecessor"),
            "people": (
                queries.postings_visible_to(actor).filter(body=row).order_by("post", "pk")
                if own or actor.bureau
                else None
            ),
            "panels": panels(Place.BODY, actor, row),
            "crumbs": [("机构名录", reverse("organizations:bodies")), (row.short_name, "")],
        },
    )
