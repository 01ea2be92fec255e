"""What a reviewer of several entries sees of each, and why one is passed by itself only (A10)."""

from __future__ import annotations

from dataclasses import dataclass

from huitong.catalog.models import Version
from huitong.catalog.queries.comparing import Comparison, against_published, unanswered
from huitong.catalog.queries.neighbours import whole_facts_of
from huitong.catalog.rules import EntryFacts, Severity, check, why_alone


@dataclass(frozen=True)
class Glance:
    """A version at a glance: what it says, how that differs from what is published, what the rules
    doubt in it; and why it cannot be passed among others, if so."""

    facts: EntryFacts
    changes: Comparison | None
    warnings: list[str]
    alone: str


def glance(version: Version) -> Glance:
    """One version as it stands now, its near-duplicates at other bodies among the warnings."""
    facts = whole_facts_of(version)
    findings = check(facts)
    return Glance(
        facts,
        against_published(version, facts),
        [finding.sentence for finding in findings if finding.severity is Severity.WARNING],
        why_alone(findings, unanswered(version, facts)),
    )
