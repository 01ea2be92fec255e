"""Forms of the audit pages."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from huitong.audit import queries
from huitong.audit.rules.reading import OBJECTS, PAST_VERBS
from huitong.kernel.doing import VERBS
from huitong.kernel.laws import article_words, citable
from huitong.kernel.procedure import EARLIEST, LATEST
from huitong.ui.lists import conditions
from huitong.ui.rules import is_key
from huitong.ui.selectors import Picker

ANY = ("", "全部")
#: acts of people and of the platform stand apart; a case is read whole
WHOSE = {"yes": "人员办理", "no": "平台自动", "all": "全部"}


class Filter(forms.Form):
    """The filters of the ledger; all may be empty. What cannot be read is told, the others still
    hold (`conditions`)."""

    who = forms.CharField(label="办理人", required=False, max_length=60)
    people = forms.ChoiceField(
        label="谁办理的", required=False, choices=list(WHOSE.items()), widget=forms.HiddenInput
    )
    verb = forms.ChoiceField(label="办理", required=False, widget=Picker)
    article = forms.ChoiceField(
        label="依据",
        required=False,
        choices=[ANY, *((short, article_words(short)) for short in citable())],
    )
    body = forms.TypedChoiceField(
        label="部门", required=False, coerce=int, empty_value=None, widget=Picker
    )
    since = forms.DateField(label="起始日期", required=False)
    until = forms.DateField(label="截止日期", required=False)
    object_type = forms.ChoiceField(
        label="对象类型", required=False, choices=[ANY, *OBJECTS.items()]
    )
    object_id = forms.CharField(label="对象编号", required=False, max_length=80)
    case = forms.CharField(label="事项编号", required=False, max_length=40)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        words = PAST_VERBS | {name: verb.label for name, verb in VERBS.items()}
        self.fields["verb"].choices = [ANY, *sorted(words.items(), key=lambda named: named[1])]
        self.fields["body"].choices = [ANY, *queries.bodies_seen()]

    def criteria(self) -> dict[str, Any]:
        """Return the arguments of `queries.search`: days become moments, the last day is
        included."""
        criteria: dict[str, Any] = {
            name: value for name, value in conditions(self).items() if value not in (None, "")
        }
        criteria.pop("people", None)
        if self.whose != "all":
            criteria["people"] = self.whose == "yes"
        if since := criteria.pop("since", None):
            criteria["since"] = timezone.make_aware(
                datetime.combine(max(since, EARLIEST), time.min)
            )
        if until := criteria.pop("until", None):
            criteria["until"] = timezone.make_aware(
                datetime.combine(min(until, LATEST) + timedelta(1), time.min)
            )
        if "case" in criteria and not is_key(criteria["case"]):
            # as clerks know it; addresses of ours carry the key
            criteria["number"] = criteria.pop("case").strip().upper()
        return criteria

    @property
    def whose(self) -> str:
        """Whose acts are shown: those of people, unless others are asked for, or one case or object
        whole."""
        given = conditions(self)
        whole = given.get("case") or given.get("object_id")
        return given.get("people") or ("all" if whole else "yes")


class Export(forms.Form):
    first = forms.IntegerField(
        label="起始条号", required=False, min_value=0, help_text="从第几条起导出，不填则从头。"
    )
    reasons = forms.CharField(
        label="导出理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="将记入台账。",
    )


class Evidence(forms.Form):
    reasons = forms.CharField(
        label="导出理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="将记入台账。",
    )
