"""The sections of an entry, one page each: their fields, the grid of items, the legal grounds
(A7, A8)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from huitong.catalog import queries
from huitong.catalog.forms import ItemFormSet, ItemsForm, SectionForm
from huitong.catalog.models import Entry, Version
from huitong.catalog.rules import ELEMENTS, Section, check, label_of, section_of
from huitong.catalog.views.frame import clerk_of, editable, frame_of, place_of
from huitong.kernel.actor import Actor
from huitong.kernel.procedure import NotVisible
from huitong.kernel.requests import Request
from huitong.work.forms import VerbForm


@require_http_methods(["GET", "HEAD", "POST"])
def section_page(request: Request, pk: int, section: str) -> HttpResponse:
    """The form of one section; the items have their grid."""
    if section not in set(Section):
        raise NotVisible()
    actor, current = clerk_of(request), Section(section)
    # what was typed outlives that somebody was faster
    saving = request.method == "POST" and "more" not in request.POST
    entry = queries.own_entry(actor, pk) if saving else editable(request, actor, pk)
    if current is Section.ITEMS:
        return _items_page(request, actor, entry)
    form = SectionForm(current, actor, entry, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.save() is not None:
        return _saved(request, entry, current)
    context = frame_of(request, entry, current.label) | {
        "form": form,
        "rows": _rows(entry.draft, form),
        "section": current,
        "next": _next(current),
        "findings": _findings(entry.draft, current),
        "grounds": list(entry.draft.grounds.all()) if current is Section.SHARING else [],
    }
    return render(request, "catalog/section.html", context, status=form.status)


def _rows(draft: Version, form: SectionForm) -> list[dict[str, Any]]:
    """Each field with the remarks to answer beside it."""
    remarks = queries.open_remarks(draft)
    return [
        {"field": field, "wide": form.is_wide(field.name), "remarks": remarks.get(field.name, [])}
        for field in form.visible_fields()
    ]


def _findings(draft: Version, section: Section) -> list[dict[str, Any]]:
    """What the checks say of this section, once it has been begun, each with the place to mend
    it."""
    begun = any(
        getattr(draft, n, None)
        for n, e in ELEMENTS.items()
        if e.section is section and n not in ("name", "items", "grounds")
    )
    if not begun and section is not Section.ITEMS:
        return []
    facts = queries.facts_of(draft)
    return [
        {"finding": f, "url": place_of(draft.entry_id, facts, f)}
        for f in check(facts)
        if section_of(f.field) is section
    ]


def _next(section: Section) -> Section | None:
    order = list(Section)
    at = order.index(section) + 1
    return order[at] if at < len(order) else None


def _saved(request: Request, entry: Entry, section: Section) -> HttpResponse:
    messages.success(request, f"“{section.label}”已保存。")
    after = _next(section) if "next" in request.POST else None
    if "stay" in request.POST or "accept_all" in request.POST:  # what was taken over is to be seen
        return redirect("catalog:section", entry.pk, section)
    if "next" in request.POST and after is None:
        return redirect("catalog:check", entry.pk)
    return (
        redirect("catalog:section", entry.pk, after)
        if after
        else redirect("catalog:compile", entry.pk)
    )


def _items_page(request: Request, actor: Actor, entry: Entry) -> HttpResponse:
    """The grid. ``more`` gives empty rows without saving; ``accept_all`` applies every
    suggestion at a person's word."""
    posted = request.POST if request.method == "POST" else None
    more = bool(posted and "more" in posted)
    form = ItemsForm(actor, entry, posted, ItemFormSet.MORE if more else 0)
    if posted and not more and form.save_all("accept_all" in posted) is not None:
        return _saved(request, entry, Section.ITEMS)
    remarks = {
        f: r for f, r in queries.open_remarks(entry.draft).items() if f.partition(".")[0] == "items"
    }
    context = frame_of(request, entry, Section.ITEMS.label) | {
        "form": form,
        "grid": form.grid,
        "section": Section.ITEMS,
        "next": _next(Section.ITEMS),
        "rows": _rows(entry.draft, form),
        "remarks": [(label_of(f), r) for f, r in remarks.items()],
        "suggested": any(f.suggestion for f in form.grid.forms),
        "faults": (
            [
                (n, field)
                for n, row in enumerate(form.grid.forms, 1)
                for field in row
                if field.errors
            ]
            if posted and not more
            else []
        ),
        "findings": [] if posted else _findings(entry.draft, Section.ITEMS),
    }
    return render(
        request, "catalog/items.html", context, status=form.status if posted and not more else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def grounds(request: Request, pk: int) -> HttpResponse:
    """The legal grounds for not sharing: those entered, and the form for another."""
    entry = editable(request, clerk_of(request), pk)
    form = VerbForm("entry.add_ground", request, case=entry.case)
    if request.method == "POST" and form.perform() is not None:
        messages.success(request, "依据已登记，部门审核通过后即报市大数据管理局备案。")
        return redirect("catalog:grounds", entry.pk)
    context = frame_of(request, entry, "不予共享的依据") | {
        "form": form,
        "grounds": list(entry.draft.grounds.all()),
    }
    return render(request, "catalog/grounds.html", context, status=form.status)
