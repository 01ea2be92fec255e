"""The list of every limit that runs: for a body its own, for the bureau all."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from huitong.kernel.laws import article_words
from huitong.kernel.procedure import NotYours
from huitong.kernel.requests import Request
from huitong.kernel.workdays import load_calendar
from huitong.organizations import queries as organizations
from huitong.organizations.rules import LENDABLE
from huitong.work import queries
from huitong.work.views.lists import CSV_ROWS, PAGE, csv_file


class LimitFilter(forms.Form):
    """What the list can be narrowed by."""

    due = forms.ChoiceField(
        label="时限",
        required=False,
        choices=[("", "全部"), ("overdue", "已超期"), ("near", "即将到期")],
    )
    body = forms.TypedChoiceField(label="责任部门", required=False, coerce=int, empty_value=None)

    def __init__(self, data: Any, bodies: dict[int, str]) -> None:
        super().__init__(data)
        self.fields["body"].choices = [("", "全部"), *bodies.items()]


@require_safe
def limits(request: Request) -> HttpResponse:
    """Clocks of cases and watches over anything else, the nearest end first; or as CSV."""
    actor = request.actor
    if not actor.has(*LENDABLE):
        raise NotYours("时限由业务岗位查看。", article="A15", who="各部门经办人、负责人")
    names, calendar = organizations.all_body_names(), load_calendar()
    form = LimitFilter(request.GET, names if actor.bureau else {})
    chosen = form.cleaned_data if form.is_valid() else {}
    rows = queries.limits_visible_to(actor, chosen.get("due") or "", chosen.get("body"))
    if request.GET.get("format") == "csv":
        lines = queries.limit_lines(list(rows[:CSV_ROWS]), calendar, names)
        head = ["时限", "事项", "依据", "责任部门", "起算", "到期", "剩余"]
        cells = (
            [
                line.label,
                line.title,
                article_words(line.article),
                line.body,
                line.started_on,
                line.due.due,
                line.due.words,
            ]
            for line in lines
        )
        return csv_file("时限.csv", head, cells)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "lines": queries.limit_lines(list(page), calendar, names),
        "bureau": actor.bureau,
    }
    return render(request, "work/limits.html", context)
