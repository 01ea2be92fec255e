"""What lists of demands are narrowed by."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from huitong.demands import queries
from huitong.demands.models import Demand
from huitong.demands.rules import S
from huitong.kernel.actor import Actor
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations
from huitong.ui.lists import conditions
from huitong.ui.selectors import Picker

ALL = ("", "全部")
#: more than one state, by the tab in which they mean something
OWED = [("owed", "待本部门答复"), ("late", "超期未答复")]


class DemandFilter(forms.Form):
    """What demands can be narrowed by; by body and filing for the bureau alone."""

    state = forms.ChoiceField(label="环节", required=False)
    body = forms.TypedChoiceField(
        label="答复部门", required=False, coerce=int, empty_value=None, widget=Picker
    )
    filed = forms.ChoiceField(
        label="备案", required=False, choices=[ALL, ("yes", "曾报备案：暂时无法发布")]
    )

    def __init__(self, actor: Actor, tab: str, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.actor = actor
        offered = [s for s in S if tab == "mine" or s.closes or not s.private]
        states = [(s.value, s.label) for s in offered]
        self.fields["state"].choices = [ALL, *(OWED if tab == "asked" else []), *states]
        if tab != "all":
            del self.fields["body"], self.fields["filed"]
            return
        self.fields["body"].choices = [ALL, *organizations.all_body_names().items()]

    def narrow(self, rows: QuerySet[Demand]) -> QuerySet[Demand]:
        chosen = conditions(self)
        if state := chosen.get("state"):
            rows = self._in_state(rows, state)
        if body := chosen.get("body"):
            rows = rows.filter(provider=body)
        return queries.filed(rows) if chosen.get("filed") else rows

    def _in_state(self, rows: QuerySet[Demand], state: str) -> QuerySet[Demand]:
        if state not in dict(OWED):
            return rows.filter(case__state=state)
        rows = rows.filter(pk__in=queries.owed(self.actor).order_by().values("pk"))
        return rows.filter(case__due_on__lt=today()) if state == "late" else rows
