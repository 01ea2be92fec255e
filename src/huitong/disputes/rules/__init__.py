"""The procedures of a dispute, and who may dispute what, plain (A27)."""

from huitong.disputes.rules.matters import (
    DISPUTABLE,
    TONES,
    Matter,
    Outcome,
    Ruling,
    Side,
    Subject,
    decided_by_platform,
    opens_the_way,
    opposite,
    outcome_fault,
)
from huitong.disputes.rules.procedure import DISPUTE, DISPUTE_2025, S

__all__ = [
    "DISPUTABLE",
    "DISPUTE",
    "DISPUTE_2025",
    "TONES",
    "Matter",
    "Outcome",
    "Ruling",
    "S",
    "Side",
    "Subject",
    "decided_by_platform",
    "opens_the_way",
    "opposite",
    "outcome_fault",
]
