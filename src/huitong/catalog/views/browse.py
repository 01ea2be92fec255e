"""Finding entries and reading one (A20). The state of a search lies in its address; every page
is there as JSON too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from html import escape
from typing import Any

from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from huitong.catalog import actions, queries
from huitong.catalog.models import Entry, Item, Version
from huitong.catalog.queries import Filters
from huitong.catalog.queries.facets import FIRST as OPEN
from huitong.catalog.queries.facets import Facet, FacetValue
from huitong.catalog.queries.leads import led_by_provider
from huitong.catalog.queries.matching import Question
from huitong.catalog.queries.search import FILLED, SORTS, items_that_answer, order_of
from huitong.catalog.queries.suggesting import suggestions
from huitong.catalog.queries.terms import terms_of
from huitong.catalog.rules import (
    Category,
    Cycle,
    EntryFacts,
    EntryState,
    ShareClass,
    ShareMode,
    choices,
    conditions,
    label_of,
    sections,
    words,
)
from huitong.catalog.rules.finding import ITEMS_ASKED, LONGEST_QUESTION, asked_words
from huitong.catalog.rules.marking import beginning_at, pieces_of
from huitong.catalog.views.frame import may_update, may_update_for
from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.manifest import Place, panels
from huitong.kernel.requests import Request
from huitong.kernel.workdays import day_of
from huitong.ui.lists import Column, List, Listing
from huitong.ui.lists.files import FORMATS

FIRST = 12  # values of a facet shown at once
#: words of values, kept apart from the choices of a field, which Django reads anew for each row
SHARE_CLASSES, CYCLES = dict(choices(ShareClass)), dict(choices(Cycle))
CATEGORIES = dict(choices(Category))
SUMMARY = 140  # characters of a summary shown in a list
MOST_ITEMS = 6  # items shown of an entry that was searched for by its items
#: how a share class looks in lists
TONES = {
    ShareClass.UNCONDITIONAL: "success",
    ShareClass.CONDITIONAL: "warning",
    ShareClass.NOT_SHARED: "danger",
}
#: what files of the list say beside what the page shows
FILES_ONLY = ("provider_name", "provider_code", "unit", "keywords", "related_codes", "id", "url")
RESULTS = List(
    "catalog.browse",
    "资源目录",
    tuple(
        Column(key, label, value, fixed=True, files_only=key in FILES_ONLY)
        for key, label, value in (
            ("code", "资源代码", lambda row: row["entry"].code or ""),
            ("name", "资源名称", "version.name"),
            ("body", "提供部门", "entry.body.short_name"),
            ("system", "信息系统", "version.system.name"),
            ("summary", "资源摘要", "version.summary"),
            ("category", "资源分类", "category"),
            ("share_class", "共享类型", "share_class"),
            ("share_modes", "共享方式", "modes"),
            ("data_cycle", "更新周期", "cycle"),
            ("grants", "有效授权数", "entry.uses"),
            ("published", "发布日期", lambda row: _published_on(row["version"])),
            ("provider_name", "提供方名称", "entry.body.name"),
            ("provider_code", "提供方代码", "entry.body.credit_code"),
            ("unit", "所属下属单位", "entry.unit.name"),
            ("keywords", "关键词", lambda row: "、".join(row["version"].keywords)),
            ("related_codes", "关联资源代码", lambda row: "、".join(row["version"].related_codes)),
            ("id", "id", "entry.pk"),
            ("url", "url", lambda row: reverse("catalog:entry", args=[row["entry"].pk])),
        )
    ),
    unit="项",
    format_param="format_as",
    row_key="entry.pk",
    filled=FILLED,
    empty=("目录中还没有资源", "各部门的目录审核通过并发布后，列在这里。"),
)


@require_safe
def browse(request: Request) -> HttpResponseBase:
    """The search page: words, facets with counts at the left, results; files of the same search."""
    actor = request.actor
    q = request.GET.get("q", "").strip()[:LONGEST_QUESTION]
    if q and request.GET.get("in") == "items" and not asked_words(q)[0]:
        q = f"信息项：{q}"
    chosen = Filters.from_query(request.GET.getlist)
    page = request.GET.get(RESULTS.format_param) not in FORMATS
    matches = queries.search(actor, q, chosen, facets=page)
    listing = Listing(
        request,
        replace(RESULTS, order=order_of(chosen, q)),
        matches.source,
        draw=lambda entries: _rows(entries, matches.question),
        total=matches.tallied,
        more=[("包含", q, "q", request.GET["q"])] if q else (),
    )
    missed = page and bool(q) and replace(chosen, sort="") == Filters() and not listing.total
    likely = queries.likely(actor, q) if missed else ""
    if missed and not likely:
        actions.remember_missed(actor, q)
    context = {
        "q": q,
        "typed": ITEMS_ASKED.sub("", q),
        "of_items": matches.question.of_items,
        "facets": [_facet(listing, f) for f in matches.facets if f.values],
        "chips": [
            (f.label, v.label, listing.toggled(f.name, v.value))
            for f in matches.facets
            for v in f.values
            if v.chosen
        ],
        "sorts": [
            {"value": k, "label": label, "active": chosen.sort == k, "url": listing.url(sort=k)}
            for k, (label, *_) in SORTS.items()
        ],
        "likely": likely,
        # what is not there can be demanded by who writes for a body (A24)
        "demands": (
            reverse("demands:find", query={"q": q} if q else None)
            if actor.body is not None and actor.has(Post.OPERATOR)
            else ""
        ),
        "kept": [(name, value) for name, value in listing.hidden if name not in ("q", "in")],
        "crumbs": [("目录检索", "")],
    }
    return listing.answer("catalog/browse.html", context)


@require_safe
def suggest(request: Request) -> HttpResponse:
    """What somebody who types may be looking for, in the shape of the palette's answers."""
    kinds = suggestions(request.actor, request.GET.get("q", "")[:LONGEST_QUESTION])
    groups = [
        {"label": label, "items": [{"label": x.label, "url": x.url, "note": x.note} for x in links]}
        for label, links in kinds
    ]
    return JsonResponse({"groups": groups})


