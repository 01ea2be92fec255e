"""The page of any case, and the form of any verb: drawn from the tables, so a new procedure
needs no page of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.laws import article_words
from huitong.kernel.manifest import CaseFacts, Place
from huitong.kernel.manifest import case_page as case_page_of
from huitong.kernel.manifest import panels as panels_in
from huitong.kernel.procedure import End, NotVisible, NotYours, Step
from huitong.kernel.requests import Request
from huitong.kernel.workdays import load_calendar
from huitong.organizations import queries as organizations
from huitong.ui.addresses import inside
from huitong.work import queries
from huitong.work.forms import VerbForm, undoing
from huitong.work.views.record import comment_form, opening_words, stretch

#: a step with so many fields or fewer is filled in on the case page itself
INLINE = 4


@require_safe
def case_page(request: Request, pk: int) -> HttpResponse:
    """One case: its facts, its clock, its record, and what this actor may do with it."""
    actor = request.actor
    case = queries.case_for(actor, pk)
    procedure, calendar = doing.procedure_of(case), load_calendar()
    page = case_page_of(case.kind)
    facts = page.facts(actor, case) if page.facts is not None else CaseFacts()
    names = organizations.body_names(case.bodies)
    held_by_another = case.holder is not None and case.holder != actor.person
    choices, links = _choices(request, case, facts.pages, held_by_another)
    record = stretch(request, case, names)
    urgings = [row for row in queries.urgings_of(case) if row.answered_at is None]
    context = {
        "case": case,
        "procedure": procedure,
        "state": procedure.state(case.state),
        "kind_label": procedure.label,
        "tag": state_tag(case),
        "due": queries.countdown(case, calendar),
        "parties": [
            (queries.party_label(name), names.get(body, ""))
            for name, body in queries.parties_of(case)
        ],
        "bureau_also": "、".join(queries.bureau_also(case)),
        "facts": facts.facts,
        "facts_template": page.template,
        "panels": panels_in(Place.CASE, actor, case),
        "opening_words": (
            [] if page.template else opening_words(actor, case, queries.first_entry(case))
        ),
        "record": record,
        "refusal": None if case.is_open else queries.refusal_of(case),
        "choices": choices,
        "links": links,
        # what destroys never stands first
        "links_first": bool(links) and all(choice["danger"] for choice in choices),
        "urgings": urgings,
        "clocks": queries.clocks_of(case, names, calendar),
        "recalled": queries.has_recalled_limit(case),
        "parts": queries.parts_of(actor, case, calendar),
        "whole": queries.whole_of(actor, case),
        "copies": queries.copies_of(case),
        "acts": _beside(actor, case),
        "holder": organizations.people_names([case.holder]).get(case.holder or 0, ""),
        "held_by_another": held_by_another,
        # where several are asked, each for itself, nobody takes the case
        "taken_by_one": case.awaiting and not doing.procedure_of(case).is_joint(case.state),
        "follows": queries.follows(actor, case),
        "comments": comment_form(request, case),
        "crumbs": [("待办事项", reverse("work:todo")), (case.number or case.title, "")],
    }
    return render(request, "work/case.html", context)


def _choices(
    request: Request, case: Case, pages: Mapping[str, str], held_by_another: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What may be done now: short forms on the page itself, longer ones and those with a page of
    their own as links.

    What a colleague has taken from the desk is theirs to do; steps that are nobody's duty stay
    open. An empty page: not now.
    """
    inline, links = [], []
    for row, verb in doing.open_to(request.actor, case):
        if (held_by_another and not row.optional) or pages.get(row.verb) == "":
            continue
        about = {
            "label": row.label,
            "article": article_words(row.article),
            "cites": row.article,
            "danger": row.danger,
            "url": pages.get(row.verb, reverse("work:step", args=[case.pk, row.verb])),
        }
        if row.verb in pages or len(verb.given.model_fields) > INLINE:
            links.append(about)
            continue
        form = VerbForm(verb.name, request, case=case, auto_id=f"{row.verb}_%s")
        inline.append(about | {"form": form, "multipart": form.is_multipart()})
    return inline, links


def _beside(actor: Actor, case: Case) -> list[tuple[str, str, bool]]:
    """Acts beside the procedure: (verb, label, whether one press does it)."""
    at_desk = bool(set(case.awaiting) & set(actor.desks))
    own = case.holder is not None and (
        case.holder == actor.person or (at_desk and actor.has(Post.MANAGER))
    )
    procedure = doing.procedure_of(case)
    if procedure.is_joint(case.state):  # each desk for itself: nothing to take from one another
        at_desk = False
    seat = procedure.awaits(case.state)
    # not who acted in another seat (A12)
    can = at_desk and any(row.who == seat for row, _ in doing.open_to(actor, case))
    acts = [("work.claim", "领办", True)] if can and case.holder is None else []
    acts += [("work.give_back", "退回待领", True)] if own else []
    acts += [("work.hand_over", "移交", False)] if own or (at_desk and case.holder is None) else []
    acts += [("work.urge", "催办", False)] if case.is_open and queries.may_urge(actor, case) else []
    if queries.reads_as_party(actor, case):  # who has a copy passes nothing on
        acts += [("work.copy_to", "抄送", False)]
        acts += [("audit.evidence", "导出证据包", False)] if actor.has(Post.MANAGER) else []
    return acts


def state_tag(case: Case) -> str:
    """The tone of a state as its table says; what waits for papers is marked."""
    return "warning" if case.paused else str(doing.procedure_of(case).state(case.state).tone)


