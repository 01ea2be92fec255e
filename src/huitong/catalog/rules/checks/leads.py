"""One source a datum (一数一源): what another body collects for all is shared, not collected again."""

from __future__ import annotations

from huitong.catalog.rules.checks.findings import Faults
from huitong.catalog.rules.facts import EntryFacts
from huitong.catalog.rules.leads import COLLECTING


def not_the_lead(e: EntryFacts) -> Faults:
    """A registered datum, collected by a body that is not its lead."""
    if e.origin not in COLLECTING:
        return
    for lead in e.leads:
        named = f"“{lead.datum}”" if lead.datum != lead.item else ""
        where = f"，已发布“{lead.entry_name}”，可以申请共享" if lead.entry else ""
        message = (
            f"{named}的数源部门是{lead.body}{where}" if named else f"数源部门是{lead.body}{where}"
        )
        field = f"items.{lead.item}"
        yield (field, message, lead.entry) if lead.entry else (field, message)
