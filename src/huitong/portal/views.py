"""Home, help, site map, accessibility statement, and the answer to "are you alive?"."""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huitong import __version__
from huitong.kernel import doing
from huitong.kernel.actor import Post
from huitong.kernel.manifest import home_panels
from huitong.kernel.requests import Request
from huitong.kernel.workdays import load_calendar
from huitong.portal.menus import menu_for
from huitong.work import queries as work

#: how many cases and notices the home page shows
SHORT = 6


@require_safe
def home(request: Request) -> HttpResponse:
    """Search, what waits for me, what I was told, figures, ways into the catalog."""
    actor = request.actor
    calendar = load_calendar()
    cases = [
        {
            "case": case,
            "kind": doing.procedure_of(case).label,
            "due": work.countdown(case, calendar),
        }
        for case in work.ordered(work.tab_cases(actor, work.Tab.WAITING), "")[:SHORT]
    ]
    context = {
        "cases": cases,
        "notices": work.notices_of(actor)[:SHORT],
        "panels": home_panels(actor),
        "openings": work.openings(actor)[:SHORT],
        "business": actor.has(Post.OPERATOR, Post.MANAGER),
    }
    return render(request, "portal/home.html", context)


@require_safe
def help_page(request: Request) -> HttpResponse:
    """How to find help; what each kind of case goes through, read from its table."""
    current = [next(iter(laws.values())) for laws in doing.PROCEDURES.values()]
    tables = [
        {
            "label": table.label,
            "steps": dict.fromkeys((row.label, row.who.label, row.article) for row in table.steps),
        }
        for table in current
    ]
    return render(
        request,
        "portal/help.html",
        {"tables": tables, "contact": settings.SITE_CONTACT, "crumbs": [("帮助", "")]},
    )


@require_safe
def sitemap(request: Request) -> HttpResponse:
    """All pages this person has."""
    return render(
        request,
        "portal/sitemap.html",
        {
            "sections": menu_for(request.actor, reverse("portal:sitemap")),
            "crumbs": [("站点地图", "")],
        },
    )


@require_safe
def accessibility(request: Request) -> HttpResponse:
    """What was done for people who see, hear or move differently, and whom to tell when it fails
    them."""
    return render(
        request,
        "portal/accessibility.html",
        {"contact": settings.SITE_CONTACT, "crumbs": [("无障碍说明", "")]},
    )


@never_cache
@require_safe
def healthz(request: Request) -> JsonResponse:
    """For supervisors and load balancers: 200 while requests can be served, else 503. Tells
    nothing of the inside."""
    parts = {"database": _answers()}
    well = all(parts.values())
    return JsonResponse(
        {"status": "ok" if well else "down", "version": __version__, "parts": parts},
        status=200 if well else 503,
    )


def _answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return MigrationRecorder(connection).has_table()
    except DatabaseError:
        return False