def _published_on(version: Version) -> date | None:
    return day_of(version.published_at) if version.published_at else None


def _facet(listing: Listing, facet: Facet) -> dict[str, Any]:
    """Its first values and what was chosen; the rest is folded away, but can be reached."""
    parts: tuple[list[Any], list[Any]] = ([], [])
    for n, v in enumerate(facet.values):
        parts[n >= FIRST and not v.chosen].append((v, listing.toggled(facet.name, v.value)))
    first, rest = map(_facet_links, parts)
    chosen = any(value.chosen for value in facet.values)
    return {
        "label": facet.label,
        "first": first,
        "rest": rest,
        "folded": len(parts[1]),
        "open": facet.name in OPEN or chosen,
    }


def _facet_links(values: Iterable[tuple[FacetValue, str]]) -> str:
    """Links that choose a value, or give it up. Written out here: a page has a hundred."""
    links = (
        f'<li><a href="{escape(url)}"{CHOSEN if v.chosen else ""}>'
        '<span class="box" aria-hidden="true"></span>'
        f'<span class="facet-label">{escape(v.label)}</span>{GIVES_UP if v.chosen else ""}'
        f'<span class="facet-count">{v.count}{UNIT}</span></a></li>'
        for v, url in values
    )
    return mark_safe("".join(links))  # noqa: S308 address and label are escaped


CHOSEN = ' class="chosen" aria-current="true"'
UNIT = '<span class="visually-hidden"> 项</span>'
GIVES_UP = '<span class="visually-hidden">（已选，点击取消）</span>'


def _rows(entries: Sequence[Entry], question: Question) -> list[dict[str, Any]]:
    """What is shown of each, with what was asked for marked, and the items asked for."""
    texts = question.texts
    items: dict[int, list[Item]] = {}
    if question.of_items:
        items = items_that_answer(question, [entry.text.pk for entry in entries])
    return [_row(entry, texts, items.get(entry.text.pk, [])) for entry in entries]


