"""The procedure of a doubt, what a doubt must say, and what of it is never kept in clear, plain
(A29)."""

from huitong.objections.rules.doubts import (
    Doubt,
    Finding,
    Satisfaction,
    again_fault,
    assign_fault,
    corrected_fault,
    doubt_faults,
    evaluation_fault,
    planned_fault,
    version_fault,
)
from huitong.objections.rules.masking import masked
from huitong.objections.rules.procedure import CORRECTION, OBJECTION, OBJECTION_2025, WITH_A_BODY, S

__all__ = [
    "CORRECTION",
    "OBJECTION",
    "OBJECTION_2025",
    "WITH_A_BODY",
    "Doubt",
    "Finding",
    "S",
    "Satisfaction",
    "again_fault",
    "assign_fault",
    "corrected_fault",
    "doubt_faults",
    "evaluation_fault",
    "masked",
    "planned_fault",
    "version_fault",
]
