"""Questions about applications, grants and credentials; who sees what is decided in the ``…visible_to`` functions, nowhere else."""

from huitong.access.queries.applications import (
    acceptance_choices,
    application_for,
    application_of,
    applications_visible_to,
    apply_choices,
    asked_of,
    base_of,
    case_facts,
    columns_of,
    content_of,
    duty_choices,
    fingerprint_of,
    form_applications,
    form_for,
    forms_visible_to,
    locked_cases,
    matter_choices,
    own_form,
    print_fault,
    print_of,
    printed_matter,
    route_words,
    stamp_of,
    stamped,
    standing_of,
    system_choices,
    target_choices,
    typeset,
)
from huitong.access.queries.evidence import papers_of
from huitong.access.queries.grants import (
    deliveries_of,
    ends_at,
    grant_for,
    grant_of,
    grants_given,
    grants_of_case,
    grants_to_expire,
    grants_visible_to,
    keys_for,
    known_grants,
    live_grants,
    mount_panels,
    scope_words,
    serving,
    sources,
    taken_back,
    targets,
    token_keys,
)
from huitong.access.queries.home import home_panels
from huitong.access.queries.samples import deciding_seat, simulate
from huitong.access.queries.systems import (
    credential_by_client,
    credential_for,
    credentials_visible_to,
    own_system,
    system_for,
    systems_visible_to,
)

#: what the product calls visible of this context: grants
visible_to = grants_visible_to
#: a grant comes from a decision, never from a form of its own (A22, A23)
OPENING_PAGES = {"grant.issue": ""}

__all__ = [
    "acceptance_choices",
    "application_for", "application_of", "applications_visible_to", "apply_choices", "asked_of", "base_of", "case_facts", "columns_of", "content_of",
    "credential_by_client", "credential_for", "credentials_visible_to", "deciding_seat", "deliveries_of", "duty_choices", "ends_at",
    "fingerprint_of",
    "form_applications", "form_for", "forms_visible_to", "grant_for", "grant_of", "grants_given", "grants_of_case", "grants_to_expire", "grants_visible_to",
    "home_panels", "keys_for", "known_grants", "live_grants", "locked_cases",
    "matter_choices", "mount_panels", "own_form", "own_system", "papers_of", "print_fault", "print_of", "printed_matter",
    "route_words", "scope_words", "serving", "simulate", "sources", "stamp_of", "stamped", "standing_of",
    "system_choices",
    "system_for", "systems_visible_to", "taken_back", "target_choices", "targets", "token_keys", "typeset", "visible_to",
]
