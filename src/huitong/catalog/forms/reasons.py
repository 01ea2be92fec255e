"""Reasons given once for several entries."""

from __future__ import annotations

from typing import Any

from django import forms


class ReasonsForm(forms.Form):
    """Why, in words: once for all the entries chosen."""

    reasons = forms.CharField(
        label="理由",
        help_text="对选中的每一项都成立的理由；不同的，请分开处理。",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    @classmethod
    def of(cls, request: Any) -> ReasonsForm:
        """The form of a bulk act."""
        return cls(request.POST or None)
