"""Entries to choose from: found by what they are called, and called so."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from huitong.catalog.models import Entry
from huitong.ui.selectors import matching


def entries_called(rows: QuerySet[Entry], words: str) -> QuerySet[Entry]:
    """Of these entries, those whose name or code the words mean: as they are written, by pinyin
    or initials."""
    return matching(rows, words, _called, "current__name")


def _called(word: str) -> Q:
    return Q(current__name__icontains=word) | Q(code__icontains=word)


def entry_labels(rows: QuerySet[Entry]) -> list[tuple[int, str]]:
    """The key of each published entry, with its name and code."""
    called = rows.values_list("pk", "current__name", "code")
    return [(pk, f"{name}（{code}）") for pk, name, code in called]
