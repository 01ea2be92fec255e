"""What lists of doubts are narrowed by."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from huitong.kernel.actor import Actor
from huitong.kernel.workdays import today
from huitong.objections import queries
from huitong.objections.models import Objection
from huitong.objections.rules import Doubt, S, Satisfaction
from huitong.organizations import queries as organizations
from huitong.ui.lists import conditions
from huitong.ui.selectors import Picker

ALL = ("", "全部")
#: more than one state
GROUPS = [("open", "正在办理"), ("over", "已办结")]
#: more than one state, by the tab in which they mean something
OWED = [("owed", "待本部门校核或更正"), ("late", "超期未校核")]


class ObjectionFilter(forms.Form):
    """What doubts can be narrowed by; by body for the bureau alone."""

    state = forms.ChoiceField(label="环节", required=False)
    kind = forms.ChoiceField(label="类别", required=False, choices=[ALL, *Doubt.choices()])
    satisfied = forms.ChoiceField(
        label="评价", required=False, choices=[ALL, *Satisfaction.choices()]
    )
    body = forms.TypedChoiceField(
        label="校核部门", required=False, coerce=int, empty_value=None, widget=Picker
    )

    def __init__(self, actor: Actor, tab: str, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.actor = actor
        groups = [*GROUPS, *(OWED if tab == "asked" else [])]
        self.fields["state"].choices = [ALL, *groups, *S.choices()]
        if tab != "all":
            del self.fields["body"]
            return
        self.fields["body"].choices = [ALL, *organizations.all_body_names().items()]

    def narrow(self, rows: QuerySet[Objection]) -> QuerySet[Objection]:
        chosen = conditions(self)
        if state := chosen.get("state"):
            rows = self._in_state(rows, state)
        if kind := chosen.get("kind"):
            rows = rows.filter(kind=kind)
        if satisfied := chosen.get("satisfied"):
            rows = rows.filter(satisfied=satisfied == Satisfaction.YES)
        if body := chosen.get("body"):
            rows = rows.filter(provider=body)
        return rows

    def _in_state(self, rows: QuerySet[Objection], state: str) -> QuerySet[Objection]:
        if state in dict(GROUPS):
            return rows.filter(case__closed_at__isnull=state == "open")
        if state not in dict(OWED):
            return rows.filter(case__state=state)
        rows = rows.filter(pk__in=queries.owed(self.actor).order_by().values("pk"))
        return rows.filter(case__due_on__lt=today()) if state == "late" else rows
