"""Questions about the catalog. Visibility is decided in `entries.visible_to` and `sources.*_visible_to`, nowhere else."""

from huitong.catalog.queries.entries import (
    admits,
    case_facts,
    counts_by_state,
    entries_of_body,
    entry_by_code,
    entry_for,
    entry_of,
    facts_of,
    findings_of,
    items_of,
    open_remarks,
    own_entry,
    published,
    remarks_on,
    scope_of,
    versions_of,
    visible_to,
    whole,
)
from huitong.catalog.queries.search import Filters, Found, search
from huitong.catalog.queries.sources import (
    address_of,
    database_for,
    databases_visible_to,
    entry_of_table,
    guard,
    scan_for,
    system_for,
    systems_visible_to,
    systems_with_counts,
)

__all__ = [
    "Filters", "Found", "address_of", "admits", "case_facts", "counts_by_state", "database_for", "databases_visible_to", "entries_of_body", "entry_by_code",
    "entry_for", "entry_of", "entry_of_table", "facts_of", "findings_of", "guard", "items_of", "open_remarks", "own_entry", "published", "remarks_on",
    "scan_for", "scope_of", "search", "system_for", "systems_visible_to", "systems_with_counts", "versions_of", "visible_to", "whole",
]
