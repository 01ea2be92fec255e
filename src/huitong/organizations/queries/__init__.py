"""Questions about bodies and people; the one place that turns a signed-in person or a token into an `Actor`."""

from huitong.organizations.queries.actors import (
    ACTING_BODY,
    actor_by_token,
    actor_for,
    actor_of,
    bodies_of,
    held_posts,
    must_have_second_factor,
    needs_second_factor,
    postings_of,
)
from huitong.organizations.queries.bodies import (
    all_body_names,
    bodies_visible_to,
    body_for,
    body_names,
    body_of,
    bureau,
    duties_visible_to,
    duty_for,
    lineage,
    matters_of,
    matters_visible_to,
    missing_task_forces,
    open_cases_of,
    search,
    subordinates,
    successor_of,
    visible_to,
)
from huitong.organizations.queries.people import (
    HandOver,
    hand_over_preview,
    managers_of,
    people_at,
    people_of,
    people_visible_to,
    person_called,
    person_for,
    posting_for,
    postings_visible_to,
    sessions_visible_to,
    tokens_visible_to,
    with_email,
)
from huitong.organizations.queries.registers import check_import, divisions, limits, loaded_years, provisional_clocks

__all__ = [
    "ACTING_BODY", "HandOver", "actor_by_token", "actor_for", "actor_of", "all_body_names", "bodies_of", "bodies_visible_to", "body_for",
    "body_names", "body_of", "bureau", "check_import", "divisions", "duties_visible_to", "duty_for", "hand_over_preview",
    "held_posts", "limits", "lineage", "loaded_years", "managers_of", "matters_of", "matters_visible_to", "missing_task_forces",
    "must_have_second_factor",
    "needs_second_factor", "open_cases_of", "people_at", "people_of", "people_visible_to", "person_called", "person_for", "posting_for",
    "postings_of", "postings_visible_to", "provisional_clocks", "search", "sessions_visible_to", "subordinates", "successor_of",
    "tokens_visible_to", "visible_to", "with_email",
]
