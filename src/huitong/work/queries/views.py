"""Views of lists that people keep."""

from __future__ import annotations

from huitong.ui.lists import View
from huitong.work.models import SavedView


def views_of(person: int, key: str) -> list[View]:
    """What one person keeps of one list, by name; one query."""
    rows = SavedView.objects.filter(person=person, list=key).order_by("name")
    return [View(row.pk, row.name, row.query, row.default) for row in rows]
