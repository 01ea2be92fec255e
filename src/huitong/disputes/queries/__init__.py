"""Questions about disputes. Visibility is decided in `disputes.visible_to`, nowhere else."""

from huitong.disputes.queries.disputes import (
    RELATED,
    about_case,
    awaiting_the_way,
    dispute_for,
    dispute_of,
    faced_disputes,
    files_named,
    may_open,
    opened_disputes,
    replies_of,
    submitted_disputes,
    views_of,
    visible_to,
)
from huitong.disputes.queries.evidence import disputed_in
from huitong.disputes.queries.opening import check_single, disputed_by, matter_of, resource_of
from huitong.disputes.queries.pages import case_panels, dispute_facts, result_words

__all__ = [
    "RELATED",
    "about_case",
    "awaiting_the_way",
    "case_panels",
    "check_single",
    "dispute_facts",
    "dispute_for",
    "dispute_of",
    "disputed_by",
    "disputed_in",
    "faced_disputes",
    "files_named",
    "matter_of",
    "may_open",
    "opened_disputes",
    "replies_of",
    "resource_of",
    "result_words",
    "submitted_disputes",
    "views_of",
    "visible_to",
]