# -- doing -----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def step_page(request: Request, pk: int, verb: str) -> HttpResponse:
    """The form of a step, and the step itself."""
    actor = request.actor
    case = queries.case_for(actor, pk)
    if (registered := doing.VERBS.get(f"{case.kind}.{verb}")) is None or not registered.offered:
        raise NotVisible("该操作")
    row = _row(actor, case, verb)
    form, label = (
        VerbForm(registered.name, request, case=case),
        row.label if row else registered.label,
    )
    context = {
        "case": case,
        "title": label,
        "article": row.article if row else "",
        "danger": bool(row and row.danger),
        "back": reverse("work:case", args=[case.pk]),
        "crumbs": [
            ("待办事项", reverse("work:todo")),
            (case.number or case.title, reverse("work:case", args=[case.pk])),
            (label, ""),
        ],
    }
    return _done_or_form(request, form, context)


def _row(actor: Actor, case: Case, verb: str) -> Step | None:
    """The row by which this actor may do this now, None without one: nothing is refused here. A
    repeated post may find the case moved on already, and then the one-time token answers it, so a
    post is let through to the act, which checks again."""
    return next((row for row, v in doing.open_to(actor, case) if v.verb == verb), None)


@require_safe
def openings(request: Request) -> HttpResponse:
    """What this actor may start."""
    return render(
        request,
        "work/openings.html",
        {
            "openings": queries.openings(request.actor),
            "crumbs": [("待办事项", reverse("work:todo")), ("发起事项", "")],
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def open_page(request: Request, kind: str, verb: str) -> HttpResponse:
    """The form that brings a case into being."""
    registered = doing.VERBS.get(f"{kind}.{verb}")
    if registered is None or not registered.opening or not registered.offered:
        raise NotVisible("该操作")
    opening = next((o for o in queries.openings(request.actor) if o.verb is registered), None)
    if opening is None:
        who = "、".join(
            dict.fromkeys(r.who.label for t in registered.tables for r in t.rows(verb) if r.opening)
        )
        raise NotYours(f"“{registered.label}”由{who}办理。", article=registered.article, who=who)
    if case_page_of(kind).openings.get(verb):
        return redirect(opening.url)
    form, row = VerbForm(registered.name, request, initial=_from_address(request)), opening.row
    context = {
        "title": row.label,
        "article": row.article,
        "danger": False,
        "back": reverse("work:openings"),
        "crumbs": [
            ("待办事项", reverse("work:todo")),
            ("发起事项", reverse("work:openings")),
            (row.label, ""),
        ],
    }
    return _done_or_form(request, form, context)


@require_http_methods(["GET", "HEAD", "POST"])
def do_page(request: Request, name: str) -> HttpResponse:
    """The form of a recorded verb, for those whose seat it is."""
    actor = request.actor
    verb = doing.VERBS.get(name)
    if verb is None or verb.is_step or not verb.offered:
        raise NotVisible("该操作")
    verb.seats_of(actor)
    form = VerbForm(name, request, initial=_from_address(request))
    back = inside(request, request.GET.get("next", "")) or (
        reverse("work:case", args=[form.about.pk]) if form.about else ""
    )
    context = {
        "case": form.about,
        "title": verb.label,
        "article": verb.article,
        "danger": False,
        "back": back or reverse("portal:home"),
        "next": back,
        "crumbs": [(verb.label, "")],
    }
    return _done_or_form(request, form, context)


def _from_address(request: Request) -> dict[str, Any]:
    return {key: value for key, value in request.GET.items() if key != "next"}


def _done_or_form(request: Request, form: VerbForm, context: dict[str, Any]) -> HttpResponse:
    context["form"] = form
    if request.method != "POST":
        if context.get("case") is not None and form.case is not None:
            form.check_open()
        return render(request, "work/verb.html", context)
    if (confirmation := form.ask()) is not None:
        return confirmation
    done = form.perform()
    if done is None:
        return render(request, "work/verb.html", context, status=form.status)
    undoing.offer(request, done, next_words(context["title"], done))
    return _after(request, done, inside(request, request.POST.get("next", "")))


def _after(request: Request, done: doing.Done, onward: str) -> HttpResponse:
    """To the page asked for, else the case, else what was made, else home. A result to be read
    is shown."""
    if onward:
        return redirect(onward)
    if done.case is not None:
        return redirect("work:case", done.case.pk)
    if isinstance(done.result, models.Model) and hasattr(done.result, "get_absolute_url"):
        return redirect(done.result.get_absolute_url())
    if isinstance(done.result, str | dict | list) and done.result:
        return render(
            request,
            "work/done.html",
            {
                "result": done.result,
                "secret": done.result if isinstance(done.result, str) else "",
                "crumbs": [("办理结果", "")],
            },
        )
    return redirect("portal:home")


def next_words(label: str, done: doing.Done) -> str:
    """What was done and what happens next, by whom and by when."""
    case = done.case
    sentence = f"“{label}”已完成" + (
        f"，编号 {case.number}"
        if case is not None and case.number and not done.entry.before.get("state")
        else ""
    )
    if case is None:
        return sentence + "。"
    procedure = doing.procedure_of(case)
    seat = procedure.awaits(case.state) if case.is_open else None
    if seat is None:
        end = End.COMPLETED if not case.is_open else procedure.state(case.state).end
        return f"{sentence}。该事项{(end or End.COMPLETED).label}。"
    until = f"，最迟 {case.due_on:%Y-%m-%d} 办结" if case.due_on else ""
    return f"{sentence}。下一步由{queries.who_acts(seat)}办理{until}。"
