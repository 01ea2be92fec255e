"""What lists of any context are narrowed by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from huitong.ui.selectors import Picker


class BodyFilter(forms.Form):
    """A filter by one of these bodies, which is left out where there is no choice. ``of_body`` is
    what it is called; ``field_order`` of a form made from it, where it stands."""

    of_body = "部门"
    body = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, widget=Picker)

    def __init__(self, data: Any, bodies: Mapping[int, str]) -> None:
        super().__init__(data)
        if len(bodies) < 2:
            del self.fields["body"]
        else:
            self.fields["body"].label = self.of_body
            self.fields["body"].choices = [("", "全部"), *bodies.items()]
