"""What a rule is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from huitong.catalog.rules.checks.titles import TITLES
from huitong.catalog.rules.elements import label_of
from huitong.catalog.rules.facts import EntryFacts
from huitong.kernel.actor import Labelled

#: what a rule yields: the field concerned and what is wrong with it; where it compares with another
#: entry, that one too
Faults = Iterator[tuple[str, str] | tuple[str, str, int]]


class Severity(Labelled):
    ERROR = "error", "必须改正"
    WARNING = "warning", "建议核对"


@dataclass(frozen=True)
class Rule:
    """One rule: its name, the article it enforces, how grave a finding is, and what to do about
    it."""

    name: str
    article: str
    severity: Severity
    find: Callable[[EntryFacts], Faults]
    remedy: str
    #: the laws under which a finding stops a submission, though it only warns else
    stops_under: frozenset[str] = frozenset()
    #: the laws under which a reviewer who passes an entry answers a finding with reasons
    answered_under: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        """What it finds, in a few words."""
        return TITLES[self.name]

    def severity_for(self, facts: EntryFacts) -> Severity:
        """How grave a finding in this entry is, by what is required of it and by its law."""
        stops = self.name in facts.required or facts.law in self.stops_under
        return Severity.ERROR if stops else self.severity


@dataclass(frozen=True)
class Finding:
    """A rule met something: which field, what is wrong, what to do."""

    rule: str
    article: str
    severity: Severity
    field: str
    message: str
    remedy: str
    #: the entry it was compared with
    entry: int | None = None
    #: whether a reviewer passes it with reasons only
    answered: bool = False

    @property
    def label(self) -> str:
        """What the field is called."""
        return label_of(self.field)

    @property
    def sentence(self) -> str:
        """The message with the field's name before it, unless it names the field itself."""
        return self.message if self.label in self.message else f"{self.label}：{self.message}"
