"""Versions of an entry side by side, element by element and item by item (A7, A10, A11)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from huitong.catalog import queries
from huitong.catalog.models import Entry, Version
from huitong.kernel.actor import Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.manifest import Place, panels
from huitong.kernel.requests import Request

DRAFT = "draft"


class Choice(forms.Form):
    """Which two versions."""

    old = forms.ChoiceField(label="原版本", required=False)
    new = forms.ChoiceField(label="新版本", required=False)

    def __init__(self, versions: dict[str, str], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for field in self.fields.values():
            field.choices = list(versions.items())


@require_safe
def versions(request: Request, pk: int) -> HttpResponse:
    """Two versions of an entry side by side: by default the youngest and the one before it."""
    entry = queries.entry_for(request.actor, pk)
    there = _versions(request.actor, entry)
    names = list(there)
    form = Choice(
        {name: queries.label_of_version(version) for name, version in there.items()}, request.GET
    )
    picked = form.cleaned_data if form.is_valid() else {}
    new = picked.get("new") or (names[0] if names else "")
    older = names[names.index(new) + 1 :] if new in names else []
    old = picked.get("old") or (older[0] if older else "")
    form.data = {"old": old, "new": new}
    pair = (there[old], there[new]) if old and new and old != new else None
    context: dict[str, Any] = {
        "entry": entry,
        "form": form,
        "single": len(there) < 2,
        "pair": pair,
        "crumbs": [
            ("目录检索", reverse("catalog:browse")),
            (entry.name, reverse("catalog:entry", args=[entry.pk])),
            ("版本对照", ""),
        ],
    }
    if pair:
        context |= {
            "comparison": queries.compared(*pair),
            "panels": panels(Place.VERSION, request.actor, pair[1]),
        }
    return render(request, "catalog/versions.html", context)


def _versions(actor: Actor, entry: Entry) -> dict[str, Version]:
    """The versions this actor reads, the youngest first: the published ones, and before them what
    is being changed, for its own body and, once it has received it, the bureau."""
    rows = {str(version.number): version for version in queries.versions_of(actor, entry)}
    reached = actor.bureau and entry.draft.reached_bureau
    if (entry.body_id == actor.body or reached) and not entry.draft.is_published:
        rows = {DRAFT: entry.draft, **rows}
    for version in rows.values():
        version.entry = entry
    return rows
