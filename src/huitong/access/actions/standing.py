"""Whether the duty behind an application still stands: asked when it is submitted, accepted and
granted, not once for all (A3)."""

from __future__ import annotations

from huitong.access import queries
from huitong.access.models import Application
from huitong.kernel.procedure import AgainstRules


def check_standing(application: Application) -> None:
    """Raises `AgainstRules`, saying who acts, unless duty and matter are the consumer's today,
    and the duty is confirmed where the data are conditional."""
    if (fault := queries.standing_of(application)) is not None:
        what, who, remedy = fault
        raise AgainstRules(what, article="A3", who=who, remedy=remedy)
