"""What lists of demands are narrowed by."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from huitong.demands import queries
from huitong.demands.models import Demand
from huitong.demands.rules import S
from huitong.kernel.actor import Actor
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations
from huitong.ui.lists import conditions
from huitong.ui.rules import question
from huitong.ui.selectors import Picker
from huitong.work.forms import BodyFilter

ALL = ("", "全部")
#: more than one state, by the tab in which they mean something
OWED = [("owed", "待本部门答复"), ("late", "超期未答复")]


class DemandFilter(forms.Form):
    """What demands can be narrowed by; by bodies and filing in the list of all."""

    state = forms.ChoiceField(label="环节", required=False)
    consumer = forms.TypedChoiceField(
        label="需求部门", required=False, coerce=int, empty_value=None, widget=Picker
    )
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
            del self.fields["consumer"], self.fields["body"], self.fields["filed"]
            return
        for name in ("consumer", "body"):
            self.fields[name].choices = [ALL, *organizations.all_body_names().items()]

    def narrow(self, rows: QuerySet[Demand]) -> QuerySet[Demand]:
        chosen = conditions(self)
        if state := chosen.get("state"):
            rows = self._in_state(rows, state)
        if consumer := chosen.get("consumer"):
            rows = rows.filter(consumer=consumer)
        if body := chosen.get("body"):
            rows = rows.filter(provider=body)
        return queries.filed(rows) if chosen.get("filed") else rows

    def _in_state(self, rows: QuerySet[Demand], state: str) -> QuerySet[Demand]:
        if state not in dict(OWED):
            return rows.filter(case__state=state)
        rows = rows.filter(pk__in=queries.owed(self.actor).order_by().values("pk"))
        return rows.filter(case__due_on__lt=today()) if state == "late" else rows


class ResponsibilityFilter(BodyFilter):
    """What the list of responsibilities can be narrowed by."""

    of_body, field_order = "责任部门", ("kind", "due")
    kind = forms.ChoiceField(
        label="责任",
        required=False,
        choices=[
            ALL,
            (S.WITH_BODY.value, "答复需求"),
            (S.PROMISED.value, "发布承诺的数据"),
            (S.DEFERRED.value, "说明障碍、再次答复"),
            ("entry", "发布审核通过的目录"),
        ],
    )
    due = forms.ChoiceField(label="时限", required=False, choices=[ALL, ("late", "已超期")])

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        chosen = conditions(self)
        if kind := chosen.get("kind"):
            of_entry = kind == "entry"
            rows = rows.filter(kind="entry") if of_entry else rows.filter(kind="demand", state=kind)
        if body := chosen.get("body"):
            rows = rows.filter(owner=body)
        return rows.filter(due_on__lt=today()) if chosen.get("due") else rows


class DutyFilter(BodyFilter):
    """What the list of duties can be narrowed by."""

    field_order = ("q", "body", "lacking")
    q = forms.CharField(label="职责、事项", required=False, max_length=60)
    lacking = forms.ChoiceField(
        label="数据", required=False, choices=[ALL, ("yes", "尚有未满足的需求")]
    )

    def narrow(self, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        chosen = conditions(self)
        if q := question(chosen.get("q") or ""):
            named = organizations.matters_named(q)
            rows = rows.filter(Q(text__icontains=q) | Q(pk__in=named))
        if body := chosen.get("body"):
            rows = rows.filter(body=body)
        return queries.lacking(rows, actor) if chosen.get("lacking") else rows
