"""What lists of disputes are narrowed by."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from huitong.disputes.models import Dispute
from huitong.disputes.rules import DISPUTE, DISPUTE_2025, S
from huitong.ui.lists import conditions

ALL = ("", "全部")
#: more than one state
GROUPS = [("open", "正在办理"), ("over", "已办结")]


class DisputeFilter(forms.Form):
    """What disputes can be narrowed by."""

    state = forms.ChoiceField(label="环节", required=False)

    def __init__(self, tab: str, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        states = DISPUTE.states | DISPUTE_2025.states
        offered = [s for s in S if s in states and (tab == "mine" or s.closes or not s.private)]
        self.fields["state"].choices = [ALL, *GROUPS, *[(s.value, s.label) for s in offered]]

    def narrow(self, rows: QuerySet[Dispute]) -> QuerySet[Dispute]:
        state = conditions(self).get("state")
        if state in dict(GROUPS):
            return rows.filter(case__closed_at__isnull=state == "open")
        return rows.filter(case__state=state) if state else rows
