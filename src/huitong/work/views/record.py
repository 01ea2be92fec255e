"""The record of a case on its page and on paper, and the form for a word to the other parties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry
from huitong.kernel.manifest import CaseFacts, EventKind
from huitong.kernel.manifest import case_page as case_page_of
from huitong.kernel.requests import Request
from huitong.kernel.workdays import load_calendar
from huitong.organizations import queries as organizations
from huitong.work import queries
from huitong.work.forms import VerbForm, value_words
from huitong.work.views.notices import moment_of


def stretch(request: Request, case: Case, names: dict[int, str]) -> dict[str, Any]:
    """The stretch of the record that is asked for: ``kind`` and ``before`` of the address."""
    name = request.GET.get("kind", "")
    kind = EventKind(name) if name in set(EventKind) else None
    before = moment_of(request.GET.get("before", ""))
    record = queries.timeline(request.actor, case, names, kind=kind, before=before)
    address = reverse("work:case", args=[case.pk])

    def at(**query: str) -> str:
        words = urlencode({key: value for key, value in query.items() if value})
        return f"{address}{'?' + words if words else ''}#record"

    tabs = [("", "全部"), *EventKind.choices()]
    return {
        "lines": with_given(request.actor, case, record.lines),
        "tabs": [
            {"label": label, "url": at(kind=key), "active": key == name} for key, label in tabs
        ],
        "older": at(kind=name, before=record.older.isoformat()) if record.older else "",
        "latest": at(kind=name) if before is not None else "",
    }


def comment_form(request: Request, case: Case) -> VerbForm | None:
    """The form for a word to the other parties, for whom it is; None while the case is inside its
    body."""
    if case.inside is not None or not queries.reads_as_party(request.actor, case):
        return None
    return VerbForm("work.comment", request, initial={"case": case.pk}, auto_id="comment_%s")


@require_safe
def print_page(request: Request, pk: int) -> HttpResponse:
    """One case on paper: its facts and its whole record."""
    actor = request.actor
    case = queries.case_for(actor, pk)
    procedure = doing.procedure_of(case)
    page, names = case_page_of(case.kind), organizations.body_names(case.bodies)
    facts = page.facts(actor, case) if page.facts is not None else CaseFacts()
    record = queries.timeline(actor, case, names, most=queries.WHOLE)
    with_given(actor, case, record.lines)
    context = {
        "case": case,
        "kind_label": procedure.label,
        "state": procedure.state(case.state),
        "due": queries.countdown(case, load_calendar()),
        "parties": [
            (queries.party_label(name), names.get(body, ""))
            for name, body in queries.parties_of(case)
        ],
        "facts": facts.facts,
        "facts_template": page.template,
        "opening_words": (
            [] if page.template else opening_words(actor, case, queries.first_entry(case))
        ),
        "record": record,
        "copies": queries.copies_of(case),
        "printed_at": timezone.now(),
        "crumbs": [
            ("待办事项", reverse("work:todo")),
            (case.number or case.title, reverse("work:case", args=[case.pk])),
            ("打印", ""),
        ],
    }
    return render(request, "work/print.html", context)


def opening_words(actor: Actor, case: Case, entry: Entry | None) -> list[tuple[str, Any]]:
    """What was given when the case was opened, in the words of the form: for kinds without a
    page of their own."""
    return given_words(actor, case, entry.verb, entry.after.get("given", {})) if entry else []


def with_given(actor: Actor, case: Case, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Let each step after the opening say what was given with it, for kinds without a page of their
    own: whoever acts next finds it nowhere else."""
    if case_page_of(case.kind).template:
        return lines
    for line in lines:
        verb = doing.VERBS.get(line.get("verb", ""))
        if verb is not None and verb.is_step and not verb.opening:
            rest = {k: v for k, v in line["given"].items() if k not in queries.SPOKEN}
            parts = given_words(actor, case, verb.name, rest)
            own = [line["opinion"]] if line["opinion"] else []
            line["opinion"] = "　".join([*own, *(f"{label}：{text}" for label, text in parts)])
    return lines


def given_words(
    actor: Actor, case: Case, name: str, given: Mapping[str, Any]
) -> list[tuple[str, Any]]:
    """What was given with a verb, in the words of its form."""
    verb = doing.VERBS.get(name)
    return [
        (field.title or part, words)
        for part, field in (verb.given.model_fields.items() if verb else ())
        if (words := value_words(field, given.get(part), actor, case))
    ]
