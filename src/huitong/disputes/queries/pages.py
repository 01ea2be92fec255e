"""What pages show of disputes: that of a dispute, and those of the cases disputed (A27)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from huitong.access.rules import S as Application
from huitong.disputes.models import Dispute, View
from huitong.disputes.queries.disputes import (
    about_case,
    files_named,
    may_open,
    replies_of,
    views_of,
    visible_to,
)
from huitong.disputes.queries.opening import matter_of
from huitong.disputes.rules import (
    DISPUTABLE,
    TONES,
    Outcome,
    Ruling,
    S,
    Side,
    Subject,
    opens_the_way,
    opposite,
)
from huitong.kernel.actor import BUREAU, CLAIMANT, PARTIES, RESPONDENT, Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.manifest import CaseFacts, Panel
from huitong.kernel.statements import Statement
from huitong.organizations import queries as organizations

IN_CASE = Statement(lambda actor, case: visible_to(actor).filter(case=case), case=int)


def dispute_facts(actor: Actor, case: Case) -> CaseFacts:
    """What the case page shows of a dispute; asked for a case the actor may see."""
    if not (disputes := IN_CASE(actor, case=case.pk)):
        return CaseFacts()
    dispute: Dispute = disputes[0]
    views, replies = views_of(dispute), replies_of(dispute)
    keys = [*dispute.files, *(pk for view in views for pk in view.files)]
    files = files_named(actor, keys)
    facts: dict[str, Any] = {
        "dispute": dispute,
        "subject": Subject(dispute.subject).label,
        "side": Side(dispute.side).label,
        "readable": Case.objects.visible_to(actor).filter(pk=dispute.about_id).exists(),
        "files": _held(files, dispute.files),
        "columns": _columns(case, views, files),
        "replies": [row for row in replies if row.version and row.version == dispute.version],
        "answers": [row for row in replies if row.version == 0],
        "outcome": result_words(dispute.outcome, ""),
        "ruling": result_words("", dispute.ruling),
        "way": _way(actor, dispute),
    }
    stated = any(view.body_id == actor.body for view in views)
    pages = {
        "edit": reverse("disputes:edit", args=[dispute.pk]),
        # nothing to put better before there is a view
        "amend": reverse("disputes:amend", args=[dispute.pk]) if stated else "",
    }
    return CaseFacts(facts, pages)


def _columns(case: Case, views: Iterable[View], files: dict[int, Any]) -> list[dict[str, Any]]:
    """The three side by side, in the order of the law: who asks, who is asked, the bureau."""
    stated = {view.party: view for view in views}
    names = organizations.body_names(case.bodies)
    columns = []
    for party in (CLAIMANT.name, RESPONDENT.name, BUREAU.name):
        view = stated.get(party)
        columns.append(
            {
                "label": PARTIES[party].label,
                "body": names.get(case.body_of(party) or 0, ""),
                "view": view,
                "files": _held(files, view.files) if view is not None else [],
            }
        )
    return columns


def _held(files: dict[int, Any], keys: Iterable[int]) -> list[Any]:
    return [files[pk] for pk in keys if pk in files]


def result_words(outcome: str, ruling: str) -> tuple[str, str]:
    """A result as a tag shows it: its words and its tone."""
    if ruling:
        return Ruling(ruling).label, TONES[ruling]
    return (Outcome(outcome).label, TONES[outcome]) if outcome else ("", "")


def _way(actor: Actor, dispute: Dispute) -> str:
    """Where the consumer's clerk goes on from an outcome whose case is over; empty where it is not
    theirs, or nothing is to be begun anew."""
    if (
        dispute.case.is_open
        or not opens_the_way(dispute.outcome, dispute.ruling)
        or dispute.consumer_id != actor.body
        or not actor.has(Post.OPERATOR)
        or dispute.about.awaiting
        or dispute.about.kind == "entry"  # there the bureau restores the condition
        or dispute.about.kind == "objection"  # nothing is asked for: data are corrected
    ):
        return ""
    if dispute.followed_by is not None and dispute.followed_by.state != Application.WITHDRAWN:
        return ""
    return reverse("disputes:go_on", args=[dispute.pk])


# -- on the page of the case disputed --------------------------------------------------------------


def case_panels(actor: Actor, case: Case) -> list[Panel]:
    """On the page of an application, a grant, a demand, a doubt, or an entry with conditions
    struck: the disputes about it and what came of them, the one it goes on from, and the door to
    open one."""
    if case.kind not in DISPUTABLE or (case.kind == "entry" and not case.facts.get("struck")):
        return []
    disputes = about_case(actor, case)
    rows = [
        {
            "dispute": row,
            "state": S(row.case.state),
            "result": result_words(row.outcome, row.ruling),
            "words": row.ruling_words or row.outcome_words,
            "origin": row.followed_by_id == case.pk,
            "way": _way(actor, row) if row.about_id == case.pk else "",
        }
        for row in disputes
    ]
    door = "" if any(row["way"] for row in rows) else _door(actor, case, disputes)
    data = {
        "disputes": [
            {"id": row.pk, "case": row.case_id, "state": row.case.state, "outcome": row.outcome}
            for row in disputes
        ]
    }
    return [Panel("disputes/case_panel.html", {"rows": rows, "door": door}, data)] if (
        rows or door
    ) else []  # fmt: skip


def _door(actor: Actor, case: Case, disputes: Iterable[Dispute]) -> str:
    """Where the actor opens a dispute about this case; empty when they may not now."""
    if not may_open(actor) or actor.body not in case.bodies:
        return ""
    if any(d.claimant_id == actor.body and d.case.is_open for d in disputes):
        return ""
    matter = matter_of(case)
    if matter is None or opposite(matter, actor.body) is None:
        return ""
    return reverse("disputes:new", query={"about": case.pk})
