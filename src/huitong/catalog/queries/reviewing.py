"""What reviewers look at, and what was decided in each round (A10, A12)."""

from __future__ import annotations

from huitong.catalog.rules import ELEMENTS, EntryState, Review, Reviewer, checklist, review_of
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.laws import article_words
from huitong.kernel.workdays import today

#: whose review a stage of the way is
REVIEWERS = {2: Reviewer.DEPARTMENT, 3: Reviewer.BUREAU}


def reviewer_of(case: Case) -> Reviewer | None:
    """Who reviews the entry of a case now; None where nobody does."""
    return REVIEWERS.get(EntryState(case.state).stage) if case.state else None


def checklist_choices(actor: Actor, case: Case | None = None) -> list[tuple[str, str]]:
    """The checklist of who reviews this case now; without a case, the actor's own."""
    who = reviewer_of(case) if case is not None else None
    if who is None:
        who = Reviewer.BUREAU if actor.bureau else Reviewer.DEPARTMENT
    return [
        (row.key, f"{row.label}（{article_words(row.article)}）") for row in checklist(who, today())
    ]


def remarked_elements(actor: Actor, case: Case | None = None) -> list[tuple[str, str]]:
    """What a reviewer may remark on."""
    return [(name, one.label) for name, one in ELEMENTS.items() if not one.filled_in]


def reviews_of(case: Case) -> list[Review]:
    """The decisions on a version so far, in their order."""
    return [review_of(row) for row in case.facts.get("reviews", [])]
