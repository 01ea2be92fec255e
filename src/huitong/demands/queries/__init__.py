"""Questions about demands. Visibility is decided in `demands.visible_to`, nowhere else."""

from huitong.demands.queries.answering import answer_names, answering_entry, find_answers
from huitong.demands.queries.choices import bodies_to_address, bodies_to_assign, other_bodies
from huitong.demands.queries.demands import (
    RELATED,
    answers_of,
    case_of_draft,
    content_of,
    declined_by,
    demand_for,
    demand_of,
    filed,
    may_write,
    owed,
    own_demand,
    own_demands,
    papers_in_case,
    print_fault,
    printed_matter,
    received_demands,
    submitted_demands,
    visible_to,
)
from huitong.demands.queries.evidence import papers_of, written_about
from huitong.demands.queries.pages import demand_facts, home_panels
from huitong.demands.queries.suggesting import Running, matches, running_alike

__all__ = [
    "RELATED",
    "Running",
    "answer_names",
    "answering_entry",
    "answers_of",
    "bodies_to_address",
    "bodies_to_assign",
    "case_of_draft",
    "content_of",
    "declined_by",
    "demand_facts",
    "demand_for",
    "demand_of",
    "filed",
    "find_answers",
    "home_panels",
    "matches",
    "may_write",
    "other_bodies",
    "owed",
    "own_demand",
    "own_demands",
    "papers_in_case",
    "papers_of",
    "print_fault",
    "printed_matter",
    "received_demands",
    "running_alike",
    "submitted_demands",
    "visible_to",
    "written_about",
]
