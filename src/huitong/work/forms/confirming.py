"""Confirming a weighty act: what will come of it, shown before it is done.

A view asks between checking its form and doing the act::

    if (confirmation := form.ask()) is not None:  # a VerbForm
        return confirmation
    if (done := form.perform()):
        …

Without JavaScript the answer is a page, whose 返回修改 posts everything typed back to the form.
With it (``data-confirm`` on the form or its button, ``ui/js/confirm.js``) the same summary opens as
a dialog over the page. The API and the command line do as they are told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render

from huitong.kernel import doing
from huitong.kernel.case import Case
from huitong.kernel.laws import full_words
from huitong.kernel.requests import Request
from huitong.work import queries

#: posted with the act once it is confirmed; posted instead to go back to the form
CONFIRMED, BACK = "_confirmed", "_back"
#: the header by which confirm.js asks for the dialog, and by which it knows it
HEADER = "X-Confirm"


def went_back(request: Request) -> bool:
    """Whether a person came back from the summary to change what they typed."""
    return request.method == "POST" and BACK in request.POST


def ask(
    request: Request,
    name: str,
    given: Mapping[str, Any],
    *,
    case: Case | None = None,
    parts: Collection[tuple[str, Case]] = (),
    answers: Collection[tuple[str, str]] = (),
    sent: QueryDict | None = None,
    label: str = "",
) -> HttpResponse | None:
    """The page, or the dialog, that shows what will come of an act; None when it is confirmed
    already or needs no confirmation.

    ``answers`` are what was typed, in words; ``sent`` is what was posted, where uploads changed it;
    ``parts`` as in `queries.foresee`. Raises what the act would raise.
    """
    verb, asking = doing.VERBS[name], HEADER in request.headers
    first = next(iter(parts), None)
    step, about = (doing.VERBS[first[0]], first[1]) if first is not None else (verb, case)
    row = queries.row_of(request.actor, step, about)
    weighty = row.confirmed if row is not None else bool(verb.effect)
    if not weighty or CONFIRMED in request.POST:
        # one that only asks does nothing
        return HttpResponse(status=204) if asking else None
    label = label or (row.label if row is not None else verb.label)
    context = {
        # 确认挂接变更 is confirmed by that very button
        "label": label.removeprefix("确认"),
        "article": full_words(row.article if row is not None else verb.article),
        "danger": row is not None and row.danger,
        "rows": queries.foresee(request.actor, name, given, case, parts),
        "answers": [(name, words) for name, words in answers if words not in ("", "—")],
        "sent": [
            (key, value)
            for key, values in (sent if sent is not None else request.POST).lists()
            for value in values
            if key not in ("csrfmiddlewaretoken", CONFIRMED, BACK)
        ],
        "crumbs": [(label, "")],
    }
    template = "work/_confirm.html" if asking else "work/confirm.html"
    response = render(request, template, context)
    response.headers[HEADER] = "asked"
    return response
