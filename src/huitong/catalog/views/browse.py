"""Finding entries and reading one (A20). The state of a search lies in its address; every page
is there as JSON too."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from huitong.catalog import queries
from huitong.catalog.models import Entry, Version
from huitong.catalog.queries import Filters
from huitong.catalog.queries.search import SORTS, Facet
from huitong.catalog.rules import (
    EntryState,
    ShareClass,
    ShareMode,
    conditions,
    label_of,
    sections,
    words,
)
from huitong.catalog.rules.finding import LONGEST_QUESTION
from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.manifest import Place, panels
from huitong.kernel.requests import Request
from huitong.kernel.workdays import day_of
from huitong.ui.rules import cell

PAGE = 20
FIRST = 12  # values of a facet shown at once
MOST_EXPORTED = 20_000
#: how a share class looks in lists
TONES = {
    ShareClass.UNCONDITIONAL: "success",
    ShareClass.CONDITIONAL: "warning",
    ShareClass.NOT_SHARED: "danger",
}
COLUMNS = (
    "资源代码",
    "资源名称",
    "提供部门",
    "信息系统",
    "资源摘要",
    "资源分类",
    "共享类型",
    "共享方式",
    "更新周期",
    "发布日期",
)


@require_safe
def browse(request: Request) -> HttpResponse:
    """The search page: words, facets with counts at the left, results; CSV and JSON of the same
    search."""
    actor = request.actor
    q = request.GET.get("q", "").strip()[:LONGEST_QUESTION]
    chosen = Filters.from_query(request.GET.getlist)
    if (export := request.GET.get("format_as")) in EXPORTS:
        return EXPORTS[export](
            queries.search(actor, q, chosen, facets=False).entries[:MOST_EXPORTED]
        )
    matches = queries.search(actor, q, chosen)
    page = Paginator(matches, PAGE).get_page(request.GET.get("page"))
    facets = [_facet(request.GET, f) for f in matches.facets]
    cut = f"（前 {MOST_EXPORTED} 项）" if page.paginator.count > MOST_EXPORTED else ""
    context = {
        "q": q,
        "page": page,
        "rows": [_row(e) for e in page],
        "facets": facets,
        "any_chosen": any(v.chosen for f in matches.facets for v in f.values),
        "sorts": [
            {
                "value": k,
                "label": label,
                "active": chosen.sort == k,
                "url": _with(request.GET, sort=k),
            }
            for k, (label, _) in SORTS.items()
        ],
        "kept": [
            (k, v)
            for k in request.GET
            if k not in ("q", "page", "format_as")
            for v in request.GET.getlist(k)
        ],
        "exports": [(kind.upper() + cut, _with(request.GET, format_as=kind)) for kind in EXPORTS],
        "crumbs": [("目录检索", "")],
    }
    return render(request, "catalog/browse.html", context)


def _facet(query: QueryDict, facet: Facet) -> dict[str, Any]:
    """Its first values and what was chosen; the rest is folded away, but can be reached."""
    values = [
        {
            "label": v.label,
            "count": v.count,
            "chosen": v.chosen,
            "url": _toggled(query, facet.name, v.value),
        }
        for v in facet.values
    ]
    first = [value for n, value in enumerate(values) if n < FIRST or value["chosen"]]
    return {
        "label": facet.label,
        "values": values,
        "first": first,
        "rest": [value for value in values if value not in first],
    }


def _row(entry: Entry) -> dict[str, Any]:
    version = entry.text
    return {
        "entry": entry,
        "version": version,
        "tone": TONES.get(ShareClass(version.share_class), "neutral"),
        "modes": _modes(version),
    }


def _modes(version: Version) -> str:
    return "、".join(ShareMode(m).label for m in version.share_modes)


def _toggled(query: QueryDict, name: str, value: str) -> str:
    """The address of the same search with this value chosen, or no longer."""
    changed = query.copy()
    values = changed.getlist(name)
    changed.setlist(
        name, [v for v in values if v != value] if value in values else [*values, value]
    )
    changed.pop("page", None)
    return "?" + changed.urlencode()


def _with(query: QueryDict, **more: str) -> str:
    changed = query.copy()
    changed.pop("page", None)
    for name, value in more.items():
        changed[name] = value
    return "?" + changed.urlencode()


# -- exports ---------------------------------------------------------------------------------------


def _cells(entry: Entry) -> tuple[str, ...]:
    version = entry.text
    return (
        entry.code or "",
        version.name,
        entry.body.short_name,
        version.system.name if version.system else "",
        version.summary,
        version.get_category_display(),
        version.get_share_class_display(),
        _modes(version),
        version.get_data_cycle_display(),
        day_of(version.published_at).isoformat() if version.published_at else "",
    )


def _csv(entries: Any) -> HttpResponse:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([cell(text) for text in _cells(e)] for e in entries)
    response = HttpResponse("﻿" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = "attachment; filename=catalog.csv"
    return response


def _json(entries: Any) -> HttpResponse:
    rows = [
        dict(zip(COLUMNS, _cells(e), strict=True))
        | {"id": e.pk, "url": reverse("catalog:entry", args=[e.pk])}
        for e in entries
    ]
    return JsonResponse(rows, safe=False, json_dumps_params={"ensure_ascii": False})


EXPORTS = {"csv": _csv, "json": _json}


# -- one entry -------------------------------------------------------------------------------------


@require_safe
def entry_page(request: Request, pk: int) -> HttpResponse:
    """One entry: description, conditions in words, items, grounds, whom to ask, how to apply."""
    actor = request.actor
    entry = queries.entry_for(actor, pk)
    version = entry.text
    facts = queries.facts_of(version)
    own = entry.body_id == actor.body
    context = {
        "entry": entry,
        "version": version,
        "facts": facts,
        "tone": TONES.get(facts.share_class, "neutral"),
        "conditions": conditions(facts),
        "more": [
            (label, text)
            for _, rows in sections(facts)
            for field, label, text in rows
            if field not in LATER and text
        ],
        "outline": [(label_of(n), words(facts, n)) for n in OUTLINE if words(facts, n)],
        "own": own,
        "apply": _apply(actor, entry),
        "state": version.state,
        "published": entry.is_published,
        "panels": panels(Place.ENTRY, actor, entry),
        "to_publish": version.state == EntryState.TO_PUBLISH and _may(actor, version, "publish"),
        "seen": own or actor.bureau,
        "crumbs": [("目录检索", reverse("catalog:browse")), (entry.name, "")],
    }
    return render(request, "catalog/entry.html", context)


#: shown in places of their own on the entry page
OUTLINE = ("share_class", "share_modes", "data_cycle", "format", "system", "themes", "open_class")
LATER = {
    "name",
    "items",
    "summary",
    "grounds",
    "contact_office",
    "contact_name",
    "contact_phone",
    "condition",
    "shapes",
    "named_bodies",
    *OUTLINE,
}


@require_safe
def entry_json(request: Request, pk: int) -> HttpResponse:
    """The same as data."""
    actor = request.actor
    return JsonResponse(
        queries.whole(queries.entry_for(actor, pk)), json_dumps_params={"ensure_ascii": False}
    )


@require_safe
def by_code(request: Request, code: str) -> HttpResponse:
    """The permanent address of a resource: its code."""
    return redirect("catalog:entry", queries.entry_by_code(request.actor, code).pk)


def _may(actor: Actor, version: Version, verb: str) -> bool:
    return any(row.verb == verb for row, _ in doing.open_to(actor, version.case))


def _apply(actor: Actor, entry: Entry) -> dict[str, str]:
    """What the apply button leads to, or why there is none."""
    if (version := entry.current) is None:
        return {"why": "尚未发布。"}
    if version.share_class == ShareClass.NOT_SHARED:
        return {"why": "不予共享。"}
    if entry.body_id == actor.body:
        return {"why": "这是本部门的资源。"}
    if actor.body is None or not queries.admits(entry, actor.body):
        return {"why": "仅提供给指定部门，本部门不在其中。"}
    direct = version.share_class == ShareClass.UNCONDITIONAL and not version.control_parameters
    return {
        "url": reverse("access:begin", query={"r": entry.pk}),
        "hint": (
            "市大数据管理局受理后由平台授权。"
            if direct
            else "市大数据管理局受理后由提供部门审核授权。"
        ),
    }
