"""Views of lists that people keep."""

from __future__ import annotations

from huitong.kernel.statements import Statement
from huitong.ui.lists import View
from huitong.work.models import SavedView

VIEWS = Statement(
    lambda person, key: (
        SavedView.objects.filter(person=person, list=key)
        .order_by("name")
        .values_list("pk", "name", "query", "default")
    ),
    person=int,
    key=str,
)


def views_of(person: int, key: str) -> list[View]:
    """What one person keeps of one list, by name; one query."""
    return [View(*row) for row in VIEWS(person=person, key=key)]
