"""The catalog at a glance: how much there is by department, theme, industry and category (A20)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from huitong.catalog import queries
from huitong.catalog.queries.facets import Facet
from huitong.kernel.addresses import reverse
from huitong.kernel.requests import Request
from huitong.organizations import queries as organizations

#: what one browses by, and how a card of it is called
BY = {"theme": "按主题", "industry": "按行业", "category": "按资源分类"}


@require_safe
def overview(request: Request) -> HttpResponse:
    """Counts of what the reader may see, each with the list behind it."""
    matches = queries.search(request.actor)
    facets = {facet.name: facet for facet in matches.facets}
    return render(
        request,
        "catalog/overview.html",
        {
            "total": matches.count,
            "kinds": _by_kind(facets["body"]),
            "cards": [(label, _lines(facets[name])) for name, label in BY.items()],
            "crumbs": [("目录检索", reverse("catalog:browse")), ("分类浏览", "")],
        },
    )


def _lines(facet: Facet) -> list[dict[str, Any]]:
    return [
        {
            "label": value.label,
            "count": value.count,
            "url": reverse("catalog:browse", query={facet.name: value.value}),
        }
        for value in facet.values
    ]


def _by_kind(bodies: Facet) -> list[tuple[str, int, list[dict[str, Any]]]]:
    """Bodies that have something, kind by kind, with what there is of each kind."""
    kinds = organizations.kinds_of([int(value.value) for value in bodies.values])
    groups: dict[str, list[dict[str, Any]]] = {}
    for value, line in zip(bodies.values, _lines(bodies), strict=True):
        groups.setdefault(kinds[int(value.value)], []).append(line)
    return [(kind, sum(line["count"] for line in lines), lines) for kind, lines in groups.items()]
