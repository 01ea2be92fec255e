"""What a list is narrowed by: the answers of its form that can be read, and those that cannot."""

from __future__ import annotations

from typing import Any

from django import forms


def conditions(form: forms.Form) -> dict[str, Any]:
    """The answers of a filter's form that can be read, by field; the others narrow nothing, and
    `Listing` says so. The one thing rows may be narrowed by: chips and files name the same."""
    form.is_valid()
    return dict(getattr(form, "cleaned_data", {}))
