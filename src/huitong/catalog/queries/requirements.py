"""Which rules of the checks stop a submission, and since when (A5, A9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from huitong.catalog.models import Requirement
from huitong.catalog.rules import RULES, Rule, Severity
from huitong.kernel.actor import Actor
from huitong.kernel.adoption import adopted
from huitong.kernel.case import Case
from huitong.kernel.statements import Statement
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations


def _in_force(on: date) -> QuerySet[Requirement]:
    return Requirement.objects.filter(Q(until=None) | Q(until__gte=on), in_force__lte=on)


REQUIRED = Statement(lambda: _in_force(today()).values_list("rule", flat=True))


def required_rules() -> frozenset[str]:
    """The names of the rules that stop a submission today though else they only warn."""
    return frozenset(REQUIRED())


def asked_of(body: int) -> dict[str, object]:
    """What is required of the entries of a body today, as facts: the rules that stop, and whether
    it lacks the task force it must have."""
    required = required_rules()
    lacks = "no_task_force" in required and organizations.lacks_task_force(body)
    return {"required": required, "lacks_task_force": lacks}


def requirements_to_come(on: date) -> QuerySet[Requirement]:
    """Those in force on a day, and those that begin after it."""
    return Requirement.objects.filter(Q(until=None) | Q(until__gte=on))


@dataclass(frozen=True)
class RuleOfChecks:
    """A rule as it stands today: how grave, and what the city or a law asks of it."""

    rule: Rule
    row: Requirement | None
    #: whether a law the city has adopted has it stop a submission
    by_law: bool = False

    @property
    def name(self) -> str:
        return self.rule.name

    @property
    def severity(self) -> Severity:
        begun = self.row is not None and self.row.in_force <= today()
        return Severity.ERROR if begun or self.by_law else self.rule.severity

    @property
    def may_be_required(self) -> bool:
        return self.row is None and self.severity is Severity.WARNING


def rules_of_checks() -> list[RuleOfChecks]:
    """Every rule of the checks, in the order of the table."""
    rows = {row.rule: row for row in requirements_to_come(today())}
    laws = adopted(today())
    return [RuleOfChecks(r, rows.get(r.name), bool(r.stops_under & laws)) for r in RULES]


def requirable_choices(actor: Actor, case: Case | None = None) -> list[tuple[str, str]]:
    """The rules that only warn so far."""
    return [(r.rule.name, r.rule.title) for r in rules_of_checks() if r.may_be_required]


def own_requirement_choices(actor: Actor, case: Case | None = None) -> list[tuple[str, str]]:
    """What the city has set itself and can end."""
    return [
        (r.rule.name, r.rule.title) for r in rules_of_checks() if r.row is not None and r.row.own
    ]