def _marked(text: str, texts: Sequence[str]) -> str:
    if not texts:
        return text
    parts = (
        f"<mark>{escape(piece.text)}</mark>" if piece.marked else escape(piece.text)
        for piece in pieces_of(text, texts)
    )
    return mark_safe("".join(parts))  # noqa: S308 every piece is escaped


def _row(entry: Entry, texts: Sequence[str], items: Sequence[Item]) -> dict[str, Any]:
    version = entry.text
    in_text = () if items else texts
    return {
        "name": _marked(version.name, in_text),
        "items": [
            {
                "name": _marked(item.name, texts),
                "column": _marked(item.column, texts),
                "type": item.get_type_display(),
                "share_class": SHARE_CLASSES.get(item.share_class, item.share_class),
            }
            for item in items[:MOST_ITEMS]
        ],
        "more_items": max(len(items) - MOST_ITEMS, 0),
        "entry": entry,
        "version": version,
        "share_class": SHARE_CLASSES.get(version.share_class, version.share_class),
        "tone": TONES.get(version.share_class, "neutral"),
        "summary": _marked(beginning_at(version.summary, in_text, SUMMARY), in_text),
        "cycle": CYCLES.get(version.data_cycle, version.data_cycle),
        "category": CATEGORIES.get(version.category, version.category),
        "modes": _modes(version),
        "published": day.isoformat() if (day := _published_on(version)) else "",
    }


def _modes(version: Version) -> str:
    return "、".join(ShareMode(m).label for m in version.share_modes)


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
        "terms": terms_of(actor, version),
        "leads": led_by_provider(version, [item.name for item in facts.items]),
        "more": [
            (label, text)
            for _, rows in sections(facts)
            for field, label, text in rows
            if field not in LATER and text
        ],
        "outline": [(label_of(n), words(facts, n)) for n in OUTLINE if words(facts, n)],
        "related": _related(actor, version),
        "cited": _cited(facts),
        "own": own,
        "address": (
            request.build_absolute_uri(reverse("catalog:by_code", args=[entry.code]))
            if entry.code
            else ""
        ),
        "may_follow": actor.has(Post.OPERATOR, Post.MANAGER),
        "follows": entry.followed,
        "apply": _apply(actor, entry),
        "state": version.state,
        "published": entry.is_published,
        "panels": panels(Place.ENTRY, actor, entry),
        "to_publish": version.state == EntryState.TO_PUBLISH
        and entry.body_id == actor.body
        and _may(actor, version, "publish"),
        "seen": own or actor.bureau,
        "update": may_update(request, entry),
        "update_for": may_update_for(request, entry),
        "updating": own and entry.is_published and not entry.draft.is_published,
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
    "sharing_terms",
    "related_codes",
    *OUTLINE,
}


def _related(actor: Actor, version: Version) -> list[tuple[str, str]]:
    """Related resources: code, and name where the reader may see it."""
    names = queries.codes_of(actor, version.related_codes)
    return [(code, names.get(code, "")) for code in version.related_codes]


def _cited(facts: EntryFacts) -> list[tuple[str, str]]:
    """The code lists and standards its items cite: title, and where a code list is read."""
    lists = [
        (title, reverse("catalog:code_list", args=[row.id], query={"version": row.number}))
        for title, row in facts.code_lists.items()
    ]
    return [*lists, *((f"{s.number} {s.name}", "") for s in facts.standards.values())]


@require_safe
def entry_json(request: Request, pk: int) -> HttpResponse:
    """The same as data."""
    actor = request.actor
    entry = queries.entry_for(actor, pk)
    return JsonResponse(queries.whole_for(actor, entry), json_dumps_params={"ensure_ascii": False})


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
    return {"url": reverse("access:begin", query={"r": entry.pk})}
