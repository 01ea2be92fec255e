"""What lists of entries to choose from are narrowed by."""

from __future__ import annotations

from django import forms

from huitong.work.forms import BodyFilter


class EntryFilter(BodyFilter):
    """Entries by name, code and body."""

    of_body = "提供部门"
    field_order = ("q",)
    q = forms.CharField(label="名称或资源代码", required=False, max_length=60)
