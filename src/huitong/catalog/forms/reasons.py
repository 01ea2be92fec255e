"""What is written once for several entries."""

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


class RemarkForm(forms.Form):
    """What the bureau has against some answers: once for all the entries chosen."""

    remark = forms.CharField(
        label="意见",
        help_text="写明哪里须重新核对；随后退回该部门。",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    @classmethod
    def of(cls, request: Any) -> RemarkForm:
        """The form of a bulk act."""
        return cls(request.POST or None)
