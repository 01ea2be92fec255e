"""The sections of an entry, one page each: their fields, the grid of items, the legal grounds
(A7, A8)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from huitong.catalog import queries
from huitong.catalog.forms import ItemsForm, SectionForm
from huitong.catalog.models import Entry, Version
from huitong.catalog.queries.entering import to_compile
from huitong.catalog.rules import (
    ELEMENTS,
    EntryFacts,
    Finding,
    Section,
    check,
    label_of,
    section_of,
)
from huitong.catalog.views.frame import clerk_of, editable, frame_of, place_of
from huitong.catalog.views.tasks import is_begun, next_task, tasks_of
from huitong.catalog.views.typing import Typing
from huitong.kernel.procedure import NotVisible
from huitong.kernel.requests import Request
from huitong.ui import autosave
from huitong.work.forms import VerbForm


@require_http_methods(["GET", "HEAD", "POST"])
def section_page(request: Request, pk: int, section: str) -> HttpResponse:
    """The form of one section; the items have a page of their own. The buttons of a grid only ask
    for other rows: nothing is saved then."""
    if section not in set(Section):
        raise NotVisible()
    actor, current = clerk_of(request), Section(section)
    posted = request.POST if request.method == "POST" else None
    # what was typed outlives that somebody was faster
    saving = posted is not None and "rows" not in posted and not autosave.asks(request)
    entry = to_compile(actor, pk) if saving else editable(request, actor, pk)
    typing = Typing(request, entry, current)
    if autosave.asks(request):
        return typing.keep() or HttpResponse(status=204)
    if posted is not None and "give_up" in posted:
        typing.forget()
        return redirect(request.path)
    resumed = posted is None and typing.saved_at is not None
    data = typing.data() if resumed else posted
    of_items = current is Section.ITEMS
    form = ItemsForm(actor, entry, data) if of_items else SectionForm(current, actor, entry, data)
    if saving and form.save() is not None:
        typing.forget()
        return _saved(request, to_compile(actor, pk), form)
    if saving:
        typing.keep_wrong()
    if form.reshaped or resumed:  # judged when the clerk goes on
        form.errors.clear()
    draft = entry.draft
    facts, remarks = queries.whole_facts_of(draft), queries.open_remarks(draft)
    findings = check(facts)
    context = frame_of(request, entry, current.label) | {
        "form": form,
        "rows": [_row(form, name, remarks) for name in form.order],
        "section": current,
        "next": next_task(tasks_of(draft, findings), current).label,
        "typing": typing,
        "resumed": resumed,
        "findings": [] if saving else _of_section(draft, facts, findings, current),
        "grounds": list(draft.grounds.all()) if current is Section.SHARING else None,
        "remarks": [
            (label_of(field), of_field)
            for field, of_field in remarks.items()
            if of_items and field.partition(".")[0] == "items"
        ],
    }
    page = "items" if of_items else "section"
    return render(request, f"catalog/{page}.html", context, status=form.status)


def _row(form: SectionForm, name: str, remarks: dict[str, Any]) -> dict[str, Any]:
    """A field or grid with the remarks to answer beside it, and for what it is asked."""
    element = ELEMENTS[name]
    on, choices = element.only_for or ("", ())
    return {
        "name": name,
        "element": element,
        "field": form[name] if name in form.fields else None,
        "grid": form.grids.get(name),
        "wide": name in form.grids or form.is_wide(name),
        "remarks": remarks.get(name, []),
        "on": on,
        "values": " ".join(map(str, choices)),
        "only": "、".join(choice.label for choice in choices),
    }


def _of_section(
    draft: Version, facts: EntryFacts, findings: list[Finding], section: Section
) -> list[dict[str, Any]]:
    """What the checks say of this section, once it has been begun, each with the place to mend
    it."""
    if not is_begun(draft, section) and section is not Section.ITEMS:
        return []
    return [
        {"finding": f, "url": place_of(draft.entry_id, facts, f)}
        for f in findings
        # what is recognised has a place of its own on the page of items
        if section_of(f.field) is section and f.rule != "personal_open"
    ]


def _saved(request: Request, entry: Entry, form: SectionForm) -> HttpResponse:
    messages.success(request, f"“{form.section.label}”已保存。")
    if form.ignored:
        messages.info(request, f"与所选的类型无关，没有保存：{'、'.join(form.ignored)}。")
    if "next" in request.POST:
        tasks = tasks_of(entry.draft, queries.findings_of(entry.draft))
        return redirect(next_task(tasks, form.section).url)
    if "stay" in request.POST or "settle" in request.POST:  # what was taken over is to be seen
        return redirect("catalog:section", entry.pk, form.section)
    return redirect("catalog:compile", entry.pk)


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
        "grounds": queries.grounds_of(entry.draft),
    }
    return render(request, "catalog/grounds.html", context, status=form.status)
